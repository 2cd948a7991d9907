package sqlengine_test

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

// late returns methods that answer later, each after a time of its own, in pages
// of a few rows, and that fail by chance in any place.
func late(methods provider.Methods, chance float64) provider.Methods {
	out := provider.Methods{}
	for id, f := range methods {
		out[id] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return func(yield func(provider.Row, error) bool) {
				for row, err := range f(ctx, args) {
					for range rand.IntN(30) {
						runtime.Gosched()
					}
					if rand.Float64() < chance {
						yield(nil, provider.Errorf(provider.Unavailable, "the service is down"))
						return
					}
					if !yield(row, err) || err == nil && rand.IntN(3) == 0 && !yield(nil, nil) {
						return
					}
				}
			}
		}
	}
	return out
}

// aheadSession returns a session that makes calls ahead as soon as it waits.
func aheadSession(t testing.TB, methods provider.Methods) *sqlengine.Session {
	t.Helper()
	return sessionOf(t, methods, sqlengine.Options{Parallel: 8, ScoutAfter: -1})
}

// TestFaultsAhead has calls fail in any place: the answer is whole, or an error.
func TestFaultsAhead(t *testing.T) {
	w := emptied(awkward(t))
	s, conn := aheadSession(t, late(w.methods, 0.01)), plain(t, w)
	failed, whole := 0, 0
	for range 3 {
		for _, sh := range shapes {
			if sh.as == asPart {
				continue
			}
			got, _, err := run(t.Context(), s, sh.sql)
			if err != nil {
				failed++
				if p := sqlengine.Describe(err); p.Exit != sqlengine.ExitLater {
					t.Errorf("%s\n%s (exit %d), want exit %d", sh.sql, said(err), p.Exit, sqlengine.ExitLater)
				}
				continue
			}
			whole++
			want, err := runPlain(conn, sh.sql)
			if err != nil {
				t.Fatal(err)
			}
			if d := diff(want, got, sh.as == asList); d != "" {
				t.Errorf("%s\n%s", sh.sql, d)
			}
		}
	}
	if failed == 0 || whole == 0 {
		t.Errorf("%d statements failed, %d did not: want some of both", failed, whole)
	}
}

// district is a service with a latency: courses, invitations of each, and
// profiles. It counts calls, and how many are under way.
type district struct {
	courses, each int
	latency       time.Duration
	calls         atomic.Int64
	under, most   atomic.Int64
}

// request is what every request takes.
func (d *district) request(ctx context.Context) error {
	d.calls.Add(1)
	n := d.under.Add(1)
	defer d.under.Add(-1)
	for most := d.most.Load(); n > most && !d.most.CompareAndSwap(most, n); most = d.most.Load() {
	}
	select {
	case <-time.After(d.latency):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// paged yields n rows in pages of a hundred.
func (d *district) paged(n int, row func(i int) provider.Row) func(context.Context) iter.Seq2[provider.Row, error] {
	return func(ctx context.Context) iter.Seq2[provider.Row, error] {
		return func(yield func(provider.Row, error) bool) {
			for i := range max(n, 1) {
				if i%100 == 0 {
					if i > 0 && !yield(nil, nil) {
						return
					}
					if err := d.request(ctx); err != nil {
						yield(nil, err)
						return
					}
				}
				if i < n && !yield(row(i), nil) {
					return
				}
			}
		}
	}
}

func (d *district) methods() provider.Methods {
	return provider.Methods{
		schema + ".courses.list": func(ctx context.Context, _ provider.Args) iter.Seq2[provider.Row, error] {
			return d.paged(d.courses, func(i int) provider.Row {
				return provider.Row{fmt.Sprint(1000 + i), fmt.Sprintf("Course %d", i), nil, nil, nil, nil, "9001", "ACTIVE", nil, nil, nil, nil}
			})(ctx)
		},
		schema + ".invitations.list": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			course := args["courseId"]
			return d.paged(d.each, func(i int) provider.Row {
				return provider.Row{fmt.Sprintf("i%s-%d", course, i), course, fmt.Sprintf("9%s%d", course, i), "STUDENT"}
			})(ctx)
		},
		schema + ".user_profiles.get": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return d.paged(1, func(int) provider.Row {
				id := args["userId"]
				if id == "" {
					id = args["id"]
				}
				return provider.Row{id, "Name " + id, nil, nil, nil, nil, nil, nil}
			})(ctx)
		},
	}
}

