// Package credentials is who iql is to Google: it finds credentials and makes
// access tokens of them.
//
// [Open] reads what --auth says (auth.go), looks in the usual places (find.go)
// and reads files of Google's (file.go). What it finds is an identity: a service
// account's key or a person's sign-in (key.go, user.go), delegation without a
// key (keyless.go), another cloud's identity (external.go), this machine's
// (metadata.go), or a token that somebody else made (given.go). Each asks Google
// over one line (line.go), whose refusals become [*provider.Error] in
// refusal.go. The [Source] that Open returns gives the tokens out: one for each
// subject and scopes, and one request however many ask (cache.go, scopes.go).
//
// [Login] signs a person in with their browser (login.go, answer.go). A [Store]
// keeps the [SignIn] in the system keyring or in a file (store.go, signin.go),
// and [Revoke] ends it (revoke.go).
//
// No error, warning or printed value of this package holds a secret.
package credentials

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/iql-lang/iql/provider"
)

// Options say where credentials are looked for. The zero value looks in the
// usual places.
type Options struct {
	// Auth is what --auth says: "" looks in the usual places; "adc", "login" and
	// "token" look in one; else it is a file, with or without an @ before it, or
	// a JSON object that names one. See docs/adr/0013-credentials.md.
	Auth string
	// AuthOrigin names Auth in messages: "IQL_AUTH", "profile district"; "" is
	// --auth, the command line.
	AuthOrigin string
	// Credentials is a file of credentials; "" is none. It may begin with ~/.
	Credentials string
	// Scopes are those that were authorised, with or without
	// https://www.googleapis.com/auth/. Nil is not known: what is needed is asked
	// for.
	Scopes []string
	// Profile is the name that a sign-in is kept under; "" is "default".
	Profile string
	// Getenv reads the environment; nil is os.Getenv.
	Getenv func(string) string
	// Store is where sign-ins are kept; nil is nowhere.
	Store *Store
	// Client's transport and time-out are used; nil is the usual ones.
	Client *http.Client
	// Now is the clock; nil is time.Now. Assertions are dated by time.Now.
	Now func() time.Time
	// TokenURL is where tokens are made for credentials that do not say it; ""
	// is Google's.
	TokenURL string
	// IAM is where service accounts sign without a key, for credentials that do
	// not say it; "" is Google's.
	IAM string
}

// String names the options without what --auth says.
func (o Options) String() string { return "options of credentials for " + o.authOrigin() }

// GoString is String.
func (o Options) GoString() string { return o.String() }

func (o Options) authOrigin() string {
	if o.AuthOrigin == "" {
		return commandLine
	}
	return o.AuthOrigin
}

// commandLine is the AuthOrigin that others can see.
const commandLine = "--auth"

// Google's own addresses.
const (
	googleTokenURL = "https://oauth2.googleapis.com/token"
	googleIAM      = "https://iamcredentials.googleapis.com/"
)

// Kinds of credentials.
const (
	KindServiceAccount = "service_account"
	KindImpersonated   = "impersonated_service_account" // by keyless delegation
	KindUser           = "authorized_user"
	KindToken          = "access_token"
	KindExternal       = "external_account"
	KindMetadata       = "metadata"
)

// Source gives out access tokens. Its methods may be called from many
// goroutines at once.
type Source struct {
	id       *identity
	line     *line
	scopes   []string // whole; nil is not known
	subject  string
	warnings []string
	cache    *cache
}

