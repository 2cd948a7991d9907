package syntax

import (
	"sort"
	"strings"
)

// Names answers what names mean. Its parts and names come as written, without
// quotes, in any letter case.
type Names interface {
	// Service returns the name of the schema that holds a service's tables, for
	// [googleworkspace classroom] or [classroom]: "googleworkspace_classroom".
	Service(parts []string) (schema string, ok bool)

	// Table returns the name of a resource or view of the schema as it is to be
	// written. With the schema "" it says whether a table without a service in
	// front of it is one of any schema.
	Table(schema, name string) (canonical string, ok bool)

	// Column returns the column whose snake_case spelling is given: courseId for
	// course_id.
	Column(snake string) (canonical string, ok bool)
}

// SQLite returns a span of the statement as SQLite can run it, and a function
// that maps an offset in that text back to one in the statement. Five things
// are edited, and what the statement's Habits and Insertions ask for; all else is as
// it was typed.
//
// A dotted name of a service and a table gets the service's schema as one
// identifier: classroom.invitations becomes googleworkspace_classroom.invitations,
// and so does the beginning of classroom.invitations.courseId. Two parts in an expression are left alone:
// there they are a table and a column. A table that the service does not have
// gets its schema too, so that SQLite can say which table there is none of.
//
// A column in snake_case becomes the column it means, where all tables of the
// statement are known to n and the statement does not itself give that name to
// anything. As an item of the outermost select list it keeps its spelling as a
// heading: course_id becomes courseId AS course_id.
//
// A query in parentheses that stands by itself or as an arm of a UNION, which
// SQLite does not have, becomes SELECT * FROM (query).
//
// A file in the place of a table becomes the name of its table, with the name of
// the format for an alias unless it has another: csv('r.csv') becomes
// files."csv('r.csv')" AS csv.
//
// A parameter that is compared with a column may become a literal: see
// [Parameter.Shown].
func (s *Statement) SQLite(span Span, n Names) (text string, back func(offset int) int) {
	w := &rewriter{s: s, n: n, at: span.Start}
	w.query = span == s.Rows || s.Kind == Select && span == s.All()
	w.snake = w.allKnown()
	first, last := within(s.Tokens, span)
	for i := first; i < last; {
		i = w.step(i, first, last)
	}
	w.keep(span.End)
	w.runs = append(w.runs, run{w.out.Len(), span.End, false})
	return w.out.String(), w.back
}

// rewriter copies a statement's text and edits it on the way.
type rewriter struct {
	s     *Statement
	n     Names
	query bool // the span is a whole query
	snake bool // columns in snake_case may be edited
	out   strings.Builder
	at    int   // how far the statement has been copied
	runs  []run // in the order of both texts
}

// run is a stretch of the result that was kept (from end of one edit to the
// start of the next) or edited. Every offset in an edit comes from its start.
type run struct {
	out, in int
	edited  bool
}

// keep copies the statement up to the offset.
func (w *rewriter) keep(to int) {
	if to > w.at {
		w.runs = append(w.runs, run{w.out.Len(), w.at, false})
		w.out.WriteString(w.s.Source.String()[w.at:to])
		w.at = to
	}
}

// edit writes text for the span, with blanks where it would run into the words
// round it: SELECT[course_id]FROM is SQL.
func (w *rewriter) edit(span Span, text string) {
	w.keep(span.Start)
	before, after := w.out.String(), w.s.Source.String()[span.End:]
	if before != "" && text != "" && isWord(before[len(before)-1]) && isWord(text[0]) {
		text = " " + text
	}
	if after != "" && text != "" && isWord(after[0]) && isWord(text[len(text)-1]) {
		text += " "
	}
	w.runs = append(w.runs, run{w.out.Len(), span.Start, true})
	w.out.WriteString(text)
	w.at = span.End
}

func (w *rewriter) back(offset int) int {
	offset = max(0, min(offset, w.out.Len()))
	i := max(0, sort.Search(len(w.runs), func(i int) bool { return w.runs[i].out > offset })-1)
	if w.runs[i].edited {
		return w.runs[i].in
	}
	return w.runs[i].in + offset - w.runs[i].out
}

