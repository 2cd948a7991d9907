package rest

import (
	"cmp"
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
	grantAssertion = "urn:ietf:params:oauth:grant-type:jwt-bearer"     // RFC 7523
	grantRefresh   = "refresh_token"                                   // RFC 6749, section 6
	grantCode      = "authorization_code"                              // RFC 6749, section 4.1.3
	grantExchange  = "urn:ietf:params:oauth:grant-type:token-exchange" // RFC 8693
)

// denial is an error of the token endpoint.
// https://www.rfc-editor.org/rfc/rfc6749#section-5.2
type denial struct {
	status            int
	word, description string
}

// token gives an access token: for the assertion of a service account, which
// is taken to act for its subject by domain-wide delegation; for a refresh
// token, which is the e-mail address of its user; for a code of the consent
// page; and for the token of another cloud, which is an e-mail address too.
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
		g, denied = s.refresh(form)
	case grantCode:
		g, denied = s.redeem(form)
	case grantExchange:
		g, denied = exchanged(form)
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
	if g.Scopes != nil {
		w.text("scope", strings.Join(fullScopes(g.Scopes), " "))
	}
	switch form.Get("grant_type") {
	case grantCode:
		w.text("refresh_token", g.User)
		w.text("id_token", s.signed(idToken{Issuer: issuer, Email: g.User, Audience: form.Get("client_id"), Expires: g.Expires}))
	case grantExchange:
		w.text("issued_token_type", "urn:ietf:params:oauth:token-type:access_token")
	}
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
// address in it. A service account that acts for nobody is no user, but may ask
// Google's cloud.
func (s *Server) known(r *http.Request, g *grant) *denial {
	if g.cloudOnly() {
		return nil
	}
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
		if !verify(s.opts.AssertionKey, pieces) && !verify(&s.signing().PublicKey, pieces) {
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
	g := grant{User: c.user(), Scopes: scopes, Project: projectOf(c.Issuer)}
	if delegated := s.opts.DelegatedScopes; delegated != nil && !g.cloudOnly() {
		delegated = trimScopes(delegated)
		for _, scope := range scopes {
			if !slices.Contains(delegated, scope) {
				return grant{}, &denial{http.StatusUnauthorized, "unauthorized_client", texts.notDelegated}
			}
		}
	}
	return g, nil
}

// user is who the token that is asked for acts as.
func (c *claims) user() string { return cmp.Or(c.Subject, c.Person, c.Issuer) }

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
func (s *Server) refresh(form url.Values) (grant, *denial) {
	user := form.Get("refresh_token")
	if !strings.Contains(user, "@") {
		return grant{}, &denial{http.StatusBadRequest, "invalid_grant", "Bad Request"}
	}
	if s.isRevoked(user) {
		return grant{}, &denial{http.StatusBadRequest, "invalid_grant", texts.revoked}
	}
	g := grant{User: user}
	if scope := form.Get("scope"); scope != "" {
		g.Scopes = trimScopes(strings.Fields(scope))
	}
	g.Project = projectOfClient(form.Get("client_id"))
	return g, nil
}

// projectOfClient returns the Cloud project of a client: its number begins the
// identifier, 123-x.apps.googleusercontent.com.
func projectOfClient(id string) string {
	if !strings.HasSuffix(id, ".apps.googleusercontent.com") {
		return ""
	}
	project, _, _ := strings.Cut(id, "-")
	return project
}

// exchanged returns what the token of another cloud grants.
func exchanged(form url.Values) (grant, *denial) {
	user := form.Get("subject_token")
	scopes := trimScopes(strings.Fields(form.Get("scope")))
	switch {
	case !strings.Contains(user, "@"):
		return grant{}, &denial{http.StatusBadRequest, "invalid_grant", "The subject token is not an e-mail address."}
	case len(scopes) == 0:
		return grant{}, &denial{http.StatusBadRequest, "invalid_scope", "Empty or missing scope not allowed."}
	}
	return grant{User: user, Scopes: scopes}, nil
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

// fullScopes returns scopes with what they all begin with, but those of OpenID.
func fullScopes(scopes []string) []string {
	full := make([]string, len(scopes))
	for i, scope := range scopes {
		full[i] = scope
		if !strings.Contains(scope, ":") && !slices.Contains(openIDScopes, scope) {
			full[i] = scopePrefix + scope
		}
	}
	return full
}

// openIDScopes are scopes without a prefix.
var openIDScopes = []string{"openid", "email", "profile"}

// trimScopes returns scopes without what they all begin with.
func trimScopes(scopes []string) []string {
	short := make([]string, len(scopes))
	for i, scope := range scopes {
		short[i] = strings.TrimPrefix(scope, scopePrefix)
	}
	return short
}
