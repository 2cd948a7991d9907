package credentials

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

func TestMain(m *testing.M) {
	keyring.MockInit() // no test reaches the keyring of who runs it
	goleak.VerifyTestMain(m)
}

// The people of the school that the tests use.
const (
	admin = "a@dom.edu"
	owner = "o@dom.edu"
	off   = "d@dom.edu"
	robot = "robot@project.iam.gserviceaccount.com"
)

const school = `
domains:
- {name: dom.edu, edition: paid}
users:
- {id: 1, email: a@dom.edu, name: Ann Admin, admin: true}
- {id: 2, email: o@dom.edu, name: Olu Owner}
- {id: 3, email: d@dom.edu, name: Dee Disabled, disabled: true}
courses:
- {id: 101, name: Maths, ownerId: o@dom.edu}
`

// Whole scopes.
const (
	rosters     = scopePrefix + "classroom.rosters"
	rostersRead = rosters + ".readonly"
	courses     = scopePrefix + "classroom.courses"
	coursesRead = courses + ".readonly"
)

// signer is the service account's key, and other another one.
var signer, other = sync.OnceValue(newKey), sync.OnceValue(newKey)

func newKey() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
}

func pemOf(k *rsa.PrivateKey) string {
	text, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: text}))
}

// world is the emulator, an environment and a home folder.
type world struct {
	t      testing.TB
	server *rest.Server
	url    string
	home   string
	client *http.Client

	mu     sync.Mutex
	ahead  time.Duration     // of the clocks
	behind time.Duration     // of iql's clock alone
	env    map[string]string // guarded by mu, as all here
}

func open(t testing.TB, opts rest.Options) *world {
	t.Helper()
	s, err := emulator.ReadSchool("school", strings.NewReader(school))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, home: t.TempDir(), env: map[string]string{}}
	w.env["HOME"] = w.home
	opts.Now = func() time.Time {
		w.mu.Lock()
		defer w.mu.Unlock()
		return time.Now().Add(w.ahead)
	}
	store, err := emulator.Open(context.Background(), emulator.Options{Seed: s, Now: opts.Now})
	if err != nil {
		t.Fatal(err)
	}
	w.server = rest.New(store, opts)
	front := httptest.NewUnstartedServer(nil)
	front.Config = rest.HTTPServer(w.server)
	front.Start()
	w.url, w.client = front.URL, front.Client()
	t.Cleanup(func() {
		front.Close()
		if err := errors.Join(w.server.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.ahead - w.behind)
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

// set sets a variable of the environment.
func (w *world) set(name, value string) { w.env[name] = value }

// write writes a file that others cannot read, of JSON unless it is a text.
func (w *world) write(name string, content any) string {
	w.t.Helper()
	text, ok := content.(string)
	if !ok {
		b, err := json.Marshal(content)
		if err != nil {
			w.t.Fatal(err)
		}
		text = string(b)
	}
	path := filepath.Join(w.home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

type object map[string]any

// key is the file of a service account's key.
func (w *world) key(k *rsa.PrivateKey) object {
	return object{
		"type": "service_account", "client_email": robot, "client_id": "1234567890", "private_key_id": "k1",
		"private_key": pemOf(k), "token_uri": w.url + "/token", "universe_domain": "googleapis.com",
	}
}

// user is a file of gcloud's.
func (w *world) user(address string) object {
	return object{
		"type": "authorized_user", "client_id": "77-x.apps.googleusercontent.com", "client_secret": "GOCSPX-s",
		"refresh_token": address, "account": address, "quota_project_id": "q",
	}
}

// impersonation is a file of gcloud's.
func (w *world) impersonation(source object) object {
	return object{
		"type":                              "impersonated_service_account",
		"service_account_impersonation_url": w.url + "/v1/projects/-/serviceAccounts/" + robot + ":generateAccessToken",
		"source_credentials":                source, "delegates": []string{},
	}
}

// external is a file of workload identity federation.
func (w *world) external() object {
	return object{
		"type": "external_account", "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x",
		"subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "token_url": w.url + "/token",
		"credential_source": object{"file": w.write("subject", admin)},
	}
}

// options completes options for the world.
func (w *world) options(opts Options) Options {
	opts.Getenv = func(name string) string { return w.env[name] }
	opts.Client, opts.Now = w.client, w.now
	opts.TokenURL, opts.IAM = w.url+"/token", w.url
	return opts
}

// source opens credentials.
func (w *world) source(opts Options) *Source {
	w.t.Helper()
	s, err := Open(w.t.Context(), w.options(opts))
	if err != nil {
		w.t.Fatalf("Open: %v", err)
	}
	return s
}

// fails opens credentials that are not.
func (w *world) fails(opts Options) *provider.Error {
	w.t.Helper()
	s, err := Open(w.t.Context(), w.options(opts))
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		w.t.Fatalf("Open = %v, %v, want an error of the provider's", s, err)
	}
	return e
}

// token gets a token.
func (w *world) token(s *Source, subject string, scopes ...string) string {
	w.t.Helper()
	token, err := s.Token(w.t.Context(), subject, scopes)
	if err != nil {
		w.t.Fatalf("Token(%q, %q): %v", subject, scopes, err)
	}
	return token
}

// refused gets no token.
func (w *world) refused(s *Source, subject string, scopes ...string) *provider.Error {
	w.t.Helper()
	token, err := s.Token(w.t.Context(), subject, scopes)
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		w.t.Fatalf("Token(%q, %q) = %q, %v, want an error of the provider's", subject, scopes, token, err)
	}
	return e
}

// status asks for a course with a token.
func (w *world) status(token string) int {
	w.t.Helper()
	return w.get("/v1/courses/101", token)
}

func (w *world) get(path, token string) int {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodGet, w.url+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode
}

// tokens is how many times a token was asked for.
func (w *world) tokens() int { return w.server.Stats().Requests["token"] }

// check checks an error's code and words in its message and hint.
func check(t *testing.T, e *provider.Error, code provider.Code, words ...string) {
	t.Helper()
	all := e.Message + " | " + e.Hint
	if e.Code != code {
		t.Errorf("%s: %s, want %s", e.Code, all, code)
	}
	for _, word := range words {
		if !strings.Contains(all, word) {
			t.Errorf("%q lacks %q", all, word)
		}
	}
}
