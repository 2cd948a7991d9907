package rest_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// part is a part of a batch as clients write it.
func part(id, line, header, body string) string {
	p := "Content-Type: application/http\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: binary\r\n"
	if id != "" {
		p += "Content-ID: " + id + "\r\n"
	}
	return p + "\r\n" + line + "\r\n" + header + "\r\n" + body
}

// postBatch sends parts in one request.
func (w *world) postBatch(as string, parts []string) answer {
	w.t.Helper()
	const boundary = "===============7330845974216740156=="
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("--" + boundary + "\r\n" + p + "\r\n")
	}
	b.WriteString("--" + boundary + "--\r\n")
	return w.send(request{
		as: as, do: "POST /batch", body: b.String(),
		header: `Content-Type: multipart/mixed; boundary="` + boundary + `"`,
	})
}

// batch sends parts and returns the Content-ID and the status of each answer.
func (w *world) batch(as string, parts []string) []string {
	w.t.Helper()
	a := w.postBatch(as, parts)
	kind, params, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" || a.status != 200 {
		w.t.Fatalf("batch: status %d, Content-Type %q, %v\n%s", a.status, kind, err, a.body)
	}
	var got []string
	reader := multipart.NewReader(strings.NewReader(a.body), params["boundary"])
	for {
		p, err := reader.NextRawPart()
		if err == io.EOF {
			return got
		}
		if err != nil {
			w.t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(p), nil)
		if err != nil {
			w.t.Fatal(err)
		}
		if text, err := io.ReadAll(resp.Body); err != nil || len(text) == 0 {
			w.t.Fatalf("a part's body is %q, %v", text, err)
		}
		got = append(got, p.Header.Get("Content-Id")+" "+strconv.Itoa(resp.StatusCode))
	}
}

// assert exchanges a service account's assertion for a token.
func (w *world) assert(user, scopes string, status int) answer {
	w.t.Helper()
	claims, err := json.Marshal(map[string]any{
		"iss": "robot@elsewhere.iam.gserviceaccount.com", "sub": user, "prn": user,
		"scope": fullScopes(strings.Fields(scopes)), "aud": w.url + "/token",
		"iat": w.clock().Unix(), "exp": w.clock().Unix() + 3600,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	jwt := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(claims) + "." + encode([]byte("unsigned"))
	return w.exchange(url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {jwt},
	}, status)
}

// tokenOf returns a token for "user scope ...", or "jwt user scope ..." by way
// of an assertion.
func (w *world) tokenOf(spec string) string {
	w.t.Helper()
	words := strings.Fields(spec)
	if words[0] == "jwt" {
		return w.assert(words[1], strings.Join(words[2:], " "), 200).field("access_token")
	}
	return w.token(words[0], words[1:]...)
}
