package sqlengine_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
)

// TestRandom runs random queries through a session and on plain tables with the
// same rows. Where both answer, the answers are equal; where plain SQLite
// answers, iql may only refuse for one of its reasons. For more cases:
//
//	go test ./sqlengine -run TestRandom -rapid.checks=10000
func TestRandom(t *testing.T) {
	w := emptied(awkward(t))
	conn := plain(t, w)
	sessions := []*sqlengine.Session{session(t, w.methods), aheadSession(t, late(w.methods, 0))}
	answered, refused := 0, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		for range 4 {
			sql := randomQuery(rt)
			if hasTies(sql) {
				continue
			}
			want, werr := runFor(time.Second, conn, sql)
			if errors.Is(werr, sqlite3.INTERRUPT) {
				continue // a product of too many tables
			}
			s := rapid.SampledFrom(sessions).Draw(rt, "session")
			got, _, err := pick(&generator{t: rt}, ways)(t, s, sql)
			switch {
			case err != nil:
				p := sqlengine.Describe(err)
				why := reason(p)
				if p.Exit != sqlengine.ExitSQL || why == "" && werr == nil {
					rt.Fatalf("%s\n%s (exit %d)\nplain SQLite: %v", sql, said(err), p.Exit, werr)
				}
				refused[why]++
			case werr != nil:
				rt.Fatalf("%s\nanswered with %d rows; plain SQLite: %v", sql, len(got.rows), werr)
			default:
				if d := diff(want, got, strings.Contains(sql, " ORDER BY 1")); d != "" {
					rt.Fatalf("%s\n%s", sql, d)
				}
				answered++
			}
		}
	})
	total := answered
	for _, n := range refused {
		total += n
	}
	t.Logf("%d answered, refused: %v", answered, refused)
	if !t.Failed() && answered < total/2 {
		t.Errorf("of %d queries only %d were answered, refused: %v", total, answered, refused)
	}
}

// hasTies reports whether a query orders texts that differ as if they were the
// same: a COLLATE anywhere in a result is that of the result.
func hasTies(sql string) bool {
	return strings.Contains(sql, " ORDER BY 1") && strings.Contains(sql, " COLLATE ")
}

// ways are how random queries are run.
var ways = []func(*testing.T, *sqlengine.Session, string) (*table, sqlengine.Summary, error){typed, bound}

// otherNames are other names that the tables of TestRandomNames know, and what
// rows show for them.
var otherNames = map[string]string{
	"me":                   "9001",
	"zoe@awk.example":      "9004",
	"seven@awk.example":    "9010",
	"twin.one@awk.example": "9005",
	"d:algebra":            "1001",
	"d:bio":                "1002",
	"p:bio":                "1002",
}

// TestRandomNames runs random queries that compare with other names (me, an
// address, d:algebra), and, on plain tables, the same with what rows show for
// them. Where iql answers, it must be the same: SQLite alone would find nothing.
func TestRandomNames(t *testing.T) {
	w := emptied(awkward(t))
	s, conn := session(t, named(w)), plain(t, w)
	var pairs []string
	for name, shown := range otherNames {
		pairs = append(pairs, "'"+name+"'", "'"+shown+"'")
	}
	shown := strings.NewReplacer(pairs...)
	answered, refused := 0, map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		for range 4 {
			g := &generator{t: rt, others: true}
			sql := g.statement()
			if hasTies(sql) {
				continue
			}
			want, werr := runFor(time.Second, conn, shown.Replace(sql))
			if errors.Is(werr, sqlite3.INTERRUPT) {
				continue
			}
			got, _, err := pick(&generator{t: rt}, ways)(t, s, sql)
			if err != nil {
				p := sqlengine.Describe(err)
				if p.Exit != sqlengine.ExitSQL {
					rt.Fatalf("%s\n%s (exit %d)", sql, said(err), p.Exit)
				}
				refused[reason(p)]++
				continue
			}
			if werr != nil {
				rt.Fatalf("%s\nanswered; plain SQLite: %v", sql, werr)
			}
			got.columns = want.columns // a column may be named by its text
			if d := diff(want, got, strings.Contains(sql, " ORDER BY 1")); d != "" {
				rt.Fatalf("%s\n%s", sql, d)
			}
			answered++
		}
	})
	t.Logf("%d answered, refused: %v", answered, refused)
}

