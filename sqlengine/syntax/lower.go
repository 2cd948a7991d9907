package syntax

import "strings"

// lower writes tokens as SQL that sqlparser may be able to read. It goes token
// by token, and where SQLite and MySQL differ it writes something of the same
// shape: names go in backquotes, || and -> become ^, which binds as tightly,
// EXCEPT becomes UNION, and what only decorates, such as OVER (...), is left
// out. So the tree of the result says which tables, columns and comparisons
// there are, and is wrong about nearly everything else.
//
// Of what has no counterpart lower writes something that sqlparser refuses.
func lower(toks []Token, roles []role) string {
	l := &lowerer{toks: toks, roles: roles}
	for l.i < len(toks) {
		l.step()
	}
	return l.out.String()
}

type lowerer struct {
	toks  []Token
	roles []role
	i     int
	out   strings.Builder
	open  []opened
}

// opened is a parenthesis that is open.
type opened uint8

const (
	openPlain opened = iota
	openCast         // of CAST(
	openTable        // round a query that stands for a table
)

func (l *lowerer) at(n int) Token { return at(l.toks, l.i+n) }

// emit writes text for the next n tokens.
func (l *lowerer) emit(n int, text string) {
	if text != "" {
		l.out.WriteString(text)
		l.out.WriteByte(' ')
	}
	l.i += n
}

// skipParens writes nothing for the n tokens that come next, nor for the
// parenthesis after them.
func (l *lowerer) skipParens(n int) {
	l.i = closing(l.toks, l.i+n) + 1
}

