package sqlengine_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/filetab"
	"github.com/iql-lang/iql/sqlengine/journal"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// untouched returns a session whose backend, journal and questions fail the test.
func untouched(t *testing.T) *sqlengine.Session {
	t.Helper()
	s, err := sqlengine.Open(t.Context(), sqlengine.Options{
		Registry: registry.Embedded(),
		Backend: func(context.Context) (provider.Methods, error) {
			t.Error("the backend was opened")
			return nil, errors.New("opened")
		},
		Identity: func(context.Context) (sqlengine.Identity, error) {
			t.Error("somebody was asked who asks")
			return sqlengine.Identity{}, errors.New("asked")
		},
		Journal: func(context.Context) (*journal.Store, journal.Identity, error) {
			t.Error("the journal was opened")
			return nil, journal.Identity{}, errors.New("opened")
		},
		Consent: func(context.Context, sqlengine.Change) error {
			t.Error("somebody was asked to agree")
			return nil
		},
		Files: rosterFile{},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// rosterFile is the only file that there is.
type rosterFile struct{}

func (rosterFile) Open(_ context.Context, name string) (io.ReadCloser, error) {
	if name != "roster.csv" {
		return nil, &filetab.Error{Msg: "there is no such file"}
	}
	return io.NopCloser(strings.NewReader("email,course\na@example.edu,101\n")), nil
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, sql, want string }{
		{"select", `SELECT id FROM invitations WHERE courseId = '101'`, ""},
		{"join", `SELECT c.id FROM courses c JOIN invitations i ON i.courseId = c.id`, ""},
		{"view", `SELECT * FROM pending_invitations`, ""},
		{"syntax", `SELECT id FRM courses`, "1:11: unexpected FRM"},
		{"column", `SELECT nme FROM courses`, "1:8: there is no column nme"},
		{"table", `SELECT * FROM nowhere`, "1:15: there is no table nowhere"},
		{"function", `SELECT uper(id) FROM courses`, "1:8: there is no function uper"},
		{"route", `SELECT * FROM invitations`, "1:15: SELECT on googleworkspace.classroom.invitations needs id (get), or courseId or userId (list)"},
		{"value", `SELECT id FROM invitations WHERE courseId = '1' AND role = 'PUPIL'`, `1:60: role is never "PUPIL"`},
		{"parameter", `SELECT id FROM courses WHERE id = :course`, ""},
		{"no parameter", `SELECT id FROM courses WHERE id = :user`, "1:35: there is no value for :user"},
		{"file", `SELECT email FROM csv('roster.csv')`, ""},
		{"column of a file", `SELECT mail FROM csv('roster.csv')`, "1:8: there is no column mail"},
		{"no file", `SELECT * FROM csv('r.csv')`, "1:19: r.csv: there is no such file"},
		{"insert", `INSERT INTO invitations (courseId, userId, role) VALUES ('1', 'a@b.example', 'STUDENT') RETURNING id`, ""},
		{"insert of a role", `INSERT INTO invitations (courseId, userId, role) VALUES ('1', 'a@b.example', 'PUPIL')`, "1:78: row 1: role cannot be PUPIL"},
		{"insert of NULL", `INSERT INTO invitations (courseId, userId, role) VALUES ('1', NULL, 'STUDENT')`, "1:63: row 1: userId is NULL"},
		{"insert of a query", `INSERT INTO invitations (courseId, userId, role) SELECT course, email, 'STUDENT' FROM csv('roster.csv')`, ""},
		{"insert of a query with too few columns", `INSERT INTO invitations (courseId, userId, role) SELECT course, email FROM csv('roster.csv')`, "1:50: 2 values for 3 columns"},
		{"insert of what is read", `INSERT INTO invitations (courseId, userId, role) VALUES ((SELECT id FROM courses), 'me', 'STUDENT')`, ""},
		{"insert of what no table has", `INSERT INTO invitations (courseId, userId, role) VALUES ((SELECT nme FROM courses), 'me', 'STUDENT')`, "1:66: there is no column nme"},
		{"insert returning", `INSERT INTO invitations (courseId, userId, role) VALUES ('1', 'me', 'STUDENT') RETURNING nme`, "1:90: there is no column nme"},
		{"delete", `DELETE FROM invitations WHERE courseId = '101' AND role = 'TEACHER'`, ""},
		{"delete by a column", `DELETE FROM invitations WHERE course = '101'`, "1:31: there is no column course"},
		{"update", `UPDATE invitations SET role = 'TEACHER' WHERE id = 'x'`, ""},
		{"update to a role", `UPDATE invitations SET role = 'PUPIL' WHERE courseId = '101'`, `1:31: role is never "PUPIL"`},
		{"update of id", `UPDATE invitations SET id = 'y' WHERE id = 'x'`, "1:24: id of invitations cannot be set"},
		{"exec", `EXEC invitations.accept @id = 'x'`, ""},
		{"exec a list", `EXEC invitations.list @courseId = '101'`, ""},
		{"exec with what is read", `EXEC invitations.accept @id = (SELECT id FROM invitations WHERE courseId = '101')`, ""},
		{"exec of a query", `EXEC invitations.accept SELECT id FROM invitations WHERE courseId = '101'`, ""},
		{"exec of another column", `EXEC invitations.accept SELECT courseId FROM invitations WHERE courseId = '101'`, "1:25: googleworkspace.classroom.invitations.accept takes no courseId"},
		{"exec without", `EXEC invitations.accept`, "1:6: googleworkspace.classroom.invitations.accept needs id"},
		{"show", `SHOW METHODS IN invitations`, ""},
		{"show auth", `SHOW AUTH googleworkspace`, ""},
		{"explain", `EXPLAIN SELECT nme FROM courses`, "1:16: there is no column nme"},
		{"explain a change", `EXPLAIN DELETE FROM invitations WHERE courseId = '101'`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := untouched(t)
			s.Bind(map[string]any{"course": "101"})
			_, err := s.Check(t.Context(), syntax.Text(tt.sql))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("Check(%s) (-want +got)\n%s", tt.sql, d)
			}
		})
	}
}

