package sqlengine_test

import (
	"context"
	"fmt"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

// wide is a district with rosters, and invitations that name courses in turn.
type wide struct {
	district
	students int
}

func (d *wide) methods() provider.Methods {
	m := d.district.methods()
	m[schema+".students.list"] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
		return d.paged(d.students, func(i int) provider.Row {
			return provider.Row{args["courseId"], fmt.Sprintf("9%s%d", args["courseId"], i), "S", nil, nil, nil, nil}
		})(ctx)
	}
	return m
}

// counted is a recursive query of the numbers from 1000 on, as texts.
const counted = `WITH RECURSIVE n(k) AS (SELECT 1000 UNION ALL SELECT k + 1 FROM n WHERE k < %d) SELECT CAST(k AS TEXT) AS k FROM n`

// TestAheadShapes has shapes that were once read one call after the other, or made
// calls that nobody needed: they take the time of their requests and little more.
func TestAheadShapes(t *testing.T) {
	const latency = 50 * time.Millisecond
	for _, tt := range []struct {
		name                 string
		courses, each, pupil int
		setUp                []string
		sql                  string
		requests             int64   // at most
		more                 float64 // rounds beside those of the requests
	}{
		{"a value after a comma", 500, 1000, 0, nil, `SELECT c.name, (SELECT i.id FROM invitations i WHERE i.courseId = c.id) FROM courses c`, 520, 12},
		{"a value of WITH", 500, 1000, 0, nil, `SELECT (WITH x AS (SELECT id, courseId FROM invitations) SELECT x.id FROM x WHERE x.courseId = c.id) FROM courses c`, 520, 12},
		{"two anti-joins", 4000, 1, 1, nil, `SELECT count(*) FROM courses c WHERE NOT EXISTS (SELECT 1 FROM invitations i WHERE i.courseId = c.id) AND NOT EXISTS (SELECT 1 FROM students s WHERE s.courseId = c.id)`, 9000, 20},
		{"an anti-join and a join", 4000, 1, 1, nil, `SELECT count(*) FROM courses c LEFT JOIN invitations i ON i.courseId = c.id JOIN students s ON s.courseId = c.id WHERE i.id IS NULL`, 9000, 20},
		{"own table, the first statement that waits", 100, 3, 0, []string{`CREATE TABLE wanted (course TEXT)`, `INSERT INTO wanted ` + fmt.Sprintf(counted, 1099)}, `SELECT w.course, i.id FROM wanted w JOIN invitations i ON i.courseId = w.course`, 110, 12},
		{"beside a large own table", 100, 3, 0, []string{`CREATE TABLE big AS ` + fmt.Sprintf(counted, 101_001)}, `SELECT c.id, i.id FROM courses c JOIN invitations i ON i.courseId = c.id`, 110, 12},
		{"beside a generated column", 100, 3, 0, []string{`CREATE TABLE g (a TEXT, b TEXT GENERATED ALWAYS AS (lower(a)))`, `INSERT INTO g (a) VALUES ('x')`}, `SELECT c.id, i.id FROM courses c JOIN invitations i ON i.courseId = c.id`, 110, 12},
		{"a long list in the middle", 3, 2000, 0, nil, `SELECT p.fullName FROM courses c JOIN invitations i ON i.courseId = c.id JOIN user_profiles p ON p.id = i.userId`, 6100, 40},
		{"LIMIT within a view", 1000, 1000, 0, []string{`CREATE TEMP VIEW few AS SELECT c.name, i.id FROM courses c JOIN invitations i ON i.courseId = c.id LIMIT 5`}, `SELECT * FROM few`, 8, 12},
		{"a table of a join", 200, 20, 0, nil, `CREATE TABLE x AS SELECT c.id AS a, i.id AS b FROM courses c JOIN invitations i ON i.courseId = c.id`, 202, 8},
		{"rows of a join", 200, 20, 0, []string{`CREATE TABLE x (id TEXT)`}, `INSERT INTO x SELECT i.id FROM courses c JOIN invitations i ON i.courseId = c.id`, 202, 8},
		{"values of an update", 200, 20, 0, []string{`CREATE TABLE x AS ` + fmt.Sprintf(counted, 1199)}, `UPDATE x SET k = (SELECT max(i.id) FROM invitations i WHERE i.courseId = x.k)`, 202, 12},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &wide{district: district{courses: tt.courses, each: tt.each, latency: latency}, students: tt.pupil}
				s := session(t, d.methods())
				for _, sql := range tt.setUp {
					if _, _, err := run(t.Context(), s, sql); err != nil {
						t.Fatalf("%s\n%s", sql, said(err))
					}
				}
				d.calls.Store(0)
				start := time.Now()
				_, _, err := run(t.Context(), s, tt.sql)
				took, n := time.Since(start), d.calls.Load()
				if err != nil {
					t.Fatalf("%s\n%s", tt.sql, said(err))
				}
				if n > tt.requests {
					t.Errorf("%s\n%d requests, want %d at most", tt.sql, n, tt.requests)
				}
				if most := time.Duration((float64(n)/32 + tt.more) * float64(latency)); took > most {
					t.Errorf("%s\ntook %v for %d requests, want %v at most", tt.sql, took, n, most)
				}
			})
		})
	}
}

