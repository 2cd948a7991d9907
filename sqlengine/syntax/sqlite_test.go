package syntax_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// names is a service with one table, invitations.
type names struct{}

func (names) Service(parts []string) (string, bool) {
	name := strings.ToLower(strings.Join(parts, "."))
	return "school.classroom", name == "classroom" || name == "school.classroom"
}

func (names) Table(schema, name string) (string, bool) {
	return "invitations", strings.EqualFold(name, "invitations")
}

func (names) Column(snake string) (string, bool) {
	return "courseId", strings.EqualFold(snake, "course_id")
}

// open returns a database with the service's table, and tables of a person's own
// that have the names of services and columns in them.
func open(t *testing.T) *sqlite3.Conn {
	t.Helper()
	db, err := sqlite3.Open(":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	err = db.Exec(`
		ATTACH ':memory:' AS "school.classroom";
		CREATE TABLE "school.classroom".invitations(id, courseId, role);
		INSERT INTO "school.classroom".invitations VALUES ('a', 'c1', 'STUDENT'), ('b', 'c2', 'TEACHER'), ('c', 'c1', 'STUDENT');
		CREATE TABLE roster(course_id, email);
		INSERT INTO roster VALUES ('c1', 'x@school.example'), ('c3', 'y@school.example');
		CREATE TABLE classroom(invitations, course_id);
		INSERT INTO classroom VALUES (3, 'c1'), (4, 'c2');`)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// query returns the headings and the rows of a statement, a line each.
func query(db *sqlite3.Conn, text string) (string, error) {
	stmt, _, err := db.Prepare(text)
	if err != nil {
		return "", err
	}
	defer stmt.Close()
	var b strings.Builder
	for i := range stmt.ColumnCount() {
		fmt.Fprintf(&b, "%s|", stmt.ColumnName(i))
	}
	for stmt.Step() {
		b.WriteString("\n")
		for i := range stmt.ColumnCount() {
			fmt.Fprintf(&b, "%s|", stmt.ColumnText(i))
		}
	}
	return b.String(), stmt.Err()
}

// TestSQLiteRuns runs what SQLite makes of the names.
func TestSQLiteRuns(t *testing.T) {
	db := open(t)
	for _, tt := range []struct{ text, want string }{
		{"select id from school.classroom.invitations where school.classroom.invitations.id = 'b'", "id|\nb|"},
		{"select classroom.invitations.id from classroom.invitations where classroom.invitations.course_id = 'c2'", "id|\nb|"},
		{"select school.classroom.invitations.* from school.classroom.invitations, roster where email like 'y%' and id = 'a'", "id|courseId|role|\na|c1|STUDENT|"},
		{"select invitations from classroom where classroom.invitations > 3", "invitations|\n4|"},
		{"select i.course_id, count(*) n from School.[Classroom] . `INVITATIONS` i group by course_id order by course_id desc", "course_id|n|\nc2|1|\nc1|2|"},
		{"select course_id from invitations union select course_id from classroom.invitations order by course_id", "course_id|\nc1|\nc2|"},
		{`select "course_id" from invitations where id = 'a'`, "course_id|\nc1|"},
		{"select x.course_id from (select course_id, role from invitations) x where role = 'TEACHER'", "course_id|\nc2|"},
		{"with w as (select course_id from classroom.invitations) select distinct course_id from w order by 1", "course_id|\nc1|\nc2|"},
		{"select a.course_id, b.id from invitations a join invitations b using (course_id) where a.id = 'a' order by 2", "course_id|id|\nc1|a|\nc1|c|"},
		{"select course_id from roster where course_id in (select courseId from classroom.invitations)", "course_id|\nc1|"},
		{"select 1 where 'c' in (select id from classroom.invitations) and ('b', 'c2', 'TEACHER') in classroom.invitations", "1|\n1|"},
		{"(select 1 as x) union all (select 2 limit 1) order by x desc", "x|\n2|\n1|"},
		{"((select 3 as x union select 4) intersect (values (4)))", "x|\n4|"},
	} {
		s, err := syntax.Parse(syntax.Text(tt.text))
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.text, err)
			continue
		}
		edited, _ := s.SQLite(s.All(), names{})
		got, err := query(db, edited)
		if err != nil {
			t.Errorf("%s\nruns as %s: %v", tt.text, edited, err)
		} else if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s\nruns as %s (-want +got)\n%s", tt.text, edited, diff)
		}
	}
}

// TestEditsKeepMeaning makes statements from words that are names of services,
// columns and aliases at once. What SQLite accepts as typed must mean the same
// when it is edited.
func TestEditsKeepMeaning(t *testing.T) {
	db := open(t)
	accepted, changed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		text := statement(t, 2, true)
		want, err := query(db, text)
		if err != nil {
			return
		}
		accepted++
		s, err := syntax.Parse(syntax.Text(text))
		if err != nil {
			t.Fatalf("Parse(%q): %v", text, err)
		}
		edited, _ := s.SQLite(s.All(), names{})
		if edited != text {
			changed++
		}
		got, err := query(db, edited)
		if err != nil {
			t.Fatalf("%s\nruns as %s: %v", text, edited, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s\nruns as %s (-want +got)\n%s", text, edited, diff)
		}
	})
	t.Logf("SQLite accepted %d statements, of which %d were edited", accepted, changed)
}

// statement draws a query with at most depth levels of queries inside it. One
// without compound has no UNION of its own: as a CTE it could run for ever.
func statement(t *rapid.T, depth int, compound bool) string {
	one := func(words ...string) string { return rapid.SampledFrom(words).Draw(t, "word") }
	column := func() string {
		return one("course_id", "course_id", "courseId", "courseId", "x.course_id", "classroom.invitations", "classroom.course_id",
			"invitations", "1", "'course_id'", `"course_id"`, "(course_id)")
	}
	alias := func() string {
		return one("", "", "", " as course_id", " course_id", " as classroom", " 'course_id'", " as [course_id]", " x", " invitations")
	}
	table := func() string {
		switch name := one("invitations", "invitations", "roster", "classroom", "w", "("); {
		case name != "(":
			return name
		case depth > 0:
			return "(" + statement(t, depth-1, true) + ")"
		}
		return "(select 1 course_id, 2 as invitations)"
	}
	var b strings.Builder
	if depth > 0 && one("", "", "with") != "" {
		fmt.Fprintf(&b, "with %s as (%s) ", one("w", "w(course_id)", "classroom", "classroom(invitations)", "invitations"), statement(t, depth-1, false))
	}
	fmt.Fprintf(&b, "select %s%s%s", one("", "", "distinct "), column(), alias())
	for range rapid.IntRange(0, 1).Draw(t, "columns") {
		fmt.Fprintf(&b, ", %s%s", column(), alias())
	}
	fmt.Fprintf(&b, " from %s%s", table(), one("", "", " as x", " classroom", " as classroom", " course_id"))
	if one("", "", "join") != "" {
		fmt.Fprintf(&b, " join %s%s%s", table(), one("", " as x", " classroom"), one("", " on 1", " using (course_id)", " on course_id = courseId"))
	}
	if one("", "", "where") != "" {
		fmt.Fprintf(&b, " where %s %s", column(), one("is not null", "= 'c1'", "in (1, 'c1')", "<> course_id"))
	}
	if one("", "", "group") != "" {
		fmt.Fprintf(&b, " group by %s", column())
	}
	if compound && depth > 0 && one("", "", "union") != "" {
		fmt.Fprintf(&b, " %s %s", one("union", "union all", "except"), statement(t, 0, false))
	}
	if one("", "", "order") != "" {
		fmt.Fprintf(&b, " order by %s", column())
	}
	return b.String()
}
