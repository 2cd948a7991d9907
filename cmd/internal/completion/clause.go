package completion

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// maxFrames is how deep parentheses are told apart, as deep as an expression of
// SQLite's may be.
const maxFrames = 1000

// push reads the parenthesis at i.
func (r *reader) push(i int) {
	if len(r.stack) == maxFrames {
		r.deeper++
		return
	}
	f, prev, next := r.top(), r.at(i-1), r.at(i+1)
	inner := frame{clause: f.clause, scope: f.scope, ref: -1, inner: true}
	function := named(prev) && !prev.Reserved()
	switch {
	case f.clause == inUnknown:
	case f.clause == inValues:
		inner.clause = inRow
	case f.clause == inTarget && !beginsQuery(next):
		inner.clause = inColumns
	case f.clause == inTarget:
		inner.clause, inner.inner = inStart, false
	case f.clause == inWith && (prev.Is("AS") || prev.Is("MATERIALIZED")):
		inner.clause, inner.inner, inner.query = inStart, false, r.define(f.cte)
	case f.clause == inWith:
		inner.clause, inner.query = inDefine, r.define(f.cte)
	case f.table && beginsQuery(next):
		inner.clause, inner.inner, inner.query = inStart, false, &query{}
		f.table, f.ref = false, len(r.tables)
		r.tables = append(r.tables, table{scope: f.scope, query: inner.query})
	case f.table:
		f.table, inner.table, inner.inner = false, true, false
	case f.clause == inFrom && f.ref >= 0:
		inner.clause, inner.function = inCall, strings.ToLower(prev.Name())
		inner.rows = true
	case prev.Is("IN"):
		inner.clause, inner.of = inList, r.operandBefore(i-1)
	case function && f.clause != inUsing:
		inner.clause, inner.function = inCall, strings.ToLower(prev.Name())
	}
	f.last = ""
	r.stack = append(r.stack, inner)
}

// define returns the query of WITH that has a name.
func (r *reader) define(name string) *query {
	name = strings.ToLower(name)
	if r.queries[name] == nil {
		r.queries[name] = &query{}
	}
	return r.queries[name]
}

// pop ends the innermost parenthesis. The statement itself is never ended.
func (r *reader) pop() {
	f := r.top()
	switch {
	case r.deeper > 0:
		r.deeper--
		return
	case len(r.stack) == 1:
		return
	}
	f.settle()
	r.stack = r.stack[:len(r.stack)-1]
}

// settle gives the query that the frame defines its columns. Those that WITH names
// win over those of its results, and the first SELECT over those after UNION.
func (f *frame) settle() {
	f.endItem()
	if q := f.query; q != nil && q.columns == nil && !q.star {
		q.columns, q.star, q.scope = f.names, f.star, f.scope
	}
}

// operandBefore returns what is compared by the operator at i: the column before
// it, or the argument of EXEC.
func (r *reading) operandBefore(i int) operand {
	for r.at(i-1).Is("NOT") || r.at(i-1).Is("IS") {
		i--
	}
	if prev := r.at(i - 1); prev.Kind == syntax.Param && prev.Text[0] == '@' {
		return operand{argument: prev.Name()}
	}
	return operand{path: r.chainBefore(i)}
}

func beginsQuery(tok syntax.Token) bool {
	return tok.Is("SELECT") || tok.Is("VALUES") || tok.Is("WITH")
}

// query begins a query in the frame, with tables of its own.
func (r *reader) query(f *frame) {
	r.queried++
	f.clause, f.scope, f.inner, f.of = inResults, r.queried, false, operand{}
	f.table, f.item, f.ref = false, 0, -1
}

// enter begins a clause of the query in the frame.
func (f *frame) enter(c clause) {
	f.endItem()
	if c == inCompound {
		f.settle()
	}
	f.clause, f.table, f.ref, f.item, f.join = c, false, -1, 0, false
}

