package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
)

// variableFile is the variable that names a file of credentials.
const variableFile = "GOOGLE_APPLICATION_CREDENTIALS"

// howToStart is the hint where there are no credentials at all.
const howToStart = "sign in with iql auth login, or name a service account's key with --credentials FILE: see iql docs auth"

// finder looks for credentials.
type finder struct {
	opts Options
	line *line

	// What --auth says beside.
	subject  string
	scopes   []string
	warnings []string
}

// find returns the credentials that the options mean.
func (f *finder) find(ctx context.Context) (*identity, error) {
	a, err := parseAuth(f.opts.Auth, f.opts.authOrigin())
	if err != nil {
		return nil, err
	}
	id, err := f.follow(ctx, a)
	if errors.Is(err, errNone) {
		return nil, authRefused("iql has no credentials", howToStart)
	}
	return id, err
}

// follow returns the credentials that --auth names. errNone if it names none
// and there are none.
func (f *finder) follow(ctx context.Context, a *auth) (*identity, error) {
	f.warnings = append(f.warnings, a.warnings...)
	f.subject, f.scopes = a.subject, a.scopes
	switch a.kind {
	case authADC:
		return f.adc(ctx)
	case authLogin:
		id, err := f.login()
		if errors.Is(err, ErrNoSignIn) {
			return nil, authRefused("profile "+f.profile()+": "+err.Error(), "iql auth login")
		}
		return id, err
	case authToken:
		id, err := f.variable()
		if errors.Is(err, errNone) {
			return nil, authRefused(variableToken+" is empty", "put an access token there")
		}
		return id, err
	case authInteractive:
		id, err := f.login()
		if errors.Is(err, ErrNoSignIn) {
			return f.adc(ctx)
		}
		return id, err
	case authFile:
		return f.fileOfAuth(ctx, a.file)
	case authImpersonate:
		return f.impersonate(ctx, a)
	case authKey:
		return f.named(a)
	}
	return f.usual(ctx)
}

// usual looks in the usual places.
func (f *finder) usual(ctx context.Context) (*identity, error) {
	for _, look := range []func() (*identity, error){
		f.credentials, f.fileOfVariable, f.variable, f.loginIfAny, f.wellKnown,
	} {
		id, err := look()
		if !errors.Is(err, errNone) {
			return id, err
		}
	}
	if f.opts.Getenv("GCE_METADATA_HOST") == "" {
		return nil, errNone
	}
	return f.metadata(ctx)
}

// adc looks for application default credentials.
// https://cloud.google.com/docs/authentication/application-default-credentials
func (f *finder) adc(ctx context.Context) (*identity, error) {
	for _, look := range []func() (*identity, error){f.fileOfVariable, f.wellKnown} {
		id, err := look()
		if !errors.Is(err, errNone) {
			return id, err
		}
	}
	id, err := f.metadata(ctx)
	if errors.Is(err, errNone) {
		return nil, authRefused("there are no application default credentials", "gcloud auth application-default login --scopes=...")
	}
	return id, err
}

// must reads the file of credentials that somebody has named.
func (f *finder) must(path, by string) (*identity, error) {
	s, err := f.open(path)
	if errors.Is(err, errNone) {
		return nil, missing(path, by)
	}
	if err != nil {
		return nil, err
	}
	return f.parse(s)
}

func missing(path, by string) error {
	return authRefused("there is no file "+path+", which "+by+" names", "")
}

func (f *finder) credentials() (*identity, error) {
	if f.opts.Credentials == "" {
		return nil, errNone
	}
	return f.must(f.opts.Credentials, "--credentials")
}

func (f *finder) fileOfVariable() (*identity, error) {
	path := f.opts.Getenv(variableFile)
	if path == "" {
		return nil, errNone
	}
	return f.must(path, variableFile)
}

