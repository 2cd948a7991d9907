//go:build !windows

package editor

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/iql-lang/iql/cmd/internal/ptytest"
)

// shell starts the echoing shell in a terminal, with settings, and waits for
// its prompt.
func shell(t *testing.T, opts ptytest.Options, settings ...string) *ptytest.Terminal {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), echoing+"="+strings.Join(settings, " "), "INPUTRC=", "HOME="+t.TempDir(), "GOCOVERDIR="+t.TempDir())
	term := ptytest.Start(t, cmd, opts)
	term.WaitFor("iql>")
	return term
}

// quit leaves the shell, which then looks for goroutines that are left.
func quit(t *testing.T, term *ptytest.Terminal) {
	t.Helper()
	term.Send("\x04")
	if code := term.WaitExit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if screen := term.Screen(); !strings.HasSuffix(screen, "\nend") {
		t.Errorf("the screen does not end in end:\n%s", screen)
	}
}

// got waits until the shell has said that it got a statement, and reads again.
func got(t *testing.T, term *ptytest.Terminal, text string) {
	t.Helper()
	term.WaitFor(fmt.Sprintf("got %+q\niql>", text))
}

// windows are those that a test is run in: one where there is room, one where
// the prompt is soon in the last row, and a terminal that answers nothing.
var windows = []struct {
	name     string
	settings string
	opts     ptytest.Options
}{
	{"wide", "", ptytest.Options{}},
	{"colours", "color", ptytest.Options{}},
	{"low", "color probe", ptytest.Options{Cols: 60, Rows: 14}},
	{"silent", "", ptytest.Options{Silent: true}},
}

// each runs a test in each window, after a few statements.
func each(t *testing.T, test func(*testing.T, *ptytest.Terminal)) {
	for _, w := range windows {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			term := shell(t, w.opts, w.settings)
			for i := range 7 {
				term.Send(fmt.Sprintf("\\%d\r", i))
				got(t, term, fmt.Sprintf("\\%d", i))
			}
			test(t, term)
			quit(t, term)
		})
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, term *ptytest.Terminal) {
		term.Send("SELECT 1,\r")
		term.WaitFor("iql> SELECT 1,\n...>")
		term.Send("'a\r")
		term.WaitFor("iql> SELECT 1,\n...> 'a\n'..>")
		term.Send("b;\r") // in quotes
		term.WaitFor("iql> SELECT 1,\n...> 'a\n'..> b;\n'..>")
		term.Send("';\r")
		term.WaitFor("iql> SELECT 1,\n...> 'a\n'..> b;\n'..> ';\ngot")
		got(t, term, "SELECT 1,\n'a\nb;\n';")
	})
}

// TestEarlierLine changes a line above with Up.
func TestEarlierLine(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, term *ptytest.Terminal) {
		term.Send("SELECT a\r")
		term.WaitFor("...>")
		term.Send("FROM t;")
		term.WaitFor("...> FROM t;")
		term.Send("\x1b[A")
		term.Send("\x05, b")
		term.WaitFor("iql> SELECT a, b\n...> FROM t;")
		term.Send("\x1b[B\x05\r")
		got(t, term, "SELECT a, b\nFROM t;")
	})
}

func TestPaste(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, term *ptytest.Terminal) {
		term.Paste("SELECT 1;\nSELECT\t2;")
		term.WaitFor("iql> SELECT 1;\n...> SELECT     2;")
		term.Send("\r")
		got(t, term, "SELECT 1;\nSELECT\t2;")
		term.Paste("SELECT '\x1b[31m\x07\x00 é';")
		term.WaitFor("iql> SELECT '␛[31m␇␀ é';")
		term.Send("\r")
		got(t, term, "SELECT '\u241b[31m\u2407\u2400 \u00e9';")
	})
}

