package sqlengine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"go.uber.org/goleak"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// paged answers a list with pages, and counts those that were asked for. The
// page of index fails, if any, ends with an error.
type paged struct {
	pages, size int
	fails       int
	asked       atomic.Int64
	stopped     atomic.Bool // the reader wanted no more before the end
}

func (p *paged) list(ctx context.Context, _ provider.Args) iter.Seq2[provider.Row, error] {
	return func(yield func(provider.Row, error) bool) {
		for page := 1; page <= p.pages; page++ {
			p.asked.Add(1)
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if page == p.fails {
				yield(nil, provider.Errorf(provider.Unavailable, "page %d is not there", page))
				return
			}
			for i := range p.size {
				if !yield(provider.Row{fmt.Sprintf("i%d-%d", page, i), "1001", "9001", "STUDENT"}, nil) {
					p.stopped.Store(true)
					return
				}
			}
			if page < p.pages && !yield(nil, nil) {
				p.stopped.Store(true)
				return
			}
		}
	}
}

func (p *paged) methods() provider.Methods {
	return provider.Methods{schema + ".invitations.list": p.list}
}

func TestLimitStopsPaging(t *testing.T) {
	for _, tt := range []struct {
		name, sql   string
		rows, pages int
	}{
		{"limit", `SELECT id FROM invitations WHERE courseId = '1001' LIMIT 5`, 5, 1},
		{"limit of a page", `SELECT id FROM invitations WHERE courseId = '1001' LIMIT 10`, 10, 1},
		{"limit beyond a page", `SELECT id FROM invitations WHERE courseId = '1001' LIMIT 11`, 11, 2},
		{"limit and offset", `SELECT id FROM invitations WHERE courseId = '1001' LIMIT 3 OFFSET 12`, 3, 2},
		{"limit of a filter", `SELECT id FROM invitations WHERE courseId = '1001' AND id LIKE '%-9' LIMIT 3`, 3, 3},
		{"limit of a query", `SELECT count(*) FROM (SELECT 1 FROM invitations WHERE courseId = '1001' LIMIT 25)`, 1, 3},
		{"exists", `SELECT EXISTS (SELECT 1 FROM invitations WHERE courseId = '1001')`, 1, 1},
		{"scalar", `SELECT (SELECT id FROM invitations WHERE courseId = '1001')`, 1, 1},
		{"limit of a union", `SELECT id FROM invitations WHERE courseId = '1001' UNION ALL SELECT id FROM invitations WHERE courseId = '1002' LIMIT 5`, 5, 1},
		{"limit of a join", `SELECT a.id FROM invitations a JOIN (VALUES (1), (2)) WHERE a.courseId = '1001' LIMIT 5`, 5, 1},
		{"order needs all", `SELECT id FROM invitations WHERE courseId = '1001' ORDER BY id LIMIT 5`, 5, 100},
		{"no limit", `SELECT id FROM invitations WHERE courseId = '1001'`, 1000, 100},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := &paged{pages: 100, size: 10}
			got, _, err := run(t.Context(), session(t, p.methods()), tt.sql)
			if err != nil {
				t.Fatalf("%s\n%s", tt.sql, said(err))
			}
			if len(got.rows) != tt.rows || int(p.asked.Load()) != tt.pages {
				t.Errorf("%s\ngot %d rows of %d pages, want %d of %d", tt.sql, len(got.rows), p.asked.Load(), tt.rows, tt.pages)
			}
			if want := tt.pages < 100; p.stopped.Load() != want {
				t.Errorf("%s\nstopped = %v, want %v", tt.sql, p.stopped.Load(), want)
			}
		})
	}
}

// stopping is a RowWriter that wants no more after some rows.
type stopping struct {
	table
	after int
}

var errEnough = errors.New("enough")

func (w *stopping) Row(row provider.Row) error {
	if len(w.rows) == w.after {
		return errEnough
	}
	return w.table.Row(row)
}

func TestWriterStopsPaging(t *testing.T) {
	p := &paged{pages: 100, size: 10}
	s := session(t, p.methods())
	_, err := s.Run(t.Context(), syntax.Text(`SELECT id FROM invitations WHERE courseId = '1001'`), &stopping{after: 15})
	if !errors.Is(err, errEnough) || int(p.asked.Load()) > 5 || !p.stopped.Load() {
		t.Errorf("Run = %v after %d pages, stopped = %v, want %v after 5 at most, stopped", err, p.asked.Load(), p.stopped.Load(), errEnough)
	}
	if _, _, err := run(t.Context(), s, `SELECT 1`); err != nil {
		t.Errorf("the next statement: %v", err)
	}
}

