package plan

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// OtherName is a value that the statement compares with a column whose rows
// show it by another name, such as userId = 'me'.
type OtherName struct{ Column, Value string }

// otherNames finds the other names in the statement: literals that are compared
// with such a column of a resource. Each must be asked of the API; SQLite would
// compare it with what rows show and find nothing.
func (b *builder) otherNames() {
	for _, span := range b.stmt.WhereSpans() {
		toks := b.tokens(span)
		for i := range toks {
			b.compared(toks, i)
		}
	}
}

// compared notes the other names that the column at token i is compared with.
func (b *builder) compared(toks []syntax.Token, i int) {
	if toks[i].Kind != syntax.Word && toks[i].Kind != syntax.Quoted {
		return
	}
	at := func(j int) syntax.Token {
		if j < 0 || j >= len(toks) {
			return syntax.Token{}
		}
		return toks[j]
	}
	start := i
	for at(start-1).Kind == syntax.Dot {
		start -= 2
	}
	if at(i+1).Kind == syntax.Dot || start < 0 {
		return
	}
	col := b.aliasColumn(toks[start : i+1])
	if col == nil {
		return
	}
	if comparison(at(i+1)) && at(i+2).Kind == syntax.String {
		b.note(col, at(i+2))
	}
	if comparison(at(start-1)) && at(start-2).Kind == syntax.String {
		b.note(col, at(start-2))
	}
	if at(i + 1).Is("NOT") {
		i++
	}
	if at(i+1).Is("IN") && at(i+2).Kind == syntax.Open {
		for j := i + 3; at(j).Kind == syntax.String || at(j).Kind == syntax.Comma || at(j).Kind == syntax.Number; j++ {
			b.note(col, at(j))
		}
	}
}

func comparison(t syntax.Token) bool {
	switch t.Text {
	case "=", "==", "<>", "!=":
		return true
	}
	return t.Is("IS")
}

// note keeps a literal that is another name for a value of the column.
func (b *builder) note(col *registry.Column, t syntax.Token) {
	name := OtherName{Column: col.Name, Value: t.Name()}
	if t.Kind == syntax.String && col.OtherName(name.Value) && !slices.Contains(b.plan.Names, name) {
		b.plan.Names = append(b.plan.Names, name)
	}
}

// aliasColumn returns the column that a dotted name stands for, if it is one of
// a resource that has other names for its values. A name without a table counts
// only if all tables are resources.
func (b *builder) aliasColumn(toks []syntax.Token) *registry.Column {
	column := toks[len(toks)-1].Name()
	var found *registry.Column
	tables := b.stmt.Tables()
	if len(b.stmt.Target.Parts) > 0 && b.stmt.Kind == syntax.Delete {
		tables = append(tables, syntax.TableRef{Parts: b.stmt.Target.Parts, Alias: b.stmt.Alias})
	}
	for _, t := range tables {
		if len(toks) > 1 && !strings.EqualFold(callName(t), toks[len(toks)-3].Name()) {
			continue
		}
		res, err := b.reg.FindResource(t.Parts)
		if err != nil {
			return nil
		}
		if c, ok := res.Column(column); ok && c.Canonical != "" {
			found = c
		}
	}
	return found
}

// callName is how a statement calls a table.
func callName(t syntax.TableRef) string {
	if t.Alias != "" {
		return t.Alias
	}
	return t.Parts[len(t.Parts)-1]
}
