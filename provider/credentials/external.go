package credentials

import (
	"context"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google/externalaccount"
)

// federated is an identity of another cloud, which Google's token exchange
// takes. https://google.aip.dev/auth/4117
type federated struct {
	line   *line
	id     *identity
	config externalaccount.Config
}

func (f *federated) mint(ctx context.Context, _ string, scopes []string) (*minted, error) {
	config := f.config
	config.Scopes = scopes
	r := request{id: f.id, scopes: scopes}
	return f.line.token(ctx, r, func(ctx context.Context) (*oauth2.Token, error) {
		source, err := externalaccount.NewTokenSource(ctx, config)
		if err != nil {
			return nil, err
		}
		return source.Token()
	})
}

// external returns the identity of a file of workload identity federation. If
// it names a service account, that is who iql is.
func (f *finder) external(c *file) (*identity, error) {
	if c.Audience == "" || c.SubjectTokenType == "" {
		return nil, invalid(c.origin+": there is no audience or no subject_token_type", "")
	}
	if c.TokenURL != "" {
		if err := checkAddress(c.origin, "token_url", c.TokenURL); err != nil {
			return nil, err
		}
	}
	id := &identity{
		kind: KindExternal, origin: c.origin, scoped: true, warnings: c.warnings,
		renew: "look after the identity that " + c.origin + " names",
	}
	e := federated{line: f.line, id: id, config: externalaccount.Config{
		Audience: c.Audience, SubjectTokenType: c.SubjectTokenType, TokenURL: c.TokenURL,
		ClientID: c.ClientID, ClientSecret: c.ClientSecret, CredentialSource: &c.CredentialSource,
		WorkforcePoolUserProject: c.WorkforcePoolUserProject,
	}}
	id.mint = e.mint
	if c.ImpersonationURL == "" {
		return id, nil
	}
	account, signURL, err := readImpersonation(c.origin, c.ImpersonationURL)
	if err != nil {
		return nil, err
	}
	over, err := f.impersonation(id, account, signURL, nil)
	if err != nil {
		return nil, err
	}
	over.kind = KindExternal
	return over, nil
}
