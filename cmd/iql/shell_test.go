//go:build !windows

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/iql-lang/iql/cmd/internal/ptytest"
	"github.com/iql-lang/iql/provider/classroom/emulator/rest"
)

// desk is iql shell in a terminal, with a home folder and a school of its own.
type desk struct {
	*ptytest.Terminal
	home string
}

// sit starts a shell and waits for its prompt.
func sit(t *testing.T, args ...string) *desk {
	t.Helper()
	return sitIn(t, t.TempDir(), ptytest.Options{Cols: 100, Rows: 40}, args...)
}

// sitIn starts a shell in a home folder that may have been one's before.
func sitIn(t *testing.T, home string, opts ptytest.Options, args ...string) *desk {
	t.Helper()
	if _, err := os.Stat(filepath.Join(home, "pager")); err != nil {
		program(t, home, "pager", "cat")
	}
	cmd := exec.Command("iql", append([]string{"shell"}, args...)...)
	cmd.Dir, cmd.Env = home, deskEnv(t, home)
	d := &desk{ptytest.Start(t, cmd, opts), home}
	d.prompt()
	return d
}

// deskEnv is the environment of a shell: nothing of that of who runs the test.
func deskEnv(t *testing.T, home string) []string {
	t.Helper()
	school, err := filepath.Abs("testdata/school.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return []string{
		"PATH=" + os.Getenv("PATH"), "GORACE=" + os.Getenv("GORACE"), "GOCOVERDIR=" + t.TempDir(),
		"HOME=" + home, "TMPDIR=" + home, "LC_ALL=C.UTF-8", "RUNEWIDTH_EASTASIAN=0",
		"IQL_BACKEND=mock:" + filepath.Join(home, "school.db"), "IQL_SEED=" + school, "IQL_KEYRING=off",
		"IQL_EDITOR=" + filepath.Join(home, "editor"), "PAGER=" + filepath.Join(home, "pager"),
	}
}

