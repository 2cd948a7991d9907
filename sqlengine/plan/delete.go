package plan

import (
	"strings"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// delete plans DELETE: a query finds the keys, and each is deleted. A condition
// that is the key itself (id = '...', id IN (...)) needs no reading.
func (b *builder) delete() error {
	b.plan.Verb = "DELETE"
	res, err := b.target()
	if err != nil {
		return err
	}
	known := names(res.Outputs())
	m, err := res.Route(registry.Delete, known)
	if err != nil {
		return err
	}
	keys := m.Needs[m.Satisfied(known)]
	b.plan.Call = &Call{Method: m, Params: keys}
	if where, ok := b.keyed(res, keys); ok {
		b.deleteKeys(res, keys[0], where)
	} else {
		b.deleteWhere(res, keys)
	}
	return b.returning(res, true)
}

// deleteWhere writes SELECT keys, all columns FROM target WHERE condition.
func (b *builder) deleteWhere(res *registry.Resource, keys []string) {
	q := &b.plan.Query
	if b.stmt.With.Present() {
		b.splice(q, b.stmt.With)
		q.write(" ")
	}
	q.write("SELECT ")
	for i, k := range keys {
		if i > 0 {
			q.write(", ")
		}
		q.write(quote(k))
	}
	b.plan.Call.Whole = true
	for _, c := range res.Outputs() {
		q.write(", ", quote(c.Name))
	}
	b.fromTarget(q, res)
}

// fromTarget writes FROM target WHERE condition.
func (b *builder) fromTarget(q *Query, res *registry.Resource) {
	q.write(" FROM ", tableName(res))
	if b.stmt.Alias != "" {
		q.write(" AS ", quote(b.stmt.Alias))
	}
	if b.stmt.Where.Present() {
		q.write(" WHERE (")
		b.splice(q, b.stmt.Where)
		q.write(")")
	}
}

// tableName returns the name of a resource for SQLite. The target of a change is
// the resource, also where a WITH or a table of the session has its bare name.
func tableName(res *registry.Resource) string {
	return res.Service.Schema() + "." + res.Name
}

// keyList is a condition that says which keys: their values, or a query.
type keyList struct {
	values []syntax.Span
	query  syntax.Span
}

// keyed reports whether the condition is nothing but the key compared with
// literals, or with IN and a list of literals or a query.
func (b *builder) keyed(res *registry.Resource, keys []string) (keyList, bool) {
	toks := b.tokens(b.stmt.Where)
	if len(keys) != 1 || b.stmt.With.Present() {
		return keyList{}, false
	}
	var qualifier []string
	for len(toks) > 2 && toks[1].Kind == syntax.Dot {
		qualifier = append(qualifier, toks[0].Name())
		toks = toks[2:]
	}
	if !b.isTarget(res, qualifier) {
		return keyList{}, false // SQLite says that there is no such column
	}
	if len(toks) < 3 || toks[0].Kind != syntax.Word && toks[0].Kind != syntax.Quoted {
		return keyList{}, false
	}
	col, ok := res.Column(toks[0].Name())
	if !ok || col.Name != keys[0] {
		return keyList{}, false
	}
	if eq := toks[1].Text; len(toks) == 3 && (eq == "=" || eq == "==") && isLiteral(toks[2]) {
		return keyList{values: []syntax.Span{{Start: toks[2].Start, End: toks[2].End}}}, true
	}
	last := toks[len(toks)-1]
	if !toks[1].Is("IN") || toks[2].Kind != syntax.Open || last.Kind != syntax.Close || !closes(toks[2:]) {
		return keyList{}, false
	}
	inside := syntax.Span{Start: toks[2].End, End: last.Start}
	if b.isQuery(inside) {
		return keyList{query: inside}, true
	}
	for _, t := range toks[3 : len(toks)-1] {
		if t.Kind != syntax.Comma && !isLiteral(t) {
			return keyList{}, false
		}
	}
	items := b.items(inside)
	return keyList{values: items}, len(items) > 0
}

// isTarget reports whether what stands before a column names the target: its
// alias, or else the end of its full name.
func (b *builder) isTarget(res *registry.Resource, qualifier []string) bool {
	if len(qualifier) == 0 {
		return true
	}
	name := strings.ToLower(strings.Join(qualifier, "."))
	if b.stmt.Alias != "" {
		return name == strings.ToLower(b.stmt.Alias)
	}
	return strings.HasSuffix("."+strings.ToLower(res.ID), "."+name)
}

// closes reports whether the parenthesis that opens the tokens is closed by the
// last of them.
func closes(toks []syntax.Token) bool {
	depth := 0
	for i, t := range toks {
		switch t.Kind {
		case syntax.Open:
			depth++
		case syntax.Close:
			depth--
		}
		if depth == 0 {
			return i == len(toks)-1
		}
	}
	return false
}

func isLiteral(t syntax.Token) bool {
	return t.Kind == syntax.String || t.Kind == syntax.Number || t.Kind == syntax.Param
}

// keysName is the name of the keys in the query; nobody calls a table so.
const keysName = `"the keys"`

// deleteKeys writes a query over the keys themselves. With RETURNING each key
// is read first; a key without a row is deleted all the same, so that the
// service says that there is none.
func (b *builder) deleteKeys(res *registry.Resource, key string, list keyList) {
	q := &b.plan.Query
	b.plan.Literal = len(list.values)
	q.write("WITH ", keysName, "(", quote(key), ") AS (SELECT DISTINCT * FROM (")
	if list.query.Present() {
		b.splice(q, list.query)
	}
	for i, v := range list.values {
		if i == 0 {
			q.write("VALUES (")
		} else {
			q.write(", (")
		}
		b.splice(q, v)
		q.write(")")
	}
	q.write(")) SELECT k.", quote(key))
	if !b.stmt.Returning.Present() {
		q.write(" FROM ", keysName, " AS k WHERE k.", quote(key), " IS NOT NULL")
		return
	}
	b.plan.Call.Whole = true
	for _, c := range res.Outputs() {
		q.write(", t.", quote(c.Name))
	}
	q.write(" FROM ", keysName, " AS k LEFT JOIN ", tableName(res), " AS t ON t.", quote(key), " = k.", quote(key), " WHERE k.", quote(key), " IS NOT NULL")
}
