package pager

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// fake is the first argument of the test binary where it is a pager.
const fake = "fake-pager"

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == fake {
		os.Exit(page(os.Args[2]))
	}
	// Else a pager that was built with -race waits a second before it exits.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// page is a pager that does as it is told.
func page(how string) int {
	in := bufio.NewReader(os.Stdin)
	switch how {
	case "quit": // after a line
		line, _ := in.ReadString('\n')
		fmt.Print("paged: " + line)
	case "fail":
		_, _ = io.Copy(io.Discard, in)
		return 3
	case "less":
		fmt.Printf("LESS=%s\n", os.Getenv("LESS"))
		_, _ = io.Copy(io.Discard, in)
	default:
		for {
			line, err := in.ReadString('\n')
			if line != "" {
				fmt.Print("paged: " + line)
			}
			if err != nil {
				return 0
			}
		}
	}
	return 0
}

func command(how string) string { return os.Args[0] + " " + fake + " " + how }

// screen is a file that stands for a terminal.
func screen(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "screen"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func shown(t *testing.T, f *os.File) string {
	t.Helper()
	b, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func env(of map[string]string) func(string) string {
	return func(name string) string { return of[name] }
}

func TestWriter(t *testing.T) {
	t.Parallel()
	paged := "paged: 1\npaged: 2\npaged: 3\n"
	tests := []struct {
		name    string
		command string
		env     map[string]string
		writes  []string
		want    string
	}{
		{"fits", command("copy"), nil, []string{"1\n2\n"}, "1\n2\n"},
		{"nothing", command("copy"), nil, nil, ""},
		{"no last line break", command("copy"), nil, []string{"1\n2\n3"}, "1\n2\n3"},
		{"longer", command("copy"), nil, []string{"1\n", "2\n", "3\n"}, paged},
		{"at once", command("copy"), nil, []string{"1\n2\n3\n"}, paged},
		{"more after it began", command("copy"), nil, []string{"1\n2\n3\n", "4"}, paged + "paged: 4"},
		{"of the environment", "", map[string]string{"PAGER": command("copy")}, []string{"1\n2\n3\n"}, paged},
		{"of iql's variable", "", map[string]string{"IQL_PAGER": command("copy"), "PAGER": command("fail")}, []string{"1\n2\n3\n"}, paged},
		{"blank variable", "", map[string]string{"IQL_PAGER": " ", "PAGER": command("copy")}, []string{"1\n2\n3\n"}, paged},
		{"command first", command("copy"), map[string]string{"IQL_PAGER": command("fail")}, []string{"1\n2\n3\n"}, paged},
		{"quits", command("quit"), nil, []string{"1\n2\n3\n", strings.Repeat("x\n", 1<<20), "end\n"}, "paged: 1\n"},
		{"fails", command("fail"), nil, []string{"1\n2\n3\n"}, ""},
		{"options of less", command("less"), nil, []string{"1\n2\n3\n"}, "LESS=FRSX\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out := screen(t)
			of := map[string]string{"LINES": "3"}
			for name, value := range tt.env {
				of[name] = value
			}
			w, err := Open(t.Context(), env(of), out, tt.command)
			if err != nil {
				t.Fatalf("Open(%q) = %v", tt.command, err)
			}
			for _, text := range tt.writes {
				if n, err := io.WriteString(w, text); err != nil || n != len(text) {
					t.Fatalf("Write() of %d bytes = %d, %v", len(text), n, err)
				}
			}
			if err := w.Close(); err != nil {
				t.Errorf("Close() = %v", err)
			}
			if got := shown(t, out); got != tt.want {
				t.Errorf("the screen shows %q, want %q", got, tt.want)
			}
		})
	}
}

// TestNoPager checks that text is not lost where no pager is, and that whoever
// asked for it is told.
func TestNoPager(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"/no/such/pager", "/no/such/pager | cat", "A=b /no/such/pager"} {
		out := screen(t)
		w, err := Open(t.Context(), env(map[string]string{"LINES": "2"}), out, command)
		if err == nil || !strings.Contains(err.Error(), "/no/such/pager") {
			t.Errorf("Open(%q) = %v, want an error that names the pager", command, err)
		}
		fmt.Fprint(w, "1\n2\n")
		fmt.Fprint(w, "3\n")
		if err := w.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
		if got := shown(t, out); got != "1\n2\n3\n" {
			t.Errorf("with the pager %q the screen shows %q", command, got)
		}
	}
}

