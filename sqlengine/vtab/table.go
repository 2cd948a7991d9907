package vtab

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/registry"
)

// table is the virtual table of a resource.
type table struct {
	db  *DB
	res *registry.Resource
	key []int // columns of the key

	params map[string]bool // columns that are parameters of a method that reads
}

// access is one way to read a table: a method, and the columns whose values
// become its arguments.
type access struct {
	table  *table
	method *registry.Method
	params []param // in the order of xFilter's arguments
}

// param is an argument of an access.
type param struct {
	index   int // of the column
	column  *registry.Column
	in      bool   // a list of values: IN (...)
	known   bool   // the statement has the value itself
	literal string // the value, if known
	trusted bool   // the value may be another name, so SQLite does not test the rows again
}

// compare returns the function of a column's collation, which compares as BINARY
// does, and has two uses. Under its own name it keeps SQLite from putting the
// constant of userId = 'me' in the place of userId in the other terms of a WHERE,
// where the value that rows show is meant ("constant propagation", which SQLite
// does for BINARY only). And it notices where SQLite compares another name with
// a value that rows show, anywhere in the statement: they would never be equal.
func (db *DB) compare(c *registry.Column) sqlite3.CollatingFunction {
	return func(a, b []byte) int {
		n := bytes.Compare(a, b)
		if n == 0 {
			return 0
		}
		if other, mixed := c.Mixed(a, b); mixed {
			db.mixed.note(other, a, b)
		}
		return n
	}
}

// create is xCreate and xConnect.
func (db *DB) create(conn *sqlite3.Conn, _, schema, name string, _ ...string) (*table, error) {
	at := slices.IndexFunc(db.reg.Resources(), func(r *registry.Resource) bool {
		return r.Name == name && r.Service.Schema() == schema
	})
	if at < 0 {
		return nil, fmt.Errorf("no resource %s.%s", schema, name)
	}
	res := db.reg.Resources()[at]
	t := &table{db: db, res: res, params: map[string]bool{}}
	for _, k := range res.Key {
		t.key = append(t.key, res.Index(k))
	}
	for _, m := range res.Methods {
		if m.Verb == registry.Select {
			for _, name := range m.Parameters() {
				t.params[name] = true
			}
		}
	}
	// Views may read a virtual table only if it is innocuous.
	if err := conn.VTabConfig(sqlite3.VTAB_INNOCUOUS); err != nil {
		return nil, err
	}
	return t, conn.DeclareVTab(declaration(res))
}

// sqlTypes are the column types that SQLite sees. [Rows] turns integers of a
// BOOLEAN column back.
var sqlTypes = map[registry.Type]string{
	registry.String:  "TEXT",
	registry.Integer: "INTEGER",
	registry.Number:  "REAL",
	registry.Boolean: "BOOLEAN",
	registry.JSON:    "TEXT",
}

// declaration returns the schema of a resource. It has no row ids: SQLite
// identifies rows by the key when it joins the branches of an OR, or the two
// sides of a FULL JOIN.
func declaration(res *registry.Resource) string {
	var b strings.Builder
	b.WriteString("CREATE TABLE x(")
	for _, c := range res.Columns {
		fmt.Fprintf(&b, "%s %s", sqlite3.QuoteIdentifier(c.Name), sqlTypes[c.Type])
		if c.Hidden {
			b.WriteString(" HIDDEN") // SQLite finds the word in the type
		}
		if c.Canonical != "" {
			b.WriteString(" COLLATE " + sqlite3.QuoteIdentifier(c.Collation()))
		}
		b.WriteString(", ")
	}
	b.WriteString("PRIMARY KEY(")
	for i, k := range res.Key {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(sqlite3.QuoteIdentifier(k))
	}
	b.WriteString(")) WITHOUT ROWID")
	return b.String()
}

// constraint is a term of the query that can become an argument.
type constraint struct {
	at    int // index in IndexInfo
	param param
}

// Costs in units of a row. Reading a table before the one whose values are its
// arguments costs so much that it is done only where the statement forces it:
// i.userId = r.email finds what the API calls by that e-mail address only if the
// address is asked for.
const (
	callCost    = 1000
	waitingCost = 1e15
)

// guessedIn is how many values an IN list is taken to have.
const guessedIn = 10

// BestIndex chooses the method for one set of usable terms. It answers
// SQLITE_CONSTRAINT if none fits, so that SQLite tries another join order.
func (t *table) BestIndex(info *sqlite3.IndexInfo) error {
	known := t.constraints(info)
	best, cost, rows := (*access)(nil), math.Inf(1), 0.0
	var used []int
	for _, m := range t.res.Methods {
		if m.Verb != registry.Select {
			continue
		}
		a, at := t.access(m, known)
		if a == nil {
			continue
		}
		c, r := a.estimate(known)
		if c < cost {
			best, cost, rows, used = a, c, r, at
		}
	}
	if best == nil {
		t.db.refused = append(t.db.refused, refusal{t, names(known)})
		return sqlite3.CONSTRAINT
	}
	for i, at := range used {
		p := &best.params[i]
		p.in = info.In(at, 1)
		info.ConstraintUsage[at] = sqlite3.IndexConstraintUsage{ArgvIndex: i + 1, Omit: p.trusted}
	}
	info.IdxNum = len(t.db.accesses)
	info.IdxStr = best.String()
	info.EstimatedCost = cost + float64(t.waiting(info))*waitingCost
	info.EstimatedRows = int64(rows)
	if best.unique() {
		info.IdxFlags |= sqlite3.INDEX_SCAN_UNIQUE
	}
	t.db.accesses = append(t.db.accesses, best)
	return nil
}

