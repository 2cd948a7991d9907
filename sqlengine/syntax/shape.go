package syntax

import (
	"slices"
	"strings"
)

// TableRef is a table of a FROM clause.
type TableRef struct {
	Parts    []string // the name as written, without quotes
	Alias    string   // its other name, or ""
	Span     Span     // the name
	Function bool     // the name is that of a function with rows, such as json_each(...)
}

// role is what a name stands for where it stands.
type role uint8

const (
	roleNone   role = iota // a column or a function, or not a name at all
	roleTable              // a table; on a parenthesis: a query that stands for one
	roleDefine             // a name that is given here: an alias, a CTE, a column of either
)

// shape is what a pass over the tokens finds out about them.
type shape struct {
	roles   []role          // of each token; of a dotted name, on its first
	tables  []TableRef      // of FROM clauses, CTEs apart
	conds   []Span          // of WHERE and ON
	defined map[string]bool // lower-case names that the statement gives
	items   []bool          // tokens that begin an item of the outermost select list or RETURNING
}

// clause is where in a statement a token stands, at its depth of parentheses.
type clause uint8

const (
	inNone   clause = iota // before a verb, and wherever names are expressions
	inWith                 // names of CTEs
	inDefine               // a list of columns that are defined
	inSelect               // a list of results
	inFrom
	inWhere // a WHERE or ON condition
	inTarget
)

// frame is the state of a depth of parentheses.
type frame struct {
	clause clause
	from   bool            // inWhere: it is an ON, and FROM goes on after it
	filter bool            // the parenthesis is that of FILTER (WHERE ...), which chooses no rows
	table  bool            // a table, or a parenthesis for one, comes next
	alias  bool            // a table has been named: a name now is another name for it
	ref    int             // the index of that table in tables, or -1
	item   bool            // the next token begins an item of a list of results
	cond   int             // inWhere: the condition's first token
	tables int             // how many tables there were before it
	ctes   map[string]bool // lower-case names of its WITH
}

// shaper finds the shape of a statement in one pass. It never fails: of a
// statement that is not SQL it finds something of no use.
type shaper struct {
	toks   []Token
	frames []frame
	inName int // token of a table that follows IN
	shape
}

func shapeOf(toks []Token) shape {
	s := &shaper{toks: toks, frames: make([]frame, 1, 8), inName: -1}
	s.roles = make([]role, len(toks))
	s.defined = map[string]bool{}
	s.items = make([]bool, len(toks))
	for i := 0; i < len(toks); {
		i = s.step(i)
	}
	for len(s.frames) > 0 {
		s.pop(len(toks))
	}
	slices.SortFunc(s.conds, func(a, b Span) int { return a.Start - b.Start })
	s.tables = slices.DeleteFunc(s.tables, func(t TableRef) bool { return t.Parts == nil })
	return s.shape
}

func (s *shaper) top() *frame { return &s.frames[len(s.frames)-1] }

// at returns the token at i, or one of no kind.
func (s *shaper) at(i int) Token { return at(s.toks, i) }

func at(toks []Token, i int) Token {
	if i < 0 || i >= len(toks) {
		return Token{}
	}
	return toks[i]
}

// step reads the token at i, or the dotted name that begins there, and returns
// the index of what follows.
func (s *shaper) step(i int) int {
	tok, f := s.toks[i], s.top()
	switch {
	case tok.identifier():
		end := chainEnd(s.toks, i)
		if end-i > 1 || tok.Kind == Quoted || !s.keyword(i) {
			s.name(i, end)
		}
		return end
	case tok.Kind == Open:
		s.item(i)
		s.push(i)
	case tok.Kind == Close:
		s.pop(i)
	case tok.Kind == Comma:
		if f.clause == inWhere && f.from {
			s.endCond(i)
			f.clause = inFrom
		}
		f.item = f.clause == inSelect
		f.table = f.clause == inFrom
		f.alias = false
	case tok.Kind == String && f.table:
		s.name(i, i+1)
	case tok.Kind == String && (s.at(i-1).Is("AS") || f.clause == inSelect && endsOperand(s.at(i-1))):
		s.define(i)
	default:
		s.item(i)
	}
	return i + 1
}

// item notes that an item of a list of results begins at i, if one does.
func (s *shaper) item(i int) {
	if f := s.top(); f.item {
		f.item = false
		if len(s.frames) == 1 {
			s.items[i] = true
		}
	}
}

