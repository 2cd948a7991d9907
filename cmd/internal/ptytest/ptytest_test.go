//go:build !windows

package ptytest

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTerminal(t *testing.T) {
	t.Parallel()
	// The program turns its echo off, so that what is seen is what it got.
	script := `stty -echo; printf 'ready\n'; while read -r line; do printf 'got %s\n' "$line"; [ "$line" = size ] && stty size; [ "$line" = end ] && exit 7; done`
	term := Start(t, exec.Command("sh", "-c", script), Options{Cols: 40, Rows: 8})
	term.WaitFor("ready")
	term.Send("Ü 日本\r")
	term.WaitFor("got Ü 日本")
	term.Resize(60, 10)
	term.Send("size\r")
	term.WaitFor("10 60")
	term.Send("end\r")
	if code := term.WaitExit(); code != 7 {
		t.Errorf("exit code %d, want 7", code)
	}
	if got, want := term.Screen(), "ready\ngot Ü 日本\ngot size\n10 60\ngot end"; got != want {
		t.Errorf("the screen is %q, want %q", got, want)
	}
	term.Close()
}

// TestPaste checks that a paste is marked when the program wants it.
func TestPaste(t *testing.T) {
	t.Parallel()
	script := `stty -echo; printf '\033[?20'; printf '04hready\n'; head -n 1 | od -c | head -n 1; printf '\033[?2004lagain\n'; head -n 1 | od -c | head -n 1; printf done`
	term := Start(t, exec.Command("sh", "-c", script), Options{})
	term.WaitFor("ready")
	term.Paste("a")
	term.Send("\r")
	term.WaitFor("again")
	term.Paste("b\n")
	term.WaitFor("done")
	if got := strings.Join(strings.Fields(term.Screen()), " "); !strings.Contains(got, `033 [ 2 0 0 ~ a 033 [ 2 0 1 ~ \n`) || !strings.Contains(got, `again 0000000 b \n done`) {
		t.Errorf("the screen is %q", got)
	}
}

// TestAnswers checks that the terminal says where its cursor is, or does not.
func TestAnswers(t *testing.T) {
	t.Parallel()
	script := `stty -echo raw; printf 'ab\033[6n'; dd bs=1 count=6 2>/dev/null | od -c | head -n 1; printf done`
	term := Start(t, exec.Command("sh", "-c", script), Options{})
	term.WaitFor("done")
	if got := strings.Join(strings.Fields(term.Screen()), " "); !strings.Contains(got, "033 [ 1 ; 3 R") {
		t.Errorf("the screen is %q", got)
	}
	silent := Start(t, exec.Command("sh", "-c", script), Options{Silent: true})
	silent.WaitFor("ab")
	silent.Send("123456")
	silent.WaitFor("done")
	if got := strings.Join(strings.Fields(silent.Screen()), " "); !strings.Contains(got, "1 2 3 4 5 6") {
		t.Errorf("the screen is %q", got)
	}
}

// failing is a test that fails, and says what it would have shown.
type failing struct {
	testing.TB
	message chan<- string
}

func (failing) Helper()        {}
func (failing) Cleanup(func()) {}
func (f failing) Fatalf(format string, args ...any) {
	f.message <- strings.Join([]string{format, args[0].(string), args[1].(string), args[2].(string)}, "\n")
	panic(f) // as the test's goroutine ends, so does the call
}

// TestFailure checks that a wait in vain shows the screen.
func TestFailure(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		script string
		want   string
	}{
		{"printf seen; cat", "runs"},
		{"printf seen; read -r line; exit 3", "has ended: exit status 3"},
	} {
		messages := make(chan string, 1)
		term := Start(failing{t, messages}, exec.Command("sh", "-c", tt.script), Options{})
		t.Cleanup(term.Close)
		term.WaitFor("seen")
		if tt.want == "runs" {
			term.patience = time.Millisecond
		}
		term.Send("\r")
		func() {
			defer func() { _ = recover() }()
			term.WaitFor("nothing")
		}()
		select {
		case got := <-messages:
			for _, want := range []string{tt.want, "did not show nothing", "| seen"} {
				if !strings.Contains(got, want) {
					t.Errorf("%s: %q, want %q in it", tt.script, got, want)
				}
			}
		default:
			t.Errorf("%s: the wait did not fail", tt.script)
		}
	}
}

func TestWholeLetters(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want int
	}{{"", 0}, {"a", 1}, {"aé", 3}, {"aé"[:2], 1}, {"日"[:2], 0}, {"😀"[:3], 0}, {"😀", 4}, {"a\xff", 2}, {"\x80\x80\x80\x80", 4}} {
		if got := wholeLetters([]byte(tt.text)); got != tt.want {
			t.Errorf("wholeLetters(%q) = %d, want %d", tt.text, got, tt.want)
		}
	}
}