// wellKnown reads the file that gcloud writes.
func (f *finder) wellKnown() (*identity, error) {
	dir := f.opts.Getenv("CLOUDSDK_CONFIG")
	switch {
	case dir != "":
	case runtime.GOOS == "windows":
		if dir = f.opts.Getenv("APPDATA"); dir != "" {
			dir = filepath.Join(dir, "gcloud")
		}
	default:
		if dir = f.opts.Getenv("HOME"); dir != "" {
			dir = filepath.Join(dir, ".config", "gcloud")
		}
	}
	if dir == "" {
		return nil, errNone
	}
	s, err := f.open(filepath.Join(dir, "application_default_credentials.json"))
	if err != nil {
		return nil, err
	}
	return f.parse(s)
}

// profile returns the name that the sign-in is kept under.
func (f *finder) profile() string {
	if f.opts.Profile == "" {
		return DefaultProfile
	}
	return f.opts.Profile
}

// login reads the sign-in of the profile. ErrNoSignIn if there is none.
func (f *finder) login() (*identity, error) {
	in, err := f.opts.Store.Load(f.profile())
	if err != nil {
		return nil, err
	}
	return f.signedIn(in)
}

// loginIfAny is login where others are looked at too.
func (f *finder) loginIfAny() (*identity, error) {
	id, err := f.login()
	if errors.Is(err, ErrNoSignIn) {
		return nil, errNone
	}
	return id, err
}

// fileOfAuth reads the file that --auth names: credentials, or a JSON object as
// --auth takes it.
func (f *finder) fileOfAuth(ctx context.Context, path string) (*identity, error) {
	s, err := f.open(path)
	if errors.Is(err, errNone) {
		return nil, missing(path, f.opts.authOrigin())
	}
	if err != nil {
		return nil, err
	}
	var object map[string]json.RawMessage
	if err := decode(s, &object); err != nil {
		return nil, err
	}
	if isGoogles(object) {
		return f.parse(s)
	}
	a, err := parseAuthObject(s, false)
	if err != nil {
		return nil, err
	}
	return f.follow(ctx, a)
}

// named reads the file or the variable that the JSON of --auth names.
func (f *finder) named(a *auth) (*identity, error) {
	switch {
	case a.file != "":
		return f.must(a.file, f.opts.authOrigin())
	case a.variable == "":
		id, err := f.credentials()
		if errors.Is(err, errNone) {
			return nil, invalid(f.opts.authOrigin()+" names no file", `say "credentialsfilepath": "FILE"`)
		}
		return id, err
	}
	text := f.opts.Getenv(a.variable)
	switch {
	case text == "":
		return nil, authRefused("the variable "+a.variable+" is empty", "")
	case len(text) > maxFile:
		return nil, invalid("the variable "+a.variable+" is too long", "")
	case bytes.HasPrefix(bytes.TrimSpace([]byte(text)), []byte("{")):
		return f.parse(&source{text: []byte(text), origin: "the variable " + a.variable})
	case looksSecret(text):
		return nil, invalid("the variable "+a.variable+" has no key's JSON in it, and names no file", "")
	}
	return f.must(text, a.variable)
}

// impersonate returns a service account that the named credentials sign for,
// or the application default credentials.
func (f *finder) impersonate(ctx context.Context, a *auth) (*identity, error) {
	var base *identity
	var err error
	if a.file+a.variable+f.opts.Credentials != "" {
		base, err = f.named(a)
	} else {
		base, err = f.adc(ctx)
	}
	if err != nil {
		return nil, err
	}
	return f.impersonation(base, a.target, signAddress(f.opts.IAM, a.target), a.delegates)
}

// expand puts the home folder before a path that begins with ~/.
func (f *finder) expand(path string) string {
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok {
		return path
	}
	home := f.opts.Getenv("HOME")
	if home == "" && runtime.GOOS == "windows" {
		home = f.opts.Getenv("USERPROFILE")
	}
	if home == "" {
		return path
	}
	return filepath.Join(home, rest)
}
