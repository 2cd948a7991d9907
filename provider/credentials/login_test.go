package credentials

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// clientFile is the file of an OAuth client at the emulator.
func (w *world) clientFile() string {
	return w.write("client_secret.json", object{"installed": object{
		"client_id": "77-x.apps.googleusercontent.com", "project_id": "p", "client_secret": "GOCSPX-c",
		"auth_uri": w.url + "/o/oauth2/v2/auth", "token_uri": w.url + "/token", "redirect_uris": []string{"http://localhost"},
	}})
}

// browse follows an address as a browser does, and returns the last page.
func (w *world) browse(address string) (status int, page string, err error) {
	resp, err := w.client.Get(address)
	if err != nil {
		return 0, "", err
	}
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), errors.Join(err, resp.Body.Close())
}

// login signs in with the options completed.
func (w *world) login(ctx context.Context, opts LoginOptions) (*SignIn, error) {
	if opts.ClientFile == "" {
		opts.ClientFile = w.clientFile()
	}
	if opts.Scopes == nil {
		opts.Scopes = []string{"classroom.rosters", coursesRead}
	}
	opts.Getenv = func(name string) string { return w.env[name] }
	opts.Client, opts.Now = w.client, w.now
	if opts.Open == nil {
		opts.Open = func(address string) error {
			status, page, err := w.browse(address)
			if err == nil && (status != 200 || !strings.Contains(page, "may be closed") || strings.Contains(page, "4/")) {
				w.t.Errorf("the last page is %d %s", status, page)
			}
			return err
		}
	}
	return Login(ctx, opts)
}

func TestLogin(t *testing.T) {
	w := open(t, rest.Options{})
	store := &Store{Dir: w.home + "/state/iql", Files: true}
	in, err := w.login(t.Context(), LoginOptions{Store: store, Profile: "district", Hint: owner})
	if err != nil {
		t.Fatal(err)
	}
	want := SignIn{
		Address: owner, ClientID: "77-x.apps.googleusercontent.com", TokenURL: w.url + "/token",
		Scopes: []string{rosters, coursesRead, "email", "openid"}, KeptIn: w.home + "/state/iql/credentials-district.json",
	}
	want.Scopes = wholeScopes(want.Scopes)
	got := *in
	got.When = time.Time{}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(SignIn{})); diff != "" {
		t.Errorf("sign-in (-want +got)\n%s", diff)
	}
	s := w.source(Options{Store: store, Profile: "district"})
	if s.Principal() != owner || s.Kind() != KindUser || s.Delegates() || s.Origin() != in.KeptIn {
		t.Errorf("%v", s)
	}
	if got := w.status(w.token(s, owner, coursesRead)); got != 200 {
		t.Errorf("Classroom answers %d", got)
	}
	// The store knows what was granted.
	e := w.refused(s, owner, courses)
	check(t, e, provider.PermissionDenied, "classroom.courses")

	if err := Revoke(t.Context(), w.client, in); err != nil {
		t.Errorf("Revoke: %v", err)
	}
	check(t, w.refused(w.source(Options{Auth: "login", Store: store, Profile: "district"}), owner, rosters),
		provider.Unauthenticated, "expired or revoked", "iql auth login")
	if err := Revoke(t.Context(), w.client, in); provider.CodeOf(err) != provider.Unavailable {
		t.Errorf("Revoke once more: %v", err)
	}
	if err := store.Delete("district"); err != nil {
		t.Errorf("Delete: %v", err)
	}
	check(t, w.fails(Options{Auth: "login", Store: store, Profile: "district"}), provider.Unauthenticated, "profile district: nobody is signed in", "iql auth login")
	if err := store.Delete("district"); err != ErrNoSignIn {
		t.Errorf("Delete once more: %v", err)
	}
	if _, err := w.login(t.Context(), LoginOptions{Store: store, Hint: owner}); err != nil {
		t.Fatalf("sign in again: %v", err)
	}
	w.token(w.source(Options{Auth: "login", Store: store}), owner, rosters)
}

// TestLoginOfNobody lets the page choose who signs in.
func TestLoginOfNobody(t *testing.T) {
	w := open(t, rest.Options{})
	in, err := w.login(t.Context(), LoginOptions{Store: &Store{Dir: w.home, Files: true}})
	if err != nil || in.Address != admin {
		t.Fatalf("Login = %v, %v", in, err)
	}
}

