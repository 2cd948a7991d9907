package syntax

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider"
)

// Parse reads one statement, which may end in a semicolon. Its error is an
// *[Error] that says where the statement stops making sense; what SQLite itself
// will check, such as the inside of an expression, is left to SQLite.
//
// A statement may have 1 MB of text, 150 levels of parentheses and of CASE, 200
// signs in a row, 100 CTEs and 150 arms of a compound query.
func Parse(src Source) (*Statement, error) {
	s, err := parse(src, nil)
	if err != nil {
		return nil, err
	}
	return s, nil
}

func parse(src Source, values map[string]any) (*Statement, *Error) {
	toks, hints, err := tokens(src)
	if err != nil {
		return nil, err
	}
	for len(toks) > 0 && toks[len(toks)-1].Kind == Semicolon {
		toks = toks[:len(toks)-1]
	}
	if i := slices.IndexFunc(toks, func(t Token) bool { return t.Kind == Semicolon }); i >= 0 {
		return nil, src.Errorf(toks[i].Start, 1, "", "only one statement can stand here")
	}
	s := &Statement{Source: src, Tokens: toks, Hints: hints}
	p := &parser{src: src, toks: toks, s: s, values: values}
	if err := p.statement(); err != nil {
		return nil, err
	}
	if s.Kind == Show || s.Kind == Describe || s.Kind == DescribeMethod || s.Kind == Explain {
		s.shape = shape{roles: make([]role, len(toks)), items: make([]bool, len(toks))}
		s.bind(values)
		return s, nil
	}
	s.shape = shapeOf(toks)
	s.bind(values)
	if err := s.findFiles(); err != nil {
		return nil, err
	}
	s.grow()
	return s, nil
}

// verbs are the words that begin a statement, and the method that reads what
// follows each. A statement without a method is of Kind Other.
var verbs = map[string]func(*parser) *Error{
	"SELECT":   (*parser).query,
	"VALUES":   (*parser).query,
	"INSERT":   (*parser).insert,
	"DELETE":   (*parser).delete,
	"UPDATE":   (*parser).update,
	"REPLACE":  (*parser).replace,
	"EXEC":     (*parser).exec,
	"EXECUTE":  (*parser).exec,
	"CALL":     (*parser).exec,
	"SHOW":     (*parser).show,
	"DESCRIBE": (*parser).describe,
	"DESC":     (*parser).describe,
}

// otherVerbs are the words that begin statements of Kind Other, and the two
// that begin statements of several kinds.
var otherVerbs = words(`WITH EXPLAIN ALTER ANALYZE ATTACH AUTH BEGIN COMMIT CREATE DETACH DROP END GRANT NATIVEQUERY PRAGMA PURGE
	REFRESH REGISTRY REINDEX RELEASE REVOKE ROLLBACK SAVEPOINT SET SLEEP START TRUNCATE USE VACUUM`)

// offered are the verbs to suggest to a person, the most usual first.
var offered = []string{
	"SELECT", "INSERT", "DELETE", "EXEC", "SHOW", "DESCRIBE", "EXPLAIN", "WITH", "UPDATE", "REPLACE",
	"EXECUTE", "CREATE", "DROP", "BEGIN", "COMMIT", "ROLLBACK", "REGISTRY", "PURGE", "REFRESH", "PRAGMA", "VALUES",
}

// parser reads the parts of a statement from its tokens. The expressions and
// queries among the parts are not read but found.
type parser struct {
	src  Source
	toks []Token
	i    int // the next token
	s    *Statement

	values map[string]any // of parameters
}

// statement reads a statement from its first word.
func (p *parser) statement() *Error {
	if len(p.toks) == 0 {
		return p.src.Errorf(len(p.src.String()), 0, "", "there is no statement")
	}
	first := p.peek(0)
	if first.Kind == Open { // a query in parentheses, or a compound of such
		p.s.Kind, p.s.Verb = Select, "SELECT"
		return nil
	}
	p.s.Verb = strings.ToUpper(first.Text)
	switch {
	case first.Is("WITH"):
		if err := p.with(); err != nil {
			return err
		}
		verb := p.peek(0)
		p.s.Verb = strings.ToUpper(verb.Text)
		if !slices.Contains([]string{"SELECT", "VALUES", "INSERT", "DELETE", "UPDATE", "REPLACE"}, p.s.Verb) {
			return p.unexpected("SELECT", "INSERT", "DELETE", "VALUES", "UPDATE")
		}
	case first.Is("EXPLAIN"):
		p.i++
		return p.explain()
	}
	if read, ok := verbs[p.s.Verb]; ok && p.peek(0).Kind == Word {
		p.i++
		return read(p)
	}
	if first.Kind != Word || !otherVerbs[p.s.Verb] {
		return p.notVerb(first)
	}
	return nil
}

// notVerb returns the error for a statement that begins with tok.
func (p *parser) notVerb(tok Token) *Error {
	hint := "a statement begins with SELECT, INSERT, UPDATE, DELETE, EXEC, SHOW, DESCRIBE or EXPLAIN"
	if verb, ok := provider.Nearest(tok.Text, offered); ok && tok.Kind == Word {
		hint = didYouMean(verb)
	}
	return p.errorf(tok, hint, "unexpected %s", shown(tok))
}

