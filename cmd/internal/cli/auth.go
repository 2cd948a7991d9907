package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom/live"
	"github.com/iql-lang/iql/provider/credentials"
)

// auth returns the commands that say who iql is to Google.
func (a *app) auth() *cobra.Command {
	return group(&cobra.Command{
		Use:   "auth",
		Short: "Sign in to Google, and say who is signed in",
		Long: `auth signs a person in to Google, shows which credentials --backend live uses,
and signs out. iql docs auth tells where credentials are looked for; iql doctor
tries them.`,
		Example: `  iql auth login --client client_secret.json
  iql auth status
  iql auth logout`,
	}, a.authLogin(), a.authStatus(), a.authToken(), a.authLogout())
}

// signing is what the login command was told.
type signing struct {
	client    string // the file of an OAuth client; "" is the usual one
	noBrowser bool
}

func (a *app) authLogin() *cobra.Command {
	s := &signing{}
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in with a browser",
		Long: `login opens a page of Google's in the browser, where a person signs in and
allows what iql asks for: all that it can use, or --scopes. The sign-in is kept
in the system keyring, or in a file that only you can read, under the profile
in force.

It needs the file of an OAuth client of the type desktop app, from Cloud console
> APIs & Services > Credentials. It is looked for beside the configuration file,
by the name client.json.`,
		Example: `  iql auth login --client ~/Downloads/client_secret.json
  iql auth login --profile district --as admin@school.example
  iql auth login --no-browser --scopes classroom.rosters.readonly,classroom.courses.readonly`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.login(cmd.Context(), s)
		},
	}
	a.config.Person(cmd.Flags())
	completePerson(cmd)
	cmd.Flags().Lookup("as").Usage = "`USER` who is likely to sign in: e-mail (default anybody)"
	cmd.Flags().Lookup("scopes").Usage = "`SCOPES` to ask for, divided by commas (default all that iql can use)"
	cmd.Flags().StringVar(&s.client, "client", "", "`FILE` of the OAuth client to sign in to (default client.json beside the configuration file)")
	cmd.Flags().BoolVar(&s.noBrowser, "no-browser", false, "print the address of the page alone")
	completeJSON(cmd, "client")
	return cmd
}

// login signs a person in, and says what came of it.
func (a *app) login(ctx context.Context, s *signing) error {
	if err := a.config.FileError(); err != nil {
		return err
	}
	client, err := a.clientFile(s.client)
	if err != nil {
		return err
	}
	store, err := a.signIns()
	if err != nil {
		return err
	}
	opts := credentials.LoginOptions{
		ClientFile: client, Scopes: a.config.Live.Scopes, Store: store, Profile: a.config.Profile, Getenv: a.Getenv,
		Open: func(address string) error { return a.showPage(address, !s.noBrowser) },
	}
	if opts.Scopes == nil {
		opts.Scopes = live.Scopes()
	}
	if strings.Contains(a.config.As, "@") {
		opts.Hint = a.config.As
	}
	in, err := credentials.Login(ctx, opts)
	if err != nil {
		return unreadable(err)
	}
	a.tellSignIn(ctx, in, opts.Scopes)
	return nil
}

// clientFile returns the file of the OAuth client to sign in to: the one that is
// named, or the one beside the configuration file.
func (a *app) clientFile(named string) (string, error) {
	const hint = "make an OAuth client of the type desktop app at Cloud console > APIs & Services > Credentials, and name its file: --client FILE"
	if named != "" {
		return named, nil
	}
	if a.config.File == "" {
		return "", &config.UsageError{Message: "there is no OAuth client to sign in to", Hint: hint}
	}
	usual := filepath.Join(filepath.Dir(a.config.File), "client.json")
	if _, err := os.Stat(usual); errors.Is(err, fs.ErrNotExist) {
		return "", &config.UsageError{Message: "there is no OAuth client to sign in to: " + usual + " is not there", Hint: hint}
	}
	return usual, nil
}

// showPage prints the address of a page, and opens it where there is a browser.
func (a *app) showPage(address string, open bool) error {
	report := a.reporter()
	report.address("sign in on this page; Ctrl-C gives up", address)
	if !open || !hasDisplay(a.Getenv) {
		return nil
	}
	if err := openBrowser(address); err != nil {
		report.note("no browser opens by itself: %v", err)
	}
	return nil
}

// tellSignIn says who has signed in, what they have not allowed, and what keeps
// the sign-in from being used.
func (a *app) tellSignIn(ctx context.Context, in *credentials.SignIn, asked []string) {
	report := a.reporter()
	report.note("%s is signed in (profile %s); kept in %s", orSomebody(in.Address), a.profile(), in.KeptIn)
	report.note("scopes: %s", strings.Join(shortScopes(in.Scopes), ", "))
	for _, warning := range in.Warnings {
		report.note("%s", warning)
	}
	if missing := without(shortScopes(asked), shortScopes(in.Scopes)); len(missing) > 0 {
		report.note("not allowed: %s; sign in again to allow more", strings.Join(missing, ", "))
	}
	opts, err := a.credentialOptions()
	if err != nil {
		return
	}
	if first, err := credentials.Open(ctx, opts); err == nil && first.Origin() != in.KeptIn {
		report.note("%s comes first: --auth login uses the sign-in", first.Origin())
	}
}