func TestLongPaste(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("INSERT INTO invitations (courseId, userId, role) VALUES\n")
	for i := range 2000 {
		fmt.Fprintf(&b, "('6200%04d', 'student%04d@school.example', 'STUDENT'),\n", i, i)
	}
	text := strings.TrimSuffix(b.String(), ",\n") + ";"
	for _, settings := range []string{"", "color"} {
		term := shell(t, ptytest.Options{}, settings)
		start := time.Now()
		term.Paste(text)
		term.Send("\r")
		term.WaitFor(fmt.Sprintf("got 2001 lines, %d bytes\niql>", len(text)))
		t.Logf("%s: %d bytes in %v", settings, len(text), time.Since(start))
		quit(t, term)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	term := shell(t, ptytest.Options{})
	term.Send("\x03") // nothing typed
	term.WaitFor("iql> ^C\ninterrupted\niql>")
	term.Send("SELECT 1\r2")
	term.WaitFor("...> 2")
	term.Send("\x03x") // the key after it is not lost
	term.WaitFor("...> 2^C\ninterrupted\niql> x")
	term.Send("\x15co\t") // a menu, nothing selected
	term.WaitFor("COUNT(x)")
	term.Send("\x03")
	term.Wait(func(screen string) bool { return !strings.Contains(screen, "COUNT(x)") })
	term.Send("y;\r")
	got(t, term, "coy;")
	term.Send("co\t") // a menu, a candidate selected
	term.WaitFor("COUNT(x)")
	term.Send("\t")
	term.WaitFor("iql> courseId")
	term.Send("\x03")
	term.Wait(func(screen string) bool { return !strings.Contains(screen, "COUNT(x)") })
	term.Send("z;\r")
	got(t, term, "coz;")
	quit(t, term)
}

func TestMenu(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, term *ptytest.Terminal) {
		term.Send("SELECT (c")
		term.WaitFor("SELECT (c")
		term.Send("\t") // the first shows, with groups, and writes nothing
		term.Wait(func(screen string) bool {
			return strings.HasSuffix(screen, "iql> SELECT (c\ncolumns\ncourseId    required\ncourseName  a ␛[7mname\nclassId     required\nfunctions\nCOUNT(x)")
		})
		term.Send("\t")
		term.WaitFor("iql> SELECT (courseId\n")
		term.Send("\t")
		term.WaitFor("iql> SELECT (courseName\n")
		term.Send("\x1b[Z")
		term.WaitFor("iql> SELECT (courseId\n")
		term.Send(")")
		term.Wait(func(screen string) bool { return strings.HasSuffix(screen, "iql> SELECT (courseId)") })
		term.Send(" ro\t") // the only one
		term.WaitFor("SELECT (courseId) role")
		term.Send(" (\t") // nothing typed
		term.WaitFor("columns")
		term.Send("\t")
		term.WaitFor("iql> SELECT (courseId) role (courseId\n")
		term.Send(" 'Ü\t") // what all begin with
		term.WaitFor("role (courseId 'Übung-\nvalues")
		term.Send("\t")
		term.WaitFor("role (courseId 'Übung-1'\n")
		term.Send(";\r")
		got(t, term, "SELECT (courseId) role (courseId '\u00dcbung-1';")
	})
}

func TestLetters(t *testing.T) {
	t.Parallel()
	term := shell(t, ptytest.Options{})
	for _, text := range []string{"Ü é", "日本語", "हिन्दी", "ไทย", "e\u0301", "مرحبا", "🇫🇷", "👩‍🏫"} {
		term.Send("'" + text + "xy\x7f\x7f';\r") // Backspace takes x and y away
		got(t, term, "'"+text+"';")
	}
	term.Send("日本語\x7f\x7f")
	term.WaitFor("iql> 日")
	term.Send(";\r")
	got(t, term, "\u65e5;")
	quit(t, term)
}

// TestOddKeys presses keys that mean nothing.
func TestOddKeys(t *testing.T) {
	t.Parallel()
	term := shell(t, ptytest.Options{})
	for i, keys := range []string{"\x1b[15~", "\x1b[24;5~", "\x1c", "\x00", "\x1b[1;3A", "\x1bOP", "\x1b#"} {
		text := fmt.Sprintf("%d;", i)
		term.Send(keys + text + "\r")
		got(t, term, text)
	}
	quit(t, term)
}

func TestHistory(t *testing.T) {
	t.Parallel()
	file := "history=" + filepath.Join(t.TempDir(), "deep", "history")
	first := shell(t, ptytest.Options{}, file)
	for _, text := range []string{"SELECT 1;", "SELECT\r2;", " SELECT 'blank';", `\connect --auth x`} {
		first.Send(text + "\r")
		got(t, first, strings.ReplaceAll(text, "\r", "\n"))
	}
	quit(t, first)

	second := shell(t, ptytest.Options{}, file)
	second.Send("\x1b[A") // Up: the last that was kept, with its lines
	second.WaitFor("iql> SELECT\n...> 2;")
	second.Send("\x1b[A\x1b[A")
	second.WaitFor("iql> SELECT 1;")
	second.Send("\r")
	got(t, second, "SELECT 1;")
	second.Send("\x12") // Ctrl-R
	second.WaitFor("history")
	second.Send("2")
	second.WaitFor("SELECT 2;") // the list has an entry on one line
	second.Send("\r")
	got(t, second, "SELECT\n2;")
	second.Send("\x12")
	second.WaitFor("history")
	second.Send("\x03") // Ctrl-C leaves the search, not the shell
	second.Wait(func(screen string) bool { return !strings.Contains(screen, "(inc-search)") })
	quit(t, second)
}

