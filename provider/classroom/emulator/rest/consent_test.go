package rest_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// The client that asks people to consent.
const (
	client   = "77-x.apps.googleusercontent.com"
	redirect = "http://127.0.0.1:4711/back?x=1"
	verifier = "a-verifier-of-forty-three-letters-or-more-1234"
)

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// consent asks for consent, changed by pairs of names and values, and returns
// the status and what the browser is sent back with.
func (w *world) consent(change ...string) (int, url.Values) {
	w.t.Helper()
	q := url.Values{
		"client_id": {client}, "redirect_uri": {redirect}, "response_type": {"code"}, "state": {"s"}, "login_hint": {owner},
		"scope":          {"openid email https://www.googleapis.com/auth/classroom.courses.readonly"},
		"code_challenge": {challenge()}, "code_challenge_method": {"S256"}, "access_type": {"offline"}, "prompt": {"consent"},
	}
	for i := 0; i < len(change); i += 2 {
		q.Set(change[i], change[i+1])
	}
	stay := *w.http
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := stay.Get(w.url + "/o/oauth2/v2/auth?" + q.Encode())
	if err != nil {
		w.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		w.t.Fatal(err)
	}
	location, err := resp.Location()
	if err != nil {
		return resp.StatusCode, nil
	}
	if !strings.HasPrefix(location.String(), "http://127.0.0.1:4711/back?") {
		w.t.Errorf("the browser is sent to %s", location)
	}
	return resp.StatusCode, location.Query()
}

// redeem exchanges a code.
func (w *world) redeem(code string, status int, change ...string) answer {
	w.t.Helper()
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "client_id": {client}, "client_secret": {"s"},
		"redirect_uri": {redirect}, "code_verifier": {verifier},
	}
	for i := 0; i < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	return w.exchange(form, status)
}

func TestConsent(t *testing.T) {
	w := open(t, rest.Options{})
	status, back := w.consent()
	if status != 302 || back.Get("state") != "s" || back.Get("x") != "1" || back.Get("error") != "" {
		t.Fatalf("consent: %d %v", status, back)
	}
	a := w.redeem(back.Get("code"), 200)
	if a.field("refresh_token") != owner || !strings.Contains(a.field("scope"), "openid email https://www.googleapis.com/auth/classroom.courses.readonly") {
		t.Errorf("token: %s", a.body)
	}
	pieces := strings.Split(a.field("id_token"), ".")
	text, err := base64.RawURLEncoding.DecodeString(pieces[1])
	if err != nil || !strings.Contains(string(text), `"email":"`+owner+`"`) {
		t.Errorf("ID token: %s, %v", text, err)
	}
	w.run([]request{
		{as: a.field("access_token"), do: "GET /v1/courses/101", want: "200"},
		{as: a.field("access_token"), do: "GET /v1/invitations?courseId=101", want: "403"},
	})
	if got := w.redeem(back.Get("code"), 400).field("error"); got != "invalid_grant" {
		t.Errorf("the code counts twice: %s", got)
	}

	_, back = w.consent("login_hint", "")
	if got := w.redeem(back.Get("code"), 200).field("refresh_token"); got != admin {
		t.Errorf("nobody's consent is of %s", got)
	}
	for _, c := range []struct {
		name   string
		change []string
		error  string
	}{
		{"nobody", []string{"login_hint", "nobody@dom.edu"}, "access_denied"},
		{"disabled", []string{"login_hint", off}, "access_denied"},
		{"no scopes", []string{"scope", ""}, "invalid_scope"},
		{"plain challenge", []string{"code_challenge_method", "plain"}, "invalid_request"},
		{"no challenge", []string{"code_challenge", ""}, "invalid_request"},
	} {
		if status, back := w.consent(c.change...); status != 302 || back.Get("error") != c.error || back.Get("state") != "s" || back.Has("code") {
			t.Errorf("%s: %d %v", c.name, status, back)
		}
	}
	for _, uri := range []string{"", "https://127.0.0.1/", "http://evil.example/", "http://127.0.0.1.evil.example/", "javascript:alert(1)", "http://127.0.0.1/#x"} {
		if status, back := w.consent("redirect_uri", uri); status != 400 || back != nil {
			t.Errorf("redirect to %s: %d %v", uri, status, back)
		}
	}
	if status, _ := w.consent("response_type", "token"); status != 400 {
		t.Errorf("another response: %d", status)
	}
}

func TestRedeem(t *testing.T) {
	w := open(t, rest.Options{})
	for _, c := range []struct {
		name   string
		change []string
		status int
		error  string
	}{
		{"another code", []string{"code", "4/x"}, 400, "invalid_grant"},
		{"no verifier", []string{"code_verifier", ""}, 400, "invalid_grant"},
		{"another verifier", []string{"code_verifier", verifier + "x"}, 400, "invalid_grant"},
		{"another redirect", []string{"redirect_uri", "http://127.0.0.1:4712/"}, 400, "redirect_uri_mismatch"},
		{"another client", []string{"client_id", "78-x.apps.googleusercontent.com"}, 401, "invalid_client"},
	} {
		_, back := w.consent()
		if got := w.redeem(back.Get("code"), c.status, c.change...).field("error"); got != c.error {
			t.Errorf("%s: %s, want %s", c.name, got, c.error)
		}
	}
	_, back := w.consent("code_challenge", "", "code_challenge_method", "")
	w.redeem(back.Get("code"), 200, "code_verifier", "")
	_, back = w.consent()
	w.pass(11 * time.Minute)
	if got := w.redeem(back.Get("code"), 400).field("error"); got != "invalid_grant" {
		t.Errorf("an old code: %s", got)
	}
}