// query reads SELECT and VALUES: SQLite does.
func (p *parser) query() *Error {
	p.s.Kind = Select
	if len(p.toks) == p.i {
		return p.expected("something after " + p.s.Verb)
	}
	return nil
}

// with reads WITH [RECURSIVE] name [(columns)] AS [[NOT] MATERIALIZED] (query), ...
func (p *parser) with() *Error {
	start := p.i
	p.i++
	p.accept("RECURSIVE")
	for more := true; more; more = p.acceptKind(Comma) {
		if tok := p.peek(0); !tok.identifier() || tok.reserved() {
			return p.expected("a name for a query")
		}
		p.i++
		if p.peek(0).Kind == Open {
			p.skipParens()
		}
		if !p.accept("AS") {
			return p.unexpected("AS")
		}
		if p.accept("NOT") || p.peek(0).Is("MATERIALIZED") {
			if !p.accept("MATERIALIZED") {
				return p.unexpected("MATERIALIZED")
			}
		}
		if p.peek(0).Kind != Open {
			return p.expected("( and the query of the WITH")
		}
		p.skipParens()
	}
	p.s.With = p.span(start, p.i)
	return nil
}

// peek returns the token n after the next, or one of no kind at the end.
func (p *parser) peek(n int) Token { return at(p.toks, p.i+n) }

// accept passes over the keyword, if it is next.
func (p *parser) accept(word string) bool {
	if !p.peek(0).Is(word) {
		return false
	}
	p.i++
	return true
}

// acceptKind passes over the next token, if it is of the kind.
func (p *parser) acceptKind(kind TokenKind) bool {
	if p.i >= len(p.toks) || p.toks[p.i].Kind != kind {
		return false
	}
	p.i++
	return true
}

// skipParens passes over a parenthesis and what is in it.
func (p *parser) skipParens() {
	p.i = closing(p.toks, p.i) + 1
}

// closing returns the index of the parenthesis that closes the one at i.
func closing(toks []Token, i int) int {
	depth := 0
	for ; i < len(toks); i++ {
		switch toks[i].Kind {
		case Open:
			depth++
		case Close:
			depth--
			if depth == 0 {
				return i
			}
		}
	}
	return len(toks) - 1
}

// until passes over tokens until one outside parentheses for which stop is
// true, and returns their span.
func (p *parser) until(stop func(i int) bool) Span {
	start := p.i
	for p.i < len(p.toks) && !stop(p.i) {
		if p.toks[p.i].Kind == Open {
			p.skipParens()
		} else {
			p.i++
		}
	}
	return p.span(start, p.i)
}

// untilWord is until for keywords.
func (p *parser) untilWord(stops ...string) Span {
	return p.until(func(i int) bool {
		return slices.ContainsFunc(stops, p.toks[i].Is) && at(p.toks, i-1).Kind != Dot && at(p.toks, i+1).Kind != Dot
	})
}

// span returns the span of the tokens [start:end].
func (p *parser) span(start, end int) Span {
	if start >= end {
		return Span{}
	}
	return Span{p.toks[start].Start, p.toks[end-1].End}
}

// name reads a dotted name; what says what of.
func (p *parser) name(what string) (Name, *Error) {
	tok, end := p.peek(0), chainEnd(p.toks, p.i)
	if !tok.identifier() || tok.reserved() && end == p.i+1 {
		return Name{}, p.expected(what)
	}
	name := nameOf(p.toks[p.i:end])
	p.i = end
	if tok := p.peek(0); tok.Kind == Dot {
		p.i++
		return Name{}, p.expected("a name after the dot")
	}
	return name, nil
}

// end returns an error unless all tokens have been read. The words are those
// that could have stood here.
func (p *parser) end(words ...string) *Error {
	if p.i == len(p.toks) {
		return nil
	}
	return p.unexpected(words...)
}

// unexpected returns an error about the next token, and suggests one of the
// words if the token is like it.
func (p *parser) unexpected(words ...string) *Error {
	tok := p.peek(0)
	if word, ok := provider.Nearest(tok.Text, words); ok && tok.Kind == Word {
		return p.errorf(tok, didYouMean(word), "unexpected %s", tok.Text)
	}
	hint := ""
	if n := len(words); n == 1 {
		hint = "expected " + words[0]
	} else if n > 1 {
		hint = "expected " + strings.Join(words[:n-1], ", ") + " or " + words[n-1]
	}
	return p.errorf(tok, hint, "unexpected %s", shown(tok))
}

// expected returns an error that says what should stand where the next token is.
func (p *parser) expected(what string) *Error {
	tok := p.peek(0)
	return p.errorf(tok, "expected "+what, "unexpected %s", shown(tok))
}

// errorf returns an error about the token, or the statement's end if the token
// has no kind.
func (p *parser) errorf(tok Token, hint, format string, args ...any) *Error {
	if tok == (Token{}) {
		return p.src.Errorf(p.toks[len(p.toks)-1].End, 0, hint, format, args...)
	}
	return p.src.Errorf(tok.Start, len(tok.Text), hint, format, args...)
}

// shown returns the token as an error shows it.
func shown(tok Token) string {
	const most = 40
	if tok == (Token{}) {
		return "end of the statement"
	}
	if runes := []rune(tok.Text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return tok.Text
}

func didYouMean(word string) string { return "did you mean " + word + "?" }