func (l *lowerer) step() {
	tok := l.toks[l.i]
	switch tok.Kind {
	case Word:
		if l.roles[l.i] == roleNone && !dotted(l.toks, l.i) && l.keyword() {
			return
		}
		l.name()
	case Quoted:
		l.name()
	case String:
		text := strings.ReplaceAll(tok.Name(), `\`, `\\`)
		l.emit(1, "'"+strings.ReplaceAll(text, "'", "''")+"'")
	case Number:
		l.emit(1, strings.ReplaceAll(tok.Text, "_", ""))
	case Param:
		l.emit(1, ":p")
	case Op:
		l.operator(tok.Text)
	case Open:
		l.parenthesis()
	case Close:
		l.close()
	default:
		l.emit(1, tok.Text)
	}
}

func (l *lowerer) parenthesis() {
	prev, kind := l.at(-1), openPlain
	switch {
	case l.roles[l.i] == roleTable && beginsQuery(l.at(1)):
		kind = openTable
	case l.i > 0 && prev.Is("CAST"):
		kind = openCast
	}
	l.open = append(l.open, kind)
	l.emit(1, "(")
}

func (l *lowerer) close() {
	kind := openPlain
	if n := len(l.open); n > 0 {
		kind, l.open = l.open[n-1], l.open[:n-1]
	}
	l.emit(1, ")")
	if next := l.at(0); kind == openTable && !next.Is("AS") && (!next.identifier() || l.roles[l.i] != roleDefine) {
		l.emit(0, "as `_`") // MySQL wants a name for every such query
	}
}

func (l *lowerer) operator(op string) {
	switch op {
	case "||", "->", "->>":
		op = "^"
	case "==":
		op = "="
	}
	l.emit(1, op)
}

// name writes a dotted name. sqlparser reads two parts of a table and of a
// column: those before the last become one, and a table's all become one.
func (l *lowerer) name() {
	end := chainEnd(l.toks, l.i)
	parts, isTable := nameOf(l.toks[l.i:end]).Parts, l.roles[l.i] == roleTable
	n := len(parts) - 1
	switch {
	case isTable || n == 0 || at(l.toks, end).Kind == Dot && n > 0:
		l.emit(end-l.i, backquote(strings.Join(parts, ".")))
	default:
		l.emit(end-l.i, backquote(strings.Join(parts[:n], "."))+"."+backquote(parts[n]))
	}
	if isTable && l.at(0).Kind == Open { // a function with rows
		l.skipParens(0)
	}
}

func backquote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// keyword writes the keyword that is next, with what it does to the words after
// it. It reports whether there was one.
func (l *lowerer) keyword() bool {
	word := strings.ToUpper(l.toks[l.i].Text)
	switch {
	case l.leaveOut(word), l.rewrite(word):
	case l.isName(word):
		return false
	default:
		l.emit(1, strings.ToLower(word))
	}
	return true
}

// leaveOut writes nothing for what does not change which tables, columns and
// comparisons there are.
func (l *lowerer) leaveOut(word string) bool {
	prev, next := l.at(-1), l.at(1)
	switch {
	case word == "ALL" && prev.Is("SELECT"):
		l.emit(1, "")
	case word == "OVER" && prev.Kind == Close && next.identifier():
		l.emit(2, "")
	case (word == "OVER" || word == "FILTER") && prev.Kind == Close && next.Kind == Open:
		l.skipParens(1)
	case word == "WINDOW" && l.at(2).Is("AS") && l.at(3).Kind == Open:
		l.skipParens(3)
		for l.at(0).Kind == Comma && l.at(2).Is("AS") && l.at(3).Kind == Open {
			l.skipParens(3)
		}
	case word == "NULLS" && (next.Is("FIRST") || next.Is("LAST")):
		l.emit(2, "")
	case word == "INDEXED" && next.Is("BY"):
		l.emit(3, "")
	case word == "NOT" && next.Is("INDEXED"):
		l.emit(2, "")
	default:
		return false
	}
	return true
}

// rewrite writes MySQL's words for SQLite's.
func (l *lowerer) rewrite(word string) bool {
	prev, next := l.at(-1), l.at(1)
	switch {
	case word == "AS" && len(l.open) > 0 && l.open[len(l.open)-1] == openCast:
		l.emit(0, "as char")
		l.i = l.enclosing()
	case word == "EXCEPT" || word == "INTERSECT":
		l.emit(1, "union")
	case word == "FULL" && (next.Is("JOIN") || next.Is("OUTER")):
		l.emit(1, "left")
	case word == "IS":
		l.is()
	case word == "ISNULL":
		l.emit(1, "is null")
	case word == "NOTNULL":
		l.emit(1, "is not null")
	case word == "NOT" && next.Is("NULL"):
		l.emit(2, "is not null")
	case (word == "GLOB" || word == "MATCH" || word == "REGEXP") && (endsOperand(prev) || prev.Is("NOT")):
		l.emit(1, "regexp")
	default:
		return false
	}
	return true
}

// isName reports whether a word is a name where it stands, and not a keyword of
// both SQLite and MySQL.
func (l *lowerer) isName(word string) bool {
	next := l.at(1)
	switch word {
	case "LEFT", "RIGHT", "INNER", "CROSS", "NATURAL", "OUTER":
		return !joinWords[strings.ToUpper(next.Text)]
	case "REPLACE":
		return l.i > 0
	case "CAST":
		return next.Kind != Open
	case "TRUE", "FALSE", "LIKE", "BY", "ASC", "DESC", "OFFSET", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP":
		return next.Kind == Open
	case "END":
		return !endsOperand(l.at(-1))
	}
	return !reserved[word]
}

// enclosing returns the index of the parenthesis that closes the one l is in.
func (l *lowerer) enclosing() int {
	for i := l.i; i < len(l.toks); i++ {
		switch l.toks[i].Kind {
		case Open:
			i = closing(l.toks, i)
		case Close:
			return i
		}
	}
	return len(l.toks)
}

// is writes IS, which compares any two values in SQLite, as <=> or !=.
func (l *lowerer) is() {
	n, not := 1, false
	if l.at(n).Is("NOT") {
		n, not = n+1, true
	}
	if l.at(n).Is("DISTINCT") && l.at(n+1).Is("FROM") {
		n, not = n+2, !not
	} else if value := l.at(n); value.Is("NULL") || value.Is("TRUE") || value.Is("FALSE") {
		text := "is " + strings.ToLower(value.Text)
		if not {
			text = "is not " + strings.ToLower(value.Text)
		}
		l.emit(n+1, text)
		return
	}
	if not {
		l.emit(n, "!=")
	} else {
		l.emit(n, "<=>")
	}
}
