package shell

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/iql-lang/iql/cmd/internal/editor"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/script"
)

var update = flag.Bool("update", false, "write what is printed into the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a host on a session that has no backend.
type world struct {
	t         *testing.T
	session   *sqlengine.Session
	stderr    *bytes.Buffer
	who       Who
	jobs      []Job
	said      []string // what was asked of it besides statements
	run       func(context.Context, Job) (Outcome, error)
	edit      func(file string) error
	abandoned atomic.Int32
}

func newWorld(t *testing.T) *world {
	t.Helper()
	session, err := sqlengine.Open(t.Context(), sqlengine.Options{
		Registry: registry.Embedded(),
		Backend: func(context.Context) (provider.Methods, error) {
			return nil, errors.New("there is no backend")
		},
		Identity: func(context.Context) (sqlengine.Identity, error) {
			return sqlengine.Identity{Principal: "ann@example.edu", Type: "test"}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	return &world{t: t, session: session, stderr: &bytes.Buffer{}, who: Who{Confirm: true}}
}

func (w *world) Run(ctx context.Context, job Job) (Outcome, error) {
	w.jobs = append(w.jobs, job)
	if w.run != nil {
		return w.run(ctx, job)
	}
	result := job.Printer.Result()
	w.session.Bind(job.Settings.Variables)
	summary, err := w.session.Run(ctx, job.Source, two{job.Keep, result})
	end := result.Close
	if err != nil {
		end = result.Abort
	}
	return Outcome{Summary: summary, Whole: err == nil}, errors.Join(err, end(), job.Printer.Flush())
}

type two [2]sqlengine.RowWriter

func (t two) Columns(c []sqlengine.Column) error {
	return errors.Join(t[0].Columns(c), t[1].Columns(c))
}
func (t two) Row(r provider.Row) error { return errors.Join(t[0].Row(r), t[1].Row(r)) }

func (w *world) Abandon(context.Context) error { w.abandoned.Add(1); return nil }

func (w *world) Tell(_ context.Context, err error, notRun int) sqlengine.Problem {
	p := sqlengine.Describe(err)
	fmt.Fprintf(w.stderr, "error: %s", output.Harmless(p.Message))
	if notRun > 0 {
		fmt.Fprintf(w.stderr, " (%d not run)", notRun)
	}
	w.stderr.WriteByte('\n')
	return p
}

func (w *world) Note(format string, args ...any) {
	fmt.Fprintf(w.stderr, "note: "+format+"\n", args...)
}
func (w *world) Who() Who            { return w.who }
func (w *world) Providers() []string { return []string{"googleworkspace"} }

func (w *world) Services() []string { return []string{"googleworkspace.classroom"} }

func (w *world) Use(_ context.Context, profile, user string) error {
	if profile == "nope" {
		return errors.New("there is no profile nope")
	}
	w.who.Profile, w.who.User = profile, user
	w.who.DryRun, w.who.Confirm = profile == "careful", profile == "careful"
	return nil
}

func (w *world) Journal(_ context.Context, id string) (Table, error) {
	if id != "" {
		return Table{Columns: []string{"row"}, Rows: []provider.Row{{int64(1)}}, Note: id + " it was"}, nil
	}
	return Table{Columns: []string{"id"}, Rows: []provider.Row{{"k3f9"}}}, nil
}

func (w *world) Retry(_ context.Context, id string, failed bool, of Settings) error {
	w.said = append(w.said, fmt.Sprint("retry ", id, failed, of.DryRun))
	return nil
}

func (w *world) Undo(_ context.Context, id string, of Settings) error {
	w.said = append(w.said, fmt.Sprint("undo ", id, of.DryRun))
	return nil
}

func (w *world) Tables() (map[string][]string, error) { return w.session.Tables() }

func (w *world) Script(_ context.Context, file string) (*script.Script, error) {
	text, err := os.ReadFile(file)
	s, errs := script.Parse(file, string(text))
	if len(errs) > 0 {
		return nil, errs[0]
	}
	return s, err
}

func (w *world) Read(_ context.Context, file string) (string, error) {
	text, err := os.ReadFile(file)
	return string(text), err
}

func (w *world) Say(text string, warning bool) {
	if warning {
		text = "warning: " + text
	}
	w.Note("%s", text)
}

func (w *world) Create(file string) (File, error) {
	if file == "full" {
		return fullFile{}, nil
	}
	f, err := os.Create(file)
	return testFile{f}, err
}

// fullFile is a file on a disk that has no room.
type fullFile struct{}

func (fullFile) Write([]byte) (int, error) { return 0, errors.New("no space left") }
func (fullFile) Finish(bool) error         { return nil }

// testFile is a file that is removed unless it is done.
type testFile struct{ *os.File }

func (f testFile) Finish(done bool) error {
	if !done {
		return errors.Join(f.Close(), os.Remove(f.Name()))
	}
	return f.Close()
}

func (w *world) Edit(_ context.Context, file string) error { return w.edit(file) }

func (w *world) Query(name string) (string, error) {
	switch name {
	case "two":
		return "SELECT 1 AS a;\nSELECT 2 AS a", nil
	case "wrong":
		return "SELECT nope;\nSELECT 2 AS a", nil
	}
	return "", errors.New("there is no query @" + name)
}

func (w *world) Queries() Table {
	return Table{Columns: []string{"name"}, Rows: []provider.Row{{"two"}}}
}

func (w *world) Ask(_ context.Context, question string) (string, error) {
	w.said = append(w.said, "ask "+question)
	if strings.HasPrefix(question, "nothing") {
		return "", io.EOF
	}
	return "5", nil
}

func (w *world) LogHTTP(where string) error {
	w.said = append(w.said, "log "+where)
	return nil
}

// typed returns a shell of a world in which a text is typed.
func (w *world) typed(text string, stdout *bytes.Buffer) *Shell {
	csv, _ := output.ParseFormat("csv")
	return New(w, Options{
		Editor:   editor.NewPlain(bufio.NewReader(strings.NewReader(text)), editor.Options{Complete: Complete}),
		Stdin:    strings.NewReader(""),
		Stdout:   stdout,
		Stderr:   io.Discard,
		Messages: w.stderr,
		Rows:     output.Options{Format: csv, Delimiter: ','},
		Timing:   "off",
	})
}

// shellRun returns what a shell prints for a text.
func shellRun(t *testing.T, w *world, text string) (stdout, stderr string) {
	t.Helper()
	var out bytes.Buffer
	if _, err := w.typed(text, &out).Run(t.Context()); err != nil {
		t.Fatalf("Run(%q): %v", text, err)
	}
	return out.String(), w.stderr.String()
}

// TestSwitchesTell checks that a switch says at a terminal how it is now.
func TestSwitchesTell(t *testing.T) {
	t.Parallel()
	w := &world{t: t, stderr: &bytes.Buffer{}}
	var out bytes.Buffer
	s := w.typed("\\x\n\\x\n\\x auto\n\\x nope\n\\timing\n\\timing verbose\n\\timing nope\n\\dry\n\\confirm off\n", &out)
	s.Terminal = true
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "x is on\nx is off\nx is auto\nerror: \\x does not take \"nope\"\n" +
		"timing is on\ntiming is verbose\nerror: \\timing does not take \"nope\"\ndry is on\nconfirm is off\n"
	if got := w.stderr.String(); got != want {
		t.Errorf("standard error is %q, want %q", got, want)
	}
}

// TestPromptAsks checks that a question ends in one sign.
func TestPromptAsks(t *testing.T) {
	t.Parallel()
	w := &world{t: t, stderr: &bytes.Buffer{}}
	shellRun(t, w, "\\prompt n\n\\prompt n Which course?\n\\prompt n 'Course: '\n\\prompt n Course\n")
	want := []string{"ask n: ", "ask Which course? ", "ask Course: ", "ask Course: "}
	if !slices.Equal(w.said, want) {
		t.Errorf("asked %q, want %q", w.said, want)
	}
}

func TestShell(t *testing.T) {
	t.Parallel()
	const reads = "there is no result yet"
	tests := []struct {
		name           string
		text           string
		stdout, stderr string
	}{
		{"nothing", "", "", ""},
		{"blanks", "\n\n  \n", "", ""},
		{"a statement", "SELECT 1 AS a;", "a\n1\n", ""},
		{"no semicolon at the end of a pipe", "SELECT 1 AS a", "a\n1\n", ""},
		{"lines", "SELECT\n1\nAS a\n;\n", "a\n1\n", ""},
		{"a semicolon in a quote", "SELECT ';' AS a;", "a\n;\n", ""},
		{"several on a line", "SELECT 1 AS a; SELECT 2 AS a;", "a\n1\na\n2\n", ""},
		{
			"the first error ends a text and not the shell", "SELECT 1 AS a; SELECT nope; SELECT 3; SELECT 4;\nSELECT 5 AS a;",
			"a\n1\na\n5\n", "error: there is no column nope (2 not run)\n",
		},
		{"comments alone", "-- a\n/* b */\nSELECT 1 AS a;", "a\n1\n", ""},
		{"\\q", "SELECT 1 AS a;\n\\q\nSELECT 2 AS a;", "a\n1\n", ""},
		{"exit", "exit\nSELECT 2 AS a;", "", ""},
		{"QUIT;", "QUIT;\nSELECT 2 AS a;", "", ""},
		{"exit ;", " exit ;\nSELECT 2 AS a;", "", ""},
		{".exit", ".exit\nSELECT 2 AS a;", "", ""},
		{"\\g", "SELECT 1 AS a \\g\n\\g\n", "a\n1\na\n1\n", ""},
		{"\\gx", "SELECT 1 AS a, 2 AS b \\gx\n", "-[ row 1 ]------------------------------\na | 1\nb | 2\n", ""},
		{"\\g without a statement", "\\g\n", "", "error: no statement has been run yet\n"},
		{"what cannot end a statement", "SELECT 1 \\x\n", "", "error: \\x cannot end a statement\n"},
		{"\\x", "\\f table\n\\x\nSELECT 1 AS a;\n\\x off\n\\H\n", "-[ row 1 ]------------------------------\na | 1\n", "error: there is no command \\H\n"},
		{"\\x leaves formats of programs", "\\x on\nSELECT 1 AS a;", "a\n1\n", ""},
		{".mode", ".mode json\nSELECT 1 AS a;\n", "[\n{\"a\":1}\n]\n", ""},
		{"\\g to a file of another program", "\\f table\nSELECT 1 \\g rows.xlsx\n", "", "error: no format is that of rows.xlsx\n"},
		{"\\f", "\\f\n\\f nope\n", "", "csv\nerror: there is no output format \"nope\"\n"},
		{
			"\\pset", "\\pset null -\n\\pset delimiter ;\n\\pset headers off\nSELECT 1, NULL;\n\\pset null\n\\pset nope 1\n", "1;-\n",
			"null       -          what stands for NULL; default is the format's own\nerror: \\pset has no setting \"nope\"\n",
		},
		{
			"\\pset null that would end a cell", "\\pset null ,\n\\f table\n\\pset null ,\n\\f csv\n\\f tsv\n\\pset delimiter ;\n\\f csv\nSELECT NULL AS a, 1 AS b;\n\\pset delimiter ,\nSELECT NULL AS a;\n",
			"a;b\n,;1\na\n,\n", strings.Repeat("error: \\pset null is \",\"\n", 3),
		},
		{
			"and in a format of a moment", "\\f json\n\\pset null ,\nSELECT NULL AS a;\n\\last csv\nCREATE TABLE n (i);\nINSERT INTO n VALUES (1) RETURNING i \\g never.csv\nSELECT count(*) AS n FROM n;\n",
			"[\n{\"a\":null}\n]\n[\n{\"n\":0}\n]\n", strings.Repeat("error: \\pset null is \",\"\n", 2),
		},
		{".nullvalue", ".nullvalue '(none)'\n.headers off\nSELECT NULL;\n", "(none)\n", ""},
		{"\\last", "SELECT 1 AS a;\n\\last json\n", "a\n1\n[\n{\"a\":1}\n]\n", ""},
		{"\\last without a result", "\\last\n\\last\n", "", "error: " + reads + "\nerror: " + reads + "\n"},
		{"\\last and a wrong format", "SELECT 1 AS a;\n\\last nope x\n", "a\n1\n", "error: there is no output format \"nope\"\n"},
		{"\\p and \\r", "SELECT\t1 AS a;\n\\p\n\\r\n\\p\n", "a\n1\n", "SELECT    1 AS a;\nerror: no statement has been run yet\n"},
		{"\\d and tables of the session", "CREATE TABLE r (name, age);\nCREATE TEMP VIEW v AS SELECT name FROM r;\n\\d\n", "name,id\ninvitations,googleworkspace.classroom.invitations\ncourses,googleworkspace.classroom.courses\nstudents,googleworkspace.classroom.students\nteachers,googleworkspace.classroom.teachers\nuser_profiles,googleworkspace.classroom.user_profiles\ncourses_aliases,googleworkspace.classroom.courses_aliases\npending_invitations,googleworkspace.classroom.pending_invitations\ntable,columns\nr,\"name, age\"\nv,name\n", ""},
		{"\\d", "\\d invitations\n", "name,type\nid,string\ncourseId,string\nuserId,string\nrole,string\n", ""},
		{".schema", ".schema invitations\n", "name,type\nid,string\ncourseId,string\nuserId,string\nrole,string\n", ""},
		{"a name that is none", "\\d 'a; SELECT 1'\n\\dm a..b\n", "", "error: a; SELECT 1 is no name\nerror: a..b is no name\n"},
		{"\\l", "\\l\n", "name,version\ngoogleworkspace,v1\nlocal,v1\n", ""},
		{"\\whoami", "\\whoami\n", "principal,type,source\nann@example.edu,test,\"\"\n", ""},
		{"\\explain", "\\explain SELECT 1 AS a;\n", "step,op,table,method,parameters,calls,detail\n1,answer,,,,0,no table is read\n", ""},
		{"\\set", "\\set b 2\n\\set a 'x y'\n\\set\n\\unset b\n\\unset b\n\\set a-b 1\n", "", "a = 'x y'\nb = '2'\nerror: there is no value \"b\"\nerror: \"a-b\" is not the name of a parameter\n"},
		{"\\journal", "\\journal\n\\journal k3f9\n\\last json\n", "id\nk3f9\nrow\n1\n[\n{\"row\":1}\n]\n", "note: k3f9 it was\n"},
		{"\\errverbose", "\\errverbose\nSELECT nope;\n\\errverbose\n", "", "there was no error\nerror: there is no column nope\n" +
			"<shell>:1:8: error: there is no column nope\n  1 | SELECT nope;\n    |        ^^^^\n  kind    sql\n  code    unknown_column\n  exit    3\n  error   <shell>:1:8: there is no column nope\n"},
		{"\\stats", "\\stats\n", "", "no statement has been run yet\n"},
		{"\\s", "\\s\n", "", "error: there is no history\n"},
		{"\\c", "\\c nope\n", "", "error: there is no profile nope\n"},
		{"\\watch", "SELECT 1 AS a \\watch 0.001 c=2\n", "a\n1\na\n1\n", ""},
		{"\\watch while there are rows", "SELECT 1 AS a WHERE false \\watch m=1\n", "a\n", ""},
		{"\\watch a change", "DELETE FROM invitations WHERE id = '1' \\watch\n", "", "error: DELETE may change something, and \\watch would do so again and again\n"},
		{"\\watch never", "SELECT 1 \\watch 0\n\\watch x\n\\watch c=0\n", "", "error: \\watch 0 is no number of seconds\nerror: \\watch x is no number of seconds\nerror: \\watch does not take \"c=0\"\n"},
		{"\\watch with two intervals", "SELECT 1 \\watch 0.001 c=1 2\n", "", "error: \\watch 2 is a second number of seconds\n"},
		{"\\watch for new rows", "CREATE TABLE n (i);\nINSERT INTO n VALUES (1);\nSELECT i FROM n \\watch d c=1\n", "new,i\n\"\",1\n", ""},
		{"\\gset", "SELECT 1 AS a, 'x' AS b, NULL AS c \\gset p_\n\\set\nSELECT :p_a AS a, :p_b AS b, :p_c IS NULL AS c;\n", "a,b,c\n1,x,1\n", "p_a = 1\np_b = 'x'\np_c = NULL\n"},
		{
			"\\gset of what is not one row", "SELECT 1 AS a WHERE false \\gset\nVALUES (1), (2) \\gset\nCREATE TABLE t (a) \\gset\nSELECT 1 AS \"a b\", 2 AS c \\gset\nSELECT 1 AS \"n:int\" \\gset\n\\set\n",
			"", "error: \\gset needs one row, and there is none\nerror: \\gset needs one row, and there are 2\nerror: \\gset needs a statement that has a row\nerror: \"a b\" is not the name of a value\nerror: \"n:int\" is not the name of a value\n",
		},
		{"\\gset in a format for other rows", "\\f chart\nSELECT 'x' AS a \\gset\n\\set\n", "", "a = 'x'\n"},
		{"\\gset that failed", "SELECT nope \\gset\n\\set\n", "", "error: there is no column nope\n"},
		{"\\prompt", "\\prompt n:int\nSELECT :n + 1 AS n;\n", "n\n6\n", ""},
		{"\\prompt of a name that is none", "\\prompt 1n\n\\set\n", "", "error: \"1n\" is not the name of a parameter\n"},
		{"\\prompt without an answer", "\\set x 1\n\\prompt x nothing\n\\set\n", "", "error: nothing was answered: x is as it was\nx = '1'\n"},
		{"\\echo", "\\set a 'x y'\n\\echo a :a :b 'c  d'\n\\warn\n", "", "note: a x y :b c  d\nnote: warning: \n"},
		{"\\echo of NULL", "SELECT NULL AS a \\gset\n\\echo :a\n", "", "note: NULL\n"},
		{"\\n", "\\n\n\\n two\n\\g\n\\n nope\n\\n wrong\n", "name\ntwo\na\n1\na\n2\na\n2\n", "error: there is no query @nope\nerror: there is no column nope (1 not run)\n"},
		{"\\set of quotes", "\\set a 'it''s'\n\\set\n", "", "a = 'it''s'\n"},
		{"a file that takes no more", "SELECT 1 AS a \\g full\nSELECT 2 AS a;", "a\n2\n", "error: no space left\n"},
		{"too many arguments", "\\l a\n", "", "error: \\l does not take \"a\"\n"},
		{"too few", "\\dm\n", "", "error: \\dm needs NAME\n"},
		{"an open quote", "\\set a 'x\n", "", "error: a ' is never closed: 'x\n"},
		{"a command between statements of a text", "SELECT 1 AS a; \\f json\nSELECT 2 AS a;", "a\n1\n[\n{\"a\":2}\n]\n", ""},
		{"a command after a comment", "/* a */ \\f json\nSELECT 2 AS a;", "[\n{\"a\":2}\n]\n", ""},
		{"help of a command", "\\? watch\n\\? nope\n", "", "\\watch [SEC] [c=N] [m=ROWS] [d]\n  run it again, N times, while it has ROWS; d marks new rows\nerror: there is no command \\nope\n"},
		{"help of another name", "\\? mode\n", "", "\\f [FORMAT]\n  the format, such as csv or json\n  also .mode\n"},
		{"syntax of two words", "\\h create\n", "", "CREATE TABLE NAME AS SELECT ...\nfor example:\n  CREATE TABLE roster AS SELECT * FROM csv('roster.csv');\n"},
		{"syntax", "\\h describe\n\\h nope\n", "", "DESCRIBE [EXTENDED] RESOURCE | DESCRIBE METHOD METHOD\nfor example:\n  DESCRIBE EXTENDED invitations;\nerror: there is no statement NOPE\n"},
		{"what steers a terminal", "\\nope\x1b[2J\n\\h \x1b\n", "", "error: there is no command \\nope␛[2J\nerror: there is no statement ␛\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr := shellRun(t, newWorld(t), tt.text)
			if diff := cmp.Diff(tt.stdout, stdout); diff != "" {
				t.Errorf("standard output of %q (-want +got):\n%s", tt.text, diff)
			}
			if diff := cmp.Diff(tt.stderr, stderr); diff != "" {
				t.Errorf("standard error of %q (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

// TestSettings checks what the host is told.
func TestSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, stderr := shellRun(t, w, `\dry on
\confirm off
\timing verbose
\timing nope
\set course 101
SELECT 1;
\dry
\timing
\unset course
SELECT 2;
\set n 1
\retry k3f9 failed
\retry k3f9 nope
\undo k3f9
\log http on
\log nope on
\c careful
\c bold
\as bob
SELECT 3;
`)
	want := []Settings{
		{Timing: "verbose", DryRun: true, Variables: map[string]any{"course": "101"}},
		{Timing: "off", Variables: map[string]any{}},
		{Timing: "off", DryRun: true, Confirm: true, Variables: map[string]any{"n": "1"}},
	}
	var got []Settings
	for _, job := range w.jobs {
		got = append(got, job.Settings)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings of the statements (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"retry k3f9true false", "undo k3f9false", "log on"}, w.said); diff != "" {
		t.Errorf("what was asked of the host (-want +got):\n%s", diff)
	}
	if w.who.Profile != "bold" || w.who.User != "bob" {
		t.Errorf("who asks is %+v", w.who)
	}
	if n := strings.Count(stderr, "error:"); n != 3 {
		t.Errorf("%d errors, want 3:\n%s", n, stderr)
	}
}

func TestErrExit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text     string
		errExit  bool
		terminal bool
		exit     int
		stdout   string
	}{
		{"SELECT nope;\nSELECT 1 AS a;", false, false, 0, "a\n1\n"},
		{"SELECT nope;\nSELECT 1 AS a;", true, false, 3, ""},
		{"SELECT nope;\nSELECT 1 AS a;", true, true, 0, "a\n1\n"},
		{"SELECT 1 AS a;\nSELECT nope;", true, true, 3, "a\n1\n"},
		{"\\nope\nSELECT 1 AS a;", true, false, 1, ""},
		{"SELECT nope;\n\\q\n", true, true, 3, ""},
		{"SELECT nope;\nSELECT 1 AS a; \\q\n", true, true, 0, "a\n1\n"},
	} {
		var out bytes.Buffer
		s := newWorld(t).typed(tt.text, &out)
		s.ErrExit, s.Terminal = tt.errExit, tt.terminal
		exit, err := s.Run(t.Context())
		if exit != tt.exit || err != nil || out.String() != tt.stdout {
			t.Errorf("%q, errexit %v, terminal %v: %d, %v, %q, want %d, %q", tt.text, tt.errExit, tt.terminal, exit, err, out.String(), tt.exit, tt.stdout)
		}
	}
}

// TestRedirects checks where rows go.
func TestRedirects(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are those of sh")
	}
	dir := t.TempDir()
	in := func(text string) string { return strings.ReplaceAll(text, "DIR", dir) }
	w := newWorld(t)
	stdout, stderr := shellRun(t, w, in(`SELECT 1 AS a \g DIR/a.json
\g DIR/a.csv
\g |cat
\gx|cat
\once DIR/once.csv
SELECT 2 AS a;
SELECT 3 AS a;
\o DIR/o.tsv
SELECT 4 AS a;
SELECT 5 AS a;
\o |wc -l
SELECT 6 AS a;
\o
SELECT nope \g DIR/nope.csv
SELECT 7 AS a;
\g |exit 3
\o |exit 0
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000) SELECT i FROM n;
\last
\o |exit 4
\o DIR/never.csv
\o
SELECT 7 AS a \g DIR/seven.csv
\g |cat >DIR/pipe.json
\last json DIR/last.txt
\last DIR/last.json
\g |head -0
\pset color on
\last table DIR/plain
`))
	want := "a\n1\n-[ row 1 ]------------------------------\na | 1\na\n3\n2\na\n7\n"
	if diff := cmp.Diff(want, strings.ReplaceAll(stdout, "       ", "")); diff != "" {
		t.Errorf("standard output (-want +got):\n%s", diff)
	}
	const ended = "note: |exit 0 has ended, and takes no more rows: \\o shows them here again\n"
	if want := "error: there is no column nope\nerror: exit 3: exit status 3\n" + ended + ended +
		"note: 40000 more rows were not kept: run the statement with \\g FILE\nerror: exit 4: exit status 4\n"; stderr != want {
		t.Errorf("standard error is %q, want %q", stderr, want)
	}
	for name, want := range map[string]string{
		"a.json": "[\n{\"a\":1}\n]\n", "a.csv": "a\n1\n", "once.csv": "a\n2\n", "o.tsv": "a\n4\na\n5\n",
		"pipe.json": "a\n7\n", "plain": "+---+\n| a |\n+---+\n| 7 |\n+---+\n",
		"last.txt": "[\n{\"a\":7}\n]\n", "last.json": "[\n{\"a\":7}\n]\n",
	} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(got) != want {
			t.Errorf("%s is %q, %v, want %q", name, got, err, want)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "nope.csv")); err == nil {
		t.Error("there is a file of a statement that failed")
	}
}

func TestReadOnlyRunsNoProgram(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.who.ReadOnly = true
	stdout, stderr := shellRun(t, w, "\\! echo hi\nSELECT 1 \\g |cat\n\\o |cat\n")
	want := strings.Repeat("error: only reading is allowed, so no program is run\n", 3)
	if stdout != "" || stderr != want {
		t.Errorf("%q, %q, want %q", stdout, stderr, want)
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "a.iql")
	text := "\\set one 1\nSELECT :one AS a;\n\\set five 5\n\\echo :none\nSELECT 3 AS a; SELECT 4"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	stdout, stderr := shellRun(t, newWorld(t), "\\i "+name+"\nSELECT :five AS a;")
	if stdout != "a\n1\na\n5\n" || stderr != "error: there is no value for :none (2 not run)\n" {
		t.Errorf("%q, %q", stdout, stderr)
	}
}

// TestFileAtHome names files by a ~.
func TestFileAtHome(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "a.iql"), []byte("SELECT 1 AS a;"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	var out bytes.Buffer
	s := w.typed("\\i ~/a.iql\nSELECT 2 AS a \\g ~/b.csv\n\\set a ~/b\n\\set\n", &out)
	s.Home = home
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(home, "b.csv")); err != nil || string(b) != "a\n2\n" {
		t.Errorf("b.csv is %q, %v", b, err)
	}
	if got := w.stderr.String(); out.String() != "a\n1\n" || got != "a = '~/b'\n" {
		t.Errorf("%q, %q", out.String(), got)
	}
	if _, stderr := shellRun(t, newWorld(t), "\\i ~/a.iql\n"); !strings.Contains(stderr, "open ~/a.iql: ") {
		t.Errorf("without a home: %q", stderr)
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var came, files []string
	writes := []string{"SELECT 2 AS a;\nSELECT 3 AS a;\n", "SELECT\n4 AS a", "SELECT 5; SELECT 6", ""}
	w.edit = func(file string) error {
		text, err := os.ReadFile(file)
		came, files = append(came, string(text)), append(files, file)
		info, statErr := os.Stat(file)
		if info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("the file has mode %o", info.Mode().Perm())
		}
		write := os.WriteFile(file, []byte(writes[0]), 0o600)
		writes = writes[1:]
		return errors.Join(err, statErr, write)
	}
	stdout, stderr := shellRun(t, w, "SELECT 1 AS a;\n\\e\n\\e\n\\g\n\\e\n\\e\n")
	if want := "a\n1\na\n2\na\n3\na\n4\n"; stdout != want {
		t.Errorf("standard output is %q, want %q", stdout, want)
	}
	want := "note: no semicolon ends the statement: \\g runs it, \\e goes on with it\n" +
		"error: the last statement is not whole: nothing was run\n"
	if stderr != want {
		t.Errorf("standard error is %q, want %q", stderr, want)
	}
	for _, file := range files {
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%s is left behind", file)
		}
	}
	if diff := cmp.Diff([]string{"SELECT 1 AS a;\n", "SELECT 3 AS a;\n", "SELECT\n4 AS a;\n", "SELECT\n4 AS a;\n"}, came); diff != "" {
		t.Errorf("what was edited (-want +got):\n%s", diff)
	}
}

// TestEditOfNothing leaves the editor as it came: the change is not made twice.
func TestEditOfNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.iql")
	if err := os.WriteFile(file, []byte("INSERT INTO n VALUES (2);\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	w.edit = func(string) error { return nil }
	stdout, stderr := shellRun(t, w, "\\e\nCREATE TABLE n (i);\nINSERT INTO n VALUES (1);\n\\e\n\\e "+file+"\nSELECT count(*) AS n FROM n;\n")
	want := "note: nothing was edited, so nothing is run: \\g runs the statement\n" +
		"note: nothing was edited, so nothing is run: \\i runs the file\n"
	if stdout != "n\n1\n" || stderr != want {
		t.Errorf("%q, %q, want one row and %q", stdout, stderr, want)
	}
}

// TestEditFails counts what is not run after a failure in a file: the rest of the file,
// and of the text that reads it, be it edited or pasted.
func TestEditFails(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "a.iql")
	if err := os.WriteFile(name, []byte("SELECT nope; SELECT 2; SELECT 3"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := "\\i " + name + "\nSELECT 4;\n"
	w := newWorld(t)
	w.edit = func(file string) error { return os.WriteFile(file, []byte(text), 0o600) }
	var out bytes.Buffer
	s := w.typed("\\e\n", &out)
	s.text(t.Context(), text)
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := strings.Repeat("error: there is no column nope (3 not run)\n", 2); w.stderr.String() != want || out.Len() > 0 {
		t.Errorf("%q, %q, want %q", out.String(), w.stderr, want)
	}
}

// TestEditLeaves checks that nothing runs after the \q of a text that was edited.
func TestEditLeaves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.edit = func(file string) error { return os.WriteFile(file, []byte("\\q\nSELECT 1 AS a;\n"), 0o600) }
	if stdout, stderr := shellRun(t, w, "\\e\nSELECT 2 AS a;\n"); stdout != "" || stderr != "" || len(w.jobs) > 0 {
		t.Errorf("after \\q: %q, %q, %d statements", stdout, stderr, len(w.jobs))
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	history, err := editor.OpenHistory("", 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"SELECT '\x1b';", "SELECT\n2;"} {
		if err := history.Add(text); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), "history")
	var out bytes.Buffer
	w := newWorld(t)
	s := w.typed("\\s 9\n\\s 1\n\\s "+name+"\n\\s\n", &out)
	s.History = history
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := "SELECT '␛';\nSELECT\n2;\nSELECT\n2;\nSELECT '␛';\nSELECT\n2;\n"; w.stderr.String() != want {
		t.Errorf("standard error is %q, want %q", w.stderr, want)
	}
	got, err := os.ReadFile(name)
	if want := "SELECT '\x1b';\nSELECT\n2;\n"; string(got) != want {
		t.Errorf("the file is %q, %v, want %q", got, err, want)
	}
	if info, err := os.Stat(name); runtime.GOOS != "windows" && (err != nil || info.Mode().Perm() != 0o600) {
		t.Errorf("the file is %v, %v, want mode 600", info, err)
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run = func(context.Context, Job) (Outcome, error) {
		return Outcome{
			Summary:  sqlengine.Summary{Verb: "INSERT", Calls: 3, Methods: map[string]int{"b": 1, "a": 2}, Changed: 2, Failed: 1, Run: "k3f9"},
			Requests: "3 sent",
		}, nil
	}
	_, stderr := shellRun(t, w, "INSERT 1;\n\\stats\n")
	want := `statement  INSERT
rows       0
calls      3
           a 2
           b 1
changes    2 done, 0 already there, 1 refused, 0 planned
journal    k3f9
requests   3 sent
time       0 ms
`
	if diff := cmp.Diff(want, stderr); diff != "" {
		t.Errorf("\\stats (-want +got):\n%s", diff)
	}
}

func TestPrompt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		who    Who
		color  bool
		prompt string
		text   string // that it is made of
	}{
		{Who{}, false, "iql> ", ""},
		{Who{Profile: "district", User: "admin@school.example"}, false, "district(admin@school.example)> ", ""},
		{Who{Profile: "district", Writes: true}, false, "district!> ", ""},
		{Who{Profile: "district", Writes: true}, true, "district\x1b[31m!\x1b[0m> ", ""},
		{Who{Profile: "district", Writes: true, DryRun: true}, false, "district> ", ""},
		{Who{Profile: "a\x1b[2J"}, false, "a␛[2J> ", ""},
		{Who{Profile: "p", User: "u", Writes: true}, false, "100% p u [u] ! %x $ ", "100%% %p %u [%u] %! %x $ "},
		{Who{}, false, "iql [] %u\U0001f600", "%p [%u] %%u\U0001f600"},
	} {
		w := newWorld(t)
		w.who = tt.who
		s := New(w, Options{PromptText: tt.text, Rows: output.Options{Color: tt.color}})
		if got := s.Prompt(); got != tt.prompt {
			t.Errorf("prompt of %+v is %q, want %q", tt.who, got, tt.prompt)
		}
	}
}
