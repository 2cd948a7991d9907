package live_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/backendtest"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
	"github.com/iql-lang/iql/provider/classroom/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service, and a client of it.
type world struct {
	store  *emulator.Store
	server *rest.Server
	client *live.Client
}

// As implements [backendtest.Harness].
func (w *world) As(_ *testing.T, email string) classroom.Backend { return w.client.As(email) }

// open serves a school, and returns a client of it. Its endpoint is the
// server's.
func open(t testing.TB, school string, of rest.Options, opts live.Options) *world {
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
	w := &world{store: store, server: rest.New(store, of)}
	front := httptest.NewServer(w.server)
	t.Cleanup(front.Close)
	t.Cleanup(func() { _ = w.server.Close() }) // before front, which waits for what hangs
	opts.Endpoint = front.URL
	w.client = dial(t, opts)
	return w
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
