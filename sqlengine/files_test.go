package sqlengine_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/filetab"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// shelf has files in memory, and counts those that are open.
type shelf struct {
	files map[string]string
	open  atomic.Int64
	opens atomic.Int64
}

func (s *shelf) Open(_ context.Context, name string) (io.ReadCloser, error) {
	text, ok := s.files[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	s.open.Add(1)
	s.opens.Add(1)
	return &book{Reader: strings.NewReader(text), shelf: s}, nil
}

// book is an open file of a shelf.
type book struct {
	io.Reader
	shelf *shelf
	once  sync.Once
}

func (b *book) Close() error {
	b.once.Do(func() { b.shelf.open.Add(-1) })
	return nil
}

// fileSession is a session over methods and files. At its end no file may be
// open.
func fileSession(t testing.TB, methods provider.Methods, files map[string]string, opts sqlengine.Options) (*sqlengine.Session, *shelf) {
	t.Helper()
	s := &shelf{files: files}
	t.Cleanup(func() {
		if n := s.open.Load(); n != 0 {
			t.Errorf("%d files are open", n)
		}
	})
	opts.Files = s
	return sessionOf(t, methods, opts), s
}

// rosterRows are the rows of roster.csv. Some look like other types, are
// repeated, or are of nothing that the world has.
var rosterRows = [][]string{
	{"course", "user", "role", "n"},
	{"101", "9004", "STUDENT", "1"},
	{"101", "9012", "TEACHER", "02"},
	{"102", "9004", "STUDENT", "2.0"},
	{"1013", "9012", "", "10"},
	{"01003", "9004", "STUDENT", ""},
	{"1003", "9999", "O'B", "x"},
	{"101", "9004", "STUDENT", "1"},
	{"", "", "", ""},
	{"nope", "a\nb", "\"q\"", " 1 "},
}

// fileShapes are queries over roster.csv as the table roster, whose columns are
// text.
var fileShapes = []shape{
	{"all", `SELECT * FROM roster`, asList},
	{"text", `SELECT course, n FROM roster WHERE n > 1 ORDER BY n, course, user`, asList},
	{"number", `SELECT course FROM roster WHERE n = 1`, asSet},
	{"cast", `SELECT sum(CAST(n AS REAL)), count(n), count(*), min(n), max(course) FROM roster`, asList},
	{"null", `SELECT course, user FROM roster WHERE role IS NULL`, asSet},
	{"in", `SELECT user FROM roster WHERE course IN ('101', '102') AND role <> 'TEACHER'`, asSet},
	{"or", `SELECT user FROM roster WHERE course = '102' OR n = '02'`, asSet},
	{"like", `SELECT user FROM roster WHERE user LIKE '9%' LIMIT 2`, asPart},
	{"join", `SELECT c.id, r.user, r.n FROM courses c JOIN roster r ON r.course = c.id`, asSet},
	{"join from the file", `SELECT c.name, r.user FROM roster r JOIN courses c ON c.id = r.course`, asSet},
	{"left join", `SELECT c.id, r.user FROM courses c LEFT JOIN roster r ON r.course = c.id AND r.role = 'STUDENT'`, asSet},
	{"left join to a resource", `SELECT r.course, s.userId FROM roster r LEFT JOIN students s ON s.courseId = r.course AND s.userId = r.user`, asSet},
	{"full join", `SELECT a.course, b.user FROM roster a FULL JOIN roster b ON a.user = b.course`, asSet},
	{"right join", `SELECT c.id, r.user FROM roster r RIGHT JOIN courses c ON c.id = r.course`, asSet},
	{"self", `SELECT a.course, b.course FROM roster a JOIN roster b ON a.n = b.n + 1`, asSet},
	{"self by text", `SELECT a.course, b.n FROM roster a, roster b WHERE a.user = b.user AND a.course < b.course`, asSet},
	{"or join", `SELECT c.id, r.user FROM courses c JOIN roster r ON r.course = c.id OR r.user = c.ownerId`, asSet},
	{"cross", `SELECT count(*), sum(a.n = b.n) FROM roster a CROSS JOIN roster b`, asList},
	{"natural", `SELECT count(*) FROM roster a NATURAL JOIN roster b`, asList},
	{"using", `SELECT course, a.user, b.user FROM roster a JOIN roster b USING (course)`, asSet},
	{"exists", `SELECT id FROM courses c WHERE EXISTS (SELECT 1 FROM roster r WHERE r.course = c.id AND r.n = '1')`, asSet},
	{"not exists", `SELECT id FROM courses c WHERE NOT EXISTS (SELECT 1 FROM roster WHERE course = c.id)`, asSet},
	{"in query", `SELECT id, name FROM courses WHERE id IN (SELECT course FROM roster)`, asSet},
	{"not in query", `SELECT id FROM courses WHERE id NOT IN (SELECT course FROM roster WHERE course IS NOT NULL)`, asSet},
	{"scalar", `SELECT id, (SELECT count(*) FROM roster r WHERE r.course = c.id) FROM courses c`, asSet},
	{"union", `SELECT course FROM roster UNION SELECT id FROM courses`, asSet},
	{"except", `SELECT course FROM roster EXCEPT SELECT id FROM courses`, asSet},
	{"cte", `WITH r AS (SELECT course, count(*) AS k FROM roster GROUP BY course) SELECT c.id, r.k FROM r JOIN courses c ON c.id = r.course`, asSet},
	{"materialized", `WITH r AS MATERIALIZED (SELECT * FROM roster) SELECT a.n, b.n FROM r a JOIN r b ON a.user = b.user`, asSet},
	{"aggregate", `SELECT course, count(*), group_concat(DISTINCT user) FROM roster GROUP BY course HAVING count(*) > 1`, asSet},
	{"window", `SELECT course, row_number() OVER (PARTITION BY course ORDER BY user, n) FROM roster`, asSet},
	{"distinct", `SELECT DISTINCT course, user FROM roster`, asSet},
	{"limit", `SELECT * FROM roster ORDER BY course, user, n LIMIT 3 OFFSET 2`, asList},
	{"number of a resource", `SELECT s.userId, r.n FROM roster r JOIN students s ON s.courseId = r.course WHERE CAST(s.userId AS INTEGER) = r.user`, asSet},
	{"two files", `SELECT r.user, c.id FROM roster r, courses c WHERE c.id = r.course AND r.user IN (SELECT user FROM roster WHERE n = '1')`, asSet},
}

// TestFilesDifferential runs each shape over files and on plain tables with the
// same rows, with the calls as they come and made ahead.
func TestFilesDifferential(t *testing.T) {
	w := emptied(awkward(t))
	conn := plain(t, w)
	loadRoster(t, conn)
	var text bytes.Buffer
	if err := csv.NewWriter(&text).WriteAll(rosterRows); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"roster.csv": text.String()}
	for _, ahead := range []bool{false, true} {
		methods, opts := w.methods, sqlengine.Options{}
		if ahead {
			methods, opts = late(methods, 0), sqlengine.Options{Parallel: 8, ScoutAfter: -1}
		}
		s, _ := fileSession(t, methods, files, opts)
		for _, sh := range fileShapes {
			t.Run(fmt.Sprintf("%s/ahead=%t", sh.name, ahead), func(t *testing.T) {
				sql := strings.ReplaceAll(sh.sql, "roster", "csv('roster.csv')")
				if strings.Contains(sh.sql, "FROM roster ") || strings.HasSuffix(sh.sql, "roster") {
					sql = strings.ReplaceAll(sql, "roster.csv').", "csv.")
				}
				got, _, err := run(t.Context(), s, sql)
				if err != nil {
					t.Fatalf("%s\n%s", sql, said(err))
				}
				want, err := runPlain(conn, sh.sql)
				if err != nil {
					t.Fatal(sh.sql, err)
				}
				for i := range got.columns { // an expression is called by its text
					got.columns[i] = strings.ReplaceAll(got.columns[i], "csv('roster.csv')", "roster")
				}
				if sh.as == asPart {
					whole, err := runPlain(conn, unlimited(sh.sql))
					if err != nil {
						t.Fatal(err)
					}
					comparePart(t, sql, want, whole, got)
					return
				}
				if d := diff(want, got, sh.as == asList); d != "" {
					t.Errorf("%s\n%s", sql, d)
				}
			})
		}
	}
}

