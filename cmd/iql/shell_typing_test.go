//go:build !windows

package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/iql-lang/iql/cmd/internal/ptytest"
)

func TestShellMenus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, typed string
		menu        string // what the menu shows
		chosen      string // what the second Tab writes
	}{
		{"resources", "SELECT * FROM ", "invitations", "iql> SELECT * FROM "},
		{"what is missing comes first", "SELECT * FROM invitations WHERE ", "WHERE\nrequired\ncourseId ", "WHERE courseId"},
		{"the other columns after it", "SELECT * FROM invitations WHERE ", "\ncolumns\nrole ", "WHERE courseId"},
		{"values of a role", "SELECT * FROM invitations WHERE role = '", "\nvalues\n'STUDENT'  role\n'TEACHER'  role\n", "role = 'STUDENT'"},
		{"files", "SELECT * FROM csv('r", "files\nroster-1.csv  roster-2.csv", "csv('roster-1.csv'"},
		{"commands", `\ti`, "", `iql> \timing`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			for _, name := range []string{"roster-1.csv", "roster-2.csv"} {
				if err := os.WriteFile(filepath.Join(home, name), []byte("email\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d := sitIn(t, home, ptytest.Options{Cols: 100, Rows: 40})
			d.Send(tt.typed + "\t")
			if tt.menu != "" {
				d.WaitFor(tt.menu)
				d.Send("\t")
			}
			d.WaitFor(tt.chosen)
			d.Send(ctrlC)
			d.Wait(func(screen string) bool { return tt.menu == "" || !strings.Contains(screen, tt.menu) })
			d.Send(ctrlU)
			d.leave(t, ctrlD)
		})
	}
}

// lookUp types a text and Tab until something is written by it: what is not found at
// once is there for a later Tab. The letter after it tells that Tab was heard.
func (d *desk) lookUp(typed, written string) {
	for begin := time.Now(); time.Since(begin) < time.Minute; {
		known := false
		d.Send(typed + "\tz")
		d.Wait(func(screen string) bool {
			screen += "\n" // a menu may follow
			known = strings.Contains(screen, written+"z\n")
			return known || strings.Contains(screen, typed+"z\n")
		})
		d.Send(ctrlU)
		d.prompt()
		if known {
			return
		}
	}
}

// TestShellLookUp has the ids of courses looked up for Tab.
func TestShellLookUp(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.run("SELECT count(*) AS n FROM courses;", "| 3 |") // the school is open
	d.lookUp("SELECT * FROM invitations WHERE courseId = '", "courseId = '10")
	d.Send("SELECT * FROM invitations WHERE courseId = '\t")
	d.WaitFor("courseId = '10\nvalues\n103  Ancient History\n102  Art, \"applied\"\n101  Algebra")
	d.Send(ctrlC)
	d.ends("courseId = '10")
	d.Send("1\t")
	d.ends("courseId = '101'")
	d.run(";", "| MTAz | 101 ")

	d.run("CREATE TABLE stale (course, days);", "days);")
	d.Send("SELECT days FROM sta\t") // a table of the session
	d.ends("FROM stale")
	d.Send(" WHERE cours\t")
	d.ends("WHERE course")
	d.Send(ctrlU)
	d.Send("SELECT id FROM invitations WHERE courseId = 'anc\t") // by its name
	d.ends("courseId = '103'")
	d.Send(ctrlU)
	d.lookUp("SELECT role FROM invitations WHERE courseId = '101' AND userId = 'te", "userId = 'tea@example.edu'")
	d.Send("SELECT role FROM invitations WHERE courseId = '101' AND userId = 'tea\t") // by an e-mail address
	d.ends("userId = 'tea@example.edu'")
	d.Send(ctrlU)
	d.lookUp("DELETE FROM invitations WHERE courseId = '101' AND id = '", "id = 'MTA")
	d.Send("DELETE FROM invitations WHERE courseId = '101' AND id = 'MTA\t") // of the course
	d.WaitFor("values\nMTAx  STUDENT\nMTAz  TEACHER")
	d.Send(ctrlC)
	d.ends("'MTA")
	d.Send(ctrlU)
	d.leave(t, ctrlD)
}

func TestShellSearch(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.run("SELECT 'first' AS x;", "| first |")
	d.run("SELECT 'second' AS x;", "| second |")
	d.Send(ctrlR + "fir")
	d.WaitFor("iql> SELECT 'first' AS x;\nhistory (inc-search): fir")
	d.Send("\r")
	d.Wait(func(screen string) bool { return strings.Count(screen, "| first |") == 2 })
	d.prompt()
	d.Send(ctrlR + "sec")
	d.WaitFor("(inc-search): sec")
	d.Send(ctrlC) // closes the search
	d.prompt()
	d.Send("\x1b[A\x1b[A") // and Up goes on
	d.ends("iql> SELECT 'second' AS x;")
	d.Send("\r")
	d.Wait(func(screen string) bool { return strings.Count(screen, "| second |") == 2 })
	d.leave(t, ctrlD)
}

// TestShellLetters types in other scripts, and changes what is typed.
func TestShellLetters(t *testing.T) {
	t.Parallel()
	d := sit(t)
	for _, letter := range "SELECT 'Ünal 蔡英 שלום ñ 😀' AS \"имях" { // each by a key
		d.Send(string(letter))
	}
	d.ends("😀' AS \"имях")
	d.Send("\x7f\";\r") // the last letter goes
	d.WaitFor("| Ünal 蔡英 שלום ñ 😀 |")
	d.WaitFor("| имя ")
	d.leave(t, ctrlD)
}

// TestShellResize changes the window while a statement is typed and before its rows.
func TestShellResize(t *testing.T) {
	t.Parallel()
	d := sit(t)
	d.Send("SELECT id, courseId, userId, role FROM invitations WHERE courseId = '101'")
	d.ends("'101'")
	d.Resize(30, 40)
	d.ends("iql> SELECT id, courseId, user\nId, role FROM invitations WHER\nE courseId = '101'")
	d.run(";", "]---") // no table is so narrow
	d.Resize(100, 40)
	d.run("SELECT id, courseId, userId, role FROM invitations WHERE courseId = '101';", "| id   | courseId | userId | role    |")
	d.leave(t, ctrlD)
}

// TestShellHistory comes back the next day. What opens doors is not kept.
func TestShellHistory(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	d := sitIn(t, home, ptytest.Options{})
	d.run("SELECT 'kept' AS x;", "| kept |")
	d.run("SELECT 'ya29.a0AfH6SMBsecret' AS token;", "| ya29.a0AfH6SMBsecret |")
	d.run(" SELECT 'blank' AS x;", "| blank |")
	d.run("SELECT 1 AS\rlines;", "|     1 |")
	d.leave(t, ctrlD)

	file := filepath.Join(home, ".local", "state", "iql", "history")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != 0o600 {
		t.Errorf("the history has mode %o, want 600", got)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]bool{"kept": true, "ya29": false, "blank": false} {
		if strings.Contains(string(text), what) != want {
			t.Errorf("the history has %s: %v, want %v\n%s", what, !want, want, text)
		}
	}

	d = sitIn(t, home, ptytest.Options{})
	if err := errors.Join(os.Remove(file), os.Mkdir(file, 0o700)); err != nil { // so that it cannot be written
		t.Fatal(err)
	}
	d.run("SELECT 'lost' AS x;", "| lost |")
	d.leave(t, ctrlD)
	d.WaitFor("note: not all that was typed is kept: ")
	if err := errors.Join(os.Remove(file), os.WriteFile(file, text, 0o600)); err != nil {
		t.Fatal(err)
	}

	d = sitIn(t, home, ptytest.Options{})
	d.Send("\x1b[A")
	d.ends("iql> SELECT 1 AS\n...> lines;")
	d.Send("\x1b[A\x1b[A") // to its first line, and on
	d.ends("iql> SELECT 'kept' AS x;")
	d.run("", "| kept |")
	d.leave(t, ctrlD)
}

// TestShellConsent answers a question between two statements.
func TestShellConsent(t *testing.T) {
	t.Parallel()
	d := sit(t, "--as", "admin@example.edu")
	const change = "DELETE FROM invitations WHERE courseId = '101';"
	for _, answer := range []string{"no", "1", ""} {
		d.Send(change + "\r")
		d.ends("Type 2 to go on: ")
		d.Send(answer + "\r")
		d.ends("nothing was changed\niql(admin@example.edu)> ")
	}
	d.Send(change + "\r")
	d.ends("Type 2 to go on: ")
	d.Send(ctrlC)
	d.ends("error: stopped\niql(admin@example.edu)> ")
	d.run("SELECT count(*) AS n FROM invitations WHERE courseId = '101';", "| 2 |")
	d.Send(change + "\r")
	d.ends("Type 2 to go on: ")
	d.run("2", "DELETE: 2 deleted")
	d.run("SELECT count(*) AS n FROM invitations WHERE courseId = '101';", "| 0 |")
	d.leave(t, ctrlD)
}

// TestShellEdit writes statements elsewhere: the last one by \e, the one that is typed
// by Ctrl-X Ctrl-E.
func TestShellEdit(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	program(t, home, "editor", `stat -c %a "$1" > mode; sed s/before/after/ "$1" > edited && cat edited > "$1"`)
	d := sitIn(t, home, ptytest.Options{Cols: 100, Rows: 40})
	d.run("SELECT 'before' AS x;", "| before |")
	d.run(`\e`, "| after |")
	if mode, err := os.ReadFile(filepath.Join(home, "mode")); err != nil || string(mode) != "600\n" {
		t.Errorf("the file that is edited has mode %q, %v, want 600", mode, err)
	}
	d.Send("SELECT 'typed before' AS y")
	d.ends("AS y")
	d.Send("\x18\x05")
	d.ends("iql> SELECT 'typed after' AS y")
	d.run(";", "| typed after |")
	program(t, home, "editor", "exit 3")
	d.run(`\e`, "error: ")
	d.leave(t, ctrlD)
}

// TestShellPager shows by a pager what is longer than the screen, and says what came
// of the statement when it has been read.
func TestShellPager(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	program(t, home, "pager", "echo paged; head -n 4; cat > rest; printf 'more: '; read -r key < /dev/tty; echo read")
	d := sitIn(t, home, ptytest.Options{Cols: 100, Rows: 24})
	d.run("VALUES (1), (2), (3);", "3 rows")
	if strings.Contains(d.Screen(), "paged") {
		t.Errorf("three rows are paged\n%s", d.Screen())
	}
	const many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200) SELECT i FROM n;"
	d.Send(many + "\r")
	d.ends("paged\n+-----+\n|   i |\n+-----+\n|   1 |\nmore: ")
	d.Send("\r")
	d.Wait(func(screen string) bool {
		return strings.HasSuffix(untimed(screen), "read\n200 rows, 0 calls, # ms\niql>")
	})
	d.Send(many + "\r")
	d.ends("more: ")
	d.Send(ctrlC) // is the pager's, which it ends
	d.ends("\niql> ")
	program(t, home, "pager", "stty raw -echo < /dev/tty; kill -9 $$")
	d.Send(many + "\r")
	d.ends("\niql> ")
	d.run("SELECT 'sane' AS x;", "\n| x    |\n")
	d.run(`\pset pager off`, "iql> \\pset pager off\n")
	d.run(many, "| 200 |")
	d.leave(t, ctrlD)
}

// TestShellPrompt says who asks.
func TestShellPrompt(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	dir := filepath.Join(home, ".config", "iql")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	const profiles = "[profiles.district]\nas = \"admin@example.edu\"\n[profiles.class]\nas = \"tea@example.edu\"\n"
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(profiles), 0o600); err != nil {
		t.Fatal(err)
	}
	d := sitIn(t, home, ptytest.Options{}, "--profile", "district")
	d.ends("  profile district  \\? help  \\q quit\ndistrict(admin@example.edu)> ")
	d.run(`\as ann@example.edu`, "\ndistrict(ann@example.edu)>")
	d.run(`\c class`, "\nclass(tea@example.edu)>")
	d.Send("\\c dis\t") // its name
	d.ends(`\c district`)
	d.Send(ctrlU)
	d.run(`\c nowhere`, `there is no profile "nowhere"`)
	d.ends("\nclass(tea@example.edu)> ")
	d.leave(t, ctrlD)
}
