package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/iql-lang/iql/sqlengine"
)

// heard is a writer that calls a function when a text has been written.
type heard struct {
	mu   sync.Mutex
	b    bytes.Buffer
	text string
	then func()
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n, err := h.b.Write(p)
	if strings.Contains(h.b.String(), h.text) {
		h.then()
	}
	return n, err
}

// TestLoginStops has somebody give up while the page is open.
func TestLoginStops(t *testing.T) {
	client := filepath.Join(t.TempDir(), "client.json")
	if err := os.WriteFile(client, []byte(`{"installed":{"client_id":"1-x","client_secret":"SECRET"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out bytes.Buffer
	stderr := &heard{text: "https://accounts.google.com/", then: cancel}
	env := map[string]string{"HOME": t.TempDir(), "IQL_KEYRING": "off"}
	code := Main(ctx, Env{
		Args:   []string{"auth", "login", "--no-browser", "--client", client},
		Getenv: func(name string) string { return env[name] },
		Stdin:  strings.NewReader(""), Stdout: &out, Stderr: stderr,
	})
	if code != sqlengine.ExitInterrupted {
		t.Errorf("exit code %d: %s", code, stderr.b.String())
	}
	if out.Len() > 0 || strings.Contains(stderr.b.String(), "SECRET") {
		t.Errorf("%q and %q", out.String(), stderr.b.String())
	}
}

func TestHasDisplay(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("of Linux")
	}
	for _, tt := range []struct {
		env  map[string]string
		want bool
	}{
		{nil, false},
		{map[string]string{"DISPLAY": ":0"}, true},
		{map[string]string{"WAYLAND_DISPLAY": "wayland-0"}, true},
		{map[string]string{"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}, false},
	} {
		if got := hasDisplay(func(name string) string { return tt.env[name] }); got != tt.want {
			t.Errorf("hasDisplay(%v) = %v", tt.env, got)
		}
	}
}