// named returns the methods of a world so that they know otherNames, where a
// column has other names.
func named(w *world) provider.Methods {
	methods := provider.Methods{}
	for id, f := range w.methods {
		m, _ := registry.Embedded().Method(id)
		methods[id] = func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			known := provider.Args{}
			for name, value := range args {
				known[name] = value
				if c, _ := m.Resource.Column(name); c.OtherName(value) {
					known[name] = cmp.Or(otherNames[value], value)
				}
			}
			return f(ctx, known)
		}
	}
	return methods
}

// runFor runs a query on a bare connection, at most for a time.
func runFor(limit time.Duration, conn *sqlite3.Conn, sql string) (*table, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	conn.SetInterrupt(ctx)
	defer conn.SetInterrupt(context.Background())
	return runPlain(conn, sql)
}

// reason returns which of the known reasons for a refusal a problem is, "" if
// it is none.
func reason(p sqlengine.Problem) string {
	switch {
	case p.Code == "missing_parameter", p.Code == "unknown_value":
		return p.Code
	case strings.Contains(p.Message, "can only be asked for"), strings.Contains(p.Message, "is another name"):
		return "unasked"
	}
	return ""
}

// kind says what the values of a column are, so that comparisons are not all
// empty.
type kind int

const (
	anyKind kind = iota
	courseKind
	userKind
	inviteKind
	roleKind
	stateKind
	textKind
)

type randomColumn struct {
	name string
	kind kind
}

// randomRef is a table in the scope of an expression.
type randomRef struct {
	alias   string
	columns []randomColumn
}

// randomTables are the tables; key is the column without which one cannot be
// read.
var randomTables = []struct {
	name    string
	key     string
	columns []randomColumn
}{
	{"courses", "", []randomColumn{{"id", courseKind}, {"name", textKind}, {"section", textKind}, {"room", textKind}, {"ownerId", userKind}, {"courseState", stateKind}}},
	{"invitations", "courseId", []randomColumn{{"id", inviteKind}, {"courseId", courseKind}, {"userId", userKind}, {"role", roleKind}}},
	{"invitations", "userId", []randomColumn{{"id", inviteKind}, {"courseId", courseKind}, {"userId", userKind}, {"role", roleKind}}},
	{"students", "courseId", []randomColumn{{"courseId", courseKind}, {"userId", userKind}, {"fullName", textKind}}},
	{"teachers", "courseId", []randomColumn{{"courseId", courseKind}, {"userId", userKind}, {"fullName", textKind}}},
	{"user_profiles", "id", []randomColumn{{"id", userKind}, {"fullName", textKind}, {"verifiedTeacher", anyKind}}},
	{"user_profiles", "userId", []randomColumn{{"id", userKind}, {"userId", userKind}, {"familyName", textKind}}},
	{"courses_aliases", "courseId", []randomColumn{{"courseId", courseKind}, {"alias", textKind}}},
	{"pending_invitations", "", []randomColumn{{"id", inviteKind}, {"courseId", courseKind}, {"courseName", textKind}, {"courseState", stateKind}, {"role", roleKind}, {"userId", userKind}, {"fullName", textKind}}},
}

var randomLiterals = map[kind][]string{
	anyKind:    {"NULL", "1", "0", "''", "'zz'", "'1003'", "1003", "'a'", "TRUE"},
	courseKind: {"'1001'", "'1002'", "'1003'", "'1004'", "'1005'", "'1010'", "'1013'", "1003", "1003.0", "'01003'", "x'31303033'", "NULL", "'4711'"},
	userKind:   {"'9001'", "'9002'", "'9003'", "'9004'", "'9005'", "'9009'", "'9010'", "9010", "NULL", "'4711'"},
	inviteKind: {"'aa1'", "'AA1'", "'bb2'", "'cc3'", "'77'", "77", "''", "'01003'", "'O''B'", "NULL", "'none'"},
	roleKind:   {"'STUDENT'", "'TEACHER'", "'OWNER'", "NULL"},
	stateKind:  {"'ACTIVE'", "'ARCHIVED'", "'SUSPENDED'", "NULL"},
	textKind:   {"'Twins'", "'O''Brien''s Algebra'", "'12'", "'A'", "''", "'Sam Doe'", "'1003'", "12", "NULL", "'under_score'"},
}

var randomPatterns = []string{"'%s%'", "'T%'", "'%\\%'", "'under_score'", "'_____'", "''", "'%'", "'1%'", "NULL", "'%O''B%'", "'%ii%'"}

// generator writes a query of random parts.
type generator struct {
	t      *rapid.T
	names  int  // aliases given so far
	others bool // compare identifiers with other names, too
}

