package credentials

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// TestKinds makes a token of credentials of each kind, and calls Classroom or
// Google's cloud with it.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		name      string
		given     func(w *world) Options
		subject   string
		kind      string
		principal string
		delegates bool
		status    int // of Classroom
	}{
		{"key", func(w *world) Options {
			return Options{Credentials: w.write("key.json", w.key(signer()))}
		}, owner, KindServiceAccount, robot, true, 200},
		{"key by --auth", func(w *world) Options {
			return Options{Auth: "@" + w.write("key.json", w.key(signer()))}
		}, owner, KindServiceAccount, robot, true, 200},
		{"key at home", func(w *world) Options {
			w.write("sub/key.json", w.key(signer()))
			return Options{Auth: "~/sub/key.json"}
		}, owner, KindServiceAccount, robot, true, 200},
		{"key in a variable", func(w *world) Options {
			w.set("GOOGLE_APPLICATION_CREDENTIALS", w.write("key.json", w.key(signer())))
			return Options{}
		}, owner, KindServiceAccount, robot, true, 200},
		{"gcloud's file", func(w *world) Options {
			w.write(".config/gcloud/application_default_credentials.json", w.user(admin))
			return Options{}
		}, "", KindUser, admin, false, 200},
		{"gcloud's file elsewhere", func(w *world) Options {
			w.write("cloud/application_default_credentials.json", w.user(admin))
			w.set("CLOUDSDK_CONFIG", w.home+"/cloud")
			return Options{Auth: "adc"}
		}, admin, KindUser, admin, false, 200},
		{"keyless by gcloud", func(w *world) Options {
			return Options{Credentials: w.write("i.json", w.impersonation(w.user(admin)))}
		}, owner, KindImpersonated, robot, true, 200},
		{"keyless by a key", func(w *world) Options {
			return Options{Credentials: w.write("i.json", w.impersonation(w.key(signer())))}
		}, owner, KindImpersonated, robot, true, 200},
		{"keyless by --auth and a user", func(w *world) Options {
			w.write(".config/gcloud/application_default_credentials.json", w.user(admin))
			return Options{Auth: `{"type": "impersonate", "target": "` + robot + `"}`}
		}, owner, KindImpersonated, robot, true, 200},
		{"keyless by --auth and a file", func(w *world) Options {
			return Options{Auth: `{"type": "impersonate", "target": "` + robot + `", "delegates": ["x@p.iam.gserviceaccount.com"], "credentials": "` +
				w.write("u.json", w.user(admin)) + `"}`}
		}, owner, KindImpersonated, robot, true, 200},
		{"keyless by the machine", func(w *world) Options {
			w.set("GCE_METADATA_HOST", w.url[len("http://"):])
			return Options{Auth: `{"type": "impersonate", "target": "` + robot + `"}`}
		}, owner, KindImpersonated, robot, true, 200},
		{"keyless by another cloud", func(w *world) Options {
			w.set("GOOGLE_APPLICATION_CREDENTIALS", w.write("e.json", w.external()))
			return Options{Auth: `{"type": "impersonate", "target": "` + robot + `"}`}
		}, owner, KindImpersonated, robot, true, 200},
		{"another cloud with a service account", func(w *world) Options {
			e := w.external()
			e["service_account_impersonation_url"] = w.url + "/v1/projects/-/serviceAccounts/" + robot + ":generateAccessToken"
			return Options{Credentials: w.write("e.json", e)}
		}, owner, KindExternal, robot, true, 200},
		{"another cloud", func(w *world) Options {
			return Options{Credentials: w.write("e.json", w.external())}
		}, "", KindExternal, "", false, 200},
		{"the machine", func(w *world) Options {
			w.set("GCE_METADATA_HOST", w.url[len("http://"):])
			return Options{}
		}, "", KindMetadata, "default@emulator.iam.gserviceaccount.com", false, 401}, // which is no user of Classroom
		{"a token", func(w *world) Options {
			w.set("GOOGLE_OAUTH_ACCESS_TOKEN", owner)
			return Options{}
		}, "", KindToken, "", false, 200},
		{"StackQL's key", func(w *world) Options {
			return Options{Auth: `{"googleworkspace": {"type": "service_account", "credentialsfilepath": "` + w.write("key.json", w.key(signer())) + `"}}`}
		}, owner, KindServiceAccount, robot, true, 200},
		{"StackQL's interactive", func(w *world) Options {
			w.write(".config/gcloud/application_default_credentials.json", w.user(admin))
			return Options{Auth: `{"google": {"type": "interactive"}}`, Store: &Store{Dir: w.home, Files: true}}
		}, "", KindUser, admin, false, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, rest.Options{AssertionKey: &signer().PublicKey})
			s := w.source(c.given(w))
			if s.Kind() != c.kind || s.Principal() != c.principal || s.Delegates() != c.delegates {
				t.Errorf("%s of %q, delegates %t; want %s of %q, %t", s.Kind(), s.Principal(), s.Delegates(), c.kind, c.principal, c.delegates)
			}
			token := w.token(s, c.subject, coursesRead)
			if got := w.status(token); got != c.status {
				t.Errorf("Classroom answers %d, want %d", got, c.status)
			}
			if again := w.token(s, c.subject, coursesRead); again != token {
				t.Error("the second token is another")
			}
			if s.Skew() != 0 {
				t.Errorf("skew %s", s.Skew())
			}
			if _, err := os.Stat(s.Origin()); err != nil && s.Kind() != KindToken && s.Kind() != KindMetadata && !s.Delegates() {
				t.Errorf("origin: %v", err)
			}
		})
	}
}