func loadRoster(t *testing.T, conn *sqlite3.Conn) {
	t.Helper()
	var ddl strings.Builder
	fmt.Fprintf(&ddl, "CREATE TABLE roster(%s TEXT);\n", strings.Join(rosterRows[0], " TEXT, "))
	for _, row := range rosterRows[1:] {
		var values []string
		for _, v := range row {
			if v == "" {
				values = append(values, "NULL")
				continue
			}
			values = append(values, sqlite3.Quote(v))
		}
		fmt.Fprintf(&ddl, "INSERT INTO roster VALUES(%s);\n", strings.Join(values, ", "))
	}
	if err := conn.Exec(ddl.String()); err != nil {
		t.Fatal(err)
	}
}

// TestFilesOf runs statements over files and compares their rows, or errors.
func TestFilesOf(t *testing.T) {
	files := map[string]string{
		"a.csv":          "course,email\n101,x\n,y\n",
		"line.csv":       "line,v\nL1,1\n",
		"x.json":         `[{"id": 9004, "ok": true}, {"id": "9012", "more": {"a": [1, 2]}}]`,
		"x.jsonl":        "{\"id\":1.5}\n\n{\"id\":null}\n",
		"header.csv":     "a,b\n",
		"short.csv":      "a,b\n1,2\n3\n",
		"semi.csv":       "a;b\n1,5;2\n",
		"it's \"q\".csv": "a\n1\n",
		"UPPER":          "Course ID,b\n7,8\n",
		"A.csv":          "course,n\n101,5\n",
	}
	for _, tt := range []struct{ name, sql, want string }{
		{"hidden line", `SELECT *, line FROM csv('a.csv')`, `"101" | "x" | 2; NULL | "y" | 3`},
		{"its own line", `SELECT line, _line FROM csv('line.csv')`, `"L1" | 2`},
		{"named csv", `SELECT csv.email FROM csv('a.csv') WHERE csv.course = '101'`, `"x"`},
		{"alias", `SELECT r.email FROM CSV ( 'a.csv' ) AS r WHERE course IS NULL`, `"y"`},
		{"text alias", `SELECT r.email FROM csv('a.csv') 'r' WHERE course IS NULL`, `"y"`},
		{"names in quotes", `SELECT "course id" FROM csv('UPPER')`, `"7"`},
		{"quotes in the name", `SELECT a FROM csv('it''s "q".csv')`, `"1"`},
		{"two files whose names differ in case", `SELECT a.email, b.n FROM csv('a.csv') a JOIN csv('A.csv') b USING (course)`, `"x" | "5"`},
		{
			"a column that the file lacks", `INSERT INTO invitations (courseId, userId, role) SELECT course, email, role FROM csv('a.csv')`,
			`unknown_column: there is no column role (a.csv has course and email)`,
		},
		{"only a header", `SELECT * FROM csv('header.csv')`, ``},
		{"delimiter", `SELECT a, b FROM csv('semi.csv')`, `"1,5" | "2"`},
		{"given delimiter", `SELECT * FROM csv('semi.csv', ',')`, `file: semi.csv:2: 2 values for 1 column`},
		{"types of json", `SELECT id, typeof(id), ok, more FROM json('x.json')`, `9004 | "integer" | 1 | NULL; "9012" | "text" | NULL | "{\"a\":[1,2]}"`},
		{"json by text", `SELECT j.id FROM (VALUES ('9004'), ('9012')) v JOIN json('x.json') j ON j.id = CAST(v.column1 AS INTEGER)`, `9004; "9012"`},
		{"jsonl", `SELECT id, line FROM jsonl('x.jsonl')`, `1.5f | 1; NULL | 3`},
		{"in a file", `SELECT 'x' IN (SELECT email FROM csv('a.csv')), 1 IN csv('one')`, `file: one: file does not exist`},
		{"cte of the name", `WITH csv AS (SELECT email FROM csv('a.csv')) SELECT * FROM csv`, `"x"; "y"`},
		{"short row", `SELECT a FROM csv('short.csv')`, `file: short.csv:3: 1 value for 2 columns`},
		{"no column, of one with a blank", `SELECT Course FROM csv('UPPER')`, `unknown_column: there is no column Course (did you mean "Course ID"?)`},
		{"no column", `SELECT emial FROM csv('a.csv')`, `unknown_column: there is no column emial (did you mean email?)`},
		{"no such column at all", `SELECT zzz FROM csv('a.csv')`, `unknown_column: there is no column zzz (a.csv has course and email)`},
		{"scalar", `SELECT csv('a.csv')`, `unknown_function: there is no function csv`},
		{"expression", `SELECT 1 FROM csv('a' || '.csv')`, `syntax: unexpected || (write csv('FILE', ';'), or '\t' for a tab; without it the delimiter is sniffed)`},
		{"parameter", `SELECT 1 FROM jsonl(:f)`, `unbound_parameter: there is no value for :f (give it one: --param f=VALUE)`},
		{"nothing", `SELECT 1 FROM csv()`, `syntax: csv needs the name of a file (write csv('FILE'), or '-' for standard input)`},
		{"empty name", `SELECT 1 FROM json('')`, `syntax: the name of the file is empty (write json('FILE'), or '-' for standard input)`},
		{"view", `CREATE TEMP VIEW v AS SELECT * FROM csv('a.csv')`, `syntax: a view cannot read a file (write CREATE TABLE ... AS SELECT, which keeps the rows)`},
		{"a table like a file's", `CREATE TABLE files.x(a)`, `sql: only rows can be read here: not authorized`},
		{"virtual table", `CREATE VIRTUAL TABLE x USING file`, `syntax: iql cannot create this (there is CREATE TABLE and CREATE TEMP VIEW, which last as long as the session)`},
		{
			"explain", `EXPLAIN SELECT c.id, r.email FROM courses c LEFT JOIN csv('a.csv') r ON r.course = c.id`,
			`1 | "read" | "googleworkspace.classroom.courses c" | "list" | NULL | "1" | NULL; ` +
				`2 | "read" | "csv r" | "a.csv" | "course = c.id" | "0" | "columns course, email"; ` +
				`3 | "filter" | NULL | NULL | NULL | NULL | "r.course = c.id"`,
		},
		{
			"absent parameter", `INSERT INTO invitations (courseId, userId, role) SELECT course, email, 'STUDENT' FROM csv('a.csv')`,
			`missing_parameter: row 2 (a.csv:3): courseId is NULL (create needs it; nothing was sent)`,
		},
		{
			"absent parameter, sorted", `INSERT INTO invitations (courseId, userId, role) SELECT course, email, 'STUDENT' FROM csv('a.csv') ORDER BY email DESC`,
			`missing_parameter: row 1: courseId is NULL (create needs it; nothing was sent)`,
		},
		{
			"wrong role", `INSERT INTO invitations (courseId, userId, role) SELECT '1', email, 'STUDNT' FROM csv('a.csv')`,
			`unknown_value: row 1 (a.csv:2): role cannot be STUDNT (did you mean STUDENT?)`,
		},
		{"role of the file", `SELECT email FROM csv('a.csv') WHERE EXISTS (SELECT 1 FROM invitations WHERE courseId = csv.course AND role = 'STUDENT') AND email = 'X'`, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := fileSession(t, awkward(t).methods, files, sqlengine.Options{})
			out, _, err := run(t.Context(), s, tt.sql)
			got := strings.Join(lines(out.rows), "; ")
			if err != nil {
				got = said(err)
			}
			if got != tt.want {
				t.Errorf("%s\ngot  %s\nwant %s", tt.sql, got, tt.want)
			}
		})
	}
}

