package completion

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// clause is what the tokens of a parenthesis, or of the statement outside all of
// them, are part of.
type clause uint8

const (
	inUnknown   clause = iota // of a statement that nothing is known of
	inStart                   // where a statement or a query may begin
	inWith                    // the names of the queries of WITH
	inDefine                  // the columns that such a query is given
	inCompound                // after UNION
	inResults                 // after SELECT
	inFrom                    // after FROM and JOIN
	inUsing                   // the columns of USING
	inWhere                   // after WHERE and ON
	inGroup                   // after GROUP BY
	inHaving                  // after HAVING
	inOrder                   // after ORDER BY
	inLimit                   // after LIMIT and OFFSET
	inValues                  // after VALUES
	inRow                     // a row of VALUES
	inVerb                    // after INSERT, REPLACE or DELETE, before INTO or FROM
	inTarget                  // the table that is changed
	inColumns                 // the columns of an INSERT
	inSet                     // after SET
	inReturning               // after RETURNING
	inList                    // the values of IN
	inCall                    // the arguments of a function
	inMethod                  // the method of EXEC
	inArguments               // its arguments
	inShow                    // after SHOW
	inDescribe                // after DESCRIBE
	inDrop                    // after DROP and ALTER
)

// frame is the state of a parenthesis, or of the statement outside all of them.
type frame struct {
	clause   clause
	scope    int      // of the query: the index of its tables
	inner    bool     // the parenthesis is a part of the clause, which goes on after it
	table    bool     // the name of a table comes next
	ref      int      // the table that another name may follow; -1 for none
	join     bool     // inFrom, inWhere: it is that of a JOIN
	item     int      // the number of commas before
	of       operand  // inList: what is looked for
	function string   // inCall: its name in lower case
	rows     bool     // inCall: it stands for a table
	query    *query   // what the parenthesis defines, or nil
	cte      string   // inWith: the name of the query
	last     string   // inResults: the name that the item has so far
	names    []string // inResults: those of the items before
	star     bool     // inResults: there was a *
}

// query is a query that stands for a table.
type query struct {
	columns []string
	star    bool
	scope   int // of the tables that * stands for

	known bool // all is set, or is being made
	all   []column
}

// table is a table of the statement.
type table struct {
	scope    int
	path     []string // its name as it was written
	alias    string   // its other name, or ""
	query    *query   // the query in its place, or nil
	function bool     // it is a function with rows
}

// condition is a comparison of a column with something by = or IN.
type condition struct {
	scope int
	path  []string
	value string // the text or number that it is compared with, or ""
}

// operand is a column, or an argument of EXEC, that is compared with something.
type operand struct {
	path     []string
	argument string // without its sign
}

// reading is what is known of a statement round a cursor.
type reading struct {
	verb    string // the word that the statement begins with, after EXPLAIN and WITH
	explain bool
	toks    []syntax.Token
	cursor  int     // the index in toks of what follows the cursor
	frames  []frame // at the cursor, outermost first

	tables     []table
	scopes     map[int][]table // tables by their scope
	target     int             // the table that is changed, -1 for none
	queries    map[string]*query
	columns    []string // of an INSERT
	method     []string // of EXEC
	arguments  []string // of EXEC, without their signs
	conditions []condition
}

// reader reads a statement token by token. It never fails: of what is no SQL it
// finds something of no use.
type reader struct {
	reading
	stack   []frame
	deeper  int // how many parentheses are open beyond maxFrames
	queried int // how many queries there were
}

// read reads the statement of a place, with a name of no letters where something is
// being typed.
func read(p place) reading {
	r := &reader{stack: []frame{{clause: inStart, ref: -1}}}
	r.target, r.queries, r.cursor = -1, map[string]*query{}, len(p.before)
	r.toks = append(r.toks, p.before...)
	if p.text != "" || len(p.path) > 0 {
		r.toks = append(r.toks, syntax.Token{Kind: syntax.Quoted, Text: `""`})
	}
	r.toks = append(r.toks, p.after...)
	for i := 0; i < r.cursor; {
		i = r.step(i)
	}
	r.frames = slices.Clone(r.stack)
	for i := r.cursor; i < len(r.toks); {
		i = r.step(i)
	}
	r.scopes = map[int][]table{}
	for _, t := range r.tables {
		r.scopes[t.scope] = append(r.scopes[t.scope], t)
	}
	return r.reading
}

func (r *reader) top() *frame { return &r.stack[len(r.stack)-1] }

// at returns the token at i, or one of no kind.
func (r *reading) at(i int) syntax.Token {
	if i < 0 || i >= len(r.toks) {
		return syntax.Token{}
	}
	return r.toks[i]
}

