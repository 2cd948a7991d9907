package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// emulate starts iql emulate with arguments, and returns its address and a
// function that stops it by a signal and returns what it printed on standard
// error.
func emulate(t *testing.T, args ...string) (address string, stop func(os.Signal) string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "iql", append([]string{"emulate", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(stdout)
	line, err := out.ReadString('\n')
	address, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "listening on ")
	if err != nil || !ok || !strings.HasSuffix(address, "/") {
		t.Fatalf("the first line is %q (%v), want the address", line, err)
	}
	return address, func(sig os.Signal) string {
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		rest, err := io.ReadAll(out)
		if err != nil || len(rest) > 0 {
			t.Errorf("standard output goes on with %q (%v)", rest, err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("iql emulate ended with %v, want exit code 0", err)
		}
		return stderr.String()
	}
}

// get returns what a GET answers, asked by the demo school's admin.
func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer admin@example.edu")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestEmulate(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			address, stop := emulate(t, "-v")
			status, body := get(t, address+"v1/invitations/NjIwMDE1")
			if status != http.StatusOK || !strings.Contains(body, `"courseId": "620015"`) {
				t.Errorf("GET = %d %s, want an invitation to 620015", status, body)
			}
			if log := stop(sig); !strings.Contains(log, "invitations.get") {
				t.Errorf("-v logged %q, want the request", log)
			}
		})
	}
}

// A store that is kept has the changes of the server before, and a synthetic
// school has the size that was asked for.
func TestEmulateStore(t *testing.T) {
	t.Parallel()
	store := t.TempDir() + "/school.db"
	address, stop := emulate(t, "--store", store, "--synthetic", "courses=2,invitations=3,students=1")
	if _, body := get(t, address+"v1/invitations?courseId=100002"); strings.Count(body, `"id"`) != 3 {
		t.Errorf("the course has %s, want 3 invitations", body)
	}
	stop(os.Interrupt)
	address, stop = emulate(t, "--store", store, "--fault", "invitations.list=503:1")
	if status, _ := get(t, address+"v1/invitations?courseId=100002"); status != http.StatusServiceUnavailable {
		t.Errorf("status = %d, want the fault's 503", status)
	}
	if _, body := get(t, address+"v1/invitations?courseId=100002"); strings.Count(body, `"id"`) != 3 {
		t.Errorf("the course has %s, want 3 invitations", body)
	}
	stop(os.Interrupt)
}
