package config

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// inline reports whether a value is what a file of a key holds, or a part of
// it, rather than a name.
func inline(value string) bool {
	if strings.HasPrefix(strings.TrimSpace(value), "{") || strings.ContainsAny(value, "\r\n") {
		return true
	}
	return slices.ContainsFunc([]string{"private_key", "refresh_token", "client_secret", "access_token", "PRIVATE KEY"}, func(word string) bool {
		return strings.Contains(value, word)
	})
}

// isPath reports whether a value can only be the name of a file, and not a
// token.
func isPath(value string) bool {
	name := strings.TrimPrefix(value, "@")
	return !inline(value) && (filepath.IsAbs(name) || name != "" && strings.ContainsRune("~./", rune(name[0])) ||
		strings.EqualFold(filepath.Ext(name), ".json"))
}

// isAuthWord reports whether a value of --auth is one of its words.
func isAuthWord(value string) bool {
	return slices.Contains([]string{"", None, ADC, Login, Token}, value)
}

// secret reports whether a value of --auth may be a secret.
func secret(auth string) bool { return !isAuthWord(auth) && !isPath(auth) }

// shownAuth returns the kind of a value of --auth.
func shownAuth(value string, from Origin) string {
	where := "the command line"
	if from != fromFlag {
		where = from.Source
	}
	switch {
	case isAuthWord(value):
		return value
	case isPath(value):
		return "a file " + strings.TrimPrefix(value, "@")
	case inline(value):
		return "JSON of " + where
	}
	return "a value of " + where
}

// shownCredentials returns the name of a key's file, unless it may be a token
// that is in its place.
func shownCredentials(value string) string {
	if value == "" || isPath(value) {
		return value
	}
	return "a file"
}

// shownURL returns an address without what may open doors: the name and
// password of a user, and the query.
func shownURL(value string) string {
	const hidden = "REDACTED"
	u, err := url.Parse(value)
	if err != nil || u.Opaque != "" {
		return hidden
	}
	if u.User != nil {
		u.User = url.User(hidden)
	}
	if u.RawQuery != "" {
		u.RawQuery = hidden
	}
	return u.String()
}