// step reads the token at i, or the dotted name that begins there, and returns the
// index of what follows.
func (r *reader) step(i int) int {
	tok, f := r.toks[i], r.top()
	switch {
	case named(tok):
		end := r.chain(i)
		if end-i > 1 || tok.Kind == syntax.Quoted || !r.keyword(i) {
			r.name(i, end)
		}
		return end
	case tok.Kind == syntax.Open:
		r.push(i)
	case tok.Kind == syntax.Close:
		r.pop()
	case tok.Kind == syntax.Comma:
		r.comma()
	case tok.Kind == syntax.Op:
		r.operator(i)
	case tok.Kind == syntax.Param && f.clause == inArguments && tok.Text[0] == '@':
		r.arguments = append(r.arguments, tok.Name())
	}
	return i + 1
}

// chain returns the end of the dotted name that begins at token i.
func (r *reading) chain(i int) int {
	for i++; r.at(i).Kind == syntax.Dot && named(r.at(i+1)); {
		i += 2
	}
	return i
}

// chainBefore returns the dotted name that ends before token i, nil if there is
// none.
func (r *reading) chainBefore(i int) []string {
	begin := i - 1
	if !named(r.at(begin)) || r.at(begin).Reserved() {
		return nil
	}
	for r.at(begin-1).Kind == syntax.Dot && named(r.at(begin-2)) {
		begin -= 2
	}
	return path(r.toks[begin:i])
}

// path returns the parts of a dotted name.
func path(toks []syntax.Token) []string {
	var parts []string
	for _, tok := range toks {
		if tok.Kind != syntax.Dot {
			parts = append(parts, tok.Name())
		}
	}
	return parts
}

func (r *reader) comma() {
	f := r.top()
	f.ref = -1
	f.item++
	switch {
	case f.clause == inResults:
		f.endItem()
	case f.clause == inWhere && f.join:
		f.clause, f.table = inFrom, true
	case f.clause == inFrom:
		f.table = true
	}
}

// operator reads an operator: a comparison, or the * of a list of results.
func (r *reader) operator(i int) {
	f := r.top()
	f.last = ""
	switch prev := r.at(i - 1); r.toks[i].Text {
	case "=", "==":
		r.compared(i)
	case "*":
		starred := prev.Kind == syntax.Dot || prev.Kind == syntax.Comma || prev.Is("SELECT") || prev.Is("DISTINCT")
		f.star = f.star || f.clause == inResults && !f.inner && starred
	}
}

// compared notes the columns on both sides of the operator at i.
func (r *reader) compared(i int) {
	f := r.top()
	if f.clause != inWhere {
		return
	}
	next := r.at(i + 1)
	if left := r.chainBefore(i); left != nil {
		c := condition{scope: f.scope, path: left}
		if next.Kind == syntax.String || next.Kind == syntax.Number {
			c.value = next.Name()
		}
		r.conditions = append(r.conditions, c)
	}
	if end := r.chain(i + 1); named(next) && !next.Reserved() && r.at(end).Kind != syntax.Open {
		r.conditions = append(r.conditions, condition{scope: f.scope, path: path(r.toks[i+1 : end])})
	}
}

// endItem ends an item of a list of results.
func (f *frame) endItem() {
	if f.last != "" {
		f.names = append(f.names, f.last)
	}
	f.last = ""
}

// name reads the name whose tokens are [i:end].
func (r *reader) name(i, end int) {
	f, parts := r.top(), path(r.toks[i:end])
	last := parts[len(parts)-1]
	switch {
	case f.table:
		f.table, f.ref = false, len(r.tables)
		t := table{scope: f.scope, path: parts, function: r.at(end).Kind == syntax.Open && f.clause == inFrom}
		if len(parts) == 1 {
			t.query = r.queries[strings.ToLower(last)]
		}
		if f.clause == inTarget {
			r.target = len(r.tables)
		}
		r.tables = append(r.tables, t)
	case f.ref >= 0 && len(parts) == 1:
		r.tables[f.ref].alias = last
		f.ref = -1
	case f.clause == inWith:
		f.cte = last
	case f.clause == inDefine:
		f.names = append(f.names, last)
	case f.clause == inColumns:
		r.columns = append(r.columns, last)
	case f.clause == inUsing:
		r.conditions = append(r.conditions, condition{scope: f.scope, path: parts})
	case f.clause == inMethod && r.method == nil:
		r.method = parts
		f.clause = inArguments
	case f.clause == inResults:
		f.last = last
	}
}