// TestOrder takes one place away after the other.
func TestOrder(t *testing.T) {
	w := open(t, rest.Options{})
	file := w.write("a.json", w.user("a@dom.edu"))
	variable := w.write("b.json", w.user("b@dom.edu"))
	w.set("GOOGLE_APPLICATION_CREDENTIALS", variable)
	w.set("GOOGLE_OAUTH_ACCESS_TOKEN", "c@dom.edu")
	wellKnown := w.write(".config/gcloud/application_default_credentials.json", w.user("e@dom.edu"))
	w.set("GCE_METADATA_HOST", w.url[len("http://"):])
	store := &Store{Dir: w.home, Files: true}
	in := &SignIn{ClientID: "c", TokenURL: w.url + "/token", secret: hide("s", "d@dom.edu")}
	kept, err := store.Save("district", in)
	if err != nil {
		t.Fatal(err)
	}
	from := func(opts Options) string { return w.source(opts).Origin() }
	opts := Options{Credentials: file, Store: store, Profile: "district"}
	var got []string
	got = append(got, from(opts))
	opts.Credentials = ""
	got = append(got, from(opts))
	w.set("GOOGLE_APPLICATION_CREDENTIALS", "")
	got = append(got, from(opts))
	w.set("GOOGLE_OAUTH_ACCESS_TOKEN", "")
	got = append(got, from(opts))
	opts.Profile = ""
	got = append(got, from(opts))
	w.set("HOME", "")
	got = append(got, from(opts))
	want := []string{file, variable, "GOOGLE_OAUTH_ACCESS_TOKEN", kept, wellKnown, "the metadata server " + w.url[len("http://"):]}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("origins (-want +got)\n%s", diff)
	}
	w.set("GCE_METADATA_HOST", "")
	check(t, w.fails(opts), provider.Unauthenticated, "iql has no credentials", "iql auth login", "iql docs auth")
}

