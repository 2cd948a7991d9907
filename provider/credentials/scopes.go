package credentials

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider"
)

// scopePrefix begins every scope of Google's that is not OpenID's.
const scopePrefix = "https://www.googleapis.com/auth/"

// openID are scopes that are whole without a prefix.
var openID = []string{"openid", "email", "profile"}

// wholeScopes returns scopes as whole addresses, sorted, each once. It is not
// nil.
func wholeScopes(scopes []string) []string {
	whole := make([]string, 0, len(scopes))
	for _, scope := range scopes {
		scope = strings.TrimSpace(scope)
		if !strings.Contains(scope, "://") && !slices.Contains(openID, scope) {
			scope = scopePrefix + scope
		}
		whole = append(whole, scope)
	}
	slices.Sort(whole)
	return slices.Compact(whole)
}

// authorised returns the scopes to ask for where some are wanted: those that
// are authorised, or what includes them.
func (s *Source) authorised(subject string, wanted []string) ([]string, error) {
	if s.scopes == nil {
		return wholeScopes(wanted), nil
	}
	var ask []string
	for _, scope := range wholeScopes(wanted) {
		wider := strings.TrimSuffix(scope, ".readonly")
		switch {
		case slices.Contains(s.scopes, scope):
			ask = append(ask, scope)
		case slices.Contains(s.scopes, wider):
			ask = append(ask, wider)
		}
	}
	if ask == nil {
		return nil, &provider.Error{
			Code:    provider.PermissionDenied,
			Message: "the scopes of " + s.id.name() + " are not enough: " + shortScopes(wanted),
			Caller:  subject,
			Scopes:  slices.Clone(wanted),
			Hint:    s.wider(),
		}
	}
	slices.Sort(ask)
	return slices.Compact(ask), nil
}

// wider is what to do where a scope is wanted that is not authorised.
func (s *Source) wider() string {
	if s.id.granted != nil {
		return "sign in again, and allow it: iql auth login"
	}
	return "name it among the scopes of --scopes or of the profile, once it is authorised"
}

// shortScopes lists scopes as people call them.
func shortScopes(scopes []string) string {
	short := make([]string, len(scopes))
	for i, scope := range scopes {
		short[i] = strings.TrimPrefix(scope, scopePrefix)
	}
	return strings.Join(short, ", ")
}
