package credentials

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/iql-lang/iql/provider"
)

// given is an access token that somebody else has made.
type given struct {
	id    *identity
	token string
	spent atomic.Bool // given out once: what is asked for again was not taken
}

func (g *given) mint(context.Context, string, []string) (*minted, error) {
	if g.spent.Swap(true) {
		return nil, &provider.Error{
			Code:    provider.Unauthenticated,
			Message: "the access token in " + g.id.origin + " is not taken, and cannot be renewed",
			Hint:    "put a new one there, or sign in: iql auth login",
		}
	}
	return &minted{token: g.token}, nil
}

// variableToken is the variable that may hold an access token.
const variableToken = "GOOGLE_OAUTH_ACCESS_TOKEN"

// variable returns the identity of the access token in the environment.
func (f *finder) variable() (*identity, error) {
	token := strings.TrimSpace(f.opts.Getenv(variableToken))
	if token == "" {
		return nil, errNone
	}
	if strings.ContainsAny(token, " \t\r\n") || len(token) > maxFile {
		return nil, invalid(variableToken+" is no access token", "")
	}
	id := &identity{kind: KindToken, origin: variableToken}
	g := &given{id: id, token: token}
	id.mint = g.mint
	return id, nil
}
