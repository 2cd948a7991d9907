package rest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/iql-lang/iql/provider"
)

// What Google's cloud does for those who have no key: it signs for service
// accounts, and tells a machine who it is.
// https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signJwt
// https://cloud.google.com/compute/docs/metadata/querying-metadata
const (
	signPath     = "/v1/projects/-/serviceAccounts/"
	signVerb     = ":signJwt"
	metadataPath = "/computeMetadata/v1/instance/service-accounts/default/"
)

// cloudScopes are those of which :signJwt needs one.
var cloudScopes = []string{"iam", "cloud-platform"}

// machine is the service account of the machine that asks for metadata.
const machine = "default@emulator" + serviceAccountHost

// keyID names the server's own key.
const keyID = "emulator"

// issuer makes ID tokens.
const issuer = "https://accounts.google.com"

// idToken is who has signed in.
type idToken struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Email    string `json:"email"`
	Expires  int64  `json:"exp"`
}

// identity returns what answers a request about tokens, nil for another.
func (s *Server) identity(r *http.Request) (label string, serve func(*http.Request) answer) {
	path := r.URL.Path
	switch r.Method {
	case http.MethodPost:
		switch {
		case path == tokenPath:
			return labelToken, s.token
		case path == revokePath:
			return labelRevoke, s.revoke
		case strings.HasPrefix(path, signPath) && strings.HasSuffix(path, signVerb):
			return labelSign, s.sign
		}
	case http.MethodGet:
		switch {
		case path == authorizePath:
			return labelAuthorize, s.authorize
		case strings.HasPrefix(path, metadataPath):
			return labelMetadata, s.metadata
		}
	}
	return "", nil
}

func newSigningKey() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // the size is one that there is
	}
	return k
}

// signed returns a token that the server's own key signs.
func (s *Server) signed(claims any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return s.signText(payload)
}

func (s *Server) signText(payload []byte) string {
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"RS256","kid":"`+keyID+`","typ":"JWT"}`)) + "." + encode(payload)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, s.signing(), crypto.SHA256, sum[:])
	if err != nil {
		panic(err) // the key is long enough
	}
	return text + "." + encode(signature)
}

// sign signs claims for a service account, as anybody whose token has a scope
// of Google's cloud: who may do it is not kept.
func (s *Server) sign(r *http.Request) answer {
	in := inbound{Request: r, query: readQuery(r.URL.RawQuery)}
	g, refused := s.credentials(r, in.query)
	if refused != nil {
		return in.refused(refused)
	}
	if !g.hasAny(cloudScopes) {
		return in.refused(refuse(provider.PermissionDenied, texts.noScopes))
	}
	name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, signPath), signVerb)
	if !strings.Contains(name, "@") || strings.Contains(name, "/") {
		return in.refused(refuse(provider.NotFound, texts.noSigner))
	}
	text, refused := readAll(r.Body, assumed.maxBody)
	if refused != nil {
		return in.refused(refused)
	}
	var body struct{ Payload string }
	var c claims
	if json.Unmarshal(text, &body) != nil || json.Unmarshal([]byte(body.Payload), &c) != nil {
		return in.refused(refuse(provider.InvalidArgument, "Request contains an invalid argument."))
	}
	w := writer{pretty: true}
	w.begin()
	w.text("keyId", keyID)
	w.text("signedJwt", s.signText([]byte(body.Payload)))
	w.end()
	return answer{status: http.StatusOK, contentType: typeJSON, body: w.finish()}
}

// metadata tells a machine the address of its service account, and gives it
// tokens. Browsers cannot send the header that it asks for.
func (s *Server) metadata(r *http.Request) answer {
	if r.Header.Get("Metadata-Flavor") != "Google" {
		return answer{status: http.StatusForbidden, contentType: typeHTML, flavor: "Google", body: []byte("Missing Metadata-Flavor:Google header.\n")}
	}
	a := answer{status: http.StatusOK, contentType: typeJSON, flavor: "Google"}
	switch strings.TrimPrefix(r.URL.Path, metadataPath) {
	case "email":
		a.contentType, a.body = "application/text", []byte(machine)
		return a
	case "token":
		a.body = s.machineToken(r.URL.Query())
		return a
	}
	return answer{status: http.StatusNotFound, contentType: typeHTML, flavor: "Google"}
}

// machineToken is a token of the machine's service account.
func (s *Server) machineToken(q url.Values) []byte {
	g := grant{
		User: machine, Scopes: cloudScopes, Project: projectOf(machine),
		Expires: s.now().Add(time.Duration(assumed.tokenLife) * time.Second).Unix(),
	}
	if scopes := q.Get("scopes"); scopes != "" {
		g.Scopes = trimScopes(strings.Split(scopes, ","))
	}
	w := writer{pretty: true}
	w.begin()
	w.text("access_token", s.seal(g))
	w.number("expires_in", int64(assumed.tokenSays))
	w.text("token_type", "Bearer")
	w.end()
	return w.finish()
}
