package syntax

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Parameter is a parameter of a statement, as :course is.
type Parameter struct {
	Name  string // without its sign
	Sign  byte   // the sign: ':', '?', '$' or '@'
	Span  Span   // with its sign
	Bound bool   // it has a value
	Value any    // a string, int64, float64, bool or []byte; nil is NULL, or no value

	shown string
}

// Bind reads one statement as [Parse] does and gives its parameters values, which
// are by name, without the sign. [Statement.Parameters] says which have none.
//
// The text stays as it is: SQLite is given the values beside it. But whoever plans
// the statement finds a literal in the place of each parameter among its Tokens,
// and a file may be named by one.
func Bind(src Source, values map[string]any) (*Statement, error) {
	s, err := parse(src, values)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// maxLiteral is how many bytes a value may have to stand among the tokens. No name
// of anything is longer.
const maxLiteral = 4096

// bind finds the parameters among the tokens, and puts literals in their place.
// The names of EXEC's arguments are none.
func (s *Statement) bind(values map[string]any) {
	args := map[int]bool{}
	for _, a := range s.Args {
		args[a.NameSpan.Start] = true
	}
	toks, conds := slices.Clone(s.Tokens), s.shape.conds
	inCondition := 0 // up to where what begins here is
	for i, tok := range s.Tokens {
		for len(conds) > 0 && conds[0].Start <= tok.Start {
			inCondition, conds = max(inCondition, conds[0].End), conds[1:]
		}
		if tok.Kind != Param || args[tok.Start] {
			continue
		}
		p := Parameter{Name: tok.Name(), Sign: tok.Text[0], Span: Span{tok.Start, tok.End}}
		if p.Sign == ':' {
			p.Value, p.Bound = values[p.Name]
		}
		if kind, text, ok := literalOf(p.Value); ok {
			toks[i].Kind, toks[i].Text = kind, text
			if tok.End <= inCondition && isCompared(s.Tokens, i) && showable(p.Value) {
				p.shown = text
			}
		}
		s.Parameters = append(s.Parameters, p)
	}
	if len(s.Parameters) > 0 {
		s.Tokens, s.Given = toks, slices.Sorted(maps.Keys(values))
	}
}

// literalOf returns a value as a token, if it can be one.
func literalOf(value any) (kind TokenKind, text string, ok bool) {
	switch v := value.(type) {
	case string:
		return String, apostrophes(v), len(v) <= maxLiteral && utf8.ValidString(v) && !strings.Contains(v, "\x00")
	case int64:
		return Number, strconv.FormatInt(v, 10), v >= 0 // a sign is a token of its own
	}
	return Bad, "", false
}

// Shown returns the literal that SQLite is shown in the place of a parameter which
// a condition compares with a column, "" where it is not. SQLite knows nothing of a
// value that is bound until it runs, and a method is chosen before that.
func (p Parameter) Shown() string { return p.shown }

// showable reports whether a value is an integer, or a text that has nothing but
// the characters of identifiers and addresses: no text of it could be anything but
// one literal.
func showable(value any) bool {
	text, ok := value.(string)
	return !ok || text != "" && len(text) <= maxShown && strings.Trim(text, shownBytes) == ""
}

const (
	maxShown   = 256
	shownBytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@.:_+-"
)

// isCompared reports whether token i is compared with a name by = or IS, in a
// condition.
func isCompared(toks []Token, i int) bool {
	prev, next := at(toks, i-1), at(toks, i+1)
	equal := func(t Token) bool { return t.op("=") || t.op("==") || t.Is("IS") }
	name := func(t Token) bool { return t.identifier() && !t.reserved() }
	if equal(prev) {
		return name(at(toks, i-2))
	}
	begins := prev.Kind == Open || slices.ContainsFunc([]string{"WHERE", "ON", "AND", "OR", "NOT"}, prev.Is)
	return begins && equal(next) && name(at(toks, i+2))
}

// param writes the literal for the parameter at token i, where SQLite is shown one.
func (w *rewriter) param(i int) {
	start := w.s.Tokens[i].Start
	at, ok := slices.BinarySearchFunc(w.s.Parameters, start, func(p Parameter, start int) int { return p.Span.Start - start })
	if !ok {
		return
	}
	if p := w.s.Parameters[at]; p.shown != "" {
		w.edit(p.Span, " "+p.shown+" ")
	}
}
