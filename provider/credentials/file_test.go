package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

func TestFilesThatAreNone(t *testing.T) {
	w := open(t, rest.Options{})
	change := func(o object, k string, v any) object { o[k] = v; return o }
	for _, c := range []struct {
		name    string
		content any
		words   []string
	}{
		{"empty", "", []string{"no JSON: see line 1"}},
		{"no JSON", "{\n\"private_key\": \"" + canary + "\nx", []string{"no JSON: see line 3"}},
		{"another shape", `{"type": "service_account", "private_key": ["` + canary + `"]}`, []string{"line 1 is not what belongs there"}},
		{"a list", `["` + canary + `"]`, []string{"line 1 is not what belongs there"}},
		{"an unknown type", `{"type": "` + canary + `"}`, []string{"type that iql does not know"}},
		{"a type almost", `{"type": "service_acount"}`, []string{"did you mean service_account?"}},
		{"no key", `{"type": "service_account", "client_email": "r@p.iam", "private_key": "` + canary + `"}`, []string{"no RSA key"}},
		{"no address", `{"type": "service_account", "private_key": "` + canary + `"}`, []string{"no client_email"}},
		{"plain text", change(w.key(signer()), "token_uri", "http://tokens.example/"), []string{"token_uri would get secrets in plain text"}},
		{"no address of tokens", change(w.key(signer()), "token_uri", "https://u:"+canary+"@tokens.example/"), []string{"token_uri is no address"}},
		{"half a user", `{"type": "authorized_user", "refresh_token": "` + canary + `"}`, []string{"no client_id"}},
		{"a program", `{"installed": {"client_secret": "` + canary + `"}}`, []string{"no credentials yet", "iql auth login --client"}},
		{"a web site", `{"web": {"client_secret": "` + canary + `"}}`, []string{"desktop app"}},
		{"no source", `{"type": "impersonated_service_account"}`, []string{"no source_credentials"}},
		{"a source that is one too", w.impersonation(w.impersonation(w.user(admin))), []string{"an impersonation too"}},
		{"an impersonation of nobody", change(w.impersonation(w.user(admin)), "service_account_impersonation_url", "https://iamcredentials.googleapis.com/v1/x"), []string{"names no service account"}},
		{"an impersonation elsewhere", change(w.impersonation(w.user(admin)), "service_account_impersonation_url", "http://evil.example/v1/projects/-/serviceAccounts/r@p.iam:generateAccessToken"), []string{"in plain text"}},
		{"half an external account", `{"type": "external_account"}`, []string{"no audience"}},
		{"too long", `{"x": "` + strings.Repeat("x", maxFile) + `"}`, []string{"longer than"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := w.write("c.json", c.content)
			e := w.fails(Options{Credentials: path})
			check(t, e, provider.InvalidArgument, append(c.words, path)...)
			if strings.Contains(e.Error()+e.Hint, canary) {
				t.Errorf("the error repeats a secret: %v (%s)", e, e.Hint)
			}
		})
	}
	check(t, w.fails(Options{Credentials: w.home + "/none"}), provider.Unauthenticated, "/none", "--credentials")
	check(t, w.fails(Options{Auth: w.home + "/none", AuthOrigin: "IQL_AUTH"}), provider.Unauthenticated, "/none", "IQL_AUTH")
	check(t, w.fails(Options{Credentials: w.home}), provider.InvalidArgument, w.home)
	check(t, w.fails(Options{Auth: `{"type": "service_account"}`}), provider.InvalidArgument, "credentialsfilepath")
	check(t, w.fails(Options{Auth: "token"}), provider.Unauthenticated, "GOOGLE_OAUTH_ACCESS_TOKEN")
	w.set("GOOGLE_APPLICATION_CREDENTIALS", w.home+"/none")
	check(t, w.fails(Options{}), provider.Unauthenticated, "GOOGLE_APPLICATION_CREDENTIALS")
}

