package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// outcomes are the columns of RETURNING that say what became of a row. They are not
// among those of *.
var outcomes = []string{"status", "error_code", "error_message"}

// returning plans the RETURNING of a change: a query over the changed rows
// under the target's name.
func (b *builder) returning(res *registry.Resource, before bool) error {
	if !b.stmt.Returning.Present() {
		return nil
	}
	call := b.plan.Call
	call.Before, call.Outcomes = before, b.asksOutcomes(res)
	columns := names(res.Outputs())
	all := columns
	if call.Outcomes {
		all = append(slices.Clone(columns), outcomes...)
	}
	q := &call.Returning
	q.write("SELECT ")
	b.returned(q, columns)
	q.write(" FROM (SELECT ")
	for i, name := range all {
		if i > 0 {
			q.write(", ")
		}
		q.write(fmt.Sprintf("value ->> %d AS %s", i, quote(name)))
	}
	name := res.Name
	if b.stmt.Alias != "" {
		name = b.stmt.Alias
	}
	q.write(" FROM json_each(", ReturnedRows, ")) AS ", quote(name))
	return nil
}

// asksOutcomes reports whether RETURNING has a column that says what became of a
// row.
func (b *builder) asksOutcomes(res *registry.Resource) bool {
	toks := b.tokens(b.stmt.Returning)
	for i, t := range toks {
		if t.Kind != syntax.Word && t.Kind != syntax.Quoted || i+1 < len(toks) && toks[i+1].Kind == syntax.Open {
			continue
		}
		if i > 0 && strings.EqualFold(toks[i-1].Text, "AS") {
			continue // a name that is given
		}
		_, own := res.Column(t.Name())
		if !own && slices.ContainsFunc(outcomes, func(name string) bool { return strings.EqualFold(name, t.Name()) }) {
			return true
		}
	}
	return false
}

// starOf reports whether an item of a list is *, or t.*, and returns the "t.".
func (b *builder) starOf(item syntax.Span) (of syntax.Span, ok bool) {
	toks := b.tokens(item)
	last := len(toks) - 1
	if toks[last].Text != "*" || last != 0 && (last != 2 || toks[1].Text != ".") {
		return of, false
	}
	return syntax.Span{Start: item.Start, End: toks[last].Start}, true
}

// returned writes the list of RETURNING, where * is the columns of the resource.
func (b *builder) returned(q *Query, columns []string) {
	if !b.plan.Call.Outcomes {
		b.splice(q, b.stmt.Returning)
		return
	}
	for i, item := range b.items(b.stmt.Returning) {
		if i > 0 {
			q.write(", ")
		}
		of, ok := b.starOf(item)
		if !ok {
			b.splice(q, item)
			continue
		}
		for i, name := range columns {
			if i > 0 {
				q.write(", ")
			}
			b.splice(q, of)
			q.write(quote(name))
		}
	}
}
