package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// call runs iql in this process, on a school in memory.
func call(ctx context.Context, stdin io.Reader, stdout io.Writer, args ...string) (code int, stderr string) {
	var errs bytes.Buffer
	code = Main(ctx, Env{
		Args: args,
		Getenv: func(name string) string {
			return map[string]string{"IQL_BACKEND": "mock:memory", "IQL_SEED": "empty"}[name]
		},
		Stdin:  stdin,
		Stdout: stdout,
		Stderr: &errs,
	})
	return code, errs.String()
}

func TestQueryMayBeginWithComment(t *testing.T) {
	for _, query := range []string{"-- one\nSELECT 1 AS a", "--\nSELECT 1 AS a", "--\t\nSELECT 1 AS a"} {
		var out bytes.Buffer
		code, stderr := call(t.Context(), strings.NewReader(""), &out, "exec", "-o", "csv", query)
		if code != 0 || out.String() != "a\n1\n" {
			t.Errorf("iql exec %q: exit code %d, %q, %q", query, code, out.String(), stderr)
		}
	}
}

func TestByteOrderMark(t *testing.T) {
	var out bytes.Buffer
	code, stderr := call(t.Context(), strings.NewReader("\ufeffSELECT 1 AS a"), &out, "exec", "-o", "csv")
	if code != 0 || out.String() != "a\n1\n" {
		t.Errorf("exit code %d, %q, %q", code, out.String(), stderr)
	}
}

// blanks is a reader of n blanks.
type blanks int

func (b *blanks) Read(p []byte) (int, error) {
	n := copy(p, bytes.Repeat([]byte{' '}, min(len(p), int(*b))))
	if n == 0 {
		return 0, io.EOF
	}
	*b -= blanks(n)
	return n, nil
}

func TestInputIsBounded(t *testing.T) {
	in := blanks(maxInput + 1)
	code, stderr := call(t.Context(), &in, io.Discard, "exec")
	want := "error: <stdin> is longer than 64 MB\n  hint: split it into several files\n"
	if code != 2 || stderr != want {
		t.Errorf("exit code %d, %q, want 2, %q", code, stderr, want)
	}
}

// failing is a stream whose writes fail.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestOutputFails(t *testing.T) {
	full := errors.New("disk full")
	tests := []struct {
		name   string
		err    error
		args   []string
		code   int
		stderr string
	}{
		{"rows", full, []string{"exec", "SELECT 1"}, 1, "error: write to standard output: disk full\n"},
		{"rows, reader gone", syscall.EPIPE, []string{"exec", "SELECT 1"}, 141, ""},
		{"text", full, []string{"version"}, 1, "error: write to standard output: disk full\n"},
		{"text, reader gone", syscall.EPIPE, []string{"docs"}, 141, ""},
		{"script, reader gone", syscall.EPIPE, []string{"completion", "bash"}, 141, ""},
		{"bare", full, nil, 1, "error: write to standard output: disk full\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, stderr := call(t.Context(), strings.NewReader(""), failing{tt.err}, tt.args...)
			if code != tt.code || stderr != tt.stderr {
				t.Errorf("iql %q: exit code %d, %q, want %d, %q", tt.args, code, stderr, tt.code, tt.stderr)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, stderr := call(ctx, strings.NewReader(""), io.Discard, "exec", "SELECT 1", "SELECT 2")
	if code != 130 || !strings.HasPrefix(stderr, "error: stopped\n") {
		t.Errorf("exit code %d, %q, want 130", code, stderr)
	}
}

func TestThousands(t *testing.T) {
	tests := map[int]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"}
	for n, want := range tests {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	tests := map[time.Duration]string{
		0: "0 ms", 143 * time.Millisecond: "143 ms", 1234 * time.Millisecond: "1.2 s", 68 * time.Second: "1m8s",
	}
	for d, want := range tests {
		if got := duration(d); got != want {
			t.Errorf("duration(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestBuildString(t *testing.T) {
	tests := []struct {
		build
		want string
	}{
		{build{Version: "v1.2.3", Go: "go1.26.0", OS: "linux", Arch: "amd64"}, "iql v1.2.3 go1.26.0 linux/amd64"},
		{
			build{Version: "v1.2.3", Revision: "0a1b2c3d4e5f6a7b", Time: "2026-01-02T15:04:05Z", Modified: true, Go: "go1.26.0", OS: "linux", Arch: "arm64"},
			"iql v1.2.3 (0a1b2c3d4e5f 2026-01-02T15:04:05Z, modified) go1.26.0 linux/arm64",
		},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.build.String()); diff != "" {
			t.Errorf("String() of %+v (-want +got):\n%s", tt.build, diff)
		}
	}
}

func TestParseAge(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"": 0, "0d": 0, "30d": 30 * day, "12h": 12 * time.Hour, "-1d": -1, "-1h": -1, "100000d": -1, "d": -1, "30": -1, "soon": -1,
	} {
		got, err := parseAge(text)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("parseAge(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}