// program writes a program into a home folder.
func program(t *testing.T, home, name, script string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(home, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

// prompt waits until the last line is an empty prompt.
func (d *desk) prompt() { d.ends("> ") }

// ends waits until the screen ends in a text. The cursor is on the next line if the
// text ends in a line break, and behind its blank if it ends in one: a prompt.
func (d *desk) ends(text string) {
	end := strings.TrimRight(text, " \n")
	d.Wait(func(screen string) bool {
		col, _ := d.Cursor()
		there := true
		switch {
		case strings.HasSuffix(text, "\n"):
			there = col == 0
		case strings.HasSuffix(text, " "):
			there = col > utf8.RuneCountInString(end[strings.LastIndexByte(end, '\n')+1:])
		}
		return there && strings.HasSuffix(screen, end)
	})
}

// run types a statement and waits for what it shows, and the prompt.
func (d *desk) run(statement, want string) {
	d.Send(statement + "\r")
	d.WaitFor(want)
	d.prompt()
}

// leave leaves the shell, which has nothing to complain of.
func (d *desk) leave(t *testing.T, how string) {
	t.Helper()
	d.prompt()
	d.Send(how)
	if code := d.WaitExit(); code != 0 {
		t.Errorf("%q: exit code %d, want 0\n%s", how, code, d.Screen())
	}
}

const (
	ctrlC = "\x03"
	ctrlD = "\x04"
	ctrlR = "\x12"
	ctrlU = "\x15"
)

// forever is a statement that has no row and does not end.
const forever = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;`

func TestShellLines(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.Send("SELECT id, -- which;\r")
	d.ends("iql> SELECT id, -- which;\n...> ")
	d.Send("role, 'it''s\r")
	d.ends("\n'..> ")
	d.Send("so' AS x FROM invitations\r")
	d.ends("\n...> ")
	d.run("WHERE courseId = '101';", "| MTAz | TEACHER | it's⏎so |")
	d.leave(t, ctrlD)
}

// TestShellDumb types at a terminal that only has lines.
func TestShellDumb(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	cmd := exec.Command("iql", "shell")
	cmd.Dir, cmd.Env = home, append(deskEnv(t, home), "TERM=dumb")
	d := &desk{ptytest.Start(t, cmd, ptytest.Options{}), home}
	d.prompt()
	d.Send("SELECT 'a' AS x,\r")
	d.ends("\n...> ")
	d.Send(ctrlC)
	d.ends("...> ^C\niql> ")
	d.Send(ctrlC)
	d.ends("iql> ^C\n\\q to quit\niql> ")
	d.run("SELECT 'b' AS x;", "| b |")
	d.Send("\\prompt y\r")
	d.ends("\ny: ")
	d.run("5", "")
	d.run("SELECT :y AS y;", "| 5 |")
	d.leave(t, ctrlD)
}

// TestShellLeave leaves in each way that there is.
func TestShellLeave(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"\\q\r", ".quit\r", ".exit\r", "exit\r", "quit;\r", ctrlD, "SELECT 1; \\q\r"} {
		t.Run(strings.TrimRight(how, "\r"), func(t *testing.T) {
			t.Parallel()
			d := sit(t)
			d.run("SELECT nope;", "there is no column nope") // its exit code is not the shell's
			d.leave(t, how)
		})
	}
}

func TestShellPaste(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, shown, want string }{
		{
			name: "two", text: "SELECT 'a' AS one;\nSELECT 'b' AS two;",
			shown: "iql> SELECT 'a' AS one;\n...> SELECT 'b' AS two;",
			want:  "| a   |\n+-----+\n1 row, 0 calls, # ms\n+-----+\n| two |\n+-----+\n| b   |\n+-----+\n1 row, 0 calls, # ms\niql>",
		},
		{
			name: "the first fails", text: "SELECT nope;\nSELECT 2;\nSELECT 3;",
			shown: "...> SELECT 3;",
			want:  "...> SELECT 3;\n<shell>:1:8: error: there is no column nope\n  1 | SELECT nope;\n    |        ^^^^\nnote: 2 statements after it were not run\niql>",
		},
		{
			name: "tab", text: "SELECT\t'a\tb' AS\tx;",
			shown: "iql> SELECT     'a     b' AS     x;",
			want:  "| a␉b |\n+-----+\n1 row, 0 calls, # ms\niql>",
		},
		{
			name: "a command after a statement", text: "SELECT 'a' AS one;\n\\p",
			shown: "...> \\p",
			want:  "+-----+\n1 row, 0 calls, # ms\nSELECT 'a' AS one;\niql>",
		},
		{
			name: "what a terminal obeys", text: "SELECT '\x1b]0;x\x07' AS x;",
			shown: "iql> SELECT '␛]0;x␇' AS x;",
			want:  "| ␛]0;x␇ |",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := sit(t)
			d.Paste(tt.text)
			d.WaitFor(tt.shown)
			d.Send("\r")
			d.Wait(func(screen string) bool { return strings.Contains(untimed(screen), tt.want) })
			d.leave(t, ctrlD)
		})
	}
}

var times = regexp.MustCompile(`calls, [\d,]+ ms`)

// untimed returns a screen without how long statements took.
func untimed(screen string) string { return times.ReplaceAllString(screen, "calls, # ms") }

// TestShellLongPaste pastes what somebody has made of a sheet of 2,000 rows. The bound
// is far above what is computed, so that a slow computer keeps it.
func TestShellLongPaste(t *testing.T) {
	t.Parallel()
	const rows, most = 2000, 15 * time.Second
	list := func(row string) string {
		var b strings.Builder
		for i := range rows {
			fmt.Fprintf(&b, row+",\n", i)
		}
		return strings.TrimSuffix(b.String(), ",\n") + ";"
	}
	tests := []struct{ name, text, want string }{
		{
			"refused", "INSERT INTO invitations (courseId, userId, role) VALUES\n" + strings.TrimSuffix(list("('101', 'p%d@example.edu', 'STUDENT')"), ";") + ",\n('101', 'last@example.edu', 'PUPIL');",
			"error: row 2001: role cannot be PUPIL",
		},
		{"rows", "WITH p(n, name) AS (VALUES\n" + strings.TrimSuffix(list("(1, 'pupil %d')"), ";") + ") SELECT sum(n) AS pupils FROM p;", "|   2000 |"},
	}
	for _, tt := range tests {
		d := sit(t)
		start := time.Now()
		d.Paste(tt.text)
		d.WaitFor(fmt.Sprint(rows - 1)) // one of its last rows
		shown := time.Since(start)
		d.Send("\r")
		d.WaitFor(tt.want)
		d.prompt()
		whole := time.Since(start)
		d.leave(t, ctrlD)
		took := d.Computed()
		t.Logf("%s: %d bytes shown after %v, run after %v, by %v of a processor", tt.name, len(tt.text), shown, whole, took)
		if took > most {
			t.Errorf("%s: it took %v of a processor, want less than %v", tt.name, took, most)
		}
	}
}

// TestShellInterrupt presses Ctrl-C wherever one can, and does not leave by it.
func TestShellInterrupt(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.Send(ctrlC)
	d.ends("iql> ^C\n\\q to quit\niql> ")

	d.Send("SELECT 1,\r2") // the statement
	d.ends("...> 2")
	d.Send(ctrlC)
	d.ends("...> 2^C\niql> ")

	d.Send("SELECT * FROM invitations WHERE role = '\t") // the menu
	d.WaitFor("'TEACHER'")
	d.Send(ctrlC)
	d.ends("WHERE role = '")
	d.Send(ctrlU)
	d.prompt()

	d.Send("SELECT 1; " + forever + " SELECT 2;\r") // the query, and those after it
	d.WaitFor("1 row, 0 calls")
	d.Send(ctrlC)
	d.ends("^C\nerror: stopped\nnote: 1 statement after it was not run\niql> ")

	d.run("SELECT 'still' AS here;", "| still |")
	d.leave(t, ctrlD)
}

// TestShellWatch watches until Ctrl-C.
func TestShellWatch(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.run("SELECT 'x' AS seen;", "| x    |")
	d.Send("\\watch 0.001\r")
	d.Wait(func(screen string) bool { return strings.Count(screen, ", every 1ms\n") >= 3 })
	d.Send(ctrlC)
	d.ends("error: stopped\niql> ")
	d.run(`\watch 0.002 c=2`, ", every 2ms")
	d.run("DELETE FROM invitations WHERE id = 'nope' \\watch", "DELETE may change something")
	d.leave(t, ctrlD)
}

// TestShellTerminated sends SIGTERM. The terminal is as it was before.
func TestShellTerminated(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, typed, shown string }{
		{"prompt", "SELECT 1,\r", "...>"},
		{"menu", "SELECT * FROM invitations WHERE role = '\t", "'TEACHER'"},
		{"search", ctrlR, "inc-search"},
		{"query", forever + "\r", "FROM n;"},
		{"question", "DELETE FROM invitations WHERE courseId = '101';\r", "to go on:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			cmd := exec.Command("sh", "-c", `before=$(stty -g)
sh -c 'echo $$ > pid; exec iql shell'
echo "ended with $?"
[ "$before" = "$(stty -g)" ] && echo sane
read -r line; echo "got <$line>"`)
			cmd.Dir, cmd.Env = home, deskEnv(t, home)
			d := &desk{ptytest.Start(t, cmd, ptytest.Options{}), home}
			d.prompt()
			d.Send(tt.typed)
			if d.WaitFor(tt.shown); tt.name == "query" {
				d.ends("\n") // it runs
			}
			terminate(t, filepath.Join(home, "pid"))
			d.WaitFor("ended with 143\nsane")
			d.Paste("pasted\n") // without marks
			d.WaitFor("got <pasted>")
			if code := d.WaitExit(); code != 0 {
				t.Errorf("the outer shell has exit code %d", code)
			}
		})
	}
}

// TestConsentInterrupted presses Ctrl-C where a change asks: it has said how long the
// change takes and what a day allows, and nothing is sent or on record.
func TestConsentInterrupted(t *testing.T) {
	t.Parallel()
	c := openClass(t, bulks[0], rest.Latency{})
	cmd := c.command("exec", strings.Replace(invitePupils(), "VALUES", "SELECT * FROM (VALUES", 1)+")")
	cmd.Env = append(cmd.Env, "IQL_RATE=10/s", "IQL_YES=false")
	d := ptytest.Start(t, cmd, ptytest.Options{Cols: 120, Rows: 10})
	d.WaitFor("INSERT would call invitations.create for 500 rows, about 50s; a person may do so 500 times a day.\nType 500 to go on:")
	d.Send(ctrlC)
	if code := d.WaitExit(); code != 130 {
		t.Errorf("exit code %d, want 130\n%s", code, d.Screen())
	}
	if _, ok := c.listed(t); ok || c.state(t).invitations > 0 {
		t.Errorf("a change is on record: %v; there is %+v", ok, c.state(t))
	}
}

// terminate sends SIGTERM to the process whose id is in a file.
func terminate(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	id, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(id, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}
