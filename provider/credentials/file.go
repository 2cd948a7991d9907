package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"

	"golang.org/x/oauth2/google/externalaccount"

	"github.com/iql-lang/iql/provider"
)

// maxFile bounds a file of credentials, and all else that is read, in bytes.
const maxFile = 64 << 10

// file is a file of credentials, as the Cloud console and gcloud write it.
type file struct {
	Type string `json:"type"`

	// Of a service account's key.
	ClientEmail  string `json:"client_email"`
	PrivateKeyID string `json:"private_key_id"`
	PrivateKey   string `json:"private_key"`
	TokenURI     string `json:"token_uri"`

	// Of a user.
	Account      string `json:"account"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	RefreshToken string `json:"refresh_token"`

	// Of impersonation, and of identities of other clouds.
	ImpersonationURL  string   `json:"service_account_impersonation_url"`
	SourceCredentials *file    `json:"source_credentials"`
	Delegates         []string `json:"delegates"`

	// Of identities of other clouds.
	Audience                 string                           `json:"audience"`
	SubjectTokenType         string                           `json:"subject_token_type"`
	TokenURL                 string                           `json:"token_url"`
	CredentialSource         externalaccount.CredentialSource `json:"credential_source"`
	WorkforcePoolUserProject string                           `json:"workforce_pool_user_project"`

	// Of a client, which is no credentials yet.
	Installed json.RawMessage `json:"installed"`
	Web       json.RawMessage `json:"web"`

	origin   string
	warnings []string
}

// tokenURL returns where the file's tokens are made.
func (c *file) tokenURL(usual string) (string, error) {
	if c.TokenURI == "" {
		return usual, nil
	}
	return c.TokenURI, checkAddress(c.origin, "token_uri", c.TokenURI)
}

// source is a text with secrets in it, and where it comes from.
type source struct {
	text     []byte
	origin   string
	warnings []string
}

// open reads a file of credentials. errNone if there is none.
func (f *finder) open(path string) (*source, error) {
	if looksSecret(path) {
		return nil, invalid("what should name a file of credentials is a secret", "put it into a file that only you can read, and name that")
	}
	path = f.expand(path)
	text, warning, err := readSecret(path)
	if err != nil {
		return nil, err
	}
	s := &source{text: text, origin: path}
	if warning != "" {
		s.warnings = []string{warning}
	}
	return s, nil
}

// readSecret reads a file that only its owner should read, and returns a
// warning if others can. errNone if there is no such file.
func readSecret(path string) (text []byte, warning string, err error) {
	in, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "", errNone
	case err != nil:
		return nil, "", unreadable(path, err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, "", unreadable(path, err)
	}
	if runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
		warning = path + " can be read by others: chmod 600 " + path
	}
	text, err = io.ReadAll(io.LimitReader(in, maxFile+1))
	switch {
	case err != nil:
		return nil, "", unreadable(path, err)
	case len(text) > maxFile:
		return nil, "", invalid(fmt.Sprintf("%s is longer than %d bytes", path, maxFile), "")
	}
	return text, warning, nil
}

// unreadable is the error of a file that is there.
func unreadable(path string, err error) error {
	cause := err
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		cause = e.Err // the path is said already
	}
	return provider.Errorf(provider.InvalidArgument, "read %s: %w", path, cause)
}

// parse reads credentials.
func (f *finder) parse(s *source) (*identity, error) {
	var c file
	if err := decode(s, &c); err != nil {
		return nil, err
	}
	c.origin, c.warnings = s.origin, s.warnings
	return f.identify(&c)
}

// decode reads JSON. Its errors say where it is wrong, and nothing of what is
// there.
func decode(s *source, into any) error {
	err := json.Unmarshal(s.text, into)
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return invalid(fmt.Sprintf("%s: line %d is not what belongs there", s.origin, lineOf(s.text, e.Offset)), "")
	}
	at := int64(len(s.text))
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = e.Offset
	}
	return invalid(fmt.Sprintf("%s is no JSON: see line %d", s.origin, lineOf(s.text, at)), "")
}

// lineOf returns the line of a place in a text.
func lineOf(text []byte, offset int64) int {
	offset = min(max(offset, 0), int64(len(text)))
	return 1 + bytes.Count(text[:offset], []byte("\n"))
}

// fileTypes are the types of files that identify knows.
var fileTypes = []string{KindServiceAccount, KindUser, KindImpersonated, KindExternal}

// identify returns the identity of a file.
func (f *finder) identify(c *file) (*identity, error) {
	switch c.Type {
	case KindServiceAccount:
		return f.serviceAccount(c)
	case KindUser:
		return f.authorizedUser(c)
	case KindImpersonated:
		return f.impersonated(c)
	case KindExternal:
		return f.external(c)
	}
	switch {
	case c.Installed != nil:
		return nil, invalid(c.origin+" is of a program, and no credentials yet", "sign in with it: iql auth login --client "+c.origin)
	case c.Web != nil:
		return nil, invalid(c.origin+" is of a web site, and no credentials", "make an OAuth client of the type desktop app")
	}
	return nil, invalid(c.origin+" holds credentials of a type that iql does not know", "there are "+strings.Join(fileTypes, ", ")+didYouMean(c.Type, fileTypes))
}

// impersonated returns the identity of a file of gcloud's for a service account
// that the person may act as.
func (f *finder) impersonated(c *file) (*identity, error) {
	if c.SourceCredentials == nil {
		return nil, invalid(c.origin+": there are no source_credentials", "")
	}
	account, signURL, err := readImpersonation(c.origin, c.ImpersonationURL)
	if err != nil {
		return nil, err
	}
	from := c.SourceCredentials
	if from.Type == KindImpersonated {
		return nil, invalid(c.origin+": source_credentials are an impersonation too", "name those in between in delegates")
	}
	from.origin, from.warnings = c.origin, c.warnings
	base, err := f.identify(from)
	if err != nil {
		return nil, err
	}
	return f.impersonation(base, account, signURL, c.Delegates)
}

// didYouMean ends a hint with the known word that is meant, if there is one.
func didYouMean(word string, known []string) string {
	near, ok := provider.Nearest(word, known)
	if !ok || word == "" {
		return ""
	}
	return "; did you mean " + near + "?"
}

// looksSecret reports whether a text that should be a name is a key or a token.
func looksSecret(text string) bool {
	for _, beginning := range []string{"ya29.", "1//", "GOCSPX-", "AIza", "eyJ"} {
		if strings.HasPrefix(text, beginning) {
			return true
		}
	}
	return strings.Contains(text, "-----BEGIN") || strings.ContainsAny(text, "{\n") || len(text) > 4096
}