func randomQuery(t *rapid.T) string {
	g := &generator{t: t}
	return g.statement()
}

// n returns a number below max; smaller ones are simpler.
func (g *generator) n(max int) int { return rapid.IntRange(0, max-1).Draw(g.t, "n") }

// in reports true in one of n cases.
func (g *generator) in(n int) bool { return g.n(n) == n-1 }

func pick[T any](g *generator, of []T) T { return of[g.n(len(of))] }

func (g *generator) alias() string {
	g.names++
	return fmt.Sprintf("t%d", g.names)
}

func (g *generator) statement() string {
	with := ""
	if g.in(8) {
		with = "WITH w(k, v) AS (" + g.query(2, 1, nil) + ") "
		if g.in(2) {
			return with + "SELECT a.k, b.v FROM w a JOIN w b ON a.k = b.k"
		}
		return with + "SELECT w.k, w.v, s.id FROM w LEFT JOIN courses s ON " + g.comparison([]randomRef{
			{"w", []randomColumn{{"k", anyKind}, {"v", anyKind}}},
			{"s", randomTables[0].columns},
		})
	}
	width := 1 + g.n(3)
	sql := g.query(width, 2, nil)
	for g.in(6) {
		sql += pick(g, []string{" UNION ALL ", " UNION ", " INTERSECT ", " EXCEPT "}) + g.query(width, 1, nil)
	}
	if g.in(3) {
		sql += " ORDER BY 1"
		for i := 2; i <= width; i++ {
			sql += fmt.Sprintf(", %d%s", i, pick(g, []string{"", " DESC", " NULLS LAST"}))
		}
		if g.in(2) {
			sql += fmt.Sprintf(" LIMIT %d", g.n(9))
			if g.in(2) {
				sql += fmt.Sprintf(" OFFSET %d", g.n(4))
			}
		}
	}
	return sql
}

// query writes a SELECT of so many columns; outer is the scope around it.
func (g *generator) query(width, depth int, outer []randomRef) string {
	var scope []randomRef
	from, keys := g.tables(depth, &scope)
	all := append(slices.Clone(scope), outer...)
	where := keys
	for range g.n(3) {
		where = append(where, g.condition(depth, all))
	}
	var items []string
	group := ""
	if g.in(6) {
		by := g.column(scope)
		items = append(items, by)
		for len(items) < width {
			items = append(items, g.aggregate(scope, depth))
		}
		if width == 1 {
			items[0] = g.aggregate(scope, depth)
		}
		group = " GROUP BY " + by
		if g.in(3) {
			group += " HAVING " + g.aggregate(scope, depth) + " > " + fmt.Sprint(g.n(3))
		}
	}
	for len(items) < width {
		items = append(items, g.value(depth, all))
	}
	for i, item := range items {
		if strings.Contains(item, "LEFT JOIN") { // iql may have to read it as JOIN, and the text is the column's name
			items[i] += fmt.Sprintf(" AS c%d", i)
		}
	}
	sql := "SELECT "
	if g.in(6) {
		sql += "DISTINCT "
	}
	sql += strings.Join(items, ", ") + " FROM " + from
	if len(where) > 0 {
		sql += " WHERE " + strings.Join(where, " AND ")
	}
	return sql + group
}

// tables writes a FROM clause and the conditions that give its tables their
// keys.
func (g *generator) tables(depth int, scope *[]randomRef) (from string, keys []string) {
	count := 1 + g.n(3)
	for i := range count {
		ref, text, key := g.table(depth)
		natural := !strings.HasPrefix(text, "user_profiles") && !strings.Contains(from, "user_profiles") && g.in(12)
		*scope = append(*scope, ref)
		on := ""
		if key != "" && !g.in(10) {
			on = g.key(ref.alias+"."+key, g.kindOf(ref, key), (*scope)[:i])
		}
		switch {
		case i == 0:
			from = text
			keys = addTerm(keys, on)
			continue
		case natural:
			from += pick(g, []string{" NATURAL JOIN ", " NATURAL LEFT JOIN "}) + text
			keys = addTerm(keys, on)
			continue
		}
		if g.in(2) || on == "" {
			on = strings.Join(addTerm([]string{g.comparison(*scope)}, on), pick(g, []string{" AND ", " AND ", " AND ", " OR "}))
		}
		switch g.n(10) {
		case 0, 1, 2, 3:
			from += " JOIN " + text + " ON " + on
		case 4, 5, 6:
			from += " LEFT JOIN " + text + " ON " + on
		case 7:
			from += ", " + text
			keys = append(keys, "("+on+")")
		case 8:
			from += " CROSS JOIN " + text
			keys = append(keys, "("+on+")")
		case 9:
			from += pick(g, []string{" RIGHT JOIN ", " FULL JOIN "}) + text + " ON " + on
		}
	}
	return from, keys
}

