package vtab

import (
	"context"
	"errors"
	"iter"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open returns a DB whose methods answer with nothing.
func open(t *testing.T) *DB {
	t.Helper()
	db, err := Open(registry.Embedded(), Options{Call: func(context.Context, *registry.Method, provider.Args) iter.Seq2[provider.Row, error] {
		return func(func(provider.Row, error) bool) {}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// rows runs a query and returns its rows.
func rows(t *testing.T, db *DB, q Query) (out []provider.Row, err error) {
	t.Helper()
	r, err := db.Query(t.Context(), q)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		row, err := r.Next()
		if row == nil || err != nil {
			return out, err
		}
		out = append(out, row)
	}
}

// TestSQLiteSays provokes each message that tells kinds of error apart: they
// are those of the pinned version of SQLite.
func TestSQLiteSays(t *testing.T) {
	provoked := map[string]string{
		"no such table: ":         `SELECT * FROM nowhere`,
		"no such column: ":        `SELECT nosuch FROM courses`,
		"no such function: ":      `SELECT nofunction(1)`,
		"ambiguous column name: ": `SELECT id FROM courses a, courses b`,
		"near ":                   `SELECT FROM courses`,
		"incomplete input":        `SELECT id FROM`,
		"unrecognized token":      `SELECT 'x`,
	}
	names := map[Kind]string{UnknownTable: "nowhere", UnknownColumn: "nosuch", UnknownFunction: "nofunction", Ambiguous: "id"}
	db := open(t)
	for _, says := range sqliteSays {
		t.Run(strings.Trim(says.prefix, ": "), func(t *testing.T) {
			sql, ok := provoked[says.prefix]
			if !ok {
				t.Fatalf("no statement provokes %q", says.prefix)
			}
			_, err := rows(t, db, Query{Text: sql})
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("%s\ngot %v, want an *Error", sql, err)
			}
			if !strings.HasPrefix(e.Msg, says.prefix) {
				t.Errorf("%s\nSQLite says %q, want %q...", sql, e.Msg, says.prefix)
			}
			if e.Kind != says.kind {
				t.Errorf("%s\nkind %v, want %v", sql, e.Kind, says.kind)
			}
			if want := names[e.Kind]; e.Name != want {
				t.Errorf("%s\nname %q, want %q", sql, e.Name, want)
			}
		})
	}
}

func TestErrorKinds(t *testing.T) {
	db := open(t)
	for _, tt := range []struct {
		name, sql string
		kind      Kind
		offset    int
	}{
		{"column with a place", `SELECT id, nme FROM courses`, UnknownColumn, 11},
		{"column of an alias", `SELECT c.nme FROM courses c`, UnknownColumn, 7},
		{"table of a schema", `SELECT * FROM main.nowhere`, UnknownTable, -1},
		{"wrong number of arguments", `SELECT upper()`, Other, 7},
		{"too long", `SELECT hex(zeroblob(100000000))`, Exhausted, -1},
		{"no statement", `-- nothing`, Syntax, -1},
		{"two statements", `SELECT 1; SELECT 2`, Syntax, 10},
		{"pragma", `PRAGMA user_version`, Denied, -1},
		{"attach", `ATTACH ':memory:' AS x`, Denied, -1},
		{"vacuum into", `VACUUM INTO '/tmp/iql-vacuum-test.db'`, Denied, -1},
		{"begin", `BEGIN`, Denied, -1},
		{"schema", `SELECT * FROM sqlite_schema`, Denied, -1},
		{"schema of temp", `SELECT * FROM sqlite_temp_schema`, Denied, -1},
		{"create", `CREATE TABLE x (a)`, Denied, -1},
		{"delete", `DELETE FROM courses`, Other, -1},
		{"insert", `INSERT INTO courses (id) VALUES ('x')`, Denied, -1},
		{"update", `UPDATE courses SET name = 'x'`, Other, -1},
		{"input column", `SELECT studentId FROM courses WHERE id = 'x'`, Other, -1}, // no row, so it is not read
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := rows(t, db, Query{Text: tt.sql})
			if tt.name == "input column" {
				if err != nil {
					t.Errorf("%s\ngot %v, want no rows", tt.sql, err)
				}
				return
			}
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("%s\ngot %v, want an *Error", tt.sql, err)
			}
			if e.Kind != tt.kind || e.Offset >= 0 != (tt.offset >= 0) || tt.offset >= 0 && e.Offset != tt.offset {
				t.Errorf("%s\ngot kind %v at %d (%s), want %v at %d", tt.sql, e.Kind, e.Offset, e.Msg, tt.kind, tt.offset)
			}
		})
	}
}