// TestAhead measures statements by a clock that stands still while anything
// works: the time is that of the requests, and how many were made at once. The
// shape with the name "..., alone" is what it is without calls made ahead.
func TestAhead(t *testing.T) {
	const latency = 50 * time.Millisecond
	for _, tt := range []struct {
		name, sql  string
		rows       int
		calls      int     // at most
		atLeast    int     // calls
		rounds     float64 // time at most, in times of calls/32 requests one after the other
		stepsAside float64 // and so many requests more, that nothing goes along with
	}{
		{"join", `SELECT c.name, i.id FROM courses c JOIN invitations i ON i.courseId = c.id`, 4000, 202, 202, 1.0, 4},
		{"left join", `SELECT c.name, i.id FROM courses c LEFT JOIN invitations i ON i.courseId = c.id`, 4000, 202, 202, 1.0, 4},
		{"a tenth", `SELECT c.name, i.id FROM courses c JOIN invitations i ON i.courseId = c.id WHERE c.name LIKE '%7'`, 400, 22, 22, 1.0, 4},
		{"in", `SELECT count(*) FROM invitations WHERE courseId IN (SELECT id FROM courses)`, 1, 202, 202, 1.0, 4},
		{"exists", `SELECT name FROM courses c WHERE EXISTS (SELECT 1 FROM invitations i WHERE i.courseId = c.id)`, 200, 202, 202, 1.0, 8},
		{"not exists", `SELECT name FROM courses c WHERE NOT EXISTS (SELECT 1 FROM invitations i WHERE i.courseId = c.id)`, 0, 202, 202, 1.0, 8},
		{"correlated", `SELECT name, (SELECT count(*) FROM invitations i WHERE i.courseId = c.id) FROM courses c`, 200, 202, 202, 1.0, 8},
		{"group", `SELECT c.id, count(*) FROM courses c JOIN invitations i ON i.courseId = c.id GROUP BY 1`, 200, 202, 202, 1.0, 4},
		{"order", `SELECT c.name, i.id FROM courses c JOIN invitations i ON i.courseId = c.id ORDER BY 2 DESC`, 4000, 202, 202, 1.0, 4},
		{"with", `WITH c AS MATERIALIZED (SELECT id FROM courses WHERE name LIKE '%7') SELECT i.id FROM c JOIN invitations i ON i.courseId = c.id`, 400, 22, 22, 1.0, 4},
		{"union", `SELECT i.id FROM courses c JOIN invitations i ON i.courseId = c.id WHERE c.name LIKE '%7' UNION ALL SELECT i.id FROM courses c JOIN invitations i ON i.courseId = c.id WHERE c.name LIKE '%8'`, 800, 42, 42, 1.0, 6},
		{"recursive", `WITH RECURSIVE n(k) AS (SELECT 1000 UNION ALL SELECT k + 1 FROM n WHERE k < 1063) SELECT i.id FROM n JOIN invitations i ON i.courseId = CAST(n.k AS TEXT)`, 1280, 64, 64, 1.0, 6},
		{"three levels", `SELECT c.name, p.fullName FROM courses c JOIN invitations i ON i.courseId = c.id JOIN user_profiles p ON p.id = i.userId WHERE c.name LIKE '%7'`, 400, 422, 422, 1.0, 8},
		{"limit", `SELECT c.name, i.id FROM courses c JOIN invitations i ON i.courseId = c.id LIMIT 5`, 5, 8, 2, 1.0, 4},
		{"limit of one table", `SELECT id FROM courses LIMIT 10`, 10, 1, 1, 1, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &district{courses: 200, each: 20, latency: latency}
				s := session(t, d.methods())
				start := time.Now()
				got, sum, err := run(t.Context(), s, tt.sql)
				took := time.Since(start)
				if err != nil {
					t.Fatalf("%s\n%s", tt.sql, said(err))
				}
				calls := int(d.calls.Load())
				if len(got.rows) != tt.rows || calls > tt.calls || calls < tt.atLeast {
					t.Errorf("%s\n%d rows by %d requests, want %d rows by %d to %d", tt.sql, len(got.rows), calls, tt.rows, tt.atLeast, tt.calls)
				}
				if most := d.most.Load(); most > 32 {
					t.Errorf("%s\n%d requests at once, want 32 at most", tt.sql, most)
				}
				ideal := float64(calls) / 32 * float64(latency)
				most := time.Duration(tt.rounds*ideal + tt.stepsAside*float64(latency))
				if took > most {
					t.Errorf("%s\ntook %v for %d requests, want %v at most", tt.sql, took, calls, most)
				}
				t.Logf("%v, %d requests, %d calls, the ideal is %v", took, calls, sum.Calls, time.Duration(ideal))
			})
		})
	}
}

// TestAheadOwnTables has a scout find what depends on the session's own tables.
func TestAheadOwnTables(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &district{courses: 100, each: 3, latency: 50 * time.Millisecond}
		s := session(t, d.methods())
		for _, sql := range []string{
			`CREATE TABLE wanted (course TEXT)`,
			`INSERT INTO wanted SELECT id FROM courses`,
			`CREATE TEMP VIEW open_ones AS SELECT w.course, i.id FROM wanted w JOIN invitations i ON i.courseId = w.course`,
		} {
			if _, _, err := run(t.Context(), s, sql); err != nil {
				t.Fatalf("%s\n%s", sql, said(err))
			}
		}
		for range 2 {
			start := time.Now()
			got, _, err := run(t.Context(), s, `SELECT w.course, v.id, p.fullName FROM wanted w JOIN open_ones v ON v.course = w.course JOIN user_profiles p ON p.id = 'me'`)
			if err != nil || len(got.rows) != 300 {
				t.Fatalf("%d rows, %v, want 300", len(got.rows), err)
			}
			if took := time.Since(start); took > 12*d.latency {
				t.Errorf("took %v for 101 requests at once", took)
			}
		}
	})
}

// TestMaxCalls has statements make more calls than they may.
func TestMaxCalls(t *testing.T) {
	d := &district{courses: 50, each: 1}
	s := sessionOf(t, d.methods(), sqlengine.Options{MaxCalls: 20, ScoutAfter: -1})
	_, _, err := run(t.Context(), s, `SELECT i.id FROM courses c JOIN invitations i ON i.courseId = c.id`)
	p := sqlengine.Describe(err)
	if p.Exit != sqlengine.ExitConsent || !strings.Contains(p.Message, "20 calls") {
		t.Errorf("%s (exit %d), want exit %d", said(err), p.Exit, sqlengine.ExitConsent)
	}
	if n := d.calls.Load(); n > 20 {
		t.Errorf("%d calls were made, want 20 at most", n)
	}
	if _, _, err := run(t.Context(), s, `SELECT i.id FROM courses c JOIN invitations i ON i.courseId = c.id LIMIT 5`); err != nil {
		t.Errorf("a LIMIT within the calls: %v", err)
	}
}
