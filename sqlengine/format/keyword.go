package format

import (
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// marker finds the words of a statement that are keywords where they stand. A
// word that may be a name is one if that is not sure: the letters of a name show,
// as the name of a column of the result.
type marker struct {
	toks   []token
	frames []frame
}

// frame is the state of a depth of parentheses.
type frame struct {
	clause string // the last word that began one, in upper case
	cases  int    // CASE without END
	window bool   // the parenthesis is that of OVER or WINDOW
}

// mark marks the keywords of toks.
func mark(toks []token) {
	m := &marker{toks: toks, frames: make([]frame, 1, 8)}
	m.opening()
	for i := range toks {
		m.step(i)
	}
}

func (m *marker) top() *frame { return &m.frames[len(m.frames)-1] }

func (m *marker) at(i int) token {
	if i < 0 || i >= len(m.toks) {
		return token{}
	}
	return m.toks[i]
}

// dotted reports whether the token is a part of a dotted name.
func (m *marker) dotted(i int) bool {
	return m.at(i-1).Kind == syntax.Dot || m.at(i+1).Kind == syntax.Dot
}

func (m *marker) step(i int) {
	tok, f := m.toks[i], m.top()
	switch tok.Kind {
	case syntax.Open:
		prev := m.at(i - 1)
		m.frames = append(m.frames, frame{window: prev.Is("OVER") || prev.Is("AS") && f.clause == "WINDOW"})
	case syntax.Close:
		if len(m.frames) > 1 {
			m.frames = m.frames[:len(m.frames)-1]
		}
	case syntax.Word:
		if m.dotted(i) {
			return
		}
		m.phrases(i)
		if tok.Reserved() || m.bySurroundings(i) {
			m.toks[i].keyword = true
		}
		if m.toks[i].keyword {
			m.enter(strings.ToUpper(tok.Text))
		}
	}
}

// enter notes what a keyword begins or ends.
func (m *marker) enter(word string) {
	f := m.top()
	switch word {
	case "SELECT", "FROM", "JOIN", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "WINDOW", "VALUES", "RETURNING", "SET", "ON", "USING", "UNION", "EXCEPT", "INTERSECT":
		f.clause = word
	case "CASE":
		f.cases++
	case "END":
		f.cases--
	}
}

// bySurroundings reports whether a word that may be a name is a keyword at i.
func (m *marker) bySurroundings(i int) bool {
	tok, prev, next, f := m.toks[i], m.at(i-1), m.at(i+1), m.top()
	switch strings.ToUpper(tok.Text) {
	case "END":
		return f.cases > 0 && prev.endsOperand()
	case "LIKE", "GLOB", "REGEXP", "MATCH":
		return (prev.endsOperand() || prev.Is("NOT")) && next.beginsOperand()
	case "ASC", "DESC":
		return f.clause == "ORDER" && prev.endsOperand()
	case "OFFSET":
		return f.clause == "LIMIT" && prev.endsOperand()
	case "OVER":
		return prev.Kind == syntax.Close && (next.Kind == syntax.Open || f.clause != "FROM" && f.clause != "JOIN" && next.identifier() && !next.Reserved())
	case "FILTER":
		return prev.Kind == syntax.Close && next.Kind == syntax.Open && m.at(i+2).Is("WHERE")
	case "CAST":
		return next.Kind == syntax.Open
	case "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL", "OUTER":
		return joinWords[strings.ToUpper(next.Text)] && next.Kind == syntax.Word
	case "WITH":
		after := m.at(i + 2)
		return next.Is("RECURSIVE") || next.identifier() && !next.Reserved() && (after.Is("AS") || after.Kind == syntax.Open)
	case "RECURSIVE":
		return prev.Is("WITH") && prev.keyword
	case "MATERIALIZED":
		return (prev.Is("AS") || prev.Is("NOT")) && next.Kind == syntax.Open
	case "WINDOW":
		return next.identifier() && m.at(i+2).Is("AS") && m.at(i+3).Kind == syntax.Open
	case "ROWS", "RANGE", "GROUPS", "EXCLUDE":
		return f.window && (prev.endsOperand() || prev.Kind == syntax.Open || prev.keyword && beforeFrame[strings.ToUpper(prev.Text)]) && next.beginsOperand()
	case "PRECEDING", "FOLLOWING":
		return f.window && (prev.endsOperand() || prev.Is("UNBOUNDED"))
	case "UNBOUNDED":
		return f.window && (next.Is("PRECEDING") || next.Is("FOLLOWING"))
	}
	return false
}

// beforeFrame are keywords that the frame of a window may follow.
var beforeFrame = set("ASC DESC FIRST LAST")

// joinWords are those that LEFT and the like stand before.
var joinWords = set("JOIN LEFT RIGHT FULL INNER CROSS NATURAL OUTER")

// phrases are words that are keywords together, wherever they stand.
var phrases = lists(`GROUP BY|ORDER BY|PARTITION BY|NULLS FIRST|NULLS LAST|ON CONFLICT|DO NOTHING|DO UPDATE|IF NOT EXISTS|IF EXISTS|
	PRIMARY KEY|FOREIGN KEY`)

// openings are words that are keywords together at the start of a statement.
var openings = lists(`INSERT OR REPLACE|INSERT OR IGNORE|INSERT OR ABORT|INSERT OR FAIL|INSERT OR ROLLBACK|INSERT IGNORE|
	CREATE VIEW|CREATE MATERIALIZED VIEW|CREATE OR REPLACE VIEW|CREATE OR REPLACE MATERIALIZED VIEW|CREATE OR REPLACE TABLE|
	CREATE TEMP TABLE|CREATE TEMPORARY TABLE|CREATE TEMP VIEW|CREATE TEMPORARY VIEW|DROP VIEW|DROP MATERIALIZED VIEW|
	REFRESH MATERIALIZED VIEW|START TRANSACTION|REGISTRY LIST|REGISTRY PULL|AUTH LOGIN|AUTH REVOKE|SET SESSION|SET GLOBAL|
	PURGE CACHE|PURGE CONSERVATIVE|PURGE CONTROL_TABLES|PURGE EPHEMERAL|
	SHOW EXTENDED PROVIDERS|SHOW EXTENDED SERVICES|SHOW EXTENDED RESOURCES|SHOW EXTENDED METHODS|SHOW EXTENDED INSERT|
	SHOW EXTENDED VERSION|SHOW PROVIDERS|SHOW SERVICES|SHOW RESOURCES|SHOW METHODS|SHOW INSERT|SHOW VERSION|SHOW AUTH|SHOW TABLES|
	SHOW VIEWS|SHOW TRANSACTION ISOLATION LEVEL`)

// opening marks the words that a statement begins with.
func (m *marker) opening() {
	i := 0
	if m.at(0).Is("EXPLAIN") {
		m.toks[0].keyword = true
		switch {
		case m.at(1).Is("QUERY") && m.at(2).Is("PLAN"):
			m.toks[1].keyword, m.toks[2].keyword = true, true
			i = 3
		case m.at(1).Is("ANALYZE") || m.at(1).Is("ANALYSE"):
			m.toks[1].keyword = true
			i = 2
		case m.at(1).Kind == syntax.Word && verbs[strings.ToUpper(m.at(1).Text)] && len(m.toks) > 2 && !m.dotted(1):
			i = 1
		default:
			m.describe(1)
			return
		}
	}
	if m.at(i).Kind != syntax.Word {
		return
	}
	m.toks[i].keyword = true
	for _, words := range openings {
		m.match(i, words)
	}
	if m.at(i).Is("DESCRIBE") || m.at(i).Is("DESC") {
		m.describe(i + 1)
	}
}

// describe marks the words before and after the name that DESCRIBE has.
func (m *marker) describe(i int) {
	for m.at(i+1).identifier() && (m.at(i).Is("METHOD") || m.at(i).Is("EXTENDED")) {
		m.toks[i].keyword = true
		i++
	}
	if last := len(m.toks) - 1; last > i && m.at(last).Is("EXTENDED") && !m.dotted(last) {
		m.toks[last].keyword = true
	}
}

// phrases marks the phrases that begin at i.
func (m *marker) phrases(i int) {
	for _, words := range phrases {
		m.match(i, words)
	}
	if m.top().window {
		m.match(i, []string{"CURRENT", "ROW"})
	}
}

func (m *marker) match(i int, words []string) {
	for j, word := range words {
		if !m.at(i+j).Is(word) || m.dotted(i+j) {
			return
		}
	}
	for j := range words {
		m.toks[i+j].keyword = true
	}
}

// verbs are the words that begin a statement which EXPLAIN explains.
var verbs = set("SELECT WITH VALUES INSERT UPDATE DELETE REPLACE EXEC EXECUTE CALL SHOW DESCRIBE DESC CREATE DROP")

func set(list string) map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		words[word] = true
	}
	return words
}

func lists(text string) [][]string {
	var all [][]string
	for words := range strings.SplitSeq(text, "|") {
		all = append(all, strings.Fields(words))
	}
	return all
}
