package sqlengine_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

const tinySchool = `
users:
- {id: 1, email: admin@t.example, name: Root Admin, admin: true}
- {id: 2, email: a@t.example, name: Ann O'Dd}
courses:
- {id: 10, name: "It's", ownerId: 1, students: [2], aliases: ["d:x"]}
- {id: 11, name: Other, ownerId: 1}
invitations:
- {id: i1, courseId: 11, userId: 2, role: STUDENT}
`

// FuzzRun runs any text in a session of a tiny school. Nothing may panic, and
// no error may be one that Describe has no words for.
func FuzzRun(f *testing.F) {
	for _, sh := range shapes {
		f.Add(sh.sql)
	}
	corpus, err := os.ReadFile("testdata/stackql-statements.iql")
	if err != nil {
		f.Fatal(err)
	}
	stmts, _ := syntax.Split("corpus", string(corpus))
	for _, src := range stmts {
		f.Add(src.String())
	}
	for _, sql := range []string{
		`DELETE FROM invitations WHERE id = 'i1' RETURNING *`,
		`INSERT INTO invitations (courseId, userId, role) SELECT id, 'me', 'TEACHER' FROM courses RETURNING id || role`,
		`EXEC invitations.accept @id IN (SELECT id FROM invitations WHERE userId = 'me')`,
		`CREATE TABLE x AS SELECT * FROM courses`, `UPDATE x SET a = 1`, `DROP TABLE x`,
		`EXPLAIN DELETE FROM invitations WHERE courseId = 'd:x'`,
		`SELECT ?, :a, @b, $c`, "SELECT 1 /*! x */", "\x00", "SELECT '\xff'",
	} {
		f.Add(sql)
	}
	school, err := emulator.ReadSchool("tiny", strings.NewReader(tinySchool))
	if err != nil {
		f.Fatal(err)
	}
	s := session(f, classroom.Methods(caller(f, school, "")))
	f.Fuzz(func(t *testing.T, text string) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, _, err := run(ctx, s, text)
		if p := sqlengine.Describe(err); p.Exit == sqlengine.ExitFailed || p.Kind == "internal" {
			t.Errorf("%q\n%T %s (exit %d)", text, err, said(err), p.Exit)
		}
	})
}
