package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/iql-lang/iql/provider"
)

// scopeSign lets the bearer of a token have Google sign for service accounts.
const scopeSign = scopePrefix + "cloud-platform"

// assertionLife is how long an assertion is good for: as long as Google allows.
const assertionLife = time.Hour

// keyless is a service account whose key Google keeps: others sign with it, if
// they have the role Service Account Token Creator on it.
// https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signJwt
type keyless struct {
	line      *line
	id        *identity
	base      *identity // who signs
	signURL   string
	delegates []string
	tokenURL  string
	cache     cache // of the base's token
}

// claims are what an assertion says.
// https://developers.google.com/identity/protocols/oauth2/service-account#jwt-auth
type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Scope    string `json:"scope"`
	Audience string `json:"aud"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

func (k *keyless) mint(ctx context.Context, subject string, scopes []string) (*minted, error) {
	r := request{id: k.id, subject: subject, scopes: scopes}
	now := k.line.now()
	payload, err := json.Marshal(claims{
		Issuer: k.id.principal, Subject: subject, Scope: strings.Join(scopes, " "), Audience: k.tokenURL,
		Issued: now.Unix(), Expires: now.Add(assertionLife).Unix(),
	})
	if err != nil {
		return nil, r.error(provider.Internal, err.Error())
	}
	assertion, err := k.signed(ctx, r, string(payload))
	if err != nil {
		return nil, err
	}
	config := clientcredentials.Config{
		TokenURL: k.tokenURL, AuthStyle: oauth2.AuthStyleInParams,
		EndpointParams: url.Values{"grant_type": {grantAssertion}, "assertion": {assertion}},
	}
	return k.line.token(ctx, r, config.Token)
}

// grantAssertion is the grant of RFC 7523.
const grantAssertion = "urn:ietf:params:oauth:grant-type:jwt-bearer"

// signed has claims signed, once more with a new token if the one of the base
// is not taken.
func (k *keyless) signed(ctx context.Context, r request, payload string) (string, error) {
	for again := false; ; again = true {
		token, err := k.cache.get(ctx, key{}, func() (*minted, error) {
			return k.base.mint(ctx, "", []string{scopeSign})
		})
		if err != nil {
			return "", err
		}
		jwt, err := k.sign(ctx, r, token, payload)
		if !errors.Is(err, errNotTaken) {
			return jwt, err
		}
		k.cache.forget("", token)
		if again {
			return "", r.error(provider.Unauthenticated, "the credentials of "+k.base.name()+" are not taken to sign for "+k.id.principal)
		}
	}
}

// errNotTaken says that a token is no longer good.
var errNotTaken = errors.New("the token was not taken")

// sign has claims signed with a token of the base.
func (k *keyless) sign(ctx context.Context, r request, token, payload string) (string, error) {
	x, cancel := k.line.begin(ctx)
	defer cancel()
	body, err := json.Marshal(struct {
		Delegates []string `json:"delegates,omitempty"`
		Payload   string   `json:"payload"`
	}{k.delegates, payload})
	if err != nil {
		return "", x.failed(r, err)
	}
	req, err := http.NewRequestWithContext(x.ctx, http.MethodPost, k.signURL, bytes.NewReader(body))
	if err != nil {
		return "", x.failed(r, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := x.client().Do(req)
	if err != nil {
		return "", x.failed(r, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", x.failed(r, err)
	}
	if resp.StatusCode != http.StatusOK {
		return "", k.refused(r, resp.StatusCode, text)
	}
	var answer struct {
		SignedJWT string `json:"signedJwt"`
	}
	if json.Unmarshal(text, &answer) != nil || answer.SignedJWT == "" {
		return "", r.error(provider.Internal, x.host+": the answer holds no signature")
	}
	return answer.SignedJWT, nil
}

// refused makes an error of a refusal to sign.
func (k *keyless) refused(r request, status int, body []byte) error {
	var answer struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	_ = json.Unmarshal(body, &answer) // a page says nothing
	said := printable(answer.Error.Message)
	if said == "" {
		said = "status " + strconv.Itoa(status)
	}
	switch {
	case status == http.StatusUnauthorized:
		return errNotTaken
	case status == http.StatusTooManyRequests, status >= 500, status < 400:
		return r.error(provider.Unavailable, "signing for "+k.id.principal+": "+said)
	}
	e := r.error(provider.Unauthenticated, k.base.name()+" may not sign for "+k.id.principal+": "+said)
	e.Hint = "it needs the role Service Account Token Creator (roles/iam.serviceAccountTokenCreator) on that account, " +
		"and the project the IAM Service Account Credentials API"
	return e
}

// impersonation returns the identity of a service account for which base signs
// at an address that ends in :signJwt.
func (f *finder) impersonation(base *identity, target, signURL string, delegates []string) (*identity, error) {
	if base.delegates && base.kind != KindServiceAccount {
		return nil, invalid(base.origin+": one service account after the other", "name those in between in delegates")
	}
	id := &identity{
		kind: KindImpersonated, principal: target, origin: base.origin, delegates: true, scoped: true,
		warnings: base.warnings, renew: base.renew,
	}
	full := make([]string, len(delegates))
	for i, account := range delegates {
		full[i] = account
		if !strings.Contains(account, "/") {
			full[i] = accountPath + account
		}
	}
	k := &keyless{line: f.line, id: id, base: base, signURL: signURL, delegates: full, tokenURL: f.opts.TokenURL}
	k.cache.now = f.opts.Now
	id.mint = k.mint
	return id, nil
}

// accountPath begins the name of a service account, whatever its project.
const accountPath = "projects/-/serviceAccounts/"

// signAddress returns where claims for a service account are signed.
func signAddress(iam, account string) string {
	return strings.TrimSuffix(iam, "/") + "/v1/" + accountPath + url.PathEscape(account) + ":signJwt"
}

// readImpersonation takes the service account and its host out of the address
// that makes tokens for it.
func readImpersonation(origin, address string) (account, signURL string, err error) {
	if err := checkAddress(origin, "service_account_impersonation_url", address); err != nil {
		return "", "", err
	}
	before, rest, found := strings.Cut(address, "/v1/"+accountPath)
	name, ok := strings.CutSuffix(rest, ":generateAccessToken")
	account, err = url.PathUnescape(name)
	if !found || !ok || err != nil || !isAddress(account) {
		return "", "", invalid(origin+": service_account_impersonation_url names no service account", "")
	}
	return account, signAddress(before, account), nil
}

// isAddress reports whether a text can be the address of an account, and
// nothing else.
func isAddress(text string) bool {
	name, host, found := strings.Cut(text, "@")
	return found && name != "" && strings.Contains(host, ".") && len(text) <= 254 &&
		!strings.ContainsAny(text, "/:?#%\"\\ \t\r\n") && !strings.Contains(host, "@")
}
