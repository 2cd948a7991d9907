package sqlengine_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// table is a result in memory.
type table struct {
	columns []string
	rows    []provider.Row
}

func (t *table) Columns(columns []sqlengine.Column) error {
	for _, c := range columns {
		t.columns = append(t.columns, c.Name)
	}
	return nil
}

func (t *table) Row(row provider.Row) error {
	t.rows = append(t.rows, row)
	return nil
}

// demo returns a session of the demo school's first admin.
func demo(t *testing.T) *sqlengine.Session { return as(t, emulator.Demo(), "") }

// as returns a session of a user of a school.
func as(t *testing.T, school *emulator.School, user string) *sqlengine.Session {
	t.Helper()
	store, err := emulator.Open(t.Context(), emulator.Options{Seed: school})
	if err != nil {
		t.Fatal(err)
	}
	caller, err := store.As(user)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlengine.Open(t.Context(), sqlengine.Options{
		Registry: registry.Embedded(),
		Backend:  func(context.Context) (provider.Methods, error) { return classroom.Methods(caller), nil },
		Identity: func(context.Context) (sqlengine.Identity, error) {
			return sqlengine.Identity{Principal: user, Type: "mock", Source: "memory"}, nil
		},
		Build: sqlengine.Build{Version: "test"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestTables(t *testing.T) {
	t.Parallel()
	s := sessionOf(t, nil, sqlengine.Options{})
	if got, err := s.Tables(); len(got) > 0 || err != nil {
		t.Errorf("Tables() of a session that has run nothing = %v, %v", got, err)
	}
	for _, stmt := range []string{
		`CREATE TABLE stale (course, "days left" INTEGER)`,
		`CREATE TEMP TABLE "it's" AS SELECT 1 AS a`,
		`CREATE TEMP VIEW late AS SELECT course AS c, id FROM stale JOIN courses ON id = course`,
		`CREATE TABLE gone (x)`,
		`CREATE TEMP VIEW lost AS SELECT x FROM gone`,
		`DROP TABLE gone`,
	} {
		if _, _, err := run(t.Context(), s, stmt); err != nil {
			t.Fatalf("%s: %v", stmt, err)
		}
	}
	got, err := s.Tables()
	want := map[string][]string{"stale": {"course", "days left"}, "it's": {"a"}, "late": {"c", "id"}, "lost": nil}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("Tables(), %v (-want +got):\n%s", err, diff)
	}
}
