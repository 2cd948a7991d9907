package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// endless is a statement that gives rows until it is stopped.
const endless = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n`

// TestStopped checks what a process does that is stopped in the middle of a
// statement, once its first row has come.
func TestStopped(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	tests := []struct {
		name   string
		stop   func(*os.Process, io.Closer) error
		code   int
		stderr string
	}{
		{"SIGINT", func(p *os.Process, _ io.Closer) error { return p.Signal(os.Interrupt) }, 130, "error: stopped\n"},
		{"SIGTERM", func(p *os.Process, _ io.Closer) error { return p.Signal(syscall.SIGTERM) }, 143, "error: stopped\n"},
		{"SIGHUP", func(p *os.Process, _ io.Closer) error { return p.Signal(syscall.SIGHUP) }, 129, "error: stopped\n"},
		{"SIGHUP again and again", hangUp, 129, "error: stopped\n"},
		{"reader gone", func(_ *os.Process, stdout io.Closer) error { return stdout.Close() }, 141, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			cmd := exec.Command("iql", "exec", "-o", "csv", endless)
			cmd.Stderr = &stderr
			stdout, rows := started(t, cmd)
			for _, want := range []string{"i\n", "1\n"} {
				if got, err := rows.ReadString('\n'); got != want {
					t.Fatalf("a line is %q, %v, want %q", got, err, want)
				}
			}
			if err := tt.stop(cmd.Process, stdout); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, rows) // so that it is not waiting for its reader
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != tt.code || stderr.String() != tt.stderr {
				t.Errorf("exit code %d and %q, want %d and %q", got, stderr.String(), tt.code, tt.stderr)
			}
		})
	}
}

// started starts a command, which does not outlive the test, and returns its standard
// output, and a reader of it.
func started(t *testing.T, cmd *exec.Cmd) (io.Closer, *bufio.Reader) {
	t.Helper()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return stdout, bufio.NewReader(stdout)
}

// hangUp says that the terminal goes away, again and again until the process has ended.
func hangUp(p *os.Process, _ io.Closer) error {
	go func() {
		for p.Signal(syscall.SIGHUP) == nil { // until it is waited for
			runtime.Gosched()
		}
	}()
	return nil
}

// TestNoHangup checks that a process under nohup does not mind SIGHUP.
func TestNoHangup(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	cmd := exec.Command("sh", "-c", `trap '' HUP; exec iql exec -o csv "$1"`, "sh", endless)
	_, rows := started(t, cmd)
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGTERM} {
		if _, err := rows.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = io.Copy(io.Discard, rows)
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 143 {
		t.Errorf("exit code %d, want 143", got)
	}
}

// TestStoppedReading checks what a process does that is stopped while it reads a pipe
// that does not end.
func TestStoppedReading(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	for _, args := range [][]string{
		{"exec", "-i", "pipe"},
		{"run", "pipe"},
		{"fmt", "pipe", "pipe"},
		{"exec", "--iqldata", "pipe", "-i", os.DevNull},
		{"exec", "SELECT * FROM csv('pipe')"},
		{"exec", "-p", "a=@pipe", "SELECT :a"},
		{"run", "reads.iql"},
		{"check", "reads.iql"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			pipe := filepath.Join(dir, "pipe")
			if err := exec.Command("mkfifo", pipe).Run(); err != nil {
				t.Skip(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "reads.iql"), []byte(`\i pipe`), 0o600); err != nil {
				t.Fatal(err)
			}
			var stderr bytes.Buffer
			cmd := exec.Command("iql", args...)
			cmd.Dir, cmd.Stderr = dir, &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = cmd.Process.Kill() })
			w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits for the reader
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != 130 || stderr.String() != "error: stopped\n" {
				t.Errorf("exit code %d and %q", got, stderr.String())
			}
		})
	}
}

// TestStoppedWritesNoFile checks that a file whose statement is stopped does
// not appear, and leaves nothing beside it.
func TestStoppedWritesNoFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	dir := t.TempDir()
	cmd := exec.Command("iql", "exec", "-f", filepath.Join(dir, "rows.csv"), "-v", "SELECT 1 AS ready", endless)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewReader(stderr)
	if line, err := lines.ReadString('\n'); err != nil {
		t.Fatalf("the first statement's summary is %q, %v", line, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, lines)
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != 130 {
		t.Errorf("exit code %d, want 130", got)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("%s is left", left[0].Name())
	}
}

// BenchmarkSelectOne runs iql, a whole process, on the smallest statement, and
// tells how many times longer it takes than sqlite3 does.
func BenchmarkSelectOne(b *testing.B) {
	sqlite, err := exec.LookPath("sqlite3")
	if err != nil {
		b.Skip("sqlite3 is not installed")
	}
	iql := filepath.Join(b.TempDir(), "iql")
	if out, err := exec.Command("go", "build", "-o", iql, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	run := func(name string, args ...string) time.Duration {
		start := time.Now()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			b.Fatalf("%s: %v\n%s", name, err, out)
		}
		return time.Since(start)
	}
	var ours, theirs time.Duration
	for b.Loop() {
		ours += run(iql, "exec", "SELECT 1")
		theirs += run(sqlite, ":memory:", "SELECT 1")
	}
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "iql-µs/op")
	b.ReportMetric(float64(ours)/float64(theirs), "times-sqlite3")
}