// What a pass does to the session's own tables is undone.
func TestAheadLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &district{courses: 50, each: 2, latency: 50 * time.Millisecond}
		s := session(t, d.methods())
		for _, sql := range []string{
			`CREATE TABLE x AS SELECT c.id AS a, i.id AS b FROM courses c JOIN invitations i ON i.courseId = c.id`,
			`INSERT INTO x SELECT c.id, i.id FROM courses c JOIN invitations i ON i.courseId = c.id`,
			`DELETE FROM x WHERE a IN (SELECT i.courseId FROM courses c JOIN invitations i ON i.courseId = c.id WHERE c.name LIKE '%7')`,
		} {
			if _, _, err := run(t.Context(), s, sql); err != nil {
				t.Fatalf("%s\n%s", sql, said(err))
			}
		}
		got, _, err := run(t.Context(), s, `SELECT count(*), count(DISTINCT x.b) FROM x JOIN invitations i ON i.courseId = x.a AND i.id = x.b`)
		if err != nil || fmt.Sprint(got.rows) != "[[180 90]]" {
			t.Errorf("got %v, %v, want 180 rows of 90", got.rows, err)
		}
	})
}

// A scout's calls in vain are not counted against the statement.
func TestMaxCallsOfTheStatement(t *testing.T) {
	for _, after := range []time.Duration{time.Hour, -1} {
		synctest.Test(t, func(t *testing.T) {
			d := &wide{district: district{courses: 50, each: 1, latency: 50 * time.Millisecond}, students: 1}
			s := sessionOf(t, d.methods(), sqlengine.Options{MaxCalls: 55, ScoutAfter: after})
			_, _, err := run(t.Context(), s, `SELECT count(*) FROM courses c WHERE NOT EXISTS (SELECT 1 FROM invitations i WHERE i.courseId = c.id) AND NOT EXISTS (SELECT 1 FROM students i WHERE i.courseId = c.id)`)
			if err != nil || d.calls.Load() > 2*55 {
				t.Errorf("with a scout after %v: %d calls, %v, want 51 and those made in vain", after, d.calls.Load(), err)
			}
		})
	}
}

// A recursion whose calls depend on its own rows takes a round for each depth.
func TestAheadRecursion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &district{courses: 1, each: 1, latency: 50 * time.Millisecond}
		m := d.methods()
		m[schema+".invitations.list"] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			course := args["courseId"]
			n := 0
			if len(course) < 4 {
				n = 8
			}
			return d.paged(n, func(i int) provider.Row {
				return provider.Row{fmt.Sprintf("i%s%d", course, i), course, fmt.Sprintf("%s%d", course, i), "STUDENT"}
			})(ctx)
		}
		s := session(t, m)
		start := time.Now()
		got, _, err := run(t.Context(), s, `WITH RECURSIVE r(u) AS (SELECT '1' UNION SELECT i.userId FROM r JOIN invitations i ON i.courseId = r.u) SELECT count(*) FROM r`)
		if err != nil || fmt.Sprint(got.rows) != "[[585]]" {
			t.Fatalf("got %v, %v", got.rows, err)
		}
		if took, most := time.Since(start), time.Duration(d.calls.Load()/32+12)*d.latency; took > most {
			t.Errorf("took %v for %d requests, want %v at most", took, d.calls.Load(), most)
		}
	})
}
