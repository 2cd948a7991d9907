package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// checkParams refuses parameters without a value, which SQLite would take for NULL,
// and notes those that are text where a number seems to be meant.
func (b *builder) checkParams() error {
	noted := map[string]bool{}
	for _, p := range b.stmt.Parameters {
		if !p.Bound && b.stmt.Explained == nil {
			return b.unbound(p)
		}
		if !noted[p.Name] && b.meantAsNumber(p) {
			noted[p.Name] = true
			b.plan.Notices = append(b.plan.Notices, fmt.Sprintf(
				":%s is the text '%s', which is no number: for a number give --param %[1]s:int=%[2]s", p.Name, p.Value))
		}
	}
	return nil
}

// unbound says that a parameter has no value, and which have.
func (b *builder) unbound(p syntax.Parameter) error {
	hint := fmt.Sprintf("give it one: --param %s=VALUE", p.Name)
	if near, ok := provider.Nearest(p.Name, b.stmt.Given); ok {
		hint = "did you mean :" + near + "?"
	} else if len(b.stmt.Given) > 0 && len(b.stmt.Given) <= maxNamed {
		hint += "; there is :" + strings.Join(b.stmt.Given, ", :")
	}
	switch p.Sign {
	case '@':
		hint = "a parameter begins with a colon: :" + p.Name + "; @name is an argument of EXEC"
		if address := addressAt(b.stmt.Source.String(), p.Span); address != "" {
			hint = "a text stands in quotes: '" + address + "'"
		}
	case '?', '$':
		hint = "a parameter is a colon and a name, such as :course, and has its value by that name"
	}
	e := b.errorf(p.Span, hint, "there is no value for %s", p.Span.Of(b.stmt.Source.String()))
	e.Code = syntax.CodeUnbound
	return e
}

// addressAt returns the e-mail address without quotes that has @ and a name in the middle,
// "" if there is none.
func addressAt(text string, at syntax.Span) string {
	ends := func(c rune) bool { return unicode.IsSpace(c) || strings.ContainsRune(",;()=<>|'\"", c) }
	start := strings.LastIndexFunc(text[:at.Start], ends) + 1
	end := len(text)
	if i := strings.IndexFunc(text[at.End:], ends); i >= 0 {
		end = at.End + i
	}
	if start == at.Start {
		return ""
	}
	return text[start:end]
}

// maxNamed is how many parameters a hint lists.
const maxNamed = 16

// numeric are the functions whose result is always a number, or NULL.
var numeric = []string{"count", "sum", "total", "avg", "length", "instr", "round", "abs"}

// meantAsNumber reports whether a parameter is the text of a number that is compared
// with a number. SQLite compares the two by their types and finds no row.
func (b *builder) meantAsNumber(p syntax.Parameter) bool {
	text, ok := p.Value.(string)
	if _, err := strconv.ParseFloat(text, 64); !ok || err != nil {
		return false
	}
	toks := b.stmt.Tokens
	i, _ := slices.BinarySearchFunc(toks, p.Span.Start, func(t syntax.Token, start int) int { return t.Start - start })
	call := func(name syntax.Token) bool { return slices.ContainsFunc(numeric, name.Is) }
	before, after := at(toks, i-2), at(toks, i+2)
	switch {
	case compares(at(toks, i-1)):
		return before.Kind == syntax.Number || before.Kind == syntax.Close && call(at(toks, open(toks, i-2)-1))
	case compares(at(toks, i+1)):
		return after.Kind == syntax.Number || call(after) && at(toks, i+3).Kind == syntax.Open
	}
	return false
}

// compares reports whether a token is an operator that compares two values.
func compares(t syntax.Token) bool {
	return comparison(t) || slices.Contains([]string{"<", ">", "<=", ">="}, t.Text)
}