// clauses are the words that begin a clause wherever they stand.
var clauses = map[string]clause{
	"WHERE": inWhere, "GROUP": inGroup, "HAVING": inHaving, "ORDER": inOrder, "LIMIT": inLimit, "OFFSET": inLimit,
	"VALUES": inValues, "RETURNING": inReturning, "SET": inSet, "USING": inUsing,
	"UNION": inCompound, "EXCEPT": inCompound, "INTERSECT": inCompound,
}

// plain are words that are no names where one might stand, and begin nothing.
var plain = strings.Fields(`AND AS ASC BETWEEN BY CASE COLLATE DESC DISTINCT ALL ELSE END ESCAPE EXISTS GLOB IGNORE IN IS
	ISNULL LIKE MATCH MATERIALIZED NOT NOTNULL NULL OR RECURSIVE REGEXP THEN WHEN CONFLICT DO NOTHING`)

// keyword reads a word without dots, and reports whether it was a keyword there.
func (r *reader) keyword(i int) bool {
	f, prev := r.top(), r.at(i-1)
	word := strings.ToUpper(r.toks[i].Text)
	begins, ok := clauses[word]
	switch {
	case f.clause == inShow || f.clause == inDescribe || f.clause == inDrop || f.clause == inUnknown && word != "SELECT":
		return false
	case len(r.stack) == 1 && (f.clause == inStart || f.clause == inWith) && r.begin(word, f):
	case prev.Is("AS") && !r.toks[i].Reserved() && !beginsQuery(r.toks[i]), f.table && !r.toks[i].Reserved() && !prev.Is("OR"):
		return false
	case word == "SELECT":
		r.query(f)
	case word == "WITH":
		f.enter(inWith)
	case word == "INTO":
		f.enter(inTarget)
		f.table = true
	case word == "FROM" && prev.Is("DISTINCT"): // IS DISTINCT FROM
	case word == "FROM" && f.clause == inVerb:
		f.enter(inTarget)
		f.table = true
	case word == "FROM":
		f.enter(inFrom)
		f.table = true
	case word == "ON" && !r.at(i+1).Is("CONFLICT"):
		f.enter(inWhere)
		f.join = true
	case word == "ON":
		f.enter(inUnknown)
	case r.joins(word, i):
		f.enter(inFrom)
		f.table, f.join = word == "JOIN", true
	case ok:
		f.enter(begins)
	case word == "IN":
		r.compared(i)
	default:
		return slices.Contains(plain, word)
	}
	return true
}

// begin reads the word that a statement begins with, and reports whether it is
// one of its own.
func (r *reader) begin(word string, f *frame) bool {
	c, ok := map[string]clause{
		"INSERT": inVerb, "REPLACE": inVerb, "DELETE": inVerb, "UPDATE": inVerb, "EXEC": inMethod, "EXECUTE": inMethod,
		"CALL": inMethod, "SHOW": inShow, "DESCRIBE": inDescribe, "DESC": inDescribe, "DROP": inDrop, "ALTER": inDrop,
	}[word]
	switch {
	case word == "EXPLAIN" && f.clause == inStart:
		r.explain = true
		return true
	case r.explain && (word == "QUERY" || word == "PLAN" || word == "ANALYZE"):
		return true
	case beginsQuery(syntax.Token{Kind: syntax.Word, Text: word}):
		r.verb = "SELECT"
		return false
	case !ok && f.clause == inWith:
		return false
	}
	r.verb = word
	f.enter(c)
	switch word {
	case "UPDATE":
		f.clause, f.table = inTarget, true
	case "EXECUTE", "CALL":
		r.verb = "EXEC"
	case "DESC":
		r.verb = "DESCRIBE"
	}
	return true
}

// joins reports whether the word at i is part of a join. LEFT and its like are
// names where a dot or a parenthesis follows.
func (r *reader) joins(word string, i int) bool {
	switch word {
	case "JOIN":
		return true
	case "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL", "OUTER":
		f := r.top()
		return (f.clause == inFrom || f.clause == inWhere || f.clause == inUsing) && r.at(i+1).Kind != syntax.Dot && r.at(i+1).Kind != syntax.Open
	}
	return false
}
