package sqlengine_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider"
)

// How the rows of a shape are compared.
const (
	asSet  = iota // in any order
	asList        // ORDER BY is total
	asPart        // LIMIT without an order: the number of rows, which are among those without it
)

type shape struct {
	name string
	sql  string
	as   int
}

// TestDifferential runs each shape through a session, whose tables are methods,
// and on plain tables with the same rows. The answers must be equal. Where a
// table needs a key to be read, the shape has one, as a person would.
func TestDifferential(t *testing.T) {
	if len(shapes) < 120 {
		t.Errorf("%d shapes, want 120 or more", len(shapes))
	}
	emulated := awkward(t)
	for _, world := range []struct {
		name string
		*world
		ahead bool // calls are made ahead, and are late
	}{
		{"emulator", emulated, false},
		{"made", emptied(emulated), false},
		{"ahead", emptied(emulated), true},
	} {
		t.Run(world.name, func(t *testing.T) {
			s, conn := session(t, world.methods), plain(t, world.world)
			if world.ahead {
				s = aheadSession(t, late(world.methods, 0))
			}
			for _, sh := range shapes {
				t.Run(sh.name, func(t *testing.T) {
					got, _, err := run(t.Context(), s, sh.sql)
					if err != nil {
						t.Fatalf("%s\n%s", sh.sql, said(err))
					}
					want, err := runPlain(conn, sh.sql)
					if err != nil {
						t.Fatalf("plain SQLite: %s\n%v", sh.sql, err)
					}
					if sh.as == asPart {
						whole, err := runPlain(conn, unlimited(sh.sql))
						if err != nil {
							t.Fatal(err)
						}
						comparePart(t, sh.sql, want, whole, got)
						return
					}
					if d := diff(want, got, sh.as == asList); d != "" {
						t.Errorf("%s\n%s", sh.sql, d)
					}
				})
			}
		})
	}
}

// unlimited returns a query without the LIMIT at its end.
func unlimited(sql string) string { return sql[:strings.LastIndex(sql, "LIMIT")] }

// comparePart checks a result of which only the number of rows is certain, and
// that they are among those of the whole.
func comparePart(t *testing.T, sql string, want, whole, got *table) {
	t.Helper()
	if !slices.Equal(want.columns, got.columns) || len(want.rows) != len(got.rows) {
		t.Errorf("%s\ngot %d rows of %v, want %d of %v", sql, len(got.rows), got.columns, len(want.rows), want.columns)
	}
	left := lines(whole.rows)
	for _, line := range lines(got.rows) {
		i := slices.Index(left, line)
		if i < 0 {
			t.Fatalf("%s\ngot the row %s, which is not in the whole:\n%s", sql, line, strings.Join(lines(whole.rows), "\n"))
		}
		left = slices.Delete(left, i, i+1)
	}
}

// emptied returns a world of the same rows with some more that the emulator
// cannot have: empty texts, texts that look like other types, and roles and
// profiles that are missing.
func emptied(w *world) *world {
	tables := maps.Clone(w.tables)
	for name, rows := range tables {
		tables[name] = slices.Clone(rows)
	}
	add := func(name string, rows ...provider.Row) { tables[name] = append(tables[name], rows...) }
	add("courses",
		provider.Row{"1013", "", "", "", "", "", "9002", "ACTIVE", "2026-01-13T08:00:00.000Z", "", "", ""},
		provider.Row{"1014", " ", nil, "1e400", "0x10", "-0", "9999", "SUSPENDED", "2026-01-14T08:00:00.000Z", nil, "\n", "\t'"},
		provider.Row{"01003", "leading zero", "1", nil, nil, nil, "9003", "ACTIVE", nil, nil, nil, nil},
	)
	add("invitations",
		provider.Row{"", "1013", "9004", ""},
		provider.Row{"gg1", "1013", nil, nil},
		provider.Row{"gg2", "1013", nil, "STUDENT"},
		provider.Row{"gg3", "1014", "9999", "OWNER"},
		provider.Row{"01003", "01003", "9001", "TEACHER"},
		provider.Row{"O'B", "01003", "9004", "STUDENT"},
	)
	add("students",
		provider.Row{"1013", "9012", "", "", nil, "", ""},
		provider.Row{"1014", "9999", "No Profile", nil, nil, nil, nil},
	)
	add("teachers", provider.Row{"1013", "9002", "Sean O'Brien", "Sean", "O'Brien", "sean@awk.example", nil})
	add("user_profiles", provider.Row{"9100", "9100", "", "", "", "", "", nil})
	return made(tables)
}

// TestDifferentialTwice runs all the shapes in one session in another order
// and twice, so that none leaves anything behind for the next.
func TestDifferentialTwice(t *testing.T) {
	w := emptied(awkward(t))
	s := session(t, w.methods)
	first := map[string]*table{}
	for _, sh := range shapes {
		got, _, err := run(context.Background(), s, sh.sql)
		if err != nil {
			t.Fatalf("%s\n%s", sh.sql, said(err))
		}
		first[sh.sql] = got
	}
	for _, sh := range slices.Backward(shapes) {
		got, _, err := run(context.Background(), s, sh.sql)
		if err != nil {
			t.Fatalf("%s\n%s", sh.sql, said(err))
		}
		if d := diff(first[sh.sql], got, true); d != "" {
			t.Errorf("the second time: %s\n%s", sh.sql, d)
		}
	}
}
