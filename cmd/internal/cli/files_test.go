package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/iql-lang/iql/sqlengine/filetab"
)

// TestDataFilesCopy reads standard input twice: from a copy that nobody else can
// read, and that is gone in the end.
func TestDataFilesCopy(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	if os.TempDir() != tmp {
		t.Skip("TMPDIR is not asked for here")
	}
	d := &dataFiles{stdin: strings.NewReader("a\n1\n")}
	for range 2 {
		f, err := d.Open(t.Context(), "-")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil || string(text) != "a\n1\n" {
			t.Errorf("read %q, %v", text, err)
		}
	}
	copies, err := filepath.Glob(filepath.Join(tmp, "*"))
	if err != nil || len(copies) != 1 {
		t.Fatal(copies, err)
	}
	info, err := os.Stat(copies[0])
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 && runtime.GOOS != "windows" {
		t.Errorf("the copy has mode %v", mode)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(copies[0]); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the copy is still there: %v", err)
	}
}

// TestDataFilesStopped stops waiting for standard input when the statement is
// stopped, and leaves no copy.
func TestDataFilesStopped(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	in, w := io.Pipe()
	d := &dataFiles{stdin: in}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Open(ctx, "-"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := errors.Join(w.Close(), d.Close()); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// TestSpoolIsBounded copies no more than it may of what has no end, and leaves nothing of
// it.
func TestSpoolIsBounded(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	const most = 2 << 20
	if name, err := spool(t.Context(), strings.NewReader(strings.Repeat("x", most)), most); err != nil {
		t.Errorf("spool() = %q, %v", name, err)
	} else if err := os.Remove(name); err != nil {
		t.Error(err)
	}
	_, err := spool(t.Context(), endless{}, most)
	if e, ok := errors.AsType[*filetab.Error](err); !ok || e.Msg != "it is longer than 2 MB" {
		t.Errorf("spool() of what has no end: %v", err)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// endless is a text without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// openingPipe has a new pipe opened, in a goroutine that says what came of it, until
// cancel is called. There are none on Windows.
func openingPipe(t *testing.T, d *dataFiles) (pipe string, got chan error, cancel func()) {
	t.Helper()
	pipe = filepath.Join(t.TempDir(), "pipe")
	if err := exec.Command("mkfifo", pipe).Run(); err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	got = make(chan error, 1)
	go func() {
		_, err := d.Open(ctx, pipe)
		got <- err
	}()
	return pipe, got, cancel
}

// TestDataFilesUnopened stops waiting for a pipe that nobody writes to when the
// statement is stopped.
func TestDataFilesUnopened(t *testing.T) {
	d := &dataFiles{}
	pipe, got, cancel := openingPipe(t, d)
	cancel()
	if err := <-got; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0); !errors.Is(err, syscall.ENXIO) {
		t.Errorf("somebody would read what is written next: %v", err)
	}
}

// TestDataFilesStoppedPipe reads a pipe again after a statement that was stopped while
// it read it.
func TestDataFilesStoppedPipe(t *testing.T) {
	d := &dataFiles{}
	pipe, got, cancel := openingPipe(t, d)
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits for the reader
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 1<<20)); err != nil { // more than a pipe holds: it reads
		t.Fatal(err)
	}
	cancel()
	if err := errors.Join(<-got, w.Close()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	go func() { got <- os.WriteFile(pipe, []byte("a\n1\n"), 0o600) }()
	f, err := d.Open(t.Context(), pipe)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close(), d.Close(), <-got); err != nil || string(text) != "a\n1\n" {
		t.Errorf("read %q, %v", text, err)
	}
}

// TestDataFilesChanged notices a file that another has taken the place of since the
// statement opened it.
func TestDataFilesChanged(t *testing.T) {
	name := filepath.Join(t.TempDir(), "roster.csv")
	d := &dataFiles{}
	for range 2 { // each is a statement
		if err := os.WriteFile(name, []byte("email\na@x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		d.next()
		read(t, d, name)
		if d.changed(name) {
			t.Error("the file is said to have changed")
		}
		if err := os.WriteFile(name+".new", []byte("email\nb@x\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(name+".new", name); err != nil {
			t.Fatal(err)
		}
		read(t, d, name)
		if !d.changed(name) {
			t.Error("the file is not said to have changed")
		}
	}
}

// read opens a file and closes it.
func read(t *testing.T, d *dataFiles, name string) {
	t.Helper()
	f, err := d.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestDataFilesPipe reads a pipe that has a name more than once.
func TestDataFilesPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join("/dev/fd", filepath.Base(r.Name()))
	defer r.Close()
	d := &dataFiles{}
	if _, err := io.WriteString(w, "a\n"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	copied, err := d.copy(t.Context(), name, r)
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(again)
	if err := errors.Join(err, copied.Close(), again.Close(), d.Close()); err != nil || string(text) != "a\n" {
		t.Errorf("read %q, %v", text, err)
	}
}
