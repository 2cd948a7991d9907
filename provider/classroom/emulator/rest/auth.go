package rest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/iql-lang/iql/provider"
)

// grant is what a bearer token stands for.
type grant struct {
	User string `json:"u"` // e-mail address
	// Scopes are without their prefix; nil is all.
	Scopes []string `json:"s,omitempty"`
	// Project is the Cloud project of the client, empty for the emulator's.
	Project string `json:"p,omitempty"`
	Expires int64  `json:"e"` // in Unix seconds
	ID      string `json:"i"` // makes each token another
}

// has reports whether the grant includes a scope.
func (g *grant) has(scope string) bool {
	return g.Scopes == nil || slices.Contains(g.Scopes, scope)
}

// hasAny reports whether it includes one of several.
func (g *grant) hasAny(scopes []string) bool {
	return slices.ContainsFunc(scopes, g.has)
}

// tokenPrefix begins every token of ours, as it does Google's.
const tokenPrefix = "ya29."

// maxCredential bounds what is looked at as a token.
const maxCredential = 8 << 10

// seal returns the grant as a token, which only this server can read.
func (s *Server) seal(g grant) string {
	g.ID = rand.Text()
	text, err := json.Marshal(g)
	if err != nil {
		panic(err) // strings and numbers only
	}
	mac := hmac.New(sha256.New, s.secret)
	mac.Write(text)
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(mac.Sum(text))
}

// unseal returns the grant of a token, unless it is not ours or has expired.
func (s *Server) unseal(token string) (*grant, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, tokenPrefix))
	if err != nil || len(raw) < sha256.Size {
		return nil, false
	}
	text, sum := raw[:len(raw)-sha256.Size], raw[len(raw)-sha256.Size:]
	mac := hmac.New(sha256.New, s.secret)
	mac.Write(text)
	if !hmac.Equal(sum, mac.Sum(nil)) {
		return nil, false
	}
	var g grant
	if json.Unmarshal(text, &g) != nil || !s.now().Before(time.Unix(g.Expires, 0)) || s.isRevoked(token) {
		return nil, false
	}
	return &g, true
}

// credentials returns what the request's token grants. A token is one that the
// route /token gave, or a user's e-mail address, which grants all.
func (s *Server) credentials(r *http.Request, q *query) (*grant, *refusal) {
	token, ok := bearer(r, q)
	switch {
	case !ok:
		return nil, noCredentials()
	case token == "" || len(token) > maxCredential:
		return nil, badCredentials()
	case strings.HasPrefix(token, tokenPrefix) && !strings.Contains(token, "@"):
		g, ok := s.unseal(token)
		if !ok {
			return nil, badCredentials()
		}
		return g, nil
	case strings.Contains(token, "@"):
		if assumed.caseless {
			token = strings.ToLower(token)
		}
		return &grant{User: token}, nil
	}
	return nil, badCredentials()
}

// bearer returns the request's token and whether it has credentials at all: a
// key alone is none. The token is empty if they are of another kind.
func bearer(r *http.Request, q *query) (token string, ok bool) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return "", true
		}
		return strings.TrimSpace(token), true
	}
	for _, name := range []string{"access_token", "oauth_token"} {
		if token := q.system[name]; token != "" {
			return token, true
		}
	}
	return "", false
}

func noCredentials() *refusal {
	r := refuse(provider.Unauthenticated, texts.missingToken+texts.credentialTail)
	r.entry = entry{message: "Login Required.", domain: "global", reason: "required", location: "Authorization"}
	r.authenticate = assumed.realm
	return r
}

func badCredentials() *refusal {
	r := refuse(provider.Unauthenticated, texts.badToken+texts.credentialTail)
	r.entry = entry{message: "Invalid Credentials", domain: "global", reason: "authError", location: "Authorization"}
	r.authenticate = assumed.realm + `, error="invalid_token"`
	return r
}

// noScopes is the refusal of a token that has none of a method's scopes.
func noScopes(rt *route) *refusal {
	r := refuse(provider.PermissionDenied, texts.noScopes)
	r.entry = entry{message: "Insufficient Permission", domain: "global", reason: "insufficientPermissions"}
	urls := make([]string, len(rt.scopes))
	for i, scope := range rt.scopes {
		urls[i] = scopePrefix + scope
	}
	r.authenticate = assumed.realm + `, error="insufficient_scope", scope="` + strings.Join(urls, " ") + `"`
	r.details = []detail{{
		reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
		metadata: [][2]string{
			{"service", rt.api.service},
			{"method", rt.api.rpc + rt.rpc},
		},
	}}
	return r
}