// TestPageError checks that an error on a later page is the statement's, and
// never a shorter answer.
func TestPageError(t *testing.T) {
	for _, sql := range []string{
		`SELECT id FROM invitations WHERE courseId = '1001'`,
		`SELECT count(*) FROM invitations WHERE courseId = '1001'`,
		`SELECT id FROM invitations WHERE courseId = '1001' ORDER BY id LIMIT 1`,
		`SELECT id FROM invitations WHERE courseId IN ('1001', '1002')`,
		`SELECT a.id FROM invitations a JOIN invitations b ON a.role = b.role WHERE a.courseId = '1001' AND b.courseId = '1002'`,
		`SELECT id FROM invitations WHERE courseId = '1001' UNION SELECT id FROM invitations WHERE courseId = '1002'`,
		`SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM invitations WHERE courseId = '1001' AND role = 'OWNER')`,
		`SELECT 1 WHERE 'x' NOT IN (SELECT id FROM invitations WHERE courseId = '1001')`,
		`WITH x AS MATERIALIZED (SELECT id FROM invitations WHERE courseId = '1001') SELECT count(*) FROM x`,
		`CREATE TABLE copy AS SELECT id FROM invitations WHERE courseId = '1001'`,
		`INSERT INTO invitations (courseId, userId, role) SELECT '1007', userId, role FROM invitations WHERE courseId = '1001'`,
		`DELETE FROM invitations WHERE courseId = '1001'`,
		`EXEC invitations.accept @id IN (SELECT id FROM invitations WHERE courseId = '1001')`,
		`EXEC invitations.list @courseId = '1001'`,
	} {
		t.Run(strings.Fields(sql)[0], func(t *testing.T) {
			p := &paged{pages: 3, size: 10, fails: 2}
			s := session(t, p.methods())
			_, sum, err := run(t.Context(), s, sql)
			if provider.CodeOf(err) != provider.Unavailable {
				t.Fatalf("%s\ngot %v, want the error of page 2", sql, err)
			}
			if p := sqlengine.Describe(err); p.Exit != sqlengine.ExitLater || !p.Retryable || !strings.Contains(p.Message, "page 2 is not there") {
				t.Errorf("%s\nDescribe = %+v, want exit %d, retryable", sql, p, sqlengine.ExitLater)
			}
			if sum.Changed != 0 {
				t.Errorf("%s\nchanged %d rows", sql, sum.Changed)
			}
			if _, _, err := run(t.Context(), s, `SELECT * FROM copy`); err == nil {
				t.Errorf("%s\nleft a table behind", sql)
			}
		})
	}
}

// TestCancel ends the context in the middle of a query.
func TestCancel(t *testing.T) {
	for _, tt := range []struct{ name, sql string }{
		{"a list", `SELECT id FROM invitations WHERE courseId = '1001'`},
		{"a join", `SELECT a.id FROM invitations a JOIN invitations b ON b.courseId = a.courseId WHERE a.courseId = '1001'`},
		{"an aggregate", `SELECT count(*) FROM invitations WHERE courseId = '1001'`},
		{"a delete", `DELETE FROM invitations WHERE courseId = '1001'`},
		{"an exec", `EXEC invitations.list @courseId = '1001'`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			p := &paged{pages: 100, size: 10}
			list := func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
				return func(yield func(provider.Row, error) bool) {
					for row, err := range p.list(ctx, args) {
						if int(p.asked.Load()) == 2 {
							cancel()
						}
						if !yield(row, err) {
							return
						}
					}
				}
			}
			s := session(t, provider.Methods{schema + ".invitations.list": list})
			before := goleak.IgnoreCurrent()
			_, _, err := run(ctx, s, tt.sql)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s\ngot %v, want %v", tt.sql, err, context.Canceled)
			}
			if p := sqlengine.Describe(err); p.Exit != sqlengine.ExitInterrupted {
				t.Errorf("%s\nDescribe = %+v, want exit %d", tt.sql, p, sqlengine.ExitInterrupted)
			}
			if err := goleak.Find(before); err != nil {
				t.Errorf("%s\n%v", tt.sql, err)
			}
			if got, _, err := run(t.Context(), s, `SELECT 1`); err != nil || len(got.rows) != 1 {
				t.Errorf("the next statement: %v", err)
			}
			if _, _, err := run(ctx, s, `SELECT 1`); !errors.Is(err, context.Canceled) {
				t.Errorf("a statement of an ended context: %v, want %v", err, context.Canceled)
			}
		})
	}
}

