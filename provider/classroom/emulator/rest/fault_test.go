package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

func logTo(b *bytes.Buffer) *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }

func TestParseFault(t *testing.T) {
	for _, text := range []string{
		"invitations.list=503:2", "invitations.create=429:0.1", "*=500", "courses.students.list=reset:1",
		"token=401", "batch=lost:1", "discovery=malformed", "directory.users.get=hang:1.0", "*=disabled:2",
	} {
		f, err := rest.ParseFault(text)
		if err != nil || f.String() != text {
			t.Errorf("ParseFault(%q) = %v, %v", text, f, err)
		}
	}
	for text, want := range map[string]string{
		"":                          "is not like",
		"invitation.list=503":       "did you mean invitations.list?",
		"invitations.list=200":      "from 400 to 599",
		"invitations.list=rest":     "reset, lost",
		"invitations.list=503:0":    "no number of requests",
		"invitations.list=503:1.5":  "no rate",
		"invitations.list=503:0.0":  "no rate",
		"invitations.list=503:many": "no number",
	} {
		if f, err := rest.ParseFault(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseFault(%q) = %v, %v, want an error with %q", text, f, err, want)
		}
	}
}

func TestParseLatency(t *testing.T) {
	for text, want := range map[string]rest.Latency{
		"":            {},
		"50ms":        {Mean: 50 * time.Millisecond},
		"50ms±20ms":   {Mean: 50 * time.Millisecond, Spread: 20 * time.Millisecond},
		"1s+-1500us":  {Mean: time.Second, Spread: 1500 * time.Microsecond},
		"50ms±20ms±1": {Mean: -1},
		"-1s":         {Mean: -1},
		"soon":        {Mean: -1},
	} {
		got, err := rest.ParseLatency(text)
		if want.Mean < 0 && err == nil || want.Mean >= 0 && (err != nil || got != want) {
			t.Errorf("ParseLatency(%q) = %v, %v, want %v", text, got, err, want)
		}
		if again, err := rest.ParseLatency(got.String()); err != nil || again != got {
			t.Errorf("ParseLatency(%q) = %v, %v, want %v", got.String(), again, err, got)
		}
	}
}

// TestFaults ends connections in each of the ways that there are.
func TestFaults(t *testing.T) {
	w := open(t, rest.Options{}, crowd(20), waiting(20))
	list := "/v1/invitations?courseId=101"
	get := func(t *testing.T) (string, error) {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, w.url+list, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+owner)
		resp, err := w.http.Do(req)
		if err != nil {
			return "", err
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		return string(text), err
	}
	set := func(fault string) {
		w.run([]request{{do: "POST /_emulator/faults", body: `{"faults": ["` + fault + `"]}`, want: "200"}})
	}

	set("invitations.list=reset")
	if text, err := get(t); !errors.Is(err, io.ErrUnexpectedEOF) || !strings.HasPrefix(text, "{") {
		t.Errorf("reset: %q, %v, want the beginning and an unexpected end", text, err)
	}
	set("invitations.list=malformed")
	if text, err := get(t); err != nil || json.Valid([]byte(text)) {
		t.Errorf("malformed: %q, %v, want no JSON", text, err)
	}
	for _, status := range []string{"502", "504"} {
		set("invitations.list=" + status)
		w.run([]request{{as: owner, do: "GET " + list, want: status, head: "Content-Type: text/html"}})
	}
	set("invitations.list=418")
	w.run([]request{{as: owner, do: "GET " + list, want: "418 UNKNOWN I'm a teapot"}})

	set("invitations.create=lost:1")
	resp, err := w.http.Post(w.url+"/v1/invitations?access_token="+owner, "application/json",
		strings.NewReader(invite("101", "5", "STUDENT")))
	if err == nil {
		resp.Body.Close()
		t.Error("lost: there is an answer")
	}
	w.run([]request{{as: owner, do: create, body: invite("101", "5", "STUDENT"), want: exists}})

	set("batch=503:1")
	a := w.postBatch(owner, []string{part("", "GET "+list, "", "")})
	w.check(request{do: "batch", want: "503 UNAVAILABLE …"}, a)
}

// TestHang has a client that leaves, and a server that is closed.
func TestHang(t *testing.T) {
	w := open(t, rest.Options{Faults: []rest.Fault{{Method: "invitations.accept", Kind: rest.Hang}}})
	ctx, cancel := context.WithCancel(context.Background())
	hangs := make(chan error)
	post := func(ctx context.Context) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/v1/invitations/x:accept", nil)
		if err == nil {
			var resp *http.Response
			if resp, err = w.http.Do(req); err == nil {
				err = resp.Body.Close()
			}
		}
		hangs <- err
	}
	go post(ctx)
	for w.server.Stats().MaxInFlight == 0 { // until it has come
		select {
		case err := <-hangs:
			t.Fatalf("it does not hang: %v", err)
		default:
		}
	}
	cancel()
	if err := <-hangs; !errors.Is(err, context.Canceled) {
		t.Errorf("client left: %v", err)
	}
	go post(context.Background())
	if err := w.server.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-hangs; err == nil {
		t.Error("closed: there is an answer")
	}
}

// TestLatency waits once for a request, and once for a batch.
func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, err := emulator.Open(t.Context(), emulator.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		l := rest.Latency{Mean: 50 * time.Millisecond, Spread: 20 * time.Millisecond}
		server := rest.New(store, rest.Options{Latency: l})
		varied := map[time.Duration]bool{}
		for range 20 {
			start := time.Now()
			server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v1/courses", nil))
			d := time.Since(start)
			if d < l.Mean-l.Spread || d > l.Mean+l.Spread {
				t.Errorf("took %v, want %v", d, l)
			}
			varied[d] = true
		}
		if len(varied) < 2 {
			t.Error("every request took the same time")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		start := time.Now()
		server.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/v1/courses", nil).WithContext(ctx))
		if d := time.Since(start); d != time.Millisecond {
			t.Errorf("a client that leaves is kept %v", d)
		}
	})
}

// TestFaultRate strikes the share that it says, and the same requests each
// time.
func TestFaultRate(t *testing.T) {
	var before string
	for range 2 {
		w := open(t, rest.Options{Faults: []rest.Fault{{Method: "*", Status: 503, Rate: 0.25}}})
		var struck strings.Builder
		for range 400 {
			a := w.send(request{as: owner, do: "GET /v1/invitations?courseId=101"})
			struck.WriteString(map[int]string{200: ".", 503: "x"}[a.status])
		}
		if n := strings.Count(struck.String(), "x"); n < 70 || n > 130 {
			t.Errorf("%d of 400 were struck, want about 100", n)
		}
		if before != "" && struck.String() != before {
			t.Errorf("struck %s, before %s", struck.String(), before)
		}
		before = struck.String()
	}
}
