package syntax

import (
	"fmt"
	"strings"

	"github.com/iql-lang/iql/provider"
)

// insert reads
//
//	INSERT [OR word | IGNORE] [INTO] table [AS alias] [(columns)] rows [ON CONFLICT ...] [RETURNING ...]
func (p *parser) insert() *Error {
	s := p.s
	s.Kind = Insert
	if err := p.orWord(); err != nil {
		return err
	}
	if next := p.peek(1); p.peek(0).Is("IGNORE") && next.identifier() && !startsRows(next) {
		p.i++ // it is not the table's name
		s.Ignore = true
	}
	if !p.accept("INTO") && p.peek(1).identifier() && !startsRows(p.peek(1)) {
		return p.unexpected("INTO")
	}
	return p.insertInto()
}

// insertInto reads an INSERT or a REPLACE from its table on.
func (p *parser) insertInto() *Error {
	s := p.s
	if err := p.target("the table to insert into"); err != nil {
		return err
	}
	if p.peek(0).Kind == Open && !beginsQuery(p.peek(1)) {
		if err := p.columns(); err != nil {
			return err
		}
	}
	switch tok := p.peek(0); {
	case tok.Is("DEFAULT"):
		return p.errorf(tok, "name the columns and write VALUES (...)", "DEFAULT VALUES gives no values to insert")
	case tok.Is("SET"):
		return p.errorf(tok, p.insertSetHint(), "INSERT has no SET")
	case tok.Is("WITH") && s.With.Present():
		return p.errorf(tok, "put its queries into the WITH before INSERT", "a second WITH")
	case !opensQuery(p.toks, p.i):
		return p.unexpected("VALUES", "SELECT", "WITH")
	}
	rows := p.i
	s.Rows = p.until(func(i int) bool {
		return p.toks[i].Is("RETURNING") || p.toks[i].Is("ON") && at(p.toks, i+1).Is("CONFLICT")
	})
	if p.i-rows == 1 {
		return p.expected("rows after " + strings.ToUpper(p.toks[rows].Text))
	}
	if inner := p.toks[rows:p.i]; inner[0].Kind == Open && closing(inner, 0) == len(inner)-1 {
		s.Rows = p.span(rows+1, p.i-1)
	}
	if p.peek(0).Is("ON") {
		if err := p.onConflict(); err != nil {
			return err
		}
	}
	return p.returning()
}

// startsRows reports whether what follows an INSERT's table may begin with tok.
func startsRows(tok Token) bool {
	return beginsQuery(tok) || tok.Is("AS") || tok.Is("DEFAULT") || tok.Is("SET")
}

// orWord reads OR IGNORE and its like.
func (p *parser) orWord() *Error {
	or := p.peek(0)
	if !p.accept("OR") {
		return nil
	}
	word := p.peek(0)
	switch strings.ToUpper(word.Text) {
	case "IGNORE":
		p.s.Ignore = true
	case "REPLACE", "ABORT", "FAIL", "ROLLBACK":
		p.localOnly(Span{or.Start, word.End}, "write OR IGNORE, or leave it out")
	default:
		return p.unexpected("IGNORE", "REPLACE", "ABORT", "FAIL", "ROLLBACK")
	}
	p.i++
	return nil
}

// localOnly notes a part that only a table of SQLite understands.
func (p *parser) localOnly(span Span, hint string) {
	if p.s.LocalOnly == nil {
		p.s.LocalOnly = p.src.Errorf(span.Start, span.End-span.Start, hint, "%s works on local tables only", span.Of(p.src.String()))
	}
}

// target reads the table that is changed, and its alias.
func (p *parser) target(what string) *Error {
	name, err := p.name(what)
	if err != nil {
		return err
	}
	p.s.Target = name
	return p.alias()
}

// alias reads AS name.
func (p *parser) alias() *Error {
	if !p.accept("AS") {
		return nil
	}
	if !p.peek(0).identifier() {
		return p.expected("a name after AS")
	}
	p.s.Alias = p.peek(0).Name()
	p.i++
	return nil
}

// columns reads (name, name, ...).
func (p *parser) columns() *Error {
	p.i++
	for {
		tok := p.peek(0)
		if !tok.identifier() {
			return p.expected("the name of a column")
		}
		p.s.Columns = append(p.s.Columns, Column{tok.Name(), Span{tok.Start, tok.End}})
		p.i++
		if p.acceptKind(Close) {
			return nil
		}
		if !p.acceptKind(Comma) {
			return p.expected(", or )")
		}
	}
}

// insertSetHint returns the INSERT that INSERT ... SET a = x, b = y means.
func (p *parser) insertSetHint() string {
	text := p.src.String()
	var columns, values []string
	for p.i++; p.peek(0).identifier() && p.peek(1).op("="); p.i++ {
		columns = append(columns, p.peek(0).Text)
		p.i += 2
		value := p.until(func(i int) bool { return p.toks[i].Kind == Comma || p.toks[i].Is("RETURNING") })
		values = append(values, value.Of(text))
	}
	return fmt.Sprintf("write INSERT INTO %s (%s) VALUES (%s)", p.s.Target.Span.Of(text), strings.Join(columns, ", "), strings.Join(values, ", "))
}

