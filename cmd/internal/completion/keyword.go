package completion

import "strings"

// statements are what statements begin with, the most usual first.
var statements = []string{
	"SELECT", "INSERT INTO", "DELETE FROM", "UPDATE", "EXEC", "SHOW", "DESCRIBE", "EXPLAIN", "WITH", "REPLACE INTO", "VALUES",
	"CREATE TABLE", "CREATE TEMP VIEW", "DROP TABLE", "DROP VIEW", "ALTER TABLE",
}

// verbNext is what follows the word that a change begins with.
var verbNext = map[string][]string{
	"INSERT":  {"INTO", "OR IGNORE INTO"},
	"REPLACE": {"INTO"},
	"DELETE":  {"FROM"},
}

// targetNext is what follows the table of a change.
var targetNext = map[string][]string{
	"INSERT":  {"VALUES", "SELECT", "AS", "WITH"},
	"REPLACE": {"VALUES", "SELECT"},
	"DELETE":  {"WHERE", "RETURNING"},
	"UPDATE":  {"SET", "AS"},
}

var (
	joins     = []string{"JOIN", "LEFT JOIN", "INNER JOIN", "CROSS JOIN"}
	compounds = []string{"UNION", "UNION ALL", "EXCEPT", "INTERSECT"}
	endings   = append([]string{"ORDER BY", "LIMIT"}, compounds...)
)

// next adds the clauses that may follow the one round the cursor. Inside a
// parenthesis that is a part of it, and inside CASE, none does.
func (l *list) next(f frame) {
	if f.inner || l.openCase() {
		return
	}
	outside := len(l.frames) == 1
	switch f.clause {
	case inResults:
		l.keywords("FROM", "AS", "WHERE")
		l.keywords(endings...)
	case inFrom, inUsing:
		l.keywords("WHERE", "AS")
		l.keywords(joins...)
		l.keywords("GROUP BY")
		l.keywords(endings...)
	case inWhere:
		if f.join {
			l.keywords(joins...)
			l.keywords("WHERE")
		}
		if outside && (l.verb == "DELETE" || l.verb == "UPDATE") {
			l.keywords("RETURNING")
			return
		}
		l.keywords("GROUP BY")
		l.keywords(endings...)
	case inGroup:
		l.keywords("HAVING")
		l.keywords(endings...)
	case inHaving:
		l.keywords(endings...)
	case inOrder:
		l.keywords("DESC", "ASC", "LIMIT", "NULLS FIRST", "NULLS LAST")
	case inSet:
		l.keywords("WHERE", "FROM", "RETURNING")
	case inValues:
		if l.target < 0 {
			l.keywords(endings...)
		}
	case inReturning:
		l.keywords("AS")
	}
	if outside && l.target >= 0 && f.clause != inReturning {
		l.keywords("RETURNING")
		if l.verb == "INSERT" {
			l.keywords("ON CONFLICT DO NOTHING")
		}
	}
}

// operators adds the words that stand between operands.
func (l *list) operators(f frame) {
	if l.openCase() {
		l.keywords("THEN", "WHEN", "ELSE", "END", "AND", "OR", "IN", "LIKE", "IS NULL", "IS NOT NULL")
	}
	switch f.clause {
	case inWhere, inHaving:
		l.keywords("AND", "OR", "IN", "LIKE", "IS NULL", "IS NOT NULL", "NOT IN", "NOT LIKE", "BETWEEN", "GLOB", "REGEXP", "COLLATE NOCASE")
	case inOrder:
		l.keywords("COLLATE NOCASE")
	}
}

// openCase reports whether a CASE before the cursor has no END yet.
func (l *list) openCase() bool {
	open := 0
	for _, tok := range l.toks[:l.cursor] {
		switch {
		case tok.Is("CASE"):
			open++
		case tok.Is("END"):
			open--
		}
	}
	return open > 0
}

// keywords adds those words that what is typed may become, in its letter case.
func (l *list) keywords(words ...string) {
	if l.quote != 0 {
		return
	}
	for _, word := range words {
		if !hasPrefix(word, l.prefix) {
			continue
		}
		if l.lower {
			word = strings.ToLower(word)
		}
		l.add(Candidate{Text: word, Group: Keywords})
	}
}

// hasPrefix reports whether the text begins with the prefix in any letter case.
func hasPrefix(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}