// TestPagerThatDoesNotStart has a file that looks like a program.
func TestPagerThatDoesNotStart(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("a program has a suffix")
	}
	broken := filepath.Join(t.TempDir(), "pager")
	if err := os.WriteFile(broken, []byte("\x00"), 0o700); err != nil {
		t.Fatal(err)
	}
	out := screen(t)
	w, err := Open(t.Context(), env(map[string]string{"LINES": "2"}), out, broken)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "1\n2\n3\n")
	if err := w.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	if got := shown(t, out); got != "1\n2\n3\n" {
		t.Errorf("the screen shows %q", got)
	}
}

// TestCommandOfTheShell has a pipe in it, so that the shell runs it.
func TestCommandOfTheShell(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there is no shell")
	}
	out := screen(t)
	w, err := Open(t.Context(), env(map[string]string{"LINES": "2"}), out, "cat | "+command("copy"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "1\n2\n")
	if err := w.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	if got, want := shown(t, out), "paged: 1\npaged: 2\n"; got != want {
		t.Errorf("the screen shows %q, want %q", got, want)
	}
}

// TestContextEndsTheText checks that a pager that runs gets no more text and is
// waited for, and that none is started after the context has ended.
func TestContextEndsTheText(t *testing.T) {
	t.Parallel()
	out := screen(t)
	ctx, cancel := context.WithCancel(t.Context())
	w, err := Open(ctx, env(map[string]string{"LINES": "2"}), out, command("copy"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "1\n2\n")
	cancel()
	_ = w.cmd.Wait() // which it does as its text ends
	if n, err := fmt.Fprint(w, "late\n"); n != 5 || err != nil {
		t.Errorf("Write() after the context = %d, %v", n, err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}

	w, err = Open(ctx, env(map[string]string{"LINES": "2"}), out, command("copy"))
	if err != nil {
		t.Fatal(err)
	}
	w.end() // as the context does, at its own time
	fmt.Fprint(w, "3\n4\n")
	if err := w.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	if got, want := shown(t, out), "paged: 1\npaged: 2\n3\n4\n"; got != want {
		t.Errorf("the screen shows %q, want %q", got, want)
	}
}

func TestErrorOfTheScreen(t *testing.T) {
	t.Parallel()
	out := screen(t)
	w, err := Open(t.Context(), env(nil), out, command("copy"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, "1\n")
	out.Close()
	if err := w.Close(); err == nil {
		t.Error("Close() with a closed screen = nil, want an error")
	}
}

// TestLongLineIsNotHeld checks that memory is bounded where there are no lines.
func TestLongLineIsNotHeld(t *testing.T) {
	t.Parallel()
	out := screen(t)
	w, err := Open(t.Context(), env(nil), out, command("copy"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(w, strings.Repeat("x", maxHeld))
	if w.held.Len() > 0 {
		t.Errorf("%d bytes are held", w.held.Len())
	}
	if err := w.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	if got, want := len(shown(t, out)), len("paged: ")+maxHeld; got != want {
		t.Errorf("the screen shows %d bytes, want %d", got, want)
	}
}

func TestArgv(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there is no shell")
	}
	for _, tt := range []struct{ command, want string }{
		{"cat", "cat"},
		{"cat -u  -", "cat|-u|-"},
		{"cat 'a b'", "sh|-c|cat 'a b'"},
		{"A=b cat", "sh|-c|A=b cat"},
	} {
		got, err := argv(tt.command)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, "|") != tt.want {
			t.Errorf("argv(%q) = %q, want %s", tt.command, got, tt.want)
		}
	}
}
