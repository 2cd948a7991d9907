package credentials

import (
	"context"

	"golang.org/x/oauth2"
)

// person is a user who has signed in: a refresh token makes access tokens.
// https://www.rfc-editor.org/rfc/rfc6749#section-6
type person struct {
	line    *line
	id      *identity
	config  oauth2.Config
	refresh string
}

func (p *person) mint(ctx context.Context, _ string, scopes []string) (*minted, error) {
	r := request{id: p.id, scopes: scopes}
	return p.line.token(ctx, r, func(ctx context.Context) (*oauth2.Token, error) {
		return p.config.TokenSource(ctx, &oauth2.Token{RefreshToken: p.refresh}).Token()
	})
}

// user returns the identity of a person's refresh token.
func (f *finder) user(id *identity, client, secret, address, refresh string) *identity {
	id.kind = KindUser
	p := person{line: f.line, id: id, refresh: refresh, config: oauth2.Config{
		ClientID: client, ClientSecret: secret,
		Endpoint: oauth2.Endpoint{TokenURL: address, AuthStyle: oauth2.AuthStyleInParams},
	}}
	id.mint = p.mint
	return id
}

// authorizedUser returns the identity of a file that gcloud has written.
func (f *finder) authorizedUser(c *file) (*identity, error) {
	if c.RefreshToken == "" || c.ClientID == "" {
		return nil, invalid(c.origin+": there is no refresh_token or no client_id", "gcloud auth application-default login")
	}
	address, err := c.tokenURL(f.opts.TokenURL)
	if err != nil {
		return nil, err
	}
	if !isAddress(c.Account) {
		c.Account = "" // gcloud writes it, but does not always know it
	}
	id := &identity{
		principal: c.Account, origin: c.origin, warnings: c.warnings,
		renew: "gcloud auth application-default login --scopes=... signs in again",
	}
	return f.user(id, c.ClientID, c.ClientSecret, address, c.RefreshToken), nil
}

// signedIn returns the identity of a sign-in that a store keeps.
func (f *finder) signedIn(in *SignIn) (*identity, error) {
	if err := checkAddress(in.KeptIn, "the token service", in.TokenURL); err != nil {
		return nil, err
	}
	id := &identity{
		principal: in.Address, origin: in.KeptIn, granted: in.Scopes, warnings: in.Warnings,
		renew: "iql auth login",
	}
	secret := in.secret()
	return f.user(id, in.ClientID, secret.client, in.TokenURL, secret.refresh), nil
}