func TestRefusals(t *testing.T) {
	delegated := rest.Options{AssertionKey: &signer().PublicKey, DelegatedScopes: []string{"classroom.rosters", "classroom.courses.readonly"}}
	key := func(w *world) Options { return Options{Credentials: w.write("key.json", w.key(signer()))} }
	user := func(w *world) Options { return Options{Credentials: w.write("u.json", w.user(owner))} }
	for _, c := range []struct {
		name    string
		given   func(w *world) Options
		opts    rest.Options
		subject string
		scopes  []string
		code    provider.Code
		words   []string
	}{
		{
			name: "scopes that are not delegated", given: key, opts: delegated, subject: owner, scopes: []string{rosters, courses},
			code: provider.Unauthenticated, words: []string{
				robot + " is not allowed to act as " + owner, "classroom.courses, classroom.rosters",
				"client ID 1234567890", courses + "," + rosters, "Manage domain-wide delegation",
			},
		},
		{name: "a user that there is not", given: key, opts: delegated, subject: "nobody@dom.edu", scopes: []string{rosters}, code: provider.PermissionDenied, words: []string{"nobody@dom.edu", "Invalid email or User ID"}},
		{name: "a user who is suspended", given: key, opts: delegated, subject: off, scopes: []string{rosters}, code: provider.PermissionDenied, words: []string{off, "suspended"}},
		{name: "nobody", given: key, opts: delegated, scopes: []string{rosters}, code: provider.Unauthenticated, words: []string{"--as"}},
		{
			name: "another key", opts: delegated, subject: owner, scopes: []string{rosters},
			given: func(w *world) Options { return Options{Credentials: w.write("key.json", w.key(other()))} },
			code:  provider.Unauthenticated, words: []string{"Invalid JWT Signature.", robot, "make a new key"},
		},
		{name: "another user", given: user, subject: admin, scopes: []string{rosters}, code: provider.Unauthenticated, words: []string{"these credentials can't act as a@dom.edu: they are of o@dom.edu", "domain-wide delegation needs a service account"}},
		{
			name: "a sign-in that has ended", scopes: []string{rosters},
			given: func(w *world) Options { return Options{Credentials: w.write("u.json", w.user("1//gone"))} },
			code:  provider.Unauthenticated, words: []string{"are not taken", "gcloud auth application-default login"},
		},
		{
			name: "a base that is suspended", subject: owner, scopes: []string{rosters},
			given: func(w *world) Options { return Options{Credentials: w.write("i.json", w.impersonation(w.user(off)))} },
			code:  provider.Unauthenticated, words: []string{off, "gcloud auth"},
		},
		{
			name: "a service that is down", given: key, subject: owner, scopes: []string{rosters},
			opts: rest.Options{Faults: []rest.Fault{{Method: "token", Status: 503}}}, code: provider.Unavailable, words: []string{"503"},
		},
		{
			name: "a service that is busy", given: key, subject: owner, scopes: []string{rosters},
			opts: rest.Options{Faults: []rest.Fault{{Method: "token", Status: 429}}}, code: provider.Unavailable, words: []string{"429"},
		},
		{
			name: "an answer that is lost", given: key, subject: owner, scopes: []string{rosters},
			opts: rest.Options{Faults: []rest.Fault{{Method: "token", Kind: rest.Lost}}}, code: provider.Unavailable,
		},
		{
			name: "half an answer", given: key, subject: owner, scopes: []string{rosters},
			opts: rest.Options{Faults: []rest.Fault{{Method: "token", Kind: rest.Malformed}}}, code: provider.Internal,
		},
		{
			name: "an answer that ends early", given: user, scopes: []string{rosters},
			opts: rest.Options{Faults: []rest.Fault{{Method: "token", Kind: rest.Reset}}}, code: provider.Unavailable,
		},
		{
			name: "one who may not sign", subject: owner, scopes: []string{rosters},
			given: func(w *world) Options { return Options{Credentials: w.write("i.json", w.impersonation(w.user(admin)))} },
			opts:  rest.Options{Faults: []rest.Fault{{Method: "signJwt", Status: 403}}},
			code:  provider.Unauthenticated, words: []string{admin + " may not sign for " + robot, "roles/iam.serviceAccountTokenCreator"},
		},
		{
			name: "a signer that is down", subject: owner, scopes: []string{rosters},
			given: func(w *world) Options { return Options{Credentials: w.write("i.json", w.impersonation(w.user(admin)))} },
			opts:  rest.Options{Faults: []rest.Fault{{Method: "signJwt", Status: 503}}}, code: provider.Unavailable,
		},
		{
			name: "another cloud that is not trusted", scopes: []string{rosters},
			given: func(w *world) Options {
				o := Options{Credentials: w.write("e.json", w.external())}
				w.write("subject", "eyJ")
				return o
			},
			code: provider.Unauthenticated, words: []string{"are not taken", "not an e-mail address"},
		},
		{
			name: "another cloud that says nothing", scopes: []string{rosters},
			given: func(w *world) Options {
				e := w.external()
				e["credential_source"] = object{"file": w.home + "/none"}
				return Options{Credentials: w.write("e.json", e)}
			},
			code: provider.Unauthenticated, words: []string{"e.json", "/none"},
		},
		{
			name: "keyless with scopes that are not delegated", subject: owner, scopes: []string{courses}, opts: delegated,
			given: func(w *world) Options { return Options{Credentials: w.write("i.json", w.impersonation(w.user(admin)))} },
			code:  provider.Unauthenticated, words: []string{"the unique ID of " + robot, courses},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, c.opts)
			s := w.source(c.given(w))
			e := w.refused(s, c.subject, c.scopes...)
			check(t, e, c.code, c.words...)
			if e.Code != provider.Unavailable && errors.Is(e, context.DeadlineExceeded) {
				t.Error("the error looks like the end of the statement")
			}
		})
	}
}