func addTerm(terms []string, term string) []string {
	if term == "" {
		return terms
	}
	return append(terms, term)
}

func (g *generator) table(depth int) (ref randomRef, text, key string) {
	ref.alias = g.alias()
	if depth > 0 && g.in(8) {
		var inner []randomRef
		from, keys := g.tables(depth-1, &inner)
		a, b := g.typed(inner), g.typed(inner)
		ref.columns = []randomColumn{{"x", a.kind}, {"y", b.kind}}
		where := ""
		if len(keys) > 0 {
			where = " WHERE " + strings.Join(keys, " AND ")
		}
		tail := pick(g, []string{"", "", " LIMIT -1", " UNION SELECT CAST('1003' AS TEXT), CAST('9010' AS TEXT)"})
		return ref, fmt.Sprintf("(SELECT %s AS x, %s AS y FROM %s%s%s) AS %s", a.name, b.name, from, where, tail, ref.alias), ""
	}
	if g.in(14) {
		ref.columns = []randomColumn{{"column1", courseKind}, {"column2", userKind}}
		if g.others { // nobody says that these are identifiers
			ref.columns = []randomColumn{{"column1", anyKind}, {"column2", anyKind}}
		}
		return ref, "(VALUES ('1001', '9010'), ('1002', NULL), ('1002', '9004'), (NULL, '')) AS " + ref.alias, ""
	}
	table := pick(g, randomTables)
	ref.columns = slices.Clone(table.columns)
	if g.others { // an alias is another name itself, and finds its course
		ref.columns = slices.DeleteFunc(ref.columns, func(c randomColumn) bool { return c.name == "alias" })
	}
	for i := range ref.columns {
		if g.others && ref.columns[i].name == "ownerId" { // the registry knows no other names for it
			ref.columns[i].kind = textKind
		}
	}
	return ref, table.name + " AS " + ref.alias, table.key
}

func (g *generator) kindOf(ref randomRef, column string) kind {
	for _, c := range ref.columns {
		if c.name == column {
			return c.kind
		}
	}
	if column == "courseId" {
		return courseKind
	}
	return userKind
}

// key writes a condition that gives a table its key.
func (g *generator) key(column string, k kind, before []randomRef) string {
	var same []string
	for _, ref := range before {
		for _, c := range ref.columns {
			if c.kind == k {
				same = append(same, ref.alias+"."+c.name)
			}
		}
	}
	if len(same) > 0 && !g.in(3) {
		other := pick(g, same)
		if g.in(4) {
			return other + " = " + column
		}
		return column + " = " + other
	}
	switch g.n(6) {
	case 0, 1:
		return column + " = " + g.literal(k)
	case 2:
		return fmt.Sprintf("%s IN (%s, %s, %s)", column, g.literal(k), g.literal(k), g.literal(k))
	case 3:
		return fmt.Sprintf("(%s = %s OR %s = %s)", column, g.literal(k), column, g.literal(k))
	}
	if k == courseKind {
		return column + " IN (SELECT id FROM courses)"
	}
	return column + " IN (SELECT ownerId FROM courses UNION SELECT '9010')"
}

// literal writes a literal as values of the kind are, or another name for one.
func (g *generator) literal(k kind) string {
	if g.others && (k == courseKind || k == userKind) && g.in(2) {
		var names []string
		for name := range otherNames {
			if (k == courseKind) == strings.Contains(name, ":") {
				names = append(names, "'"+name+"'")
			}
		}
		slices.Sort(names)
		return pick(g, names)
	}
	return pick(g, randomLiterals[k])
}

// shown writes a literal as rows show it.
func (g *generator) shown(k kind) string { return pick(g, randomLiterals[k]) }

// typed returns a column of a scope.
func (g *generator) typed(scope []randomRef) randomColumn {
	ref := pick(g, scope)
	c := pick(g, ref.columns)
	return randomColumn{ref.alias + "." + c.name, c.kind}
}

func (g *generator) column(scope []randomRef) string { return g.typed(scope).name }