func TestResize(t *testing.T) {
	t.Parallel()
	for _, settings := range []string{"", "color"} {
		term := shell(t, ptytest.Options{Cols: 60, Rows: 12}, settings)
		text := "SELECT courseId, userId FROM invitations"
		term.Send(text)
		term.WaitFor(text)
		term.Resize(30, 12)
		term.Send(" WHERE x")
		term.Wait(func(screen string) bool {
			return strings.Contains(strings.ReplaceAll(screen, "\n", ""), text+" WHERE x")
		})
		term.Resize(80, 12)
		term.Send(" = 1;")
		term.WaitFor(text + " WHERE x = 1;")
		term.Send("\r")
		got(t, term, text+" WHERE x = 1;")
		quit(t, term)
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	for _, settings := range []string{"edit", "edit color"} {
		term := shell(t, ptytest.Options{}, settings)
		term.Send("SELECT\r1;")
		term.WaitFor("...> 1;")
		term.Send("\x18\x05")
		term.WaitFor(`editing "SELECT\n1;"`)
		term.Send("42\r")
		term.WaitFor("42\niql> SELECT\n...> 42;")
		term.Send("\r")
		got(t, term, "SELECT\n42;")
		term.Send("SELECT 1;")
		term.WaitFor("SELECT 1;")
		term.Send("\x18\x05")
		term.WaitFor(`editing "SELECT 1;"`)
		term.Send("fail\r")
		term.WaitFor("no ␛[7meditor")
		term.Send("\r")
		got(t, term, "SELECT 1;")
		quit(t, term)
	}
}

// TestSpoiled reads on where a program has left the terminal in its own state.
func TestSpoiled(t *testing.T) {
	t.Parallel()
	term := shell(t, ptytest.Options{})
	term.Send("raw;\r")
	got(t, term, "raw;")
	term.Send("SELECT 1;\r")
	got(t, term, "SELECT 1;") // below each other
	quit(t, term)
}

// TestContext has the context end while a statement is typed, in a menu, in a
// search, and in the middle of an escape sequence.
func TestContext(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ typed, shown string }{
		{"", "iql>"},
		{"SELECT\r1", "...> 1"},
		{"co\t", "COUNT(x)"},
		{"co\t\t", "iql> courseId\n"},
		{"\x12a", "(no matches): a_"},
		{"a\x1b", "iql> a"},
	} {
		term := shell(t, ptytest.Options{}, "stoppable")
		term.Send(tt.typed)
		term.WaitFor(tt.shown)
		term.Signal(syscall.SIGTERM)
		if code := term.WaitExit(); code != 1 || !strings.Contains(term.Screen(), "\nerror: context canceled") {
			t.Errorf("after %q: exit code %d and\n%s", tt.typed, code, term.Screen())
		}
	}
}

// TestInputrc has a person who wants vi's keys, and settings that iql cannot
// do with.
func TestInputrc(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "inputrc")
	if err := os.WriteFile(file, []byte("set editing-mode vi\nset enable-bracketed-paste off\nset convert-meta on\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), echoing+"=", "INPUTRC="+file, "GOCOVERDIR="+t.TempDir())
	term := ptytest.Start(t, cmd, ptytest.Options{})
	term.WaitFor("iql>")
	term.Paste("SELECT\n'Ü'")
	term.WaitFor("...> 'Ü'")
	term.Send("x")
	term.WaitFor("'Ü'x")
	term.Send("\x1b")
	term.Wait(func(string) bool { col, _ := term.Cursor(); return col == 8 }) // on the x
	term.Send("x")                                                            // deletes, as vi
	term.Wait(func(screen string) bool { return strings.HasSuffix(screen, "...> 'Ü'") })
	term.Send("A;\r")
	got(t, term, "SELECT\n'\u00dc';")
	quit(t, term)
}

// TestLongSearch searches in a history that is longer than the window.
func TestLongSearch(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history")
	h := open(t, path, 100)
	for i := range 100 {
		add(t, h, fmt.Sprintf("SELECT %d;", i))
	}
	term := shell(t, ptytest.Options{Rows: 8, Cols: 60}, "probe", "history="+path)
	if n := term.Answers(); n > 0 {
		t.Errorf("the terminal was asked %d times where the cursor is, and there is no menu", n)
	}
	term.Send("\x12")
	term.WaitFor("history (inc-search):")
	term.Send("4")
	term.WaitFor("history (inc-search): 4")
	term.Send("2")
	term.Wait(func(screen string) bool {
		return strings.HasPrefix(screen, "iql> SELECT 42;\nhistory (inc-search): 42_\n")
	})
	term.Send("\r")
	got(t, term, "SELECT 42;")
	quit(t, term)
}
