package plan

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// checkEnums refuses a condition that compares a column with a value that it
// never has, such as role = 'STUDNT', which would look like an answer: no rows.
func (b *builder) checkEnums() error {
	all := b.resources()
	for _, term := range b.stmt.Terms() {
		tables := all
		if term.Qualifier != "" {
			tables = b.called(term.Qualifier)
		}
		col := enumColumn(tables, term.Column)
		if col == nil || term.Op != "=" && term.Op != "in" && term.Op != "!=" && term.Op != "<>" {
			continue
		}
		for _, v := range term.Literals {
			if !slices.Contains(col.Enum, v) {
				return b.unknownValue(col, v)
			}
		}
	}
	return nil
}

// called returns the resource that the statement calls by a name, if that is all
// that it calls so.
func (b *builder) called(name string) []*registry.Resource {
	var out []*registry.Resource
	for _, t := range b.tables() {
		if !strings.EqualFold(callName(t), name) {
			continue
		}
		res, err := b.reg.FindResource(t.Parts)
		if err != nil {
			return nil
		}
		out = append(out, res)
	}
	return out
}

// resources returns the resources that the statement reads; nil if it reads
// anything else, whose columns could have the same names. A function with rows
// has columns of its own, which are known, but for a file.
func (b *builder) resources() []*registry.Resource {
	if b.stmt.With.Present() || b.hasDerived() || len(b.stmt.Files) > 0 {
		return nil
	}
	var out []*registry.Resource
	for _, t := range b.tables() {
		if t.Function {
			continue
		}
		res, err := b.reg.FindResource(t.Parts)
		if err != nil {
			return nil
		}
		out = append(out, res)
	}
	return out
}

// hasDerived reports whether a query stands in the place of a table.
func (b *builder) hasDerived() bool {
	toks := b.stmt.Tokens
	for i := range toks {
		before := at(toks, i-1)
		if toks[i].Kind == syntax.Open && at(toks, i+1).Is("SELECT") && (before.Is("FROM") || before.Is("JOIN") || before.Kind == syntax.Comma) {
			return true
		}
	}
	return false
}

// tables returns the tables that the statement reads, the target of a DELETE
// among them.
func (b *builder) tables() []syntax.TableRef {
	tables := b.stmt.Tables()
	if b.stmt.Kind != syntax.Delete {
		return tables
	}
	t := b.stmt.Target
	return append(tables, syntax.TableRef{Parts: t.Parts, Alias: b.stmt.Alias, Span: t.Span})
}

// enumColumn returns the column with this name of all the tables that have
// one, nil if it is not the same list of values in each.
func enumColumn(tables []*registry.Resource, name string) *registry.Column {
	var found *registry.Column
	for _, res := range tables {
		c, ok := res.Column(name)
		if !ok {
			continue
		}
		if len(c.Enum) == 0 || found != nil && !slices.Equal(found.Enum, c.Enum) {
			return nil
		}
		found = c
	}
	return found
}

func (b *builder) unknownValue(col *registry.Column, value string) error {
	at := b.stmt.All()
	for _, span := range b.stmt.WhereSpans() {
		for _, t := range b.tokens(span) {
			if t.Kind == syntax.String && t.Name() == value {
				at = syntax.Span{Start: t.Start, End: t.End}
			}
		}
	}
	return b.never(at, col, value)
}

// never is the error of a value that a column never has.
func (b *builder) never(at syntax.Span, col *registry.Column, value string) error {
	hint := "it is " + Join(col.Enum, "or")
	if near, ok := provider.Nearest(value, col.Enum); ok {
		hint = "did you mean " + near + "?"
	}
	e := b.errorf(at, hint, "%s is never %q", col.Name, value)
	e.Code = "unknown_value"
	return e
}
