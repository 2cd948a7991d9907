package rest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// ask has the server of w answer a request without a connection. What it says
// is one of the statuses that clients know, in JSON or as a page.
func ask(t *testing.T, w *world, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	got := httptest.NewRecorder()
	w.server.ServeHTTP(got, r)
	kind := got.Header().Get("Content-Type")
	switch {
	case got.Code != 200 && got.Code != 400 && got.Code != 401 && got.Code != 403 && got.Code != 404 && got.Code != 409:
		t.Errorf("%s %q: status %d\n%s", r.Method, r.URL, got.Code, got.Body)
	case strings.HasPrefix(kind, "application/json") && !json.Valid(got.Body.Bytes()):
		t.Errorf("%s %q: no JSON: %s", r.Method, r.URL, got.Body)
	case kind == "":
		t.Errorf("%s %q: no Content-Type", r.Method, r.URL)
	}
	return got
}

func asOwner(method, target, body string) *http.Request {
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	r.URL = &url.URL{Path: target}
	r.Header.Set("Authorization", "Bearer "+owner)
	return r
}

func FuzzRouter(f *testing.F) {
	for _, target := range []string{
		"/v1/invitations/x:accept", "/v1/courses/d%3Aa%2Fb/aliases/p%3Ax", "/v1/courses?pageSize=2&courseStates=ACTIVE",
		"/v1/userProfiles/me?$.xgafv=1&callback=f", "//", "/%2F", "/v1/invitations/%00:accept?fields=", "/$discovery/rest",
		"/admin/directory/v1/users/me?alt=media", "/_emulator/stats", "/v1/courses/101/students/4?prettyPrint=false&x",
	} {
		f.Add("GET", target, "")
		f.Add("POST", target, `{"userId": "5"}`)
	}
	w := open(f, rest.Options{})
	f.Fuzz(func(t *testing.T, method, target, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || u.Path == "/_emulator/faults" { // which may make anything of what follows
			t.Skip()
		}
		r := asOwner("GET", "/", body)
		r.Method, r.URL = method, u
		ask(t, w, r)
	})
}

func FuzzBatch(f *testing.F) {
	for _, body := range []string{
		"--b\r\n" + part("<a>", "GET /v1/courses", "", "") + "\r\n--b--\r\n",
		"--b\r\n" + part("<a + 1>", "POST /v1/invitations HTTP/1.1", "Content-Type: application/json\r\n", invite("101", "5", "STUDENT")) + "\r\n--b--",
		"--b\n\nGET /batch\n\n--b\n\nPOST /token HTTP/1.1\nX: y\n--b--\n",
		"--b--", "", "--b\r\n\r\n\r\n--b\r\n",
	} {
		f.Add("b", "prettyPrint=false", body)
	}
	w := open(f, rest.Options{})
	f.Fuzz(func(t *testing.T, boundary, query, body string) {
		r := asOwner("POST", "/batch", body)
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "multipart/mixed; boundary="+boundary)
		got := ask(t, w, r)
		if got.Code == 200 && !strings.HasPrefix(got.Header().Get("Content-Type"), "multipart/mixed; boundary=batch_") {
			t.Errorf("Content-Type %q", got.Header().Get("Content-Type"))
		}
	})
}

func FuzzPageToken(f *testing.F) {
	w := open(f, rest.Options{}, crowd(4), waiting(4))
	list := func(t testing.TB, token string) answer {
		r := asOwner("GET", "/v1/invitations", "")
		r.URL.RawQuery = url.Values{"courseId": {"101"}, "pageSize": {"2"}, "pageToken": {token}}.Encode()
		got := httptest.NewRecorder()
		w.server.ServeHTTP(got, r)
		return answer{status: got.Code, body: got.Body.String()}
	}
	first := list(f, "")
	good := first.field("nextPageToken")
	f.Add(good)
	f.Add(good + "=")
	f.Add(good[:len(good)-1])
	f.Add("T==")
	f.Fuzz(func(t *testing.T, token string) {
		a := list(t, token)
		switch {
		case token == good || token == "":
			if a.status != 200 {
				t.Errorf("token %q: %d", token, a.status)
			}
		case a.status != 400:
			t.Errorf("token %q is taken for one of ours: %d %s", token, a.status, a.body)
		}
	})
}

func FuzzMask(f *testing.F) {
	for _, mask := range []string{
		"*", "teachers(userId,profile(name/fullName,id))", "nextPageToken,teachers/profile/*", "*/*", "a(b", ")", ",", "teachers()",
		"teachers.profile.name", " teachers", "*(*(*(*)))", "teachers(profile),teachers/userId",
	} {
		f.Add(mask)
	}
	w := open(f, rest.Options{})
	f.Fuzz(func(t *testing.T, mask string) {
		r := asOwner("GET", "/v1/courses/101/teachers", "")
		r.URL.RawQuery = url.Values{"fields": {mask}}.Encode()
		if got := ask(t, w, r); got.Code != 200 && got.Code != 400 {
			t.Errorf("mask %q: status %d", mask, got.Code)
		}
	})
}

func FuzzBody(f *testing.F) {
	for _, body := range []string{
		`{"name": "N", "ownerId": "nobody", "courseState": 3, "creationTime": "2026-01-01T00:00:00Z"}`,
		`{"course_state": "ACTIVE", "guardiansEnabled": true, "x": [{}, [null]]}`, `{"name": null}`, `[`, `{"a"`, `"`, `{} {}`, "\xff",
		`{"name": "\ud800", "section": 1e400}`,
	} {
		f.Add(body)
	}
	w := open(f, rest.Options{})
	f.Fuzz(func(t *testing.T, body string) {
		r := asOwner("POST", "/v1/courses", body)
		r.Header.Set("Content-Type", "application/json")
		got := ask(t, w, r)
		if got.Code == 200 && !json.Valid([]byte(body)) {
			t.Errorf("body %q is taken: %s", body, got.Body)
		}
	})
}
