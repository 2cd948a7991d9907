package sqlengine_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/regexp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// schema is the schema of the resources, and what their full names begin with.
const schema = "googleworkspace.classroom"

// world is some rows of every resource, by the resource's name, and methods
// that answer with them.
type world struct {
	tables  map[string][]provider.Row
	methods provider.Methods
}

// method returns the function of a method, "courses.list".
func (w *world) method(name string) provider.Func { return w.methods[schema+"."+name] }

// resource returns a resource by its name.
func resource(t testing.TB, name string) *registry.Resource {
	t.Helper()
	res, ok := registry.Embedded().Resource(schema + "." + name)
	if !ok {
		t.Fatalf("no resource %s", name)
	}
	return res
}

// readSchool reads a school of testdata.
func readSchool(t testing.TB, name string) *emulator.School {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	school, err := emulator.ReadSchool(name, f)
	if err != nil {
		t.Fatal(err)
	}
	return school
}

// caller returns the backend of a school's user, "" for its first admin.
func caller(t testing.TB, school *emulator.School, user string) *emulator.Caller {
	t.Helper()
	store, err := emulator.Open(context.Background(), emulator.Options{Seed: school})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := store.As(user)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// awkward returns the world of testdata/awkward.yaml, as the emulator shows it
// to the admin. The rows are copied by calling the methods directly.
func awkward(t testing.TB) *world {
	t.Helper()
	w := &world{tables: map[string][]provider.Row{}, methods: classroom.Methods(caller(t, readSchool(t, "awkward.yaml"), ""))}
	collect := func(resource, method string, args provider.Args) []provider.Row {
		var rows []provider.Row
		for row, err := range w.method(resource+"."+method)(context.Background(), args) {
			if err != nil {
				if provider.CodeOf(err) == provider.PermissionDenied {
					break // a profile that the admin may not see
				}
				t.Fatal(resource, method, args, err)
			}
			rows = append(rows, row)
		}
		w.tables[resource] = append(w.tables[resource], rows...)
		return rows
	}
	users := map[string]bool{"9001": true, "9012": true}
	for _, course := range collect("courses", "list", nil) {
		args := provider.Args{"courseId": course[0].(string)}
		collect("courses_aliases", "list", args)
		for _, res := range []string{"invitations", "students", "teachers"} {
			at := resource(t, res).Index("userId")
			for _, row := range collect(res, "list", args) {
				if id, ok := row[at].(string); ok {
					users[id] = true
				}
			}
		}
	}
	for id := range users {
		collect("user_profiles", "get", provider.Args{"userId": id})
	}
	for _, res := range registry.Embedded().Resources() {
		if res.View == "" && !res.Local() && len(w.tables[res.Name]) == 0 {
			t.Fatalf("the world has no %s", res.Name)
		}
	}
	return w
}

// made returns a world of given rows. Its methods answer with the rows that
// have the asked values, and know no other names for them: unlike Classroom,
// they list nothing where there is nothing, so that more can be asked.
func made(tables map[string][]provider.Row) *world {
	w := &world{tables: tables, methods: provider.Methods{}}
	for _, res := range registry.Embedded().Resources() {
		for _, m := range res.Methods {
			if m.Verb == registry.Select {
				w.methods[m.ID] = func(_ context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
					return answer(m, tables[res.Name], args)
				}
			}
		}
	}
	return w
}

func answer(m *registry.Method, rows []provider.Row, args provider.Args) iter.Seq2[provider.Row, error] {
	return func(yield func(provider.Row, error) bool) {
		found := false
		for _, row := range rows {
			match := true
			for name, value := range args {
				match = match && row[m.Resource.Index(name)] == value
			}
			if found = found || match; match && !yield(slices.Clone(row), nil) {
				return
			}
		}
		if !found && slices.Contains(m.Absent, provider.NotFound.String()) {
			yield(nil, provider.Errorf(provider.NotFound, "there is no such row"))
		}
	}
}

// session returns a session over the methods.
func session(t testing.TB, methods provider.Methods) *sqlengine.Session {
	t.Helper()
	return sessionOf(t, methods, sqlengine.Options{})
}

// sessionOf is session, with some of its options.
func sessionOf(t testing.TB, methods provider.Methods, opts sqlengine.Options) *sqlengine.Session {
	t.Helper()
	opts.Registry = registry.Embedded()
	opts.Backend = func(context.Context) (provider.Methods, error) { return methods, nil }
	opts.Identity = func(context.Context) (sqlengine.Identity, error) { return sqlengine.Identity{Principal: "root"}, nil }
	opts.Build = sqlengine.Build{Version: "test"}
	s, err := sqlengine.Open(context.Background(), opts)
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

// run runs a statement and returns its result.
func run(ctx context.Context, s *sqlengine.Session, text string) (*table, sqlengine.Summary, error) {
	var out table
	sum, err := s.Run(ctx, syntax.Text(text), &out)
	return &out, sum, err
}

// said is an error as a person is told of it.
func said(err error) string {
	if err == nil {
		return "no error"
	}
	p := sqlengine.Describe(err)
	text := fmt.Sprintf("%s: %s", p.Code, p.Message)
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return text
}

// plain returns a bare connection whose tables have the same rows.
func plain(t testing.TB, w *world) *sqlite3.Conn {
	t.Helper()
	conn, err := sqlite3.Open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := regexp.Register(conn); err != nil {
		t.Fatal(err)
	}
	var ddl strings.Builder
	for _, res := range registry.Embedded().Resources() {
		if res.View != "" {
			fmt.Fprintf(&ddl, "CREATE VIEW %s AS %s;\n", res.Name, res.View)
			continue
		}
		var columns []string
		for _, c := range res.Outputs() {
			kind := "TEXT"
			if c.Type == registry.Boolean {
				kind = "BOOLEAN"
			}
			columns = append(columns, c.Name+" "+kind)
		}
		fmt.Fprintf(&ddl, "CREATE TABLE %s(%s);\n", res.Name, strings.Join(columns, ", "))
		for _, row := range w.tables[res.Name] {
			values := make([]string, len(row))
			for i, v := range row {
				values[i] = sqlite3.Quote(v)
			}
			fmt.Fprintf(&ddl, "INSERT INTO %s VALUES(%s);\n", res.Name, strings.Join(values, ", "))
		}
	}
	if err := conn.Exec(ddl.String()); err != nil {
		t.Fatal(err)
	}
	return conn
}

// runPlain runs a query on a bare connection. Values come as a session hands
// them out: truth values of a BOOLEAN column are bool, blobs are text.
func runPlain(conn *sqlite3.Conn, text string) (*table, error) {
	for _, prefix := range []string{`"` + schema + `".`, schema + ".", "classroom."} {
		text = strings.ReplaceAll(text, prefix, "")
	}
	stmt, tail, err := conn.Prepare(text)
	if err != nil {
		return nil, err
	}
	defer stmt.Close()
	if strings.Trim(tail, "; \n") != "" {
		return nil, fmt.Errorf("more than one statement: %s", tail)
	}
	out := &table{}
	for i := range stmt.ColumnCount() {
		out.columns = append(out.columns, stmt.ColumnName(i))
	}
	for stmt.Step() {
		row := make(provider.Row, stmt.ColumnCount())
		for i := range row {
			row[i] = plainValue(stmt, i)
		}
		out.rows = append(out.rows, row)
	}
	return out, stmt.Err()
}

func plainValue(stmt *sqlite3.Stmt, i int) any {
	switch stmt.ColumnType(i) {
	case sqlite3.INTEGER:
		n := stmt.ColumnInt64(i)
		if stmt.ColumnDeclType(i) == "BOOLEAN" && (n == 0 || n == 1) {
			return n == 1
		}
		return n
	case sqlite3.FLOAT:
		return stmt.ColumnFloat(i)
	case sqlite3.TEXT:
		return stmt.ColumnText(i)
	case sqlite3.BLOB:
		b := stmt.ColumnBlob(i, nil)
		if utf8.Valid(b) {
			return string(b)
		}
		return "x'" + hex.EncodeToString(b) + "'"
	}
	return nil
}

// lines returns rows as text that tells types apart.
func lines(rows []provider.Row) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		var cells []string
		for _, v := range row {
			switch v := v.(type) {
			case nil:
				cells = append(cells, "NULL")
			case string:
				cells = append(cells, fmt.Sprintf("%q", v))
			case float64:
				cells = append(cells, fmt.Sprintf("%gf", v))
			default:
				cells = append(cells, fmt.Sprint(v))
			}
		}
		out[i] = strings.Join(cells, " | ")
	}
	return out
}

// diff tells two results apart, "" if they are the same. Without an order the
// rows are compared as a multiset.
func diff(want, got *table, ordered bool) string {
	if d := cmp.Diff(want.columns, got.columns); d != "" {
		return "columns (-plain +iql):\n" + d
	}
	a, b := lines(want.rows), lines(got.rows)
	if !ordered {
		slices.Sort(a)
		slices.Sort(b)
	}
	if d := cmp.Diff(a, b); d != "" {
		return "rows (-plain +iql):\n" + d
	}
	return ""
}
