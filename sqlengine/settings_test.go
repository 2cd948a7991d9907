package sqlengine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// TestUse checks that a session goes on with another backend and keeps its tables.
func TestUse(t *testing.T) {
	opts := func(pages int, principal string) sqlengine.Options {
		return sqlengine.Options{
			Registry: registry.Embedded(),
			Backend:  func(context.Context) (provider.Methods, error) { return (&paged{pages: pages, size: 1}).methods(), nil },
			Identity: func(context.Context) (sqlengine.Identity, error) {
				return sqlengine.Identity{Principal: principal}, nil
			},
		}
	}
	s, err := sqlengine.Open(t.Context(), opts(1, "ann"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	rows := func(sql string) []provider.Row {
		var out table
		if _, err := s.Run(t.Context(), syntax.Text(sql), &out); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return out.rows
	}
	const list = `SELECT id FROM invitations WHERE courseId = '1001'`
	rows(`CREATE TABLE t AS ` + list)
	s.Use(opts(2, "bob"))
	for sql, want := range map[string][]provider.Row{
		list:                        {{"i1-0"}, {"i2-0"}},
		`SELECT id FROM t`:          {{"i1-0"}},
		`SHOW AUTH googleworkspace`: {{"bob", "", ""}},
	} {
		if diff := cmp.Diff(want, rows(sql)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sql, diff)
		}
	}
	careful := opts(1, "ann")
	careful.ReadOnly = true
	s.Use(careful)
	_, err = s.Run(t.Context(), syntax.Text(`DELETE FROM invitations WHERE id = 'a'`), &table{})
	if _, ok := errors.AsType[*sqlengine.ConsentError](err); !ok {
		t.Errorf("a change where only reading is allowed: %v", err)
	}
}

// TestUseLimits checks that what a session may ask of a backend is what was said of
// the backend that it uses now.
func TestUseLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &district{courses: 40, each: 1, latency: time.Second}
		var asked sqlengine.Change
		with := func(opts sqlengine.Options) sqlengine.Options {
			opts.Backend = func(context.Context) (provider.Methods, error) { return d.methods(), nil }
			opts.Consent = func(_ context.Context, c sqlengine.Change) error {
				asked = c
				return &sqlengine.ConsentError{}
			}
			return opts
		}
		s := sessionOf(t, d.methods(), sqlengine.Options{Parallel: 2})
		const join = `SELECT i.id FROM courses c JOIN invitations i ON i.courseId = c.id`
		for _, parallel := range []int64{8, 3} {
			s.Use(with(sqlengine.Options{Parallel: int(parallel)}))
			d.most.Store(0)
			if _, _, err := run(t.Context(), s, join); err != nil || d.most.Load() != parallel {
				t.Errorf("%d requests at once, %v, want %d", d.most.Load(), err, parallel)
			}
		}
		s.Use(with(sqlengine.Options{MaxCalls: 5, Rate: 10}))
		_, _, err := run(t.Context(), s, join)
		if p := sqlengine.Describe(err); p.Exit != sqlengine.ExitConsent {
			t.Errorf("more calls than may be made: %s", said(err))
		}
		_, _, err = run(t.Context(), s, `INSERT INTO invitations (courseId, userId, role) SELECT id, 'a@example.edu', 'STUDENT' FROM courses`)
		if p := sqlengine.Describe(err); p.Exit != sqlengine.ExitConsent || asked.Takes != 4*time.Second {
			t.Errorf("asked about %+v, %s, want about 4 seconds", asked, said(err))
		}
	})
}

// TestSetDryRun checks that a change is shown, and is made once it is not to be
// shown any more.
func TestSetDryRun(t *testing.T) {
	s := demo(t)
	const change = `INSERT INTO invitations (courseId, userId, role) SELECT id, 'new@example.edu', 'STUDENT' FROM courses LIMIT 1`
	for _, dry := range []bool{true, false, true} {
		s.SetDryRun(dry)
		sum, _ := s.Run(t.Context(), syntax.Text(change), &table{})
		if got := sum.Planned == 1 && sum.Changed+sum.Failed == 0; got != dry {
			t.Errorf("dry %v: %+v", dry, sum)
		}
	}
}