// TestNothingElseCanBeWritten checks what a Local statement may not do.
func TestNothingElseCanBeWritten(t *testing.T) {
	db := open(t)
	local := func(sql string) error {
		_, err := rows(t, db, Query{Text: sql, Local: true})
		return err
	}
	schema := `"` + db.reg.Resources()[0].Service.ID + `"`
	for _, sql := range []string{`CREATE TABLE own (a)`, `INSERT INTO own VALUES (1), (2)`, `UPDATE own SET a = a + 1`, `DELETE FROM own WHERE a = 3`} {
		if err := local(sql); err != nil {
			t.Errorf("%s\n%v", sql, err)
		}
	}
	for _, sql := range []string{
		`INSERT INTO courses (id) VALUES ('x')`,
		`DELETE FROM courses`,
		`UPDATE courses SET name = 'x'`,
		`DROP TABLE courses`,
		`DROP VIEW pending_invitations`,
		`CREATE TABLE ` + schema + `.x (a)`,
		`CREATE VIEW v AS SELECT 1`,
		`CREATE VIRTUAL TABLE v USING resource`,
		`CREATE TRIGGER r AFTER INSERT ON own BEGIN DELETE FROM own; END`,
		`ALTER TABLE own RENAME TO courses`,
		`ATTACH '/tmp/iql-attach-test.db' AS x`,
		`DETACH main`,
		`PRAGMA writable_schema = 1`,
		`VACUUM`,
		`VACUUM INTO '/tmp/iql-vacuum-test.db'`,
		`ANALYZE`,
		`SAVEPOINT x`,
		`BEGIN`,
		`COMMIT`,
		`INSERT INTO sqlite_schema VALUES (1, 2, 3, 4, 5)`,
		`DELETE FROM sqlite_schema`,
	} {
		if err := local(sql); err == nil {
			t.Errorf("%s\ndone, want it refused", sql)
		}
	}
	got, err := rows(t, db, Query{Text: `SELECT a FROM own`})
	if d := cmp.Diff([]provider.Row{{int64(2)}}, got); d != "" || err != nil {
		t.Errorf("own table: %v (-want +got)\n%s", err, d)
	}
}

func TestFunctions(t *testing.T) {
	db := open(t)
	for _, tt := range []struct {
		sql  string
		want any // an error is its text
	}{
		{`split_part('a,b,c', ',', 1)`, "a"},
		{`split_part('a,b,c', ',', 3)`, "c"},
		{`split_part('a,b,c', ',', 4)`, ""},
		{`split_part('a,b,c', ',', -1)`, "c"},
		{`split_part('a,b,c', ',', -3)`, "a"},
		{`split_part('a,b,c', ',', -4)`, ""},
		{`split_part('a,b', ',', 0)`, errors.New("parts are counted from 1")},
		{`split_part('', ',', 1)`, ""},
		{`split_part('abc', '', 1)`, "abc"},
		{`split_part('abc', '', 2)`, ""},
		{`split_part('a::b', '::', 2)`, "b"},
		{`split_part('日本語', '本', 2)`, "語"},
		{`split_part(12.5, '.', 2)`, "5"},
		{`split_part('a,b', ',', '2')`, "b"},
		{`split_part(NULL, ',', 1)`, nil},
		{`split_part('a', NULL, 1)`, nil},
		{`split_part('a', ',', NULL)`, nil},
		{`split_part('a,b', ',', 9223372036854775807)`, ""},
		{`split_part('a,b', ',', -9223372036854775808)`, ""},
		{`json_equal('{"a":1,"b":[1,2]}', '{ "b": [1, 2], "a": 1 }')`, int64(1)},
		{`json_equal('[1,2]', '[2,1]')`, int64(0)},
		{`json_equal('1', '1.0')`, int64(0)},
		{`json_equal('"a"', '"\u0061"')`, int64(1)},
		{`json_equal('null', 'null')`, int64(1)},
		{`json_equal(NULL, '1')`, nil},
		{`json_equal('{', '1')`, errors.New("malformed JSON")},
		{`json_equal('1 2', '1')`, errors.New("malformed JSON")},
		{`json_equal(123456789012345678901, '123456789012345678901')`, int64(0)}, // a number of SQLite is a float by then
		{`'abc' REGEXP '^a.c$'`, int64(1)},
		{`'ABC' REGEXP 'abc'`, int64(0)},
		{`'ABC' REGEXP '(?i)abc'`, int64(1)},
		{`NULL REGEXP 'a'`, nil},
		{`'a' REGEXP NULL`, nil},
		{`regexp_like('abc', 'b')`, int64(1)},
		{`regexp_count('banana', 'an')`, int64(2)},
		{`regexp_substr('a12b34', '[0-9]+')`, "12"},
		{`regexp_instr('a12', '[0-9]')`, int64(2)},
		{`regexp_replace('a12b34', '[0-9]+', '#')`, "a#b#"},
		{`'x' REGEXP '('`, errors.New("regexp")},
	} {
		got, err := rows(t, db, Query{Text: "SELECT " + tt.sql})
		if want, ok := tt.want.(error); ok {
			if err == nil || !strings.Contains(err.Error(), want.Error()) {
				t.Errorf("%s = %v, %v, want an error with %q", tt.sql, got, err, want)
			}
			continue
		}
		if d := cmp.Diff([]provider.Row{{tt.want}}, got); err != nil || d != "" {
			t.Errorf("%s: %v (-want +got)\n%s", tt.sql, err, d)
		}
	}
}