// Open finds credentials. It sends nothing, unless it looks for a metadata
// server: where GCE_METADATA_HOST is set, or Auth is adc and there is no file.
// Errors are [*provider.Error]: UNAUTHENTICATED if there are no credentials,
// INVALID_ARGUMENT if what is there cannot be read.
func Open(ctx context.Context, opts Options) (*Source, error) {
	if opts.Getenv == nil {
		opts.Getenv = os.Getenv
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.TokenURL == "" {
		opts.TokenURL = googleTokenURL
	}
	if opts.IAM == "" {
		opts.IAM = googleIAM
	}
	for _, address := range []string{opts.TokenURL, opts.IAM} {
		if err := checkAddress("the options of credentials", "an address", address); err != nil {
			return nil, err
		}
	}
	f := finder{opts: opts, line: newLine(opts.Client, opts.Now)}
	id, err := f.find(ctx)
	if err != nil {
		return nil, err
	}
	s := &Source{
		id: id, line: f.line, subject: f.subject, warnings: append(f.warnings, id.warnings...),
		cache: &cache{now: opts.Now},
	}
	switch {
	case opts.Scopes != nil:
		s.scopes = wholeScopes(opts.Scopes)
	case f.scopes != nil:
		s.scopes = wholeScopes(f.scopes)
	case id.granted != nil:
		s.scopes = wholeScopes(id.granted)
	}
	return s, nil
}

// Token returns an access token that acts as subject and has those of the
// scopes, which are whole addresses, that are authorised. Of credentials that
// act as any user, subject "" is [Source.Subject].
//
// It returns the context's error if that ends first, and else a
// [*provider.Error]: UNAUTHENTICATED if the credentials are no longer good,
// cannot act as others, or are not allowed to; PERMISSION_DENIED if this
// subject cannot be acted as, or none of the scopes is authorised, which are
// then in its Scopes; UNAVAILABLE and DEADLINE_EXCEEDED if there was no answer.
func (s *Source) Token(ctx context.Context, subject string, scopes []string) (string, error) {
	subject, err := s.actAs(subject)
	if err != nil {
		return "", err
	}
	ask, err := s.authorised(subject, scopes)
	if err != nil {
		return "", err
	}
	if !s.id.scoped {
		ask = nil // a token has what was granted once
	}
	k := key{strings.ToLower(subject), strings.Join(ask, " ")}
	return s.cache.get(ctx, k, func() (*minted, error) { return s.id.mint(ctx, subject, ask) })
}

// Forget says that the service did not take a token that it was given for a
// subject: if it is still the one that Token would return, the next is new.
func (s *Source) Forget(subject, token string) {
	subject, err := s.actAs(subject)
	if err != nil {
		return // there never was one
	}
	s.cache.forget(strings.ToLower(subject), token)
}

// actAs returns the subject that a token is made for: "" for that of
// credentials which act as nobody else.
func (s *Source) actAs(subject string) (string, error) {
	switch {
	case s.id.delegates && subject != "":
		return subject, nil
	case s.id.delegates && s.subject != "":
		return s.subject, nil
	case s.id.delegates:
		return "", &provider.Error{
			Code:    provider.Unauthenticated,
			Message: "whom " + s.id.name() + " acts as is not said",
			Hint:    "say --as USER, an administrator for example",
		}
	case subject == "" || s.id.principal != "" && strings.EqualFold(subject, s.id.principal):
		return "", nil
	}
	return "", &provider.Error{
		Code:    provider.Unauthenticated,
		Message: "these credentials can't act as " + subject + ": they are of " + s.id.name(),
		Caller:  subject,
		Hint:    "domain-wide delegation needs a service account",
	}
}

// Kind returns what the credentials are, one of the Kind constants.
func (s *Source) Kind() string { return s.id.kind }

// Principal returns the address of the service account or the user that the
// credentials are of; "" if it is not known.
func (s *Source) Principal() string { return s.id.principal }

// ClientID returns what an administrator allows scopes to; "" if it is not known.
func (s *Source) ClientID() string { return s.id.clientID }

// Origin returns where the credentials were found: a file, a variable, a
// server or a keyring.
func (s *Source) Origin() string { return s.id.origin }

// Delegates reports whether the credentials can act as any user.
func (s *Source) Delegates() bool { return s.id.delegates }

// Subject returns whom --auth says to act as; "" if it does not say.
func (s *Source) Subject() string { return s.subject }

// Scopes returns those that are authorised, as whole addresses; nil if it is
// not known.
func (s *Source) Scopes() []string { return slices.Clone(s.scopes) }

// Warnings returns a sentence for each thing that a person should put right.
func (s *Source) Warnings() []string { return slices.Clone(s.warnings) }

// Skew returns how far this machine's clock is ahead of the token service's,
// to the second, as of its last answer; 0 if there was none.
func (s *Source) Skew() time.Duration { return s.line.clockSkew() }

// Timed reports whether a token service has told its time, so that Skew is known.
func (s *Source) Timed() bool { return s.line.timed.Load() }

// String says whose the credentials are.
func (s *Source) String() string {
	return "credentials of " + s.id.name() + " (" + s.id.kind + ") from " + s.id.origin
}

// GoString is String.
func (s *Source) GoString() string { return s.String() }

// identity is credentials that were found.
type identity struct {
	kind      string
	principal string
	origin    string
	delegates bool
	// scoped says that a token has the scopes that are asked for; else it has
	// those that were granted.
	scoped   bool
	granted  []string // nil is not known
	clientID string   // that an administrator allows scopes to; "" is not known
	renew    string   // what a person does when the credentials end
	warnings []string
	// mint makes a token. Subject "" is the credentials' own. It returns the
	// context's error if that ends first, and else a *provider.Error. It is all
	// that knows the secrets: a function shows nothing of them.
	mint func(ctx context.Context, subject string, scopes []string) (*minted, error)
}

// minted is a new access token.
type minted struct {
	token string
	life  time.Duration // 0 is not known
}

// name is who the credentials are of, for messages.
func (id *identity) name() string {
	switch {
	case id.principal != "":
		return id.principal
	case id.kind == KindUser:
		return "the user who signed in (" + id.origin + ")"
	}
	return "what " + id.origin + " says"
}

// invalid returns an error of something that cannot be read.
func invalid(what, hint string) error {
	return &provider.Error{Code: provider.InvalidArgument, Message: what, Hint: hint}
}

// errNone says that a place has no credentials.
var errNone = errors.New("there are no credentials")