// TestAuthFile reads a file of our JSON, and one of StackQL's.
func TestAuthFile(t *testing.T) {
	w := open(t, rest.Options{})
	path := w.write("key.json", w.key(signer()))
	inner := object{"type": "service_account", "credentialsfilepath": path, "sub": admin, "scopes": []string{"classroom.rosters"}}
	for _, content := range []object{inner, {"googleworkspace": inner}} {
		s := w.source(Options{Auth: "@" + w.write("auth.json", content)})
		if s.Subject() != admin || !slices.Equal(s.Scopes(), []string{rosters}) || s.Origin() != path {
			t.Errorf("subject %q, scopes %q, origin %q", s.Subject(), s.Scopes(), s.Origin())
		}
		token := w.token(s, "", rostersRead) // as the subject of the file
		if token != w.token(s, admin, rosters) {
			t.Error("the subject of the file is not who acts")
		}
		s.Forget("", token)
		if token == w.token(s, admin, rosters) {
			t.Error("the token was not forgotten")
		}
	}
	s := w.source(Options{Auth: "@" + w.write("auth.json", inner), Scopes: []string{"classroom.courses"}})
	if !slices.Equal(s.Scopes(), []string{courses}) {
		t.Errorf("scopes %q: those of the options count", s.Scopes())
	}
}

// TestVariable has a key, or its path, in a variable that StackQL's JSON names.
func TestVariable(t *testing.T) {
	w := open(t, rest.Options{})
	auth := Options{Auth: `{"google": {"type": "service_account", "credentialsenvvar": "MY_KEY"}}`}
	check(t, w.fails(auth), provider.Unauthenticated, "MY_KEY is empty")
	key, err := json.Marshal(w.key(signer()))
	if err != nil {
		t.Fatal(err)
	}
	w.set("MY_KEY", string(key))
	if s := w.source(auth); s.Origin() != "the variable MY_KEY" {
		t.Errorf("origin %q", s.Origin())
	}
	w.set("MY_KEY", w.write("key.json", w.key(signer())))
	if s := w.source(auth); s.Origin() != w.home+"/key.json" {
		t.Errorf("origin %q", s.Origin())
	}
	w.set("MY_KEY", "-----BEGIN PRIVATE KEY-----\n"+canary)
	if e := w.fails(auth); strings.Contains(e.Error(), canary) {
		t.Errorf("the error repeats a secret: %v", e)
	}
}

func TestWarnings(t *testing.T) {
	skipOnWindows(t)
	w := open(t, rest.Options{})
	path := w.write("key.json", w.key(signer()))
	if s := w.source(Options{Credentials: path}); len(s.Warnings()) != 0 {
		t.Errorf("warnings %q", s.Warnings())
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	want := path + " can be read by others: chmod 600 " + path
	if s := w.source(Options{Credentials: path}); !slices.Equal(s.Warnings(), []string{want}) {
		t.Errorf("warnings %q, want %q", s.Warnings(), want)
	}
	s := w.source(Options{Auth: `{"type": "service_account", "credentials": "` + path + `"}`})
	if got := s.Warnings(); len(got) != 2 || !strings.Contains(got[0], "list of processes") || got[1] != want {
		t.Errorf("warnings %q", got)
	}
}

// TestNothingShows prints all that is exported, and every error.
func TestNothingShows(t *testing.T) {
	w := open(t, rest.Options{Faults: []rest.Fault{{Method: "token", Status: 400}}})
	user := w.user("1//" + canary)
	user["client_secret"], user["account"] = "GOCSPX-"+canary, admin
	w.set("GOOGLE_OAUTH_ACCESS_TOKEN", "ya29."+canary)
	store := &Store{Dir: w.home, Files: true}
	in := signIn("1//"+canary, w.now())
	in.secret = hide(canary, "1//"+canary)
	if _, err := store.Save("p", in); err != nil {
		t.Fatal(err)
	}
	opts := w.options(Options{Auth: `{"private_key": "` + canary + `"}`})
	sources := []*Source{
		w.source(Options{Credentials: w.write("u.json", user)}),
		w.source(Options{Credentials: w.write("i.json", w.impersonation(user))}),
		w.source(Options{Auth: "token"}),
		w.source(Options{Auth: "login", Store: store, Profile: "p"}),
	}
	shown := []any{opts, &opts, in, *in, store, LoginOptions{}, in.secret}
	for _, s := range sources {
		_, err := s.Token(t.Context(), "", []string{rosters})
		_, asErr := s.Token(t.Context(), owner, []string{rosters})
		shown = append(shown, s, err, asErr, s.id)
	}
	_, err := Open(t.Context(), opts)
	shown = append(shown, err, errors.Join(err))
	for _, v := range shown {
		var b bytes.Buffer
		fmt.Fprintf(&b, "%v\n%+v\n%#v\n%s\n%q\n", v, v, v, v, v)
		text, err := json.Marshal(v)
		if err == nil {
			b.Write(text)
		}
		slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
		if strings.Contains(b.String(), canary) {
			t.Errorf("%T shows a secret: %s", v, b.String())
		}
	}
}
