package sqlengine_test

import (
	"context"
	"errors"
	"testing"

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