// onConflict reads ON CONFLICT [(columns) [WHERE ...]] DO NOTHING, and passes
// over DO UPDATE.
func (p *parser) onConflict() *Error {
	start := p.i
	p.i += 2
	p.untilWord("DO", "RETURNING")
	if !p.accept("DO") {
		return p.unexpected("DO NOTHING")
	}
	switch {
	case p.accept("NOTHING"):
		p.s.Ignore = true
	case p.accept("UPDATE"):
		p.localOnly(p.span(start, p.i), "write ON CONFLICT DO NOTHING")
		p.untilWord("RETURNING")
	default:
		return p.unexpected("NOTHING", "UPDATE")
	}
	return nil
}

// returning reads RETURNING and the statement's end.
func (p *parser) returning() *Error {
	if !p.accept("RETURNING") {
		return p.end("RETURNING")
	}
	p.s.Returning = p.until(func(int) bool { return false })
	if !p.s.Returning.Present() {
		return p.expected("columns, or *, after RETURNING")
	}
	return nil
}

// delete reads DELETE FROM table [[AS] alias] [WHERE ...] [RETURNING ...].
func (p *parser) delete() *Error {
	p.s.Kind = Delete
	if !p.accept("FROM") {
		return p.unexpected("FROM")
	}
	if err := p.target("the table to delete from"); err != nil {
		return err
	}
	if tok := p.peek(0); p.s.Alias == "" && tok.identifier() && !p.clauseAhead("WHERE", "RETURNING", "ORDER", "LIMIT") {
		p.s.Alias = tok.Name()
		p.i++
	}
	if err := p.where("RETURNING", "ORDER", "LIMIT"); err != nil {
		return err
	}
	if err := p.noLimit(); err != nil {
		return err
	}
	if !p.accept("RETURNING") {
		return p.end("WHERE", "RETURNING")
	}
	p.s.Returning = p.untilWord("ORDER", "LIMIT")
	if !p.s.Returning.Present() {
		return p.expected("columns, or *, after RETURNING")
	}
	return p.noLimit()
}

// clauseAhead reports whether the next token is one of the words, or is misspelt
// for one: the token after it then fits no alias.
func (p *parser) clauseAhead(words ...string) bool {
	tok := p.peek(0)
	if tok.reserved() {
		return true
	}
	_, near := provider.Nearest(tok.Text, words)
	after := p.peek(1)
	return tok.Kind == Word && near && after != (Token{}) && !after.Is("WHERE") && !after.Is("RETURNING")
}

// noLimit refuses ORDER BY and LIMIT: as a part that is not understood they
// would be dangerous to pass over.
func (p *parser) noLimit() *Error {
	const hint = "write WHERE id IN (SELECT id FROM ... ORDER BY ... LIMIT ...)"
	switch tok := p.peek(0); {
	case tok.Is("ORDER"):
		return p.errorf(tok, hint, "%s has no ORDER BY", p.s.Verb)
	case tok.Is("LIMIT"):
		return p.errorf(tok, hint, "%s has no LIMIT", p.s.Verb)
	}
	return nil
}

// where reads WHERE and the condition, up to one of the words.
func (p *parser) where(stops ...string) *Error {
	if !p.accept("WHERE") {
		return nil
	}
	p.s.Where = p.untilWord(stops...)
	if !p.s.Where.Present() {
		return p.expected("a condition after WHERE")
	}
	return nil
}

// update reads UPDATE [OR word] table [AS alias] SET ... [WHERE ...] [RETURNING ...].
func (p *parser) update() *Error {
	p.s.Kind = Update
	if err := p.orWord(); err != nil {
		return err
	}
	if err := p.target("the table to update"); err != nil {
		return err
	}
	return p.set()
}

// replace reads StackQL's REPLACE table SET ..., and SQLite's REPLACE INTO,
// which is INSERT OR REPLACE INTO.
func (p *parser) replace() *Error {
	p.s.Kind = Replace
	if p.accept("INTO") {
		return p.insertInto()
	}
	if err := p.target("the table to replace in"); err != nil {
		return err
	}
	return p.set()
}

// set reads an UPDATE or a REPLACE from SET on.
func (p *parser) set() *Error {
	if !p.accept("SET") {
		return p.unexpected("SET")
	}
	if p.s.Set = p.untilWord("WHERE", "RETURNING", "ORDER", "LIMIT"); !p.s.Set.Present() {
		return p.expected("column = value after SET")
	}
	if err := p.where("RETURNING", "ORDER", "LIMIT"); err != nil {
		return err
	}
	if err := p.noLimit(); err != nil {
		return err
	}
	return p.returning()
}
