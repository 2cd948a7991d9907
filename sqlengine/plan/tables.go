package plan

import (
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// checkTables refuses a dotted name of a table that is none of the registry's.
// SQLite, which has at most two parts, would say less about it.
func (b *builder) checkTables() error {
	for _, t := range b.stmt.Tables() {
		if len(t.Parts) < 2 || t.Function || len(t.Parts) == 2 && ownSchema(t.Parts[0]) {
			continue
		}
		if _, ok := b.reg.Service(t.Parts[:1]); ok && len(t.Parts) == 2 {
			continue // SQLite knows the schema, and which tables it has
		}
		if _, err := b.reg.FindResource(t.Parts); err != nil {
			return b.nameError(b.name(t), err)
		}
	}
	return nil
}

// ownSchema reports whether a name is one of SQLite's own schemas, where the
// session's tables are.
func ownSchema(name string) bool {
	return strings.EqualFold(name, "main") || strings.EqualFold(name, "temp")
}

// name returns a table's name with the span of each part.
func (b *builder) name(t syntax.TableRef) syntax.Name {
	n := syntax.Name{Parts: t.Parts, Span: t.Span}
	for _, tok := range b.tokens(t.Span) {
		if tok.Kind != syntax.Dot {
			n.Spans = append(n.Spans, syntax.Span{Start: tok.Start, End: tok.End})
		}
	}
	return n
}
