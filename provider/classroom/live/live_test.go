package live_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/backendtest"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
	"github.com/iql-lang/iql/provider/classroom/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service, and a client of it.
type world struct {
	store    *emulator.Store
	server   *rest.Server
	endpoint string
	client   *live.Client
	http     *http.Client // for what is the emulator's own
}

// As implements [backendtest.Harness].
func (w *world) As(_ *testing.T, email string) classroom.Backend { return w.client.As(email) }

// open serves a school, and returns a client of it. Its endpoint is the
// server's.
func open(t testing.TB, school string, of rest.Options, opts live.Options) *world {
	t.Helper()
	w := house(t, school, of)
	w.serve(t, httptest.NewServer(w.server))
	opts.Endpoint = w.endpoint
	w.client = dial(t, opts)
	return w
}

// openPiped does so over pipes, for a test in a bubble: time passes there when all
// wait, so that no answer is late that is not meant to be.
func openPiped(t testing.TB, school string, of rest.Options, opts live.Options) *world {
	t.Helper()
	w, pipes := house(t, school, of), backendtest.NewPipes()
	w.serve(t, live.ServePiped(pipes, w.server))
	opts.Endpoint = w.endpoint
	w.client = dial(t, opts)
	w.client.Through(pipes)
	return w
}

// house returns a school that nobody asks yet.
func house(t testing.TB, school string, of rest.Options) *world {
	t.Helper()
	seed, err := emulator.ReadSchool("school.yaml", strings.NewReader(school))
	if err != nil {
		t.Fatal(err)
	}
	store, err := emulator.Open(t.Context(), emulator.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return &world{store: store, server: rest.New(store, of)}
}

// serve has a server be that of the world.
func (w *world) serve(t testing.TB, front *httptest.Server) {
	t.Cleanup(front.Close)
	t.Cleanup(func() { _ = w.server.Close() }) // before front, which waits for what hangs
	w.http, w.endpoint = front.Client(), front.URL
}

// dial returns a client that the test closes.
func dial(t testing.TB, opts live.Options) *live.Client {
	t.Helper()
	client, err := live.New(opts)
	if err != nil {
		t.Fatalf("New(%q) = %v", opts.Endpoint, err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestBackend(t *testing.T) {
	t.Parallel()
	backendtest.Run(t, func(t *testing.T, school string) backendtest.Harness {
		return open(t, school, rest.Options{}, live.Options{Rate: -1})
	})
}

// TestScopeMissing has a token that may read only.
func TestScopeMissing(t *testing.T) {
	t.Parallel()
	w := open(t, school(0), rest.Options{}, live.Options{})
	form := url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"},
		"assertion":  {assertion(w.client.Endpoint(), owner, "https://www.googleapis.com/auth/classroom.rosters.readonly")},
	}
	resp, err := http.PostForm(w.client.Endpoint()+"token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var granted struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&granted); err != nil || granted.AccessToken == "" {
		t.Fatalf("POST /token = %s, %v", resp.Status, err)
	}
	client := dial(t, live.Options{Endpoint: w.client.Endpoint(), Tokens: fixed(granted.AccessToken)})
	if _, err := client.As(owner).GetInvitation(t.Context(), "MTAx"); err != nil {
		t.Errorf("GetInvitation = %v", err)
	}
	err = client.As(owner).DeleteInvitation(t.Context(), "MTAx")
	e, ok := errors.AsType[*provider.Error](err)
	if want := []string{"https://www.googleapis.com/auth/classroom.rosters"}; !ok || e.Code != provider.PermissionDenied ||
		!slices.Equal(e.Scopes, want) || e.Caller != owner {
		t.Errorf("DeleteInvitation = %+v, want the scope that is missing", err)
	}
	http.DefaultClient.CloseIdleConnections()
}

// fixed are tokens of one.
type fixed string

func (f fixed) Token(context.Context, string, []string) (string, error) { return string(f), nil }
func (fixed) Forget(string, string)                                     {}

// assertion is what a service account would sign.
func assertion(endpoint, sub, scope string) string {
	encode := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			panic(err) // strings and numbers only
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	now := time.Now().Unix()
	return encode(map[string]string{"alg": "RS256", "typ": "JWT"}) + "." + encode(map[string]any{
		"iss": "iql@project.iam.gserviceaccount.com", "sub": sub, "scope": scope, "aud": endpoint + "token",
		"iat": now, "exp": now + 3600,
	}) + "." + base64.RawURLEncoding.EncodeToString([]byte("signed"))
}

// BenchmarkList reads 500 invitations, a page.
func BenchmarkList(b *testing.B) {
	w := open(b, school(500), rest.Options{}, live.Options{Rate: -1})
	b.ReportAllocs()
	for b.Loop() {
		page, _, err := w.client.As(admin).ListInvitations(b.Context(), classroom.InvitationQuery{CourseID: "102", Page: classroom.Page{Size: 500}})
		if err != nil || len(page) != 500 {
			b.Fatalf("%d invitations, %v", len(page), err)
		}
	}
}

// BenchmarkGet reads one.
func BenchmarkGet(b *testing.B) {
	w := open(b, school(0), rest.Options{}, live.Options{Rate: -1})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.client.As(admin).GetInvitation(b.Context(), "MTAx"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFanOut makes 1,000 calls at once of a service that is 50 ms away. The
// ideal is that of as many requests as are in flight, one after another.
func BenchmarkFanOut(b *testing.B) {
	const calls, inFlight, latency = 1000, 32, 50 * time.Millisecond
	for name, batch := range map[string]int{"alone": -1, "batched": 0} {
		b.Run(name, func(b *testing.B) {
			w := open(b, school(calls), rest.Options{Latency: rest.Latency{Mean: latency}}, live.Options{Rate: -1, InFlight: inFlight, Batch: batch})
			for b.Loop() {
				var g errgroup.Group
				for i := range calls {
					g.Go(func() error {
						page, _, err := w.client.As(admin).ListInvitations(b.Context(), classroom.InvitationQuery{UserID: fmt.Sprintf("p%d@dom.edu", i)})
						return want(err, page, func() bool { return len(page) == 1 && page[0].ID == fmt.Sprintf("P%d", i) })
					})
				}
				if err := g.Wait(); err != nil {
					b.Fatal(err)
				}
			}
			ideal := latency * calls / inFlight
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(ideal), "of-ideal")
			b.ReportMetric(float64(w.server.Stats().HTTPRequests)/float64(b.N), "requests/op")
		})
	}
}
