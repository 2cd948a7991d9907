package rest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const tokenPath = "/token"

// The grants that the route /token knows.
const (
	grantAssertion = "urn:ietf:params:oauth:grant-type:jwt-bearer" // RFC 7523
	grantRefresh   = "refresh_token"                               // RFC 6749, section 6
)

// denial is an error of the token endpoint.
// https://www.rfc-editor.org/rfc/rfc6749#section-5.2
type denial struct {
	status            int
	word, description string
}

// token gives an access token: for the assertion of a service account, which
// is taken to act for its subject by domain-wide delegation, and for a refresh
// token, which is the e-mail address of its user.
// https://developers.google.com/identity/protocols/oauth2/service-account#httprest
func (s *Server) token(r *http.Request) answer {
	text, refused := readAll(r.Body, assumed.maxBody)
	if refused != nil {
		return tokenError(&denial{http.StatusBadRequest, "invalid_request", refused.message})
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return tokenError(&denial{http.StatusBadRequest, "invalid_request", "Could not parse the request."})
	}
	var g grant
	var denied *denial
	switch kind := form.Get("grant_type"); kind {
	case grantAssertion:
		g, denied = s.assertion(form.Get("assertion"))
	case grantRefresh:
		g, denied = refresh(form)
	default:
		denied = &denial{http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type: " + kind}
	}
	if denied == nil {
		denied = s.known(r, &g)
	}
	if denied != nil {
		return tokenError(denied)
	}
	g.Expires = s.now().Add(time.Duration(assumed.tokenLife) * time.Second).Unix()
	w := writer{pretty: true}
	w.begin()
	w.text("access_token", s.seal(g))
	w.number("expires_in", int64(assumed.tokenSays))
	w.text("token_type", "Bearer")
	w.end()
	return answer{status: http.StatusOK, contentType: typeJSON, body: w.finish()}
}

func tokenError(d *denial) answer {
	w := writer{pretty: true}
	w.begin()
	w.text("error", d.word)
	w.text("error_description", d.description)
	w.end()
	return answer{status: d.status, contentType: typeJSON, body: w.finish()}
}

// known checks that the grant's user exists and may sign in, and puts their
// address in it.
func (s *Server) known(r *http.Request, g *grant) *denial {
	account, err := s.store.User(r.Context(), g.User)
	if err != nil || account.Disabled {
		return &denial{http.StatusBadRequest, "invalid_grant", texts.noSubject}
	}
	g.User = account.EmailAddress
	return nil
}

// claims are what an assertion says.
type claims struct {
	Issuer  string `json:"iss"`
	Subject string `json:"sub"`
	Person  string `json:"prn"` // what sub was once called
	Scope   string `json:"scope"`
	Expires int64  `json:"exp"`
}

// assertion returns what a service account's assertion grants.
func (s *Server) assertion(text string) (grant, *denial) {
	invalid := func(why string) (grant, *denial) {
		return grant{}, &denial{http.StatusBadRequest, "invalid_grant", why}
	}
	pieces := strings.Split(text, ".")
	if len(pieces) != 3 {
		return invalid("Bad Request")
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(pieces[1], "="))
	var c claims
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return invalid("Bad Request")
	}
	if s.opts.AssertionKey != nil {
		if !verify(s.opts.AssertionKey, pieces) {
			return invalid("Invalid JWT Signature.")
		}
		if s.now().After(time.Unix(c.Expires, 0)) {
			return invalid(texts.staleAssertion)
		}
	}
	scopes := trimScopes(strings.Fields(c.Scope))
	if len(scopes) == 0 {
		return grant{}, &denial{http.StatusBadRequest, "invalid_scope", "Empty or missing scope not allowed."}
	}
	if delegated := s.opts.DelegatedScopes; delegated != nil {
		delegated = trimScopes(delegated)
		for _, scope := range scopes {
			if !slices.Contains(delegated, scope) {
				return grant{}, &denial{http.StatusUnauthorized, "unauthorized_client", texts.notDelegated}
			}
		}
	}
	user := c.Subject
	for _, other := range []string{c.Person, c.Issuer} {
		if user == "" {
			user = other
		}
	}
	return grant{User: user, Scopes: scopes, Project: projectOf(c.Issuer)}, nil
}

// verify reports whether the pieces of a token are signed with the key.
func verify(key *rsa.PublicKey, pieces []string) bool {
	signature, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(pieces[2], "="))
	if err != nil {
		return false
	}
	sum := sha256.Sum256([]byte(pieces[0] + "." + pieces[1]))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
}

// refresh returns what a refresh token grants: all, or the scopes that are
// asked for.
func refresh(form url.Values) (grant, *denial) {
	user := form.Get("refresh_token")
	if !strings.Contains(user, "@") {
		return grant{}, &denial{http.StatusBadRequest, "invalid_grant", "Bad Request"}
	}
	g := grant{User: user}
	if scope := form.Get("scope"); scope != "" {
		g.Scopes = trimScopes(strings.Fields(scope))
	}
	project, _, _ := strings.Cut(form.Get("client_id"), "-")
	if strings.HasSuffix(form.Get("client_id"), ".apps.googleusercontent.com") {
		g.Project = project
	}
	return g, nil
}

// projectOf returns the Cloud project of a service account: it stands in its
// address, name@project.iam.gserviceaccount.com.
func projectOf(account string) string {
	_, host, _ := strings.Cut(account, "@")
	project, ok := strings.CutSuffix(host, ".iam.gserviceaccount.com")
	if !ok {
		return ""
	}
	return project
}

// trimScopes returns scopes without what they all begin with.
func trimScopes(scopes []string) []string {
	short := make([]string, len(scopes))
	for i, scope := range scopes {
		short[i] = strings.TrimPrefix(scope, scopePrefix)
	}
	return short
}