// TestMetadataGone has the metadata server fail after it was found.
func TestMetadataGone(t *testing.T) {
	w := open(t, rest.Options{})
	w.set("GCE_METADATA_HOST", w.url[len("http://"):])
	s := w.source(Options{Auth: "adc"})
	resp, err := w.client.Post(w.url+"/_emulator/faults", "application/json", strings.NewReader(`{"faults": ["metadata=503"]}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	check(t, w.refused(s, "", rosters), provider.Unavailable, "503")
	check(t, w.fails(Options{Auth: "adc"}), provider.Unauthenticated, "no application default credentials", "gcloud auth")
	w.set("GCE_METADATA_HOST", "evil.example/?")
	check(t, w.fails(Options{}), provider.InvalidArgument, "GCE_METADATA_HOST")
}

// TestBaseExpired has the base's token refused once.
func TestBaseExpired(t *testing.T) {
	w := open(t, rest.Options{Faults: []rest.Fault{{Method: "signJwt", Status: 401, Count: 1}}})
	s := w.source(Options{Credentials: w.write("i.json", w.impersonation(w.user(admin)))})
	w.token(s, owner, rosters)
	if n := w.tokens(); n != 3 {
		t.Errorf("%d tokens were made, want 3: two of the base", n)
	}
	w.token(s, admin, rosters)
	if n := w.tokens(); n != 4 {
		t.Errorf("%d tokens were made, want 4: the base's is kept", n)
	}
}

// TestClock has this machine's clock be wrong.
func TestClock(t *testing.T) {
	w := open(t, rest.Options{AssertionKey: &signer().PublicKey})
	s := w.source(Options{Credentials: w.write("key.json", w.key(signer()))})
	w.pass(2 * time.Hour)
	w.behind = 2 * time.Hour
	e := w.refused(s, owner, rosters)
	check(t, e, provider.Unauthenticated, "the clock of this machine is ", " slow: invalid_grant", "set the clock")
	if late := -s.Skew(); late < 2*time.Hour-time.Minute || late > 2*time.Hour+time.Second {
		t.Errorf("skew %s, want -2h", -late)
	}
	w.behind = -3 * time.Hour
	check(t, w.refused(s, owner, rosters), provider.Unauthenticated, " fast: ")
	// A refresh token ends whatever the clock says.
	u := w.source(Options{Credentials: w.write("u.json", w.user("1//gone"))})
	check(t, w.refused(u, "", rosters), provider.Unauthenticated, "are not taken")
}

// TestNoAnswer has a service that does not answer, and a statement that ends.
func TestNoAnswer(t *testing.T) {
	w := open(t, rest.Options{Faults: []rest.Fault{{Method: "token", Kind: rest.Hang}}})
	for name, file := range map[string]object{"key": w.key(signer()), "user": w.user(owner), "keyless": w.impersonation(w.user(admin))} {
		opts := w.options(Options{Credentials: w.write(name+".json", file)})
		opts.Client = &http.Client{Transport: w.client.Transport, Timeout: 50 * time.Millisecond}
		s, err := Open(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		e := w.refused(s, owner, rosters)
		check(t, e, provider.DeadlineExceeded, "50ms")
		if errors.Is(e, context.DeadlineExceeded) {
			t.Errorf("%s: the error looks like the end of the statement", name)
		}
		opts.Client = w.client
		if s, err = Open(t.Context(), opts); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := s.Token(ctx, owner, []string{rosters}); err != context.DeadlineExceeded {
			t.Errorf("%s: Token = %v, want the context's error", name, err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Token(ended, owner, []string{rosters}); err != context.Canceled {
			t.Errorf("%s: Token = %v, want the context's error", name, err)
		}
	}
}

// TestNobodyThere asks a port that nobody listens at.
func TestNobodyThere(t *testing.T) {
	w := open(t, rest.Options{})
	k := w.key(signer())
	k["token_uri"] = "http://127.0.0.1:1/token"
	e := w.refused(w.source(Options{Credentials: w.write("key.json", k)}), owner, rosters)
	check(t, e, provider.Unavailable, "127.0.0.1:1")
}

func TestGivenToken(t *testing.T) {
	w := open(t, rest.Options{})
	w.set("GOOGLE_OAUTH_ACCESS_TOKEN", " "+owner+"\n")
	s := w.source(Options{Auth: "token"})
	token := w.token(s, "", rosters)
	if token != owner || w.token(s, "", courses) != owner {
		t.Errorf("token %q", token)
	}
	s.Forget("", "another")
	w.token(s, "", rosters)
	s.Forget("", token)
	check(t, w.refused(s, "", rosters), provider.Unauthenticated, "GOOGLE_OAUTH_ACCESS_TOKEN", "cannot be renewed")
	check(t, w.refused(s, owner, rosters), provider.Unauthenticated, "can't act as")
}

func TestScopes(t *testing.T) {
	key := func(w *world) string { return w.write("key.json", w.key(signer())) }
	for _, c := range []struct {
		name       string
		authorised []string
		wanted     []string
		delegated  []string // what Google allows: more is an error
	}{
		{"not known", nil, []string{rostersRead}, []string{"classroom.rosters.readonly"}},
		{"all", []string{"classroom.rosters.readonly", courses}, []string{rostersRead, courses}, []string{"classroom.rosters.readonly", "classroom.courses"}},
		{"some", []string{"classroom.rosters.readonly"}, []string{rostersRead, courses}, []string{"classroom.rosters.readonly"}},
		{"the wider", []string{"classroom.rosters"}, []string{rostersRead, courses}, []string{"classroom.rosters"}},
		{"the wider once", []string{"classroom.rosters"}, []string{rostersRead, rosters}, []string{"classroom.rosters"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, rest.Options{DelegatedScopes: c.delegated})
			w.token(w.source(Options{Credentials: key(w), Scopes: c.authorised}), owner, c.wanted...)
		})
	}
	w := open(t, rest.Options{})
	s := w.source(Options{Credentials: key(w), Scopes: []string{"classroom.rosters.readonly"}})
	e := w.refused(s, owner, rosters)
	check(t, e, provider.PermissionDenied, "classroom.rosters")
	if !slices.Equal(e.Scopes, []string{rosters}) || w.tokens() != 0 {
		t.Errorf("scopes %q after %d requests", e.Scopes, w.tokens())
	}
	s = w.source(Options{Credentials: key(w), Scopes: []string{}})
	check(t, w.refused(s, owner, rosters), provider.PermissionDenied)
}
