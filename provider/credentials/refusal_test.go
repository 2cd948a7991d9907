package credentials

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// TestRefused has what Google's token service says, in its words.
func TestRefused(t *testing.T) {
	robotID := &identity{kind: KindServiceAccount, principal: robot, delegates: true, clientID: "123", renew: "make a new key"}
	userID := &identity{kind: KindUser, principal: owner, renew: "iql auth login"}
	for _, c := range []struct {
		name   string
		id     *identity
		skew   time.Duration
		status int
		body   string
		code   provider.Code
		words  []string
	}{
		{"not delegated, as it once was said", robotID, 0, 403, `{"error": "access_denied", "error_description": "Requested client not authorized."}`, provider.Unauthenticated, []string{"client ID 123"}},
		{"another form of no user", robotID, 0, 400, `{"error": "invalid_grant", "error_description": "Not a valid email or user ID."}`, provider.PermissionDenied, []string{owner}},
		{"a deleted account", robotID, 0, 400, `{"error": "invalid_grant", "error_description": "Invalid grant: account not found"}`, provider.Unauthenticated, []string{"account not found", "make a new key"}},
		{"a bad signature and a wrong clock", robotID, 90 * time.Second, 400, `{"error": "invalid_grant", "error_description": "Invalid JWT Signature."}`, provider.Unauthenticated, []string{"1m30s fast"}},
		{"no times, and a right clock", robotID, time.Second, 400, `{"error": "invalid_grant", "error_description": "Check your iat and exp values in the JWT claim."}`, provider.Unauthenticated, []string{"the clock of this machine is wrong: "}},
		{"a user and a wrong clock", userID, time.Hour, 400, `{"error": "invalid_grant", "error_description": "Bad Request"}`, provider.Unauthenticated, []string{"iql auth login"}},
		{"another user's client", userID, 0, 401, `{"error": "unauthorized_client", "error_description": "Unauthorized"}`, provider.Unauthenticated, []string{"unauthorized_client: Unauthorized", "iql auth login"}},
		{"a deleted client", userID, 0, 401, `{"error": "deleted_client", "error_description": "The OAuth client was deleted."}`, provider.Unauthenticated, []string{"The OAuth client was deleted.", "iql auth login"}},
		{"a wrong secret", userID, 0, 401, `{"error": "invalid_client"}`, provider.Unauthenticated, []string{"invalid_client"}},
		{"what moves the cursor", userID, 0, 400, `{"error": "x", "error_description": "a\u001b[2Jb\nc` + strings.Repeat("é", 400) + `"}`, provider.Unauthenticated, []string{"x: a[2Jb c", "…"}},
		{"a page", userID, 0, 404, "<html>", provider.Unauthenticated, []string{"host answered 404"}},
		{"another service", userID, 0, 403, `{"error": {"code": 403}}`, provider.Unauthenticated, []string{"host answered 403"}},
		{"an error inside", userID, 0, 500, `{"error": "internal_failure"}`, provider.Unavailable, nil},
		{"too many", userID, 0, 429, `{"error": "rate_limit_exceeded"}`, provider.Unavailable, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request{id: c.id, subject: owner, scopes: []string{rosters}}
			e := r.refused("host", c.skew, c.status, []byte(c.body))
			check(t, e, c.code, c.words...)
			if e.Caller != owner || len(e.Message) > 600 || strings.ContainsAny(e.Message, "\x1b\n") {
				t.Errorf("%+v", e)
			}
		})
	}
}

// TestRedirect has a token service that sends elsewhere: nothing goes there.
func TestRedirect(t *testing.T) {
	var hits atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	defer elsewhere.Close()
	astray := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer astray.Close()
	w := open(t, rest.Options{})
	key := w.key(signer())
	key["token_uri"] = astray.URL
	user := w.user(owner)
	user["token_uri"] = astray.URL
	keyless := w.impersonation(w.user(admin))
	keyless["service_account_impersonation_url"] = astray.URL + "/v1/projects/-/serviceAccounts/" + robot + ":generateAccessToken"
	for name, file := range map[string]object{"key": key, "user": user, "keyless": keyless} {
		e := w.refused(w.source(Options{Credentials: w.write(name+".json", file)}), owner, rosters)
		if e.Code != provider.Unavailable && e.Code != provider.Unauthenticated {
			t.Errorf("%s: %v", name, e)
		}
	}
	in := signIn("1//r", time.Now())
	in.TokenURL = astray.URL + "/token"
	if err := Revoke(t.Context(), astray.Client(), in); err == nil {
		t.Error("Revoke: no error")
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
	in.TokenURL = "http://tokens.example/token"
	if err := Revoke(t.Context(), nil, in); provider.CodeOf(err) != provider.InvalidArgument {
		t.Errorf("Revoke in plain text: %v", err)
	}
}
