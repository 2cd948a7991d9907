package cli

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom/live"
	"github.com/iql-lang/iql/provider/credentials"
)

// actor is who iql is to the live backend.
type actor struct {
	tokens    live.Tokens
	source    *credentials.Source // nil for --auth none
	subject   string              // who asks; "" is whom the credentials are of
	kind      string
	origin    string // where the credentials were found; "" for none
	delegates bool   // can act as others
}

// name is who asks, for people.
func (w *actor) name() string { return cmp.Or(w.subject, "the owner of the credentials") }

// openCredentials finds who iql is. The error is as that of findCredentials.
func (a *app) openCredentials(ctx context.Context) (*actor, error) {
	c := &a.config
	if c.Live.Auth == config.None {
		return nobody(c)
	}
	source, err := a.findCredentials(ctx)
	if err != nil {
		return nil, err
	}
	for _, warning := range source.Warnings() {
		a.reporter().note("%s", warning)
	}
	return a.actor(source)
}

// findCredentials finds the credentials of the live backend. The error is a
// [*config.UsageError] or a [*provider.Error].
func (a *app) findCredentials(ctx context.Context) (*credentials.Source, error) {
	opts, err := a.credentialOptions()
	if err != nil {
		return nil, err
	}
	source, err := credentials.Open(ctx, opts)
	return source, unreadable(err)
}

// unreadable returns an error of something that was named and cannot be read as
// a [*config.UsageError], and others as they are.
func unreadable(err error) error {
	if e, ok := errors.AsType[*provider.Error](err); ok && e.Code == provider.InvalidArgument {
		return &config.UsageError{Message: e.Message, Hint: e.Hint}
	}
	return err
}

// actor returns who asks by credentials. The error is a [*config.UsageError].
func (a *app) actor(source *credentials.Source) (*actor, error) {
	c := &a.config
	w := &actor{tokens: source, source: source, subject: c.As, kind: source.Kind(), origin: source.Origin(), delegates: source.Delegates()}
	if w.subject == "" {
		w.subject = source.Subject()
	}
	switch {
	case w.delegates && w.subject == "":
		return nil, &config.UsageError{
			Message: "--backend live does not know whom " + cmp.Or(source.Principal(), w.kind) + " acts as",
			Hint:    "--as takes the e-mail address of an administrator",
		}
	case !w.delegates && c.Live.OwnerAs:
		return nil, &config.UsageError{
			Message: "--owner-as needs credentials that can act as others, and these are of one person",
			Hint:    "domain-wide delegation needs a service account: iql docs auth",
		}
	case !w.delegates:
		w.subject = cmp.Or(w.subject, source.Principal())
	}
	return w, nil
}

// nobody is who asks with --auth none: the emulator takes an address for a
// token, and so anybody.
func nobody(c *config.Config) (*actor, error) {
	if !strings.Contains(c.As, "@") {
		return nil, &config.UsageError{
			Message: "--backend live does not know who asks",
			Hint:    "with --auth none, --as takes a user's e-mail address",
		}
	}
	return &actor{tokens: live.NoTokens{}, subject: c.As, kind: config.None, delegates: true}, nil
}

// credentialOptions returns where credentials are looked for.
func (a *app) credentialOptions() (credentials.Options, error) {
	c := &a.config
	store, err := a.signIns()
	if err != nil {
		return credentials.Options{}, err
	}
	opts := credentials.Options{
		Auth:        c.Live.Auth,
		Credentials: c.Live.Credentials,
		Scopes:      c.Live.Scopes,
		Profile:     c.Profile,
		Getenv:      a.Getenv,
		Store:       store,
	}
	if !c.Given("auth") {
		opts.AuthOrigin = c.Origin("auth").String()
	}
	return opts, nil
}

// signIns returns where sign-ins are kept. IQL_KEYRING=off keeps them in a file,
// on a machine whose keyring waits for somebody.
func (a *app) signIns() (*credentials.Store, error) {
	dir, err := config.StateDir(a.Getenv)
	if err != nil {
		return nil, err
	}
	return &credentials.Store{Dir: dir, Files: a.Getenv("IQL_KEYRING") == "off"}, nil
}
