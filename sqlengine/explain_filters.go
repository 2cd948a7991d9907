package sqlengine

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// filters adds the conditions that SQLite tests on the rows that come.
func (e *explainer) filters() {
	s := e.plan.Statement
	for _, where := range s.WhereSpans() {
		for _, term := range syntax.Conjuncts(s.Tokens, where) {
			if !e.pushed(term) {
				e.add("filter", nil, nil, nil, nil, strings.Join(strings.Fields(term.Of(s.Source.String())), " "))
			}
		}
	}
}

// pushed reports whether a condition is a comparison by = or IN that became a
// parameter.
func (e *explainer) pushed(term syntax.Span) bool {
	var toks []syntax.Token
	for _, t := range e.plan.Statement.Tokens {
		if t.Start >= term.Start && t.End <= term.End {
			toks = append(toks, t)
		}
	}
	for i, t := range toks {
		switch {
		case t.Is("NOT") || t.Is("OR"):
			return false
		case t.Is("IN"):
			return e.became(side(toks), "", true)
		case t.Text == "=" || t.Text == "==":
			return e.became(side(toks), value(toks[i+1:]), false) || e.became(side(toks[i+1:]), value(toks[:i]), false)
		}
	}
	return false
}

// became reports whether the comparison of a column with a value, "" for one
// that is no literal, became a parameter.
func (e *explainer) became(column, value string, in bool) bool {
	return slices.ContainsFunc(e.used[column], func(p vtab.StepParam) bool {
		return p.In == in && (in || p.Known == (value != "") && p.Value == value)
	})
}

// value returns the value of a side of a comparison that is one literal.
func value(toks []syntax.Token) string {
	if len(toks) != 1 || toks[0].Kind != syntax.String && toks[0].Kind != syntax.Number {
		return ""
	}
	return toks[0].Name()
}

// side returns the column at the start of a comparison's side, "alias.column".
func side(toks []syntax.Token) string {
	name := ""
	for i, t := range toks {
		if i%2 == 1 && t.Kind != syntax.Dot {
			break
		}
		if i%2 == 0 {
			if t.Kind != syntax.Word && t.Kind != syntax.Quoted {
				return ""
			}
			name = strings.TrimPrefix(name+"."+t.Name(), ".")
		}
	}
	return name
}
