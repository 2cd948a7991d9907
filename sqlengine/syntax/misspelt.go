package syntax

import (
	"strings"

	"github.com/iql-lang/iql/provider"
)

// clauses are the keywords that begin a part of a statement, which is where a
// misspelt one leads SQLite's parser astray: it takes the word for an alias and
// stops at what follows.
var clauses = []string{
	"FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "HAVING", "JOIN", "VALUES", "INTO", "SET", "SELECT",
	"LEFT", "INNER", "CROSS", "OUTER", "NATURAL", "UNION", "EXCEPT", "INTERSECT", "DISTINCT", "BETWEEN", "LIKE", "AND",
	"OFFSET", "RETURNING", "USING", "EXISTS", "WINDOW", "BY",
}

// Misspelt finds the keyword that a statement is likely to be spoilt by: given
// the token at which SQLite's parser stopped, or len(tokens) for the end, it
// looks at that token and the two before it for a word that is almost a keyword.
// It returns the index of the word and the keyword it may stand for.
func Misspelt(tokens []Token, at int) (i int, keyword string, ok bool) {
	for i := min(at, len(tokens)-1); i >= max(0, at-2); i-- {
		word := tokens[i]
		if word.Kind != Word || word.reserved() || dotted(tokens, i) {
			continue
		}
		if keyword, ok := provider.Nearest(word.Text, clauses); ok && !strings.EqualFold(keyword, word.Text) && fits(tokens, i, keyword) {
			return i, keyword, true
		}
	}
	return 0, "", false
}

func dotted(tokens []Token, i int) bool {
	return at(tokens, i-1).Kind == Dot || at(tokens, i+1).Kind == Dot
}

// fits reports whether the keyword could stand at i, judged by the token before it.
func fits(tokens []Token, i int, keyword string) bool {
	prev := at(tokens, i-1)
	switch keyword {
	case "BY":
		return prev.Is("GROUP") || prev.Is("ORDER") || prev.Is("PARTITION")
	case "SELECT":
		return i == 0 || prev.Kind == Open || prev.Kind == Close || prev.Is("UNION") || prev.Is("ALL") || prev.Is("EXCEPT") || prev.Is("INTERSECT") || prev.Is("EXPLAIN")
	case "DISTINCT":
		return prev.Is("SELECT") || prev.Kind == Open
	case "INTO":
		return prev.Is("INSERT") || prev.Is("REPLACE") || prev.Is("IGNORE")
	case "EXISTS":
		return prev.Is("NOT") || prev.Is("WHERE") || prev.Is("AND") || prev.Is("OR") || prev.Kind == Open
	case "OUTER":
		return prev.Is("LEFT") || prev.Is("RIGHT") || prev.Is("FULL")
	case "JOIN":
		return endsOperand(prev) || joinWords[strings.ToUpper(prev.Text)]
	case "FROM":
		return endsOperand(prev) || prev.Is("DELETE") || prev.op("*")
	}
	return endsOperand(prev)
}
