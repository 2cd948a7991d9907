package credentials

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/jwt"
)

// keyed is a service account with its private key. It acts as any user of the
// domains whose administrators have allowed it to.
// https://developers.google.com/identity/protocols/oauth2/service-account
type keyed struct {
	line   *line
	id     *identity
	config jwt.Config
}

func (k *keyed) mint(ctx context.Context, subject string, scopes []string) (*minted, error) {
	config := k.config
	config.Subject, config.Scopes = subject, scopes
	r := request{id: k.id, subject: subject, scopes: scopes}
	return k.line.token(ctx, r, func(ctx context.Context) (*oauth2.Token, error) {
		return config.TokenSource(ctx).Token()
	})
}

// serviceAccount returns the identity of a key file.
func (f *finder) serviceAccount(c *file) (*identity, error) {
	switch {
	case !isAddress(c.ClientEmail):
		return nil, invalid(c.origin+": the key has no client_email", "")
	case !isPrivateKey(c.PrivateKey):
		return nil, invalid(c.origin+": private_key is no RSA key", "the file is as it came from the Cloud console, lines and all")
	}
	address, err := c.tokenURL(f.opts.TokenURL)
	if err != nil {
		return nil, err
	}
	id := &identity{
		kind: KindServiceAccount, principal: c.ClientEmail, origin: c.origin, clientID: c.ClientID,
		delegates: true, scoped: true, warnings: c.warnings,
		renew: "make a new key: Cloud console > IAM & Admin > Service accounts > " + c.ClientEmail + " > Keys",
	}
	k := keyed{line: f.line, id: id, config: jwt.Config{
		Email: c.ClientEmail, PrivateKey: []byte(c.PrivateKey), PrivateKeyID: c.PrivateKeyID, TokenURL: address,
	}}
	id.mint = k.mint
	return id, nil
}

// isPrivateKey reports whether a text is an RSA key in PEM.
func isPrivateKey(text string) bool {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return false
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		k, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	_, ok := k.(*rsa.PrivateKey)
	return err == nil && ok
}