// TestFilesOfNobody runs a statement in a session that has no files.
func TestFilesOfNobody(t *testing.T) {
	s := session(t, nil)
	_, _, err := run(t.Context(), s, "SELECT *\nFROM csv('a.csv')")
	if got, want := said(err), "file: a.csv: files cannot be read here"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if p := sqlengine.Describe(err); p.Line != 2 || p.Column != 10 || p.Length != 7 {
		t.Errorf("the place is %d:%d, %d long", p.Line, p.Column, p.Length)
	}
}

// TestFilesOfTheSession makes and changes tables of the session from files.
func TestFilesOfTheSession(t *testing.T) {
	s, shelf := fileSession(t, awkward(t).methods, map[string]string{"a.csv": "k,v\n1,a\n2,b\n"}, sqlengine.Options{})
	for _, sql := range []string{
		`CREATE TABLE csv AS SELECT *, line FROM csv('a.csv')`,
		`INSERT INTO csv SELECT k + 10, v, line FROM csv('a.csv') WHERE k = '2'`,
		`UPDATE csv SET v = f.v || '!' FROM csv('a.csv') f WHERE f.k = csv.k`,
		`DELETE FROM csv WHERE k IN (SELECT k FROM csv('a.csv') WHERE v = 'b')`,
	} {
		if _, _, err := run(t.Context(), s, sql); err != nil {
			t.Fatalf("%s\n%s", sql, said(err))
		}
	}
	shelf.files["a.csv"] = "k,v,w\n12,c,d\n"
	got, _, err := run(t.Context(), s, `SELECT csv.*, f.w FROM csv LEFT JOIN csv('a.csv') f USING (k)`)
	if err != nil {
		t.Fatal(said(err))
	}
	if got, want := strings.Join(lines(got.rows), "; "), `"1" | "a!" | 2 | NULL; "12" | "b" | 3 | "d"`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestFilesChange makes changes whose rows come from files, and reads the file
// once for each.
func TestFilesChange(t *testing.T) {
	w := awkward(t)
	var ids strings.Builder
	ids.WriteString("invitation\n")
	for _, row := range w.tables["invitations"][:3] {
		fmt.Fprintf(&ids, "%s\n", row[0])
	}
	s, shelf := fileSession(t, w.methods, map[string]string{"old.csv": ids.String()}, sqlengine.Options{})
	_, sum, err := run(t.Context(), s, `DELETE FROM invitations WHERE id IN (SELECT invitation FROM csv('old.csv'))`)
	if err != nil || sum.Changed != 3 {
		t.Errorf("deleted %d, %s", sum.Changed, said(err))
	}
	if n := shelf.opens.Load(); n != 2 {
		t.Errorf("the file was opened %d times, want 2: for its columns and its rows", n)
	}
	_, _, err = run(t.Context(), s, `EXEC invitations.delete SELECT invitation AS id FROM csv('old.csv')`)
	if e := sqlengine.Describe(err); len(e.Details) != 1 || !strings.Contains(e.Details[0].Text, "; row 3 (old.csv:4) id=") {
		t.Errorf("got %+v", e)
	}
}

// TestFilesLikeTables runs joins with other names in the file, which may not be
// compared with what rows show: a file answers, or is refused, as a table of the
// session with the same rows is.
func TestFilesLikeTables(t *testing.T) {
	files := map[string]string{
		"emails.csv":  "course,email\n101,root@example.edu\n102,nobody@example.edu\n",
		"numbers.csv": "course,email\n101,9001\n102,\n",
		"mixed.csv":   "course,email\nd:algebra,9001\n101,root@example.edu\n102,9004\n",
	}
	for name := range files {
		for _, sql := range []string{
			`SELECT c.id, r.email FROM courses c LEFT JOIN roster r ON r.email = c.ownerId`,
			`SELECT c.id, r.email FROM courses c LEFT JOIN roster r ON r.course = c.id`,
			`SELECT c.id, r.email FROM courses c JOIN roster r ON c.id = r.course AND r.email = c.ownerId`,
			`SELECT r.email, s.userId FROM roster r JOIN students s ON s.courseId = r.course AND s.userId = r.email`,
			`SELECT c.id FROM courses c WHERE EXISTS (SELECT 1 FROM roster r WHERE r.email = c.ownerId)`,
			`SELECT c.id FROM courses c WHERE c.ownerId IN (SELECT email FROM roster)`,
			`SELECT r.email FROM roster r WHERE r.email NOT IN (SELECT ownerId FROM courses)`,
		} {
			s, _ := fileSession(t, awkward(t).methods, files, sqlengine.Options{})
			if _, _, err := run(t.Context(), s, `CREATE TABLE roster AS SELECT * FROM csv('`+name+`')`); err != nil {
				t.Fatal(err)
			}
			want, _, wantErr := run(t.Context(), s, sql)
			got, _, gotErr := run(t.Context(), s, strings.ReplaceAll(sql, "roster", "csv('"+name+"')"))
			switch {
			case (wantErr == nil) != (gotErr == nil):
				t.Errorf("%s of %s\ngot  %s\nwant %s", sql, name, said(gotErr), said(wantErr))
			case wantErr == nil:
				if d := diff(want, got, false); d != "" {
					t.Errorf("%s of %s\n%s", sql, name, d)
				}
			}
		}
	}
}

// TestFilesReadOnce counts how often files are read by joins: an inner file is
// kept.
func TestFilesReadOnce(t *testing.T) {
	var text strings.Builder
	text.WriteString("course,n\n")
	for i := range 3000 {
		fmt.Fprintf(&text, "%d,%d\n", i, i)
	}
	s, shelf := fileSession(t, awkward(t).methods, map[string]string{"r.csv": text.String()}, sqlengine.Options{})
	for _, sql := range []string{
		`SELECT count(*) FROM csv('r.csv') a JOIN csv('r.csv') b ON a.n = b.n`,
		`SELECT count(*) FROM courses c LEFT JOIN csv('r.csv') r ON r.course = c.id`,
		`SELECT count(*) FROM csv('r.csv') a JOIN csv('r.csv') b ON a.n + 0 = b.n + 0 WHERE a.n < 100`,
	} {
		before := shelf.opens.Load()
		if _, _, err := run(t.Context(), s, sql); err != nil {
			t.Fatal(sql, said(err))
		}
		if n := shelf.opens.Load() - before; n > 4 {
			t.Errorf("%s\nopened the file %d times", sql, n)
		}
	}
}

// TestFilesStopped stops a statement that reads a file: it is closed, and the
// tables of the session are still there.
func TestFilesStopped(t *testing.T) {
	var long strings.Builder
	long.WriteString("n\n")
	for i := range 20_000 {
		fmt.Fprintln(&long, i)
	}
	s, shelf := fileSession(t, awkward(t).methods, map[string]string{"n.csv": long.String()}, sqlengine.Options{})
	if _, _, err := run(t.Context(), s, `CREATE TABLE mine AS SELECT '1' AS a`); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.Run(ctx, syntax.Text(`SELECT a.n FROM csv('n.csv') a, csv('n.csv') b`), stopper{cancel})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := shelf.open.Load(); n != 0 {
		t.Errorf("%d files are open", n)
	}
	_, sum, err := run(t.Context(), s, `SELECT a, n FROM mine JOIN csv('n.csv') ON n = a`)
	if err != nil || len(sum.Notices) > 0 || sum.Rows != 1 {
		t.Errorf("%d rows, %v, %s", sum.Rows, sum.Notices, said(err))
	}
}

// stopper stops the statement at its first row.
type stopper struct{ stop func() }

func (stopper) Columns([]sqlengine.Column) error { return nil }
func (s stopper) Row(provider.Row) error         { s.stop(); return nil }

// TestFilesStoppedAhead is about a scout that is stopped while it reads a file.
func TestFilesStoppedAhead(t *testing.T) {
	files := map[string]string{"r.csv": "course\n101\n102\n103\n104\n"}
	s, shelf := fileSession(t, late(emptied(awkward(t)).methods, 0), files, sqlengine.Options{Parallel: 4, ScoutAfter: -1})
	for range 20 {
		if _, _, err := run(t.Context(), s, `SELECT s.userId FROM csv('r.csv') r JOIN students s ON s.courseId = r.course LIMIT 1`); err != nil {
			t.Fatal(said(err))
		}
		if n := shelf.open.Load(); n != 0 {
			t.Fatalf("%d files are open", n)
		}
	}
}

// madeRoster is a CSV of many lines that is made as it is read.
type madeRoster struct {
	lines, next int
	rest        []byte
}

func (r *madeRoster) Open(context.Context, string) (io.ReadCloser, error) {
	return io.NopCloser(&madeRoster{lines: r.lines, rest: []byte("course,email,role\n")}), nil
}

func (r *madeRoster) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if r.next == r.lines {
			return 0, io.EOF
		}
		r.next++
		r.rest = fmt.Appendf(r.rest, "%d,student%d@school.example,STUDENT\n", r.next%500, r.next)
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// TestFilesStream reads a million lines: what is in memory does not grow with
// them.
func TestFilesStream(t *testing.T) {
	if testing.Short() {
		t.Skip("a million lines")
	}
	s := sessionOf(t, awkward(t).methods, sqlengine.Options{Files: &madeRoster{lines: 1_000_000}})
	peak := &heapPeak{}
	if _, err := s.Run(t.Context(), syntax.Text(`SELECT course, email, line FROM csv('-') WHERE role = 'STUDENT'`), peak); err != nil {
		t.Fatal(said(err))
	}
	if peak.rows != 1_000_000 {
		t.Errorf("%d rows", peak.rows)
	}
	if grown := peak.last - peak.first; grown > 8<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
}

// heapPeak takes rows, and looks at what is in memory after the first and the
// last of them.
type heapPeak struct {
	counter
	first, last int64
}

func (h *heapPeak) Row(row provider.Row) error {
	h.rows++
	if h.rows%100_000 == 0 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if h.first == 0 {
			h.first = int64(m.HeapAlloc)
		}
		h.last = max(h.last, int64(m.HeapAlloc))
	}
	return nil
}

// BenchmarkFiles reads a hundred thousand lines.
func BenchmarkFiles(b *testing.B) {
	for _, bb := range []struct{ name, sql string }{
		{"scan", `SELECT course, email FROM csv('-')`},
		{"join", `SELECT count(*) FROM csv('-') a JOIN csv('-') b ON a.email = b.email`},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s := sessionOf(b, nil, sqlengine.Options{Files: &madeRoster{lines: 100_000}})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Run(b.Context(), syntax.Text(bb.sql), &counter{}); err != nil {
					b.Fatal(said(err))
				}
			}
		})
	}
}

// TestFilesOfTheSystem reads a file that is there, through an opener that says
// what is wrong with others.
func TestFilesOfTheSystem(t *testing.T) {
	s := sessionOf(t, awkward(t).methods, sqlengine.Options{Files: failing{}})
	_, _, err := run(t.Context(), s, `SELECT 1 FROM csv('x')`)
	if got, want := said(err), "file: x: it is asleep (wake it)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

type failing struct{}

func (failing) Open(context.Context, string) (io.ReadCloser, error) {
	return nil, &filetab.Error{Msg: "it is asleep", Hint: "wake it", Err: os.ErrDeadlineExceeded}
}