func TestRevoke(t *testing.T) {
	w := open(t, rest.Options{})
	revoke := func(token, want string) {
		t.Helper()
		w.run([]request{{
			do: "POST /revoke", body: url.Values{"token": {token}}.Encode(),
			header: "Content-Type: application/x-www-form-urlencoded", want: want,
		}})
	}
	token := w.token(owner, "classroom.courses.readonly")
	get := request{as: token, do: "GET /v1/courses/101", want: "200"}
	w.run([]request{get})
	revoke(token, done)
	get.want = "401"
	w.run([]request{get})
	revoke(token, `400 {"error": "invalid_token", "error_description": "*"}`)
	revoke("rubbish", "400")

	refresh := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {owner}}
	revoke("O@dom.edu", done)
	if got := w.exchange(refresh, 400).field("error_description"); got != "Token has been expired or revoked." {
		t.Errorf("a revoked refresh token: %s", got)
	}
	revoke(owner, "400")
	_, back := w.consent()
	w.redeem(back.Get("code"), 200)
	w.exchange(refresh, 200) // who signs in again may
}

func TestSignJWT(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	const robot = "robot@project.iam.gserviceaccount.com"
	w := open(t, rest.Options{AssertionKey: &key.PublicKey, DelegatedScopes: []string{"classroom.courses.readonly"}})
	payload := func(subject, scope string) string {
		claims, err := json.Marshal(map[string]any{"iss": robot, "sub": subject, "scope": scope, "exp": w.clock().Unix() + 3600})
		if err != nil {
			t.Fatal(err)
		}
		body, err := json.Marshal(map[string]string{"payload": string(claims)})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	sign := "POST /v1/projects/-/serviceAccounts/" + robot + ":signJwt"
	ours := payload(owner, "https://www.googleapis.com/auth/classroom.courses.readonly")
	w.run([]request{
		{as: "-", do: sign, body: ours, want: "401"},
		{as: w.token(admin, "classroom.rosters"), do: sign, body: ours, want: "403"},
		{as: admin, do: sign, body: `{"payload": "x"}`, want: invalid},
		{as: admin, do: "POST /v1/projects/-/serviceAccounts/x:signJwt", body: ours, want: notFound},
	})
	redeem := func(a answer, status int) answer {
		return w.exchange(url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {a.field("signedJwt")}}, status)
	}
	a := w.send(request{as: w.token(admin, "iam"), do: sign, body: ours})
	token := redeem(a, 200).field("access_token")
	w.run([]request{{as: token, do: "GET /v1/courses/101", want: "200"}})
	if got := w.assert(owner, "classroom.courses.readonly", 400).field("error_description"); got != "Invalid JWT Signature." {
		t.Errorf("a signature of nobody: %s", got)
	}
	// A service account may ask Google's cloud for itself, and no more.
	a = w.send(request{as: admin, do: sign, body: payload("", "https://www.googleapis.com/auth/cloud-platform")})
	token = redeem(a, 200).field("access_token")
	w.run([]request{
		{as: token, do: sign, body: ours, want: "200"},
		{as: token, do: "GET /v1/courses/101", want: "401"},
	})
	a = w.send(request{as: admin, do: sign, body: payload("", "https://www.googleapis.com/auth/classroom.courses.readonly")})
	redeem(a, 400)
}

func TestMetadata(t *testing.T) {
	w := open(t, rest.Options{})
	base := "GET /computeMetadata/v1/instance/service-accounts/default/"
	w.run([]request{
		{as: "-", do: base + "email", want: "403"},
		{as: "-", do: base + "email", header: "Metadata-Flavor: Google", want: "200", has: []string{"default@emulator.iam.gserviceaccount.com"}, head: "Metadata-Flavor: Google"},
		{as: "-", do: base + "token?scopes=https://www.googleapis.com/auth/iam", header: "Metadata-Flavor: Google", want: `200 {"access_token": "*", "expires_in": 3599, "token_type": "Bearer"}`},
		{as: "-", do: base + "other", header: "Metadata-Flavor: Google", want: "404"},
	})
}

// TestTokenExchange has the token of another cloud, which is an address.
func TestTokenExchange(t *testing.T) {
	w := open(t, rest.Options{})
	form := url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "subject_token": {owner},
		"scope": {"https://www.googleapis.com/auth/classroom.courses.readonly"},
	}
	w.run([]request{{as: w.exchange(form, 200).field("access_token"), do: "GET /v1/courses/101", want: "200"}})
	form.Set("scope", "")
	w.exchange(form, 400)
	form.Set("subject_token", "x")
	w.exchange(form, 400)
}

// TestTokenStats counts what is about tokens beside the methods, and has faults
// of it.
func TestTokenStats(t *testing.T) {
	w := open(t, rest.Options{Faults: []rest.Fault{{Method: "authorize", Status: 503, Count: 1}}})
	w.token(owner, "classroom.rosters")
	if status, _ := w.consent(); status != 503 {
		t.Errorf("the fault did not strike: %d", status)
	}
	w.consent()
	stats := w.server.Stats()
	if stats.Requests["token"] != 1 || stats.Requests["authorize"] != 2 {
		t.Errorf("stats: %v", stats.Requests)
	}
}