// value writes an expression whose value does not depend on the order of rows.
func (g *generator) value(depth int, scope []randomRef) string {
	c := g.column(scope)
	switch g.n(14) {
	default:
		return c
	case 6:
		return c + " || '-' || coalesce(" + g.column(scope) + ", 'none')"
	case 7:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE 'else' END", g.condition(depth-1, scope), c)
	case 8:
		return fmt.Sprintf("length(%s)", c)
	case 9:
		return fmt.Sprintf("(%s)", g.condition(depth-1, scope))
	case 10:
		// Without + 0 it has an affinity by which SQLite takes '01003' for 1003, which no
		// identifier is.
		return fmt.Sprintf("(CAST(%s AS INTEGER) + 0)", c)
	case 11:
		return fmt.Sprintf("upper(substr(%s, 1, 2))", c)
	case 12:
		if depth > 0 {
			return "(SELECT count(*) FROM (" + g.query(1, depth-1, scope) + "))"
		}
		return fmt.Sprintf("coalesce(%s, %s)", c, g.column(scope))
	case 13:
		return fmt.Sprintf("iif(%s, 'yes', %s)", g.comparison(scope), c)
	}
}

func (g *generator) aggregate(scope []randomRef, depth int) string {
	c := g.column(scope)
	switch g.n(6) {
	case 0:
		return "count(*)"
	case 1:
		return "count(" + c + ")"
	case 2:
		return "count(DISTINCT " + c + ")"
	case 3:
		return "sum(length(" + c + "))"
	case 4:
		return "count(*) FILTER (WHERE " + g.condition(depth-1, scope) + ")"
	default:
		return pick(g, []string{"min", "max"}) + "(" + c + ")"
	}
}

// condition writes a condition of nested terms.
func (g *generator) condition(depth int, scope []randomRef) string {
	switch g.n(10) {
	case 6:
		return fmt.Sprintf("(%s OR %s)", g.condition(depth-1, scope), g.condition(depth-1, scope))
	case 7:
		return fmt.Sprintf("(%s AND %s)", g.condition(depth-1, scope), g.condition(depth-1, scope))
	case 8:
		return fmt.Sprintf("NOT (%s)", g.condition(depth-1, scope))
	case 9:
		if depth > 0 {
			return g.subquery(depth-1, scope)
		}
	}
	return g.comparison(scope)
}

// subquery writes a condition with a query in it.
func (g *generator) subquery(depth int, scope []randomRef) string {
	not := pick(g, []string{"", "", "NOT "})
	if g.in(2) {
		return not + "EXISTS (" + g.query(1, depth, scope) + ")"
	}
	return fmt.Sprintf("%s %sIN (%s)", g.column(scope), not, g.query(1, depth, scope))
}

// comparison writes a term without a query in it.
func (g *generator) comparison(scope []randomRef) string {
	c := g.typed(scope)
	literal := func() string {
		if g.in(8) {
			return g.literal(anyKind)
		}
		return g.literal(c.kind)
	}
	not := pick(g, []string{"", "", "", "NOT "})
	switch g.n(14) {
	default:
		return c.name + " = " + literal()
	case 2:
		return literal() + " = " + c.name
	case 3:
		if g.in(2) {
			return c.name + pick(g, []string{" < ", " > ", " <= ", " >= "}) + g.shown(c.kind)
		}
		return c.name + pick(g, []string{" <> ", " IS ", " IS NOT ", " == ", " != "}) + literal()
	case 4:
		return c.name + " = " + g.column(scope)
	case 5:
		return c.name + pick(g, []string{" <> ", " < ", " IS ", " IS NOT "}) + g.column(scope)
	case 6:
		return fmt.Sprintf("%s %sIN (%s, %s)", c.name, not, literal(), literal())
	case 7:
		return fmt.Sprintf("%s %sBETWEEN %s AND %s", c.name, not, g.shown(c.kind), g.shown(c.kind))
	case 8:
		return fmt.Sprintf("%s %sLIKE %s", c.name, not, pick(g, randomPatterns))
	case 9:
		return c.name + " IS " + not + "NULL"
	case 10:
		return fmt.Sprintf("%s || '' = %s", c.name, g.shown(c.kind))
	case 11:
		return fmt.Sprintf("(%s, %s) = (%s, %s)", c.name, g.column(scope), literal(), g.column(scope))
	case 12:
		return fmt.Sprintf("CASE %s WHEN %s THEN 1 WHEN %s THEN 0 END", c.name, literal(), literal())
	case 13:
		return fmt.Sprintf("%s = %s COLLATE NOCASE", c.name, g.shown(c.kind))
	}
}
