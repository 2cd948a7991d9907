package format

import (
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// token is a token of a statement with the comments beside it.
type token struct {
	syntax.Token
	keyword bool
	before  []*node // comments
	after   []*node
}

// identifier reports whether the token may be a name.
func (t token) identifier() bool {
	return t.Kind == syntax.Word && !t.keyword || t.Kind == syntax.Quoted
}

// sign reports whether the token is an operator that may stand before an operand.
func (t token) sign() bool {
	return t.Kind == syntax.Op && (t.Text == "-" || t.Text == "+" || t.Text == "~")
}

// endsOperand reports whether an expression may end with the token.
func (t token) endsOperand() bool {
	switch t.Kind {
	case syntax.Quoted, syntax.String, syntax.Blob, syntax.Number, syntax.Param, syntax.Close:
		return true
	case syntax.Word:
		return !t.keyword && !t.Reserved() || t.Is("END") || t.Is("NULL") || t.Is("ISNULL") || t.Is("NOTNULL")
	}
	return false
}

// beginsOperand reports whether an expression may begin with the token.
func (t token) beginsOperand() bool {
	switch t.Kind {
	case syntax.Quoted, syntax.String, syntax.Blob, syntax.Number, syntax.Param, syntax.Open:
		return true
	case syntax.Word:
		return !t.Reserved() || t.Is("CASE") || t.Is("NULL") || t.Is("NOT") || t.Is("BETWEEN")
	}
	return t.sign()
}

// beginsQuery reports whether the token begins a query.
func (t token) beginsQuery() bool {
	return t.keyword && (t.Is("SELECT") || t.Is("VALUES") || t.Is("WITH"))
}

// node returns the token as it is written, with its comments.
func (t token) node() *node {
	word := t.Text
	if t.keyword {
		word = strings.ToUpper(word)
	}
	n := words(word)
	if len(t.before)+len(t.after) == 0 {
		return n
	}
	nodes := append(append([]*node{}, t.before...), n)
	return of(concat, append(nodes, t.after...)...)
}

// tokens returns the tokens of a statement, and the comments after the last of
// them.
func tokens(pieces []syntax.Token) (toks []token, last []*node) {
	var waiting []*node // for the next token
	broken := false     // a line has ended since the last token or comment
	for i, p := range pieces {
		switch p.Kind {
		case syntax.Space:
			broken = broken || strings.Contains(p.Text, "\n")
			continue
		case syntax.Comment, syntax.Hint:
			ends := endsLine(pieces, i)
			n := commentNode(p, broken && ends, ends)
			if len(toks) > 0 && len(waiting) == 0 && !broken && ends {
				toks[len(toks)-1].after = append(toks[len(toks)-1].after, n)
			} else {
				waiting = append(waiting, n)
			}
		default:
			toks = append(toks, token{Token: p, before: waiting})
			waiting = nil
		}
		broken = false
	}
	return toks, waiting
}

// endsLine reports whether a line ends after piece i.
func endsLine(pieces []syntax.Token, i int) bool {
	if isLine(pieces[i]) {
		return true
	}
	return pieces[i].Kind != syntax.Hint && i+1 < len(pieces) && pieces[i+1].Kind == syntax.Space && strings.Contains(pieces[i+1].Text, "\n")
}

// isLine reports whether a token is a comment to the end of its line.
func isLine(t syntax.Token) bool { return t.Kind == syntax.Comment && strings.HasPrefix(t.Text, "--") }

func commentNode(t syntax.Token, ownLine, ends bool) *node {
	n := words(commentText(t))
	n.kind, n.ownLine, n.endsLine = comment, ownLine, ends
	n.width++
	n.lead = n.width
	n.forced = n.forced || ownLine || ends
	return n
}

// commentText returns a comment without the blanks at its end.
func commentText(t syntax.Token) string {
	if isLine(t) {
		return strings.TrimRight(t.Text, " \t\r\f\v")
	}
	return t.Text
}