// TestStrangers has others come to the listener before the answer does, and
// after it.
func TestStrangers(t *testing.T) {
	w := open(t, rest.Options{})
	statuses := map[string]int{}
	visit := func(name, address string) {
		status, page, err := w.browse(address)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(page, "evil") || strings.Contains(page, "script") {
			t.Errorf("%s: the page is %s", name, page)
		}
		statuses[name] = status
	}
	_, err := w.login(t.Context(), LoginOptions{Store: &Store{Dir: w.home, Files: true}, Open: func(address string) error {
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		q := u.Query()
		if q.Get("access_type") != "offline" || q.Get("prompt") != "consent" || q.Get("code_challenge_method") != "S256" || len(q.Get("state")) < 43 {
			t.Errorf("the address is %s", address)
		}
		back := q.Get("redirect_uri")
		if !strings.HasPrefix(back, "http://127.0.0.1:") {
			t.Errorf("the browser comes back to %s", back)
		}
		visit("no state", back+"?code=evil")
		visit("wrong state", back+"?code=evil&state=evil")
		visit("wrong error", back+"?error=access_denied&state="+q.Get("state")+"x")
		visit("another page", back+"favicon.ico?state="+q.Get("state"))
		resp, err := w.client.PostForm(back, url.Values{"state": {q.Get("state")}, "code": {"evil"}})
		if err != nil {
			return err
		}
		statuses["post"] = resp.StatusCode
		_ = resp.Body.Close()
		visit("the answer", address)
		visit("second answer", back+"?code=evil&state="+q.Get("state"))
		return nil
	}})
	if err != nil {
		t.Errorf("Login: %v", err)
	}
	want := map[string]int{"no state": 400, "wrong state": 400, "wrong error": 400, "another page": 404, "post": 404, "the answer": 200, "second answer": 409}
	if diff := cmp.Diff(want, statuses); diff != "" {
		t.Errorf("statuses (-want +got)\n%s", diff)
	}
}

func TestLoginFails(t *testing.T) {
	w := open(t, rest.Options{})
	store := &Store{Dir: w.home, Files: true}
	back := func(more string) func(string) error { // answers as Google's page might
		return func(address string) error {
			u, err := url.Parse(address)
			if err != nil {
				return err
			}
			_, _, err = w.browse(u.Query().Get("redirect_uri") + "?state=" + u.Query().Get("state") + more)
			return err
		}
	}
	web := w.write("web.json", object{"web": object{"client_id": "c", "client_secret": "GOCSPX-s"}})
	plain := w.write("plain.json", object{"installed": object{"client_id": "c", "auth_uri": "http://accounts.example/auth"}})
	for _, c := range []struct {
		name  string
		opts  LoginOptions
		code  provider.Code
		words []string
	}{
		{"denied", LoginOptions{Hint: "nobody@dom.edu"}, provider.Unauthenticated, []string{"refused", "access_denied"}},
		{"another error", LoginOptions{Open: back("&error=admin_policy_enforced&error_description=by%1b+policy")}, provider.Unauthenticated, []string{"admin_policy_enforced: by policy"}},
		{"no code", LoginOptions{Open: back("")}, provider.Unauthenticated, []string{"no code"}},
		{"another code", LoginOptions{Open: back("&code=4/other")}, provider.Unauthenticated, []string{"Malformed auth code."}},
		{"no browser", LoginOptions{Open: func(string) error { return errors.New("no browser") }}, provider.Unauthenticated, []string{"no browser"}},
		{"no file", LoginOptions{ClientFile: w.home + "/none"}, provider.Unauthenticated, []string{w.home + "/none"}},
		{"a web client", LoginOptions{ClientFile: web}, provider.InvalidArgument, []string{"desktop app"}},
		{"plain text", LoginOptions{ClientFile: plain}, provider.InvalidArgument, []string{"plain text"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opts.Store = store
			in, err := w.login(t.Context(), c.opts)
			e, ok := errors.AsType[*provider.Error](err)
			if !ok {
				t.Fatalf("Login = %v, %v", in, err)
			}
			check(t, e, c.code, c.words...)
		})
	}
	if _, err := store.Load(DefaultProfile); err != ErrNoSignIn {
		t.Errorf("something is kept: %v", err)
	}
	check(t, func() *provider.Error {
		_, err := Login(t.Context(), LoginOptions{Store: store})
		e, _ := errors.AsType[*provider.Error](err)
		return e
	}(), provider.InvalidArgument, "--client")
}

// TestLoginWaits waits for a person who does not come.
func TestLoginWaits(t *testing.T) {
	w := open(t, rest.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	address := ""
	_, err := w.login(ctx, LoginOptions{Store: &Store{Dir: w.home, Files: true}, Open: func(a string) error { address = a; return nil }})
	if err != context.DeadlineExceeded {
		t.Errorf("Login = %v, want the context's error", err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err := http.Get(u.Query().Get("redirect_uri")); err == nil {
		_ = resp.Body.Close()
		t.Error("the listener is still there")
	}
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}

func skipOnWindows(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("files have no mode here")
	}
}
