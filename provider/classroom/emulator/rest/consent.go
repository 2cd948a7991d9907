package rest

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"html"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	authorizePath = "/o/oauth2/v2/auth"
	revokePath    = "/revoke"
)

// maxRemembered bounds the codes, and the revoked tokens, that are remembered.
const maxRemembered = 10_000

// consent is what a user has consented to, for a code that a client redeems.
type consent struct {
	grant
	client    string
	redirect  string
	challenge string // of PKCE, S256; "" is none
	expires   time.Time
}

// authorize is the page where people consent, which consents at once: as
// login_hint says, or as the school's first admin. It sends the browser back to
// a program on this machine, and nowhere else.
// https://developers.google.com/identity/protocols/oauth2/native-app
func (s *Server) authorize(r *http.Request) answer {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Scheme != "http" || !isLoopback(back.Hostname()) || back.Fragment != "" {
		return authorizeError("redirect_uri_mismatch", "the emulator redirects to http://127.0.0.1:PORT/ alone")
	}
	if q.Get("client_id") == "" || q.Get("response_type") != "code" {
		return authorizeError("invalid_request", "client_id and response_type=code are needed")
	}
	say := url.Values{}
	if state := q.Get("state"); state != "" {
		say.Set("state", state)
	}
	if code, scopes, wrong := s.consented(r, q); wrong != "" {
		say.Set("error", wrong)
	} else {
		say.Set("code", code)
		say.Set("scope", strings.Join(scopes, " "))
	}
	with := back.Query()
	for name, values := range say {
		with[name] = values
	}
	back.RawQuery = with.Encode()
	return answer{status: http.StatusFound, contentType: typeHTML, location: back.String()}
}

func authorizeError(word, why string) answer {
	body := "<!doctype html><title>Error 400: " + word + "</title><p>" + html.EscapeString(why) + "</p>\n"
	return answer{status: http.StatusBadRequest, contentType: typeHTML, body: []byte(body)}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// consented returns the code of a consent and its scopes, or the word of
// RFC 6749, section 4.1.2.1, for what is wrong.
func (s *Server) consented(r *http.Request, q url.Values) (code string, scopes []string, wrong string) {
	scopes = strings.Fields(q.Get("scope"))
	challenge, method := q.Get("code_challenge"), q.Get("code_challenge_method")
	switch {
	case len(scopes) == 0:
		return "", nil, "invalid_scope"
	case (challenge != "" || method != "") && (method != "S256" || len(challenge) != 43):
		return "", nil, "invalid_request"
	}
	g := grant{User: q.Get("login_hint"), Scopes: trimScopes(scopes), Project: projectOfClient(q.Get("client_id"))}
	if g.User == "" {
		admin, err := s.firstAdmin(r)
		if err != nil {
			return "", nil, "access_denied"
		}
		g.User = admin
	}
	if s.known(r, &g) != nil {
		return "", nil, "access_denied"
	}
	code = "4/" + rand.Text()
	s.remember(code, consent{
		grant: g, client: q.Get("client_id"), redirect: q.Get("redirect_uri"), challenge: challenge,
		expires: s.now().Add(time.Duration(assumed.codeLife) * time.Second),
	})
	return code, fullScopes(g.Scopes), ""
}

// firstAdmin returns the address of who asks when nobody says.
func (s *Server) firstAdmin(r *http.Request) (string, error) {
	admin, err := s.store.As("")
	if err != nil {
		return "", err
	}
	profile, err := admin.GetUserProfile(r.Context(), "me")
	if err != nil {
		return "", err
	}
	return profile.EmailAddress, nil
}

func (s *Server) remember(code string, c consent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.codes) >= maxRemembered {
		clear(s.codes)
	}
	s.codes[code] = c
}

// redeem returns what a code grants, once.
// https://www.rfc-editor.org/rfc/rfc7636#section-4.6
func (s *Server) redeem(form url.Values) (grant, *denial) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.codes[form.Get("code")]
	delete(s.codes, form.Get("code"))
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	switch {
	case !ok || !s.now().Before(c.expires):
		return grant{}, &denial{http.StatusBadRequest, "invalid_grant", "Malformed auth code."}
	case form.Get("client_id") != c.client:
		return grant{}, &denial{http.StatusUnauthorized, "invalid_client", "The OAuth client was not found."}
	case form.Get("redirect_uri") != c.redirect:
		return grant{}, &denial{http.StatusBadRequest, "redirect_uri_mismatch", "Bad Request"}
	case c.challenge != "" && form.Get("code_verifier") == "":
		return grant{}, &denial{http.StatusBadRequest, "invalid_grant", "Missing code verifier."}
	case c.challenge != "" && subtle.ConstantTimeCompare([]byte(challenge), []byte(c.challenge)) != 1:
		return grant{}, &denial{http.StatusBadRequest, "invalid_grant", "Invalid code verifier."}
	}
	delete(s.revoked, c.User) // who signs in again has a new refresh token
	return c.grant, nil
}

// revoke ends an access token of ours or a refresh token.
// https://developers.google.com/identity/protocols/oauth2/native-app#tokenrevoke
func (s *Server) revoke(r *http.Request) answer {
	text, refused := readAll(r.Body, assumed.maxBody)
	if refused != nil {
		return tokenError(&denial{http.StatusBadRequest, "invalid_request", refused.message})
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return tokenError(&denial{http.StatusBadRequest, "invalid_request", "Could not parse the request."})
	}
	token := form.Get("token")
	if token == "" {
		token = r.URL.Query().Get("token")
	}
	_, ours := s.unseal(token)
	account, err := s.store.User(r.Context(), token)
	user := strings.Contains(token, "@") && err == nil
	if user {
		token = account.EmailAddress
	}
	if !ours && (!user || s.isRevoked(token)) {
		return tokenError(&denial{http.StatusBadRequest, "invalid_token", texts.revoked})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.revoked) >= maxRemembered {
		clear(s.revoked)
	}
	s.revoked[token] = true
	return answer{status: http.StatusOK, contentType: typeJSON, body: []byte("{}\n")}
}

// isRevoked reports whether a token was revoked: an access token, or an address
// as a refresh token.
func (s *Server) isRevoked(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.revoked[token] || strings.Contains(token, "@") && s.revoked[strings.ToLower(token)]
}

// cloudOnly reports whether the grant is of a service account that asks for
// itself, and no more than Google's cloud.
func (g *grant) cloudOnly() bool {
	return strings.HasSuffix(g.User, serviceAccountHost) && len(g.Scopes) > 0 &&
		!slices.ContainsFunc(g.Scopes, func(scope string) bool { return !slices.Contains(cloudScopes, scope) })
}

// serviceAccountHost ends the address of every service account.
const serviceAccountHost = ".iam.gserviceaccount.com"