func TestFunctionNames(t *testing.T) {
	names := strings.Join(open(t).Functions(), " ")
	for _, want := range []string{"split_part", "json_equal", "regexp_replace", "upper", "count"} {
		if !strings.Contains(names, want) {
			t.Errorf("Functions() has no %s", want)
		}
	}
}

func TestDeclaration(t *testing.T) {
	for _, tt := range []struct{ resource, want string }{
		{"invitations", `CREATE TABLE x("id" TEXT, "courseId" TEXT COLLATE other, "userId" TEXT COLLATE other, "role" TEXT, PRIMARY KEY("id")) WITHOUT ROWID`},
		{"courses_aliases", `CREATE TABLE x("courseId" TEXT COLLATE other, "alias" TEXT, PRIMARY KEY("courseId", "alias")) WITHOUT ROWID`},
		{"user_profiles", `CREATE TABLE x("id" TEXT COLLATE other, "userId" TEXT COLLATE other, "fullName" TEXT, "givenName" TEXT, "familyName" TEXT, "emailAddress" TEXT, "photoUrl" TEXT, "verifiedTeacher" BOOLEAN, PRIMARY KEY("id")) WITHOUT ROWID`},
	} {
		res, ok := registry.Embedded().Resource("googleworkspace.classroom." + tt.resource)
		if !ok {
			t.Fatal(tt.resource)
		}
		got := regexp.MustCompile(`COLLATE ("[^"]*"|\w+)`).ReplaceAllString(declaration(res), "COLLATE other")
		if got != tt.want {
			t.Errorf("declaration(%s)\n got %s\nwant %s", tt.resource, got, tt.want)
		}
	}
}

// TestCloseEarly closes a query that has been read in part, and asks for the
// next.
func TestCloseEarly(t *testing.T) {
	left := 0
	db, err := Open(registry.Embedded(), Options{Call: func(context.Context, *registry.Method, provider.Args) iter.Seq2[provider.Row, error] {
		return func(yield func(provider.Row, error) bool) {
			left++
			defer func() { left-- }()
			for range 10 {
				if !yield(make(provider.Row, 12), nil) {
					return
				}
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, sql := range []string{`SELECT name FROM courses`, `SELECT a.name FROM courses a, courses b`} {
		r, err := db.Query(t.Context(), Query{Text: sql})
		if err != nil {
			t.Fatal(err)
		}
		if row, err := r.Next(); row == nil || err != nil {
			t.Errorf("%s: Next() = %v, %v", sql, row, err)
		}
		if err := r.Close(); err != nil {
			t.Errorf("%s: Close() = %v", sql, err)
		}
		if err := r.Close(); err != nil {
			t.Errorf("%s: the second Close() = %v", sql, err)
		}
		if left != 0 {
			t.Errorf("%s: %d calls still run", sql, left)
		}
	}
}