// TestBackend checks when the backend is opened, and what becomes of its error.
func TestBackend(t *testing.T) {
	opened, fail := 0, true
	s, err := sqlengine.Open(t.Context(), sqlengine.Options{
		Registry: registry.Embedded(),
		Backend: func(context.Context) (provider.Methods, error) {
			opened++
			if fail {
				return nil, provider.Errorf(provider.Unauthenticated, "sign in first")
			}
			return provider.Methods{}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, tt := range []struct {
		sql          string
		exit, opened int
	}{
		{`SELECT 1`, 0, 0},
		{`SHOW PROVIDERS`, 0, 0},
		{`EXPLAIN SELECT * FROM courses`, 0, 0},
		{`EXPLAIN DELETE FROM invitations WHERE courseId = '1'`, 0, 0},
		{`SELECT * FROM invitations`, sqlengine.ExitSQL, 0},
		{`SELECT * FROM invitations WHERE courseId = NULL`, 0, 0},
		{`SELECT * FROM courses`, sqlengine.ExitAuth, 1},
		{`DELETE FROM invitations WHERE id = 'x'`, sqlengine.ExitAuth, 2},
		{`DELETE FROM invitations WHERE id IN ('x', 'y', 'z')`, sqlengine.ExitAuth, 3}, // stops at the first
	} {
		_, _, err := run(t.Context(), s, tt.sql)
		if p := sqlengine.Describe(err); p.Exit != tt.exit || opened != tt.opened {
			t.Errorf("%s\nexit %d (%v), opened %d times, want exit %d, opened %d times", tt.sql, p.Exit, err, opened, tt.exit, tt.opened)
		}
	}
	fail = false
	for range 2 {
		_, _, err := run(t.Context(), s, `SELECT * FROM courses`)
		if provider.CodeOf(err) != provider.Unimplemented || opened != 4 {
			t.Errorf("without a method: %v, opened %d times, want UNIMPLEMENTED, opened 4 times", err, opened)
		}
	}
}

// TestReopened checks that a session goes on after SQLite has panicked, which
// is how it says that it is out of memory. A method that panics does the same.
func TestReopened(t *testing.T) {
	panics := true
	s := session(t, provider.Methods{schema + ".courses.list": func(context.Context, provider.Args) iter.Seq2[provider.Row, error] {
		return func(yield func(provider.Row, error) bool) {
			if panics {
				panic("out of memory")
			}
			yield(make(provider.Row, 12), nil)
		}
	}})
	if _, _, err := run(t.Context(), s, `CREATE TABLE own (a)`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, _, err := run(t.Context(), s, `SELECT id FROM courses ORDER BY id`)
		if p := sqlengine.Describe(err); p.Exit != sqlengine.ExitSQL || !strings.Contains(p.Message, "too much") {
			t.Errorf("a panic is told as %s (exit %d), want exit %d", said(err), p.Exit, sqlengine.ExitSQL)
		}
		if _, _, err := run(t.Context(), s, `SELECT 1`); err != nil {
			t.Errorf("the next statement: %v", err)
		}
	}
	panics = false
	if got, _, err := run(t.Context(), s, `SELECT count(*) FROM courses`); err != nil || len(got.rows) != 1 {
		t.Errorf("afterwards: %v", err)
	}
}

// hogs are statements that take too much.
var hogs = []struct{ name, sql string }{
	{"a long string", `SELECT printf('%.*c', 1000000000, 'x')`},
	{"a long blob", `SELECT hex(zeroblob(1000000000))`},
	{"doubling", `WITH RECURSIVE d(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM d) SELECT length(s) FROM d`},
	{"group_concat", `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT length(group_concat(hex(zeroblob(1000000)))) FROM n`},
	{"replace", `SELECT length(replace(hex(zeroblob(20000)), '0', hex(zeroblob(20000))))`},
}

// TestTooMuch checks that what takes too much is an error, and that the session
// works afterwards.
func TestTooMuch(t *testing.T) {
	s := session(t, classroom.Methods(caller(t, readSchool(t, "awkward.yaml"), "")))
	for _, hog := range hogs {
		t.Run(hog.name, func(t *testing.T) {
			_, _, err := run(t.Context(), s, hog.sql)
			if p := sqlengine.Describe(err); p.Exit != sqlengine.ExitSQL {
				t.Errorf("%s\n%s (exit %d), want exit %d", hog.sql, said(err), p.Exit, sqlengine.ExitSQL)
			}
			if got, _, err := run(t.Context(), s, `SELECT count(*) FROM courses`); err != nil || got.rows[0][0] != int64(12) {
				t.Errorf("afterwards: %v, %v", got.rows, err)
			}
		})
	}
}

// TestDeadline stops statements without an end.
func TestDeadline(t *testing.T) {
	s := session(t, nil)
	for _, sql := range []string{
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`,
		`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0`,
		`WITH n(i) AS (SELECT value FROM json_each('[1,2,3,4,5,6,7,8,9]')) SELECT count(*) FROM n a, n b, n c, n d, n e, n f, n g, n h, n i, n j, n k, n l`,
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, _, err := run(ctx, s, sql)
		cancel()
		if p := sqlengine.Describe(err); !errors.Is(err, context.DeadlineExceeded) || p.Exit != sqlengine.ExitLater {
			t.Errorf("%s\ngot %v, exit %d, want %v, exit %d", sql, err, p.Exit, context.DeadlineExceeded, sqlengine.ExitLater)
		}
		if _, _, err := run(t.Context(), s, `SELECT 1`); err != nil {
			t.Errorf("the next statement: %v", err)
		}
	}
}

// TestTooLarge checks that statements that are too large or too deep are
// refused at once.
func TestTooLarge(t *testing.T) {
	s := session(t, nil)
	many := strings.Repeat
	for _, tt := range []struct{ name, sql string }{
		{"text", `SELECT '` + many("x", 2<<20) + `'`},
		{"parentheses", `SELECT ` + many("(", 1000) + `1` + many(")", 1000)},
		{"subqueries", many(`SELECT * FROM (`, 400) + `SELECT 1` + many(`)`, 400)},
		{"case", `SELECT ` + many(`CASE WHEN 1 THEN `, 1000) + `1` + many(` END`, 1000)},
		{"not", `SELECT ` + many(`NOT `, 5000) + `1`},
		{"minus", `SELECT ` + many(`- `, 5000) + `1`},
		{"tilde", `SELECT ` + many(`~`, 100000) + `1`},
		{"compound", `SELECT 1` + many(` UNION ALL SELECT 1`, 400)},
		{"with", `WITH ` + many(`a AS (SELECT 1), `, 400) + `b AS (SELECT 1) SELECT 1`},
		{"joins", `SELECT 1 FROM courses` + many(`, courses`, 100)},
		{"columns", `SELECT 1` + many(`, 1`, 5000)},
		{"ors", `SELECT 1 WHERE 1` + many(` OR 1`, 20000)},
		{"concats", `SELECT 1` + many(` || 1`, 20000)},
		{"nested functions", `SELECT ` + many(`abs(`, 140) + `1` + many(`)`, 140)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			_, _, err := run(t.Context(), s, tt.sql)
			if p := sqlengine.Describe(err); tt.name != "nested functions" && p.Exit != sqlengine.ExitSQL {
				t.Errorf("%.60s...\n%.300s (exit %d), want exit %d", tt.sql, said(err), p.Exit, sqlengine.ExitSQL)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("%.60s...\nrefused after %v", tt.sql, took)
			}
			if _, _, err := run(t.Context(), s, `SELECT 1`); err != nil {
				t.Fatalf("the next statement: %v", err)
			}
		})
	}
}

// TestPlaces checks that errors say where in the statement they are.
func TestPlaces(t *testing.T) {
	type place struct {
		Line, Column, Length int
		Token                string
	}
	s := session(t, classroom.Methods(caller(t, readSchool(t, "awkward.yaml"), "")))
	for _, tt := range []struct {
		name, sql string
		want      place
	}{
		{"null in an insert", "INSERT INTO invitations (courseId, userId, role)\nVALUES ('1007', NULL, 'STUDENT')", place{2, 17, 4, "NULL"}},
		{"null in the second row", "INSERT INTO invitations (courseId, userId, role) VALUES\n('1007', '1', 'STUDENT'),\n('1007', '1', NULL)", place{3, 15, 4, "NULL"}},
		{"bad enum", "INSERT INTO invitations (courseId, userId, role)\n VALUES ('1007', '1', 'STUDENTS')", place{2, 23, 10, "'STUDENTS'"}},
		{"bad enum that is also something else", "INSERT INTO invitations (courseId, userId, role) VALUES ('PUPIL', '1', 'PUPIL')", place{1, 72, 7, "'PUPIL'"}},
		{"uneven values", "INSERT INTO invitations (courseId, userId, role) VALUES ('1', '1', 'STUDENT'), ('1', '2')", place{1, 80, 10, "('1', '2')"}},
		{"missing column", "INSERT INTO invitations (courseId, userId) VALUES ('1', '1')", place{1, 13, 11, "invitations"}},
		{"no method", "INSERT INTO courses (name) VALUES ('x')", place{1, 13, 7, "courses"}},
		{"delete without a method", "DELETE FROM courses WHERE id = '1'", place{1, 13, 7, "courses"}},
		{"unknown column of a delete", "DELETE FROM invitations WHERE courseId = '1' AND\nroel = 'STUDENT'", place{2, 1, 4, "roel"}},
		{"unknown column of a returning", "DELETE FROM invitations WHERE id = 'aa1'\nRETURNING rol", place{2, 11, 3, "rol"}},
		{"unknown column of rows", "INSERT INTO invitations (courseId, userId, role)\nSELECT id, 'me', rolle FROM courses", place{2, 18, 5, "rolle"}},
		{"unknown column in explain", "EXPLAIN SELECT nme FROM courses", place{1, 16, 3, "nme"}},
		{"unknown column in exec", "EXEC invitations.accept @id IN (SELECT idd FROM courses)", place{1, 40, 3, "idd"}},
		{"unknown table in a subquery", "SELECT 1 WHERE EXISTS (SELECT 1 FROM nothing)", place{1, 38, 7, "nothing"}},
		{"unknown column after a tab and crlf", "SELECT\r\n\tnme FROM courses", place{2, 2, 3, "nme"}},
		{"enum in the second of two places", "SELECT 'OPEN', id FROM courses WHERE courseState = 'OPEN'", place{1, 52, 6, "'OPEN'"}},
		{"table without a key", "SELECT * FROM invitations", place{1, 15, 11, "invitations"}},
		{"another name in an or", "SELECT * FROM invitations WHERE courseId = '1003' AND (userId = 'me' OR role = 'OWNER')", place{1, 65, 4, "'me'"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := run(t.Context(), s, tt.sql)
			p := sqlengine.Describe(err)
			if p.Exit != sqlengine.ExitSQL {
				t.Fatalf("%s\n%s (exit %d), want exit %d", tt.sql, said(err), p.Exit, sqlengine.ExitSQL)
			}
			if d := cmp.Diff(tt.want, place{p.Line, p.Column, p.Length, p.Token}); d != "" {
				t.Errorf("%s\n%s (-want +got)\n%s", tt.sql, said(err), d)
			}
		})
	}
}

// TestExplainIsTheSameEachTime catches an order that a map decides.
func TestExplainIsTheSameEachTime(t *testing.T) {
	s := session(t, nil)
	for _, sql := range []string{
		`EXPLAIN EXEC invitations.create @@json = '{"courseId": "1", "userId": "2", "role": "STUDENT"}'`,
		`SELECT 1 FROM invitations, students, teachers, user_profiles`,
		`EXEC invitations.create @@json = '{"course": "1", "user": "2", "rle": "STUDENT"}'`,
		`INSERT INTO invitations (courseId, userId, role) VALUES ('1', '1', 'X'), ('1', '1', 'Y')`,
	} {
		first := ""
		for i := range 20 {
			got, _, err := run(t.Context(), s, sql)
			text := strings.Join(lines(got.rows), "\n") + said(err)
			if i == 0 {
				first = text
			}
			if text != first {
				t.Errorf("%s\none time\n%s\nanother time\n%s", sql, first, text)
				break
			}
		}
	}
}
