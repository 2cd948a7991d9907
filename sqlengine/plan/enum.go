package plan

import (
	"slices"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// checkEnums refuses a condition that compares a column with a value that it
// never has, such as role = 'STUDNT', which would look like an answer: no rows.
func (b *builder) checkEnums() error {
	tables := b.resources()
	for _, term := range b.stmt.Terms() {
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

// resources returns the resources that the statement reads; nil if it reads
// anything else, whose columns could have the same names.
func (b *builder) resources() []*registry.Resource {
	var out []*registry.Resource
	for _, t := range b.stmt.Tables() {
		res, err := b.reg.FindResource(t.Parts)
		if err != nil {
			return nil
		}
		out = append(out, res)
	}
	return out
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
	hint := "it is " + join(col.Enum, "or")
	if near, ok := provider.Nearest(value, col.Enum); ok {
		hint = "did you mean " + near + "?"
	}
	e := b.errorf(at, hint, "%s is never %q", col.Name, value)
	e.Code = "unknown_value"
	return e
}