func (s *shaper) push(i int) {
	f, next := s.top(), s.at(i+1)
	inner := frame{filter: s.at(i - 1).Is("FILTER"), tables: len(s.tables)}
	prev := s.at(i - 1)
	switch {
	case f.table && !beginsQuery(next):
		inner.clause, inner.table = inFrom, true
		f.table, f.alias, f.ref = false, true, -1
	case f.table:
		s.roles[i] = roleTable
		f.table, f.alias, f.ref = false, true, -1
	case f.clause == inWith && !prev.Is("AS") && !prev.Is("MATERIALIZED"), f.clause == inDefine:
		inner.clause = inDefine
	}
	s.frames = append(s.frames, inner)
}

// pop ends the innermost parenthesis before token i. The statement itself is
// only ended by its end.
func (s *shaper) pop(i int) {
	s.endCond(i)
	if f := s.top(); f.ctes != nil {
		for j, t := range s.tables[f.tables:] {
			if len(t.Parts) == 1 && !t.Function && f.ctes[strings.ToLower(t.Parts[0])] {
				s.tables[f.tables+j] = TableRef{}
			}
		}
	}
	if len(s.frames) > 1 || i == len(s.toks) {
		s.frames = s.frames[:len(s.frames)-1]
	}
}

func (s *shaper) endCond(i int) {
	f := s.top()
	if f.clause == inWhere && !f.filter && f.cond < i {
		s.conds = append(s.conds, Span{s.toks[f.cond].Start, s.toks[i-1].End})
	}
	if f.clause == inWhere {
		f.clause = inNone
	}
}

// enter begins a clause at the keyword i.
func (s *shaper) enter(i int, c clause) {
	s.endCond(i)
	f := s.top()
	f.clause, f.table, f.alias, f.item = c, c == inFrom || c == inTarget, false, c == inSelect
	f.cond, f.from = i+1, false
}

// begins are the keywords that begin a clause wherever they stand.
var begins = map[string]clause{
	"WITH": inWith, "SELECT": inSelect, "RETURNING": inSelect, "FROM": inFrom, "JOIN": inFrom, "WHERE": inWhere,
	"INTO": inTarget, "UPDATE": inTarget, "INSERT": inTarget, "REPLACE": inTarget, "TABLE": inDefine, "VIEW": inDefine,
	"GROUP": inNone, "HAVING": inNone, "ORDER": inNone, "LIMIT": inNone, "WINDOW": inNone, "VALUES": inNone, "SET": inNone,
	"UNION": inNone, "EXCEPT": inNone, "INTERSECT": inNone,
}

// keyword reads a word without dots, and reports whether it was a keyword there.
func (s *shaper) keyword(i int) bool {
	prev, next := s.at(i-1), s.at(i+1)
	word := strings.ToUpper(s.toks[i].Text)
	if s.isName(i, word) {
		return false
	}
	c, ok := begins[word]
	switch {
	case word == "DISTINCT" || word == "ALL":
		return true // the item comes after it
	case word == "FROM" && prev.Is("DISTINCT"): // IS DISTINCT FROM
	case word == "FROM" && prev.Is("DELETE"):
		s.enter(i, inTarget)
	case ok:
		s.enter(i, c)
		return true
	case joinWords[word]:
		s.enter(i, inFrom)
		s.top().table = false
	case word == "ON" && next.Is("CONFLICT"):
		s.enter(i, inNone)
	case word == "ON":
		s.enter(i, inWhere)
		s.top().from = true
	case word == "OR":
		s.top().table = false // INSERT OR IGNORE INTO
	case word == "IN" && (next.identifier() && !next.reserved()):
		s.inName = i + 1
	case word != "AS":
		s.top().alias = false
	}
	s.item(i)
	return true
}

// isName reports whether a word is a name at i.
func (s *shaper) isName(i int, word string) bool {
	prev, f := s.at(i-1), s.top()
	switch word {
	case "WITH":
		return !beginsWith(s.toks, i)
	case "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "NATURAL", "OUTER":
		return !joinWords[strings.ToUpper(s.at(i+1).Text)]
	case "WINDOW":
		return !s.at(i + 2).Is("AS")
	case "REPLACE":
		return i != 0
	case "VIEW":
		return !s.at(0).Is("CREATE") || len(s.frames) > 1 || f.clause != inNone
	case "MATERIALIZED":
		return f.clause != inWith
	}
	if reserved[word] {
		return false
	}
	return prev.Is("AS") || !soft[word]
}