// profile returns the name that a sign-in is kept under.
func (a *app) profile() string {
	if a.config.Profile == "" {
		return credentials.DefaultProfile
	}
	return a.config.Profile
}

func (a *app) authStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show which credentials --backend live uses",
		Long: `status shows the credentials that --backend live finds, whose they are and what
they are allowed. Nothing is sent: iql doctor tries them.`,
		Example: `  iql auth status
  iql auth status --profile district -o json`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := a.status(cmd.Context())
			if err != nil {
				return err
			}
			return a.printRows([]string{"key", "value"}, rows)
		},
	}
	a.config.Output(cmd.Flags())
	a.config.Credentials(cmd.Flags())
	completeOutput(cmd)
	completeCredentials(cmd)
	return cmd
}

// status returns what is known of the credentials without asking anybody. What
// is not known is NULL.
func (a *app) status(ctx context.Context) ([]provider.Row, error) {
	c := &a.config
	if c.Live.Auth == config.None {
		return []provider.Row{{"kind", config.None}, {"as", known(c.As)}}, nil
	}
	source, err := a.findCredentials(ctx)
	if err != nil {
		return nil, err
	}
	as := c.As
	if as == "" {
		as = source.Subject()
	}
	if as == "" && !source.Delegates() {
		as = source.Principal()
	}
	rows := []provider.Row{
		{"kind", source.Kind()},
		{"principal", known(source.Principal())},
		{"as", known(as)},
		{"found_in", source.Origin()},
		{"profile", a.profile()},
		{"client_id", known(source.ClientID())},
		{"scopes", known(strings.Join(shortScopes(source.Scopes()), ","))},
	}
	for _, warning := range source.Warnings() {
		rows = append(rows, provider.Row{"warning", warning})
	}
	return rows, nil
}

// known returns a text, or NULL for none.
func known(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (a *app) authToken() *cobra.Command {
	var show bool
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Print an access token",
		Long: `token prints an access token for the user of --as, with the scopes of --scopes or
all that iql can use. Who has it can do what it allows for an hour.`,
		Example:           `  curl -H "Authorization: Bearer $(iql auth token --show)" https://classroom.googleapis.com/v1/courses`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !show {
				return &config.UsageError{Message: "auth token prints a secret", Hint: "say that you want it: --show"}
			}
			return a.token(cmd.Context())
		},
	}
	a.config.Credentials(cmd.Flags())
	completeCredentials(cmd)
	cmd.Flags().BoolVar(&show, "show", false, "print it")
	return cmd
}

// token prints an access token.
func (a *app) token(ctx context.Context) error {
	if err := a.config.FileError(); err != nil {
		return err
	}
	who, err := a.openCredentials(ctx)
	if err != nil {
		return err
	}
	text, err := who.tokens.Token(ctx, who.subject, live.Scopes())
	if err != nil {
		return err
	}
	return a.print(text + "\n")
}

func (a *app) authLogout() *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Sign out",
		Long: `logout has Google end the sign-in of the profile in force, and deletes it here.
Other credentials stay: iql docs auth.`,
		Example: `  iql auth logout
  iql auth logout --profile district`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.logout(cmd.Context())
		},
	}
}

// logout ends the sign-in of the profile and deletes it, whether Google answers
// or not.
func (a *app) logout(ctx context.Context) error {
	if err := a.config.FileError(); err != nil {
		return err
	}
	store, err := a.signIns()
	if err != nil {
		return err
	}
	report := a.reporter()
	in, err := store.Load(a.profile())
	if errors.Is(err, credentials.ErrNoSignIn) {
		report.note("%v (profile %s)", err, a.profile())
		return nil
	}
	if err == nil {
		err = credentials.Revoke(ctx, nil, in)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		report.note("Google was not told that the sign-in ends: %v", err)
	}
	if err := store.Delete(a.profile()); err != nil {
		return err
	}
	who := ""
	if in != nil {
		who = in.Address
	}
	report.note("%s is signed out (profile %s)", orSomebody(who), a.profile())
	return nil
}

// orSomebody is an address, if it is known.
func orSomebody(address string) string {
	if address == "" {
		return "somebody"
	}
	return address
}

// shortScopes returns scopes as people call them, in the same order.
func shortScopes(scopes []string) []string {
	short := make([]string, len(scopes))
	for i, scope := range scopes {
		short[i] = strings.TrimPrefix(scope, "https://www.googleapis.com/auth/")
	}
	return short
}

// without returns the words that are not among others.
func without(words, others []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(word string) bool { return slices.Contains(others, word) })
}