// step copies the token at i, or the dotted name that begins there.
func (w *rewriter) step(i, first, last int) int {
	toks := w.s.Tokens
	if toks[i].Kind == Open && w.armInParens(i, first) {
		w.edit(Span{toks[i].Start, toks[i].Start}, "SELECT * FROM ")
	}
	if !toks[i].identifier() {
		w.param(i)
		return i + 1
	}
	if join := w.innerJoin(i); join > i {
		return join
	}
	if end := w.file(i); end > i {
		return end
	}
	end := min(chainEnd(toks, i), last)
	if w.s.shape.roles[i] == roleDefine {
		return end
	}
	star := at(toks, end).Kind == Dot && at(toks, end+1).op("*")
	rest := i
	if schema, table, n := w.resource(toks[i:end], w.s.shape.roles[i] == roleTable, star); n > 0 {
		rest = i + 2*n - 1
		text := plain(schema) + "." + table
		if star { // SQLite has no schema.table.*
			text = table
		}
		w.edit(Span{toks[i].Start, toks[rest-1].End}, text)
	}
	if w.s.shape.roles[i] == roleNone && !star && rest < end && !w.column(i, end, last) {
		w.named(i, end, last)
	}
	if text := w.s.Insertions[toks[end-1].End]; text != "" {
		w.edit(Span{toks[end-1].End, toks[end-1].End}, text)
	}
	return end
}

// resource finds the service and the table that the dotted name begins with,
// and how many of its parts they are.
func (w *rewriter) resource(toks []Token, isTable, star bool) (schema, table string, parts int) {
	name := nameOf(toks)
	for n := min(2, len(name.Parts)-1); n > 0; n-- { // provider and service, or the service alone
		schema, ok := w.n.Service(name.Parts[:n])
		if !ok {
			continue
		}
		whole := n == len(name.Parts)-1
		if whole && n == 1 && !isTable && !star {
			continue // a table and its column
		}
		table, ok := w.n.Table(schema, name.Parts[n])
		if !ok && !(whole && isTable) {
			continue
		}
		if !ok {
			table = name.Parts[n]
		}
		return schema, plain(table), n + 1
	}
	return "", "", 0
}

// column edits the last part of the dotted name [i:end] if it is a column in
// snake_case, and reports whether it did.
func (w *rewriter) column(i, end, last int) bool {
	toks := w.s.Tokens
	tok := toks[end-1]
	if !w.snake || at(toks, end).Kind == Open || !strings.Contains(tok.Text, "_") || w.s.shape.defined[strings.ToLower(tok.Name())] {
		return false
	}
	canonical, ok := w.n.Column(tok.Name())
	if !ok {
		return false
	}
	text := plain(canonical)
	if w.s.shape.items[i] && (end == last || endsItem(toks[end])) {
		text += " AS " + tok.Text
	}
	w.edit(Span{tok.Start, tok.End}, text)
	return true
}

// endsItem reports whether an item of a select list without an alias may stand
// before the token.
func endsItem(tok Token) bool {
	switch strings.ToUpper(tok.Text) {
	case "FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "HAVING", "UNION", "EXCEPT", "INTERSECT", "RETURNING":
		return tok.Kind == Word
	}
	return tok.Kind == Comma
}

// allKnown reports whether every table of the statement is known.
func (w *rewriter) allKnown() bool {
	tables := w.s.Tables()
	if w.s.Kind == Delete || w.s.Kind == Insert || w.s.Kind == Update || w.s.Kind == Replace {
		tables = append(tables, TableRef{Parts: w.s.Target.Parts})
	}
	for _, t := range tables {
		service, table := t.Parts[:len(t.Parts)-1], t.Parts[len(t.Parts)-1]
		schema, ok := "", len(service) == 0
		if !ok {
			schema, ok = w.n.Service(service)
		}
		if ok {
			_, ok = w.n.Table(schema, table)
		}
		if !ok || t.Function {
			return false
		}
	}
	return len(tables) > 0
}

// armInParens reports whether the parenthesis at i holds a query that is a
// statement, or an arm of a compound query. In SQL that SQLite accepts there is
// no such parenthesis.
func (w *rewriter) armInParens(i, first int) bool {
	toks := w.s.Tokens
	next, prev := at(toks, i+1), at(toks, i-1)
	if !beginsQuery(next) && next.Kind != Open {
		return false
	}
	switch {
	case i == first:
		return w.query && opensQuery(toks, i)
	case setOperator(prev), prev.Is("ALL") && setOperator(at(toks, i-2)):
		return opensQuery(toks, i)
	case prev.Kind == Open:
		return setOperator(at(toks, closing(toks, i)+1)) && opensQuery(toks, i)
	}
	return false
}

func setOperator(tok Token) bool {
	return tok.Is("UNION") || tok.Is("EXCEPT") || tok.Is("INTERSECT")
}

// plain returns the name as it may be written, in quotes if it needs them.
func plain(name string) string {
	if name == "" || isDigit(name[0]) || name[0] == '$' || span(name, isWord) < len(name) || reserved[strings.ToUpper(name)] {
		return quote(name)
	}
	return name
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
