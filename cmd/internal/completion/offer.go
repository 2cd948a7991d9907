package completion

import (
	"strings"

	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// list gathers the candidates of a place in a statement.
type list struct {
	typed
	reading
	src   *Source
	lower bool // keywords and functions are typed in lower case
	seen  map[string]bool

	session map[string][]string // its tables, once they were asked for
	counts  map[string]int      // how many tables of the query have a column, by its name in lower case
	out     []Candidate
}

// add adds a candidate, if no other has its text and it would not steer a
// terminal.
func (l *list) add(c Candidate) {
	key := strings.ToLower(c.Text)
	if l.seen[key] || output.Harmless(c.Text) != c.Text {
		return
	}
	if c.Display == c.Text {
		c.Display = ""
	}
	l.seen[key] = true
	l.out = append(l.out, c)
}

// lowerCase reports whether keywords are typed in lower case: what is being typed
// is, or else the word that the statement begins with.
func (l *list) lowerCase(before []syntax.Token) bool {
	word := l.prefix
	if word == "" && len(before) > 0 {
		word = before[0].Text
	}
	return word != strings.ToUpper(word) && word == strings.ToLower(word)
}

// frame returns the innermost parenthesis round the cursor.
func (l *list) frame() frame { return l.frames[len(l.frames)-1] }

// before returns the n-th token before what is typed, from 1 on.
func (l *list) before(n int) syntax.Token { return l.at(l.cursor - n) }

// offer adds all that can be typed at the place.
func (l *list) offer() {
	f := l.frame()
	switch {
	case l.quote == '\'' && f.rows:
		l.fileOf(f)
	case l.quote == '\'':
		l.values(l.subject(f))
	case strings.HasPrefix(l.text, "@"):
		if f.clause == inArguments {
			l.argumentNames()
		}
	case strings.HasPrefix(l.text, ":"):
		l.variables()
	case strings.ContainsAny(l.text[:min(1, len(l.text))], "?$"):
	case l.text != "" && '0' <= l.text[0] && l.text[0] <= '9':
		l.values(l.subject(f))
	case len(l.path) > 0:
		l.dotted(f)
	default:
		l.word(f)
	}
}

// dotted adds what may follow a name and a dot.
func (l *list) dotted(f frame) {
	switch {
	case f.table:
		l.tableNames(f)
	case f.clause == inMethod:
		l.methods()
	case f.clause == inShow || f.clause == inDescribe:
		l.shown(f)
	default:
		l.columnsOf(f, l.path)
	}
}

// word adds what may stand where a word may begin.
func (l *list) word(f frame) {
	switch f.clause {
	case inStart:
		l.starts()
	case inWith:
		l.inWith()
	case inVerb:
		l.keywords(verbNext[l.verb]...)
	case inTarget, inFrom:
		l.tablesNext(f)
	case inColumns:
		l.insertable()
	case inUsing:
		l.joinable(f)
	case inSet:
		l.assignments(f)
	case inMethod:
		l.methods()
	case inArguments:
		l.argumentsNext(f)
	case inShow, inDescribe, inDrop:
		l.shown(f)
	case inCompound:
		l.keywords("SELECT", "ALL", "VALUES")
	case inUnknown, inDefine:
	case inCall:
		if !f.rows {
			l.expression(f)
		}
	default:
		l.expression(f)
	}
}

// starts adds the words that a statement, or a query in parentheses, begins with.
func (l *list) starts() {
	switch {
	case len(l.frames) > 1:
		l.keywords("SELECT", "VALUES", "WITH")
	case l.explain:
		l.keywords("SELECT", "INSERT INTO", "DELETE FROM", "UPDATE", "EXEC", "WITH", "QUERY PLAN", "ANALYZE")
	default:
		l.keywords(statements...)
	}
}

// inWith adds what may follow in a WITH clause, but for names that are given there.
func (l *list) inWith() {
	switch prev := l.before(1); {
	case prev.Is("WITH"):
		l.keywords("RECURSIVE")
	case prev.Is("RECURSIVE"), prev.Kind == syntax.Comma:
	case prev.Kind == syntax.Close && l.defined():
		l.keywords("SELECT", "INSERT INTO", "DELETE FROM", "UPDATE")
	case prev.Is("AS"):
		l.keywords("MATERIALIZED", "NOT MATERIALIZED")
	default:
		l.keywords("AS")
	}
}

// defined reports whether the parenthesis before the cursor is that of a query of
// WITH, not of the names of its columns.
func (l *list) defined() bool {
	depth := 0
	for i := l.cursor - 1; i >= 0; i-- {
		switch l.toks[i].Kind {
		case syntax.Close:
			depth++
		case syntax.Open:
			depth--
		}
		if depth == 0 {
			return l.at(i-1).Is("AS") || l.at(i-1).Is("MATERIALIZED")
		}
	}
	return false
}

// tablesNext adds tables where one comes next, and else what may follow one.
func (l *list) tablesNext(f frame) {
	prev := l.before(1)
	switch {
	case f.table:
		l.tableNames(f)
		if prev.Kind == syntax.Open {
			l.keywords("SELECT", "VALUES", "WITH")
		}
	case prev.Is("LEFT") || prev.Is("RIGHT") || prev.Is("FULL"):
		l.keywords("JOIN", "OUTER JOIN")
	case prev.Is("INNER") || prev.Is("CROSS") || prev.Is("NATURAL") || prev.Is("OUTER"):
		l.keywords("JOIN")
	case prev.Is("AS"):
	case f.clause == inTarget && prev.Kind == syntax.Close:
		l.keywords("VALUES", "SELECT", "WITH")
	case f.clause == inTarget:
		l.keywords(targetNext[l.verb]...)
	default:
		if f.join {
			l.keywords("ON", "USING")
		}
		l.next(f)
	}
}

// expression adds what may stand in an expression: an operand, or what may
// follow one.
func (l *list) expression(f frame) {
	prev, before := l.before(1), l.before(2)
	switch {
	case prev.Is("GROUP") || prev.Is("ORDER") || prev.Is("PARTITION"):
		l.keywords("BY")
	case prev.Is("UNION") || prev.Is("IN") || prev.Is("AS"):
	case prev.Is("IS"):
		l.keywords("NULL", "NOT NULL")
	case prev.Is("NOT") && before.Is("IS"):
		l.keywords("NULL")
	case prev.Is("NOT") && endsOperand(before):
		l.keywords("IN", "LIKE", "BETWEEN", "GLOB", "REGEXP")
	case f.clause == inValues:
		if prev.Kind == syntax.Close {
			l.next(f)
		}
	case f.clause == inLimit:
		if endsOperand(prev) {
			l.keywords("OFFSET")
		}
	case endsOperand(prev):
		l.operators(f)
		l.next(f)
	default:
		l.operand(f)
	}
}

// operand adds what may stand for a value.
func (l *list) operand(f frame) {
	if f.clause == inWhere && l.subject(f).path == nil {
		l.required()
	}
	l.values(l.subject(f))
	if f.clause == inReturning {
		l.targetColumns()
	} else if f.clause != inRow {
		l.columnNames(f)
	}
	if f.clause == inList {
		if l.before(1).Kind == syntax.Open {
			l.keywords("SELECT")
		}
		return
	}
	l.functions()
	switch prev := l.before(1); {
	case prev.Is("SELECT"), f.clause == inCall && prev.Kind == syntax.Open:
		l.keywords("DISTINCT")
	case prev.Is("WHERE") || prev.Is("ON") || prev.Is("AND") || prev.Is("OR") || prev.Is("HAVING") || prev.Is("WHEN"):
		l.keywords("NOT")
	case prev.Kind == syntax.Open && f.clause != inRow:
		l.keywords("SELECT")
	}
	if l.prefix != "" {
		l.keywords("CASE", "NULL", "CAST(", "EXISTS", "TRUE", "FALSE")
	}
}

// endsOperand reports whether an expression may end with the token.
func endsOperand(tok syntax.Token) bool {
	switch tok.Kind {
	case syntax.Quoted, syntax.String, syntax.Blob, syntax.Number, syntax.Param, syntax.Close:
		return true
	case syntax.Op:
		return tok.Text == "*"
	case syntax.Word:
		if tok.Is("NULL") || tok.Is("ISNULL") || tok.Is("NOTNULL") {
			return true
		}
		return !tok.Reserved() && !tok.Is("LIKE") && !tok.Is("GLOB") && !tok.Is("REGEXP") && !tok.Is("MATCH") && !tok.Is("BY")
	}
	return false
}