// constraints returns the terms that can become arguments, one for a column: a
// column compared by = or IN, under its own collation, with something that
// SQLite will have computed by then.
func (t *table) constraints(info *sqlite3.IndexInfo) []constraint {
	var out []constraint
	byColumn := map[int]int{}
	for i, c := range info.Constraint {
		if !c.Usable || c.Column < 0 || c.Column >= len(t.res.Columns) {
			continue
		}
		if c.Op != sqlite3.INDEX_CONSTRAINT_EQ && c.Op != sqlite3.INDEX_CONSTRAINT_IS {
			continue
		}
		col := t.res.Columns[c.Column]
		if used := info.Collation(i); used != "BINARY" && used != col.Collation() {
			continue
		}
		p := param{index: c.Column, column: col, in: info.In(i, -1)}
		if v, err := info.RHSValue(i); err == nil && !p.in {
			p.known = v.Type() != sqlite3.NULL && v.Type() != sqlite3.BLOB
			p.literal = v.Text()
		}
		if c.Op == sqlite3.INDEX_CONSTRAINT_IS && !p.known {
			continue // it may be NULL, which IS finds and no call does
		}
		p.trusted = col.Canonical != "" && (!p.known || col.Nullable || col.Alias(p.literal))
		at, seen := byColumn[c.Column]
		if !seen {
			byColumn[c.Column] = len(out)
			out = append(out, constraint{i, p})
			continue
		}
		if t.better(p, out[at].param) {
			out[at] = constraint{i, p}
		}
	}
	return out
}

// better reports whether a term is a better argument than another one for its
// column: one that may have another name, which SQLite cannot test, before one
// that it can; one value before a list.
func (t *table) better(p, than param) bool {
	if a, b := t.named(p), t.named(than); a != b {
		return a
	}
	return than.in && !p.in
}

// named reports whether a term may have one of the query's other names.
func (t *table) named(p param) bool {
	return slices.ContainsFunc(t.db.query.Names, func(n OtherName) bool {
		return n.Column == p.column.Name && (p.in || p.known && p.literal == n.Value)
	})
}

// waiting returns how many terms could be arguments that may be other names,
// if another table were read first.
func (t *table) waiting(info *sqlite3.IndexInfo) int {
	n := 0
	for _, c := range info.Constraint {
		ok := !c.Usable && c.Op == sqlite3.INDEX_CONSTRAINT_EQ && c.Column >= 0 && c.Column < len(t.res.Columns)
		if !ok {
			continue
		}
		if col := t.res.Columns[c.Column]; col.Canonical != "" && t.params[col.Name] {
			n++
		}
	}
	return n
}

// access returns the way to read the table by a method, and which of the terms
// it uses; nil if the method needs more.
func (t *table) access(m *registry.Method, known []constraint) (*access, []int) {
	i := m.Satisfied(names(known))
	if i < 0 {
		return nil, nil
	}
	a := &access{table: t, method: m}
	var used []int
	take := func(name string, needed bool) {
		for _, c := range known {
			if c.param.column.Name == name && !a.has(c.param.index) && (needed || c.param.narrows()) {
				a.params = append(a.params, c.param)
				used = append(used, c.at)
			}
		}
	}
	for _, name := range m.Needs[i] {
		take(name, true)
	}
	for _, name := range m.Takes {
		take(name, false)
	}
	return a, used
}

// onlyAsked reports whether only the API can answer for the term: of an input
// column, or one that may have another name.
func (p param) onlyAsked() bool {
	return p.column.Input || p.column.Canonical != "" && (!p.known || p.column.OtherName(p.literal))
}

// narrows reports whether the API can be asked for the value. One that names
// nothing is left to SQLite, which finds that no row has it.
func (p param) narrows() bool { return !p.known || p.column.Names(p.literal) }

func (a *access) has(index int) bool {
	for _, p := range a.params {
		if p.index == index {
			return true
		}
	}
	return false
}

// estimate returns the cost of the access, in rows, and how many rows it has.
func (a *access) estimate(known []constraint) (cost, rows float64) {
	calls, rows := 1.0, float64(max(a.method.Rows, 1))
	for _, p := range a.params {
		if p.in {
			calls *= guessedIn
		}
	}
	for range a.params[min(len(a.params), len(a.method.Needs[0])):] {
		rows = max(rows/10, 1) // a parameter beyond the needed ones narrows
	}
	rows *= calls
	cost = calls*callCost + rows
	for _, c := range known {
		if !a.has(c.param.index) && c.param.onlyAsked() && a.table.params[c.param.column.Name] {
			cost += waitingCost
		}
	}
	return cost, rows
}

// unique reports whether the access has at most one row.
func (a *access) unique() bool {
	for _, p := range a.params {
		if p.in {
			return false
		}
	}
	return a.method.Rows == 1 && len(a.params) > 0 && a.byKey()
}

// depends reports whether the access waits for rows of other tables, or for a
// value that is bound.
func (a *access) depends() bool {
	return slices.ContainsFunc(a.params, func(p param) bool { return !p.known })
}

// byKey reports whether the method reads one row by its key, which is what
// makes it possible that there is none.
func (a *access) byKey() bool { return len(a.method.Absent) > 0 }

// String is what EXPLAIN QUERY PLAN prints of the access.
func (a *access) String() string {
	var b strings.Builder
	b.WriteString(a.method.ID)
	for _, p := range a.params {
		op := "="
		if p.in {
			op = " IN"
		}
		b.WriteString(" " + p.column.Name + op)
	}
	return b.String()
}

func names(known []constraint) []string {
	out := make([]string, len(known))
	for i, c := range known {
		out[i] = c.param.column.Name
	}
	return out
}