// name reads the name whose tokens are [i:end].
func (s *shaper) name(i, end int) {
	s.item(i)
	f := s.top()
	prev, single := s.at(i-1), end-i == 1
	switch {
	case i == s.inName:
		s.table(i, end)
	case f.table:
		f.table, f.alias, f.ref = false, true, -1
		s.roles[i] = roleTable
		if f.clause == inFrom {
			f.ref = len(s.tables)
			s.table(i, end)
		}
	case !single:
	case f.alias:
		f.alias = false
		if f.ref >= 0 {
			s.tables[f.ref].Alias = s.toks[i].Name()
		}
		s.define(i)
	case prev.Is("AS"), f.clause == inDefine, f.clause == inSelect && endsOperand(prev):
		s.define(i)
	case f.clause == inWith:
		s.define(i)
		if f.ctes == nil {
			f.ctes = map[string]bool{}
		}
		f.ctes[strings.ToLower(s.toks[i].Name())] = true
	}
}

func (s *shaper) table(i, end int) {
	s.roles[i] = roleTable
	name := nameOf(s.toks[i:end])
	s.tables = append(s.tables, TableRef{Parts: name.Parts, Span: name.Span, Function: s.at(end).Kind == Open})
}

func (s *shaper) define(i int) {
	s.roles[i] = roleDefine
	s.defined[strings.ToLower(s.toks[i].Name())] = true
}

// chainEnd returns the end of the dotted name that begins at token i.
func chainEnd(toks []Token, i int) int {
	i++
	for at(toks, i).Kind == Dot && at(toks, i+1).identifier() {
		i += 2
	}
	return i
}

// nameOf makes a Name of the tokens of a dotted name.
func nameOf(toks []Token) Name {
	n := Name{Span: Span{toks[0].Start, toks[len(toks)-1].End}}
	for _, tok := range toks {
		if tok.Kind != Dot {
			n.Parts = append(n.Parts, tok.Name())
			n.Spans = append(n.Spans, Span{tok.Start, tok.End})
		}
	}
	return n
}

// beginsWith reports whether the WITH at token i begins a clause.
func beginsWith(toks []Token, i int) bool {
	name, after := at(toks, i+1), at(toks, i+2)
	return name.Is("RECURSIVE") || name.identifier() && (after.Is("AS") || after.Kind == Open)
}

// beginsQuery reports whether the token begins a query.
func beginsQuery(tok Token) bool {
	return tok.Is("SELECT") || tok.Is("VALUES") || tok.Is("WITH")
}

// opensQuery reports whether a query begins at token i, or inside a run of
// parentheses that begins there.
func opensQuery(toks []Token, i int) bool {
	for at(toks, i).Kind == Open {
		i++
	}
	return beginsQuery(at(toks, i))
}

// endsOperand reports whether an expression may end with the token.
func endsOperand(tok Token) bool {
	switch tok.Kind {
	case Quoted, String, Blob, Number, Param, Close:
		return true
	case Word:
		word := strings.ToUpper(tok.Text)
		return !reserved[word] && !operators[word] || endings[word]
	}
	return false
}

// reserved are the words that SQLite never takes for a name.
var reserved = words(`ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE DEFAULT
	DEFERRABLE DELETE DISTINCT DROP ELSE ESCAPE EXCEPT EXISTS FOREIGN FROM GROUP HAVING IN INDEX INSERT INTERSECT INTO IS
	ISNULL JOIN LIMIT NOT NOTHING NOTNULL NULL ON OR ORDER PRIMARY REFERENCES RETURNING SELECT SET TABLE THEN TO
	TRANSACTION UNION UNIQUE UPDATE USING VALUES WHEN WHERE`)

// operators are words that may be names and, after an operand, are not.
var operators = words("LIKE GLOB REGEXP MATCH BY")

// soft are words that may be names and, where an alias might stand, are not.
var soft = words("RECURSIVE INDEXED END LIKE GLOB REGEXP MATCH ASC DESC OFFSET BY OVER FILTER IF")

// endings are keywords that an expression may end with.
var endings = words("END NULL ISNULL NOTNULL")

var joinWords = words("JOIN LEFT RIGHT FULL INNER CROSS NATURAL OUTER")

func words(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}