// TestCheckMakesTables has statements about tables that those before them make.
func TestCheckMakesTables(t *testing.T) {
	t.Parallel()
	s := untouched(t)
	for _, tt := range []struct{ sql, want string }{
		{`CREATE TABLE roster AS SELECT * FROM csv('roster.csv')`, ""},
		{`CREATE TABLE there AS SELECT c.id, i.userId FROM courses c JOIN invitations i ON i.courseId = c.id`, ""},
		{`CREATE TEMP VIEW both AS SELECT r.email, t.userId FROM roster r LEFT JOIN there t ON t.id = r.course`, ""},
		{`INSERT INTO roster SELECT id, id FROM courses`, ""},
		{`SELECT email, userId FROM both`, ""},
		{`SELECT nme FROM both`, "1:8: there is no column nme"},
		{`UPDATE roster SET email = lower(email)`, ""},
		{`DELETE FROM roster WHERE mail = 'x'`, "1:26: there is no column mail"},
		{`DROP TABLE there`, ""},
		{`SELECT * FROM there`, "1:15: there is no table there"},
	} {
		_, err := s.Check(t.Context(), syntax.Text(tt.sql))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("Check(%s) = %q, want %q", tt.sql, got, tt.want)
		}
	}
}

// TestCheckAgreesWithRun has Check say of the awkward statements what Run says of them
// before it makes a call, or nothing.
func TestCheckAgreesWithRun(t *testing.T) {
	t.Parallel()
	s := session(t, classroom.Methods(caller(t, readSchool(t, "awkward.yaml"), "")))
	for sql := range scriptStatements(t, "testdata/stackql-statements.iql") {
		_, wrong := s.Check(t.Context(), syntax.Text(sql))
		if wrong == nil {
			continue
		}
		if p := sqlengine.Describe(wrong); p.Exit != sqlengine.ExitSQL {
			t.Errorf("Check(%s): %v has exit code %d, want %d", sql, wrong, p.Exit, sqlengine.ExitSQL)
		}
		if _, _, err := run(t.Context(), s, sql); err == nil || said(err) != said(wrong) {
			t.Errorf("%s\nCheck: %v\n  Run: %v", sql, said(wrong), err)
		}
	}
}

// scriptStatements returns the statements of a file.
func scriptStatements(t *testing.T, file string) iter.Seq[string] {
	t.Helper()
	text := readTestFile(t, file)
	stmts, rest := syntax.Split(file, text)
	return func(yield func(string) bool) {
		for _, stmt := range append(stmts, rest) {
			if stmt.Start < stmt.End && !yield(stmt.String()) {
				return
			}
		}
	}
}

func readTestFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
