package syntax

import (
	"slices"
	"strings"
)

// exec reads EXEC method, then arguments or a query, and RETURNING.
func (p *parser) exec() *Error {
	p.s.Kind = Exec
	method, err := p.name("the name of a method")
	if err != nil {
		return err
	}
	p.s.Target = method
	switch tok := p.peek(0); {
	case len(method.Parts) == 1:
		return p.src.Errorf(method.Span.Start, method.Span.End-method.Span.Start, "write the resource before it, as in resource.method",
			"%s is not the name of a method", method.Parts[0])
	case beginsQuery(tok):
		p.s.Rows = p.untilWord("RETURNING")
		return p.returning()
	case tok.Kind == Open && beginsQuery(p.peek(1)):
		end := closing(p.toks, p.i)
		if end == len(p.toks)-1 || at(p.toks, end+1).Is("RETURNING") {
			p.s.Rows = p.span(p.i+1, end)
			p.i = end + 1
			return p.returning()
		}
	}
	for p.i < len(p.toks) && !p.peek(0).Is("RETURNING") {
		if err := p.arg(); err != nil {
			return err
		}
		if p.acceptKind(Comma) && (p.i == len(p.toks) || p.peek(0).Is("RETURNING")) {
			return p.expected("an argument after the comma")
		}
	}
	return p.returning()
}

// arg reads @name = value, @name IN (...) or @@json = value.
func (p *parser) arg() *Error {
	tok := p.peek(0)
	if tok.Kind != Param || tok.Text[0] != '@' {
		if tok.identifier() && p.peek(1).op("=") {
			return p.errorf(tok, "an argument begins with @: @"+tok.Name(), "unexpected %s", shown(tok))
		}
		if tok.Kind == Word && len(p.s.Args) == 0 {
			return p.unexpected("SELECT", "VALUES", "WITH", "@name = value")
		}
		return p.expected("@name = value, or a query")
	}
	arg := Arg{Name: tok.Name(), NameSpan: Span{tok.Start, tok.End}, JSON: strings.EqualFold(tok.Text, "@@json")}
	p.i++
	switch {
	case strings.HasPrefix(tok.Text, "@@") && !arg.JSON:
		return p.errorf(tok, "an argument has one @; only @@json has two", "unexpected %s", tok.Text)
	case p.peek(0).op("=") || p.peek(0).op("=="):
		p.i++
		arg.Value = p.until(p.argEnds)
		if !arg.Value.Present() {
			return p.expected("a value for " + tok.Text)
		}
	case p.peek(0).Is("IN") && p.peek(1).Kind == Open:
		start := p.i + 2
		p.i++
		p.skipParens()
		arg.List = p.span(start, p.i-1)
		if !arg.List.Present() {
			p.i--
			return p.expected("values for " + tok.Text)
		}
	default:
		return p.expected("= or IN (...) after " + tok.Text)
	}
	p.s.Args = append(p.s.Args, arg)
	return nil
}

// argEnds reports whether an argument's value ends before token i: at a comma,
// or where the next argument or RETURNING begins.
func (p *parser) argEnds(i int) bool {
	tok := p.toks[i]
	return tok.Kind == Comma || (tok.Is("RETURNING") || tok.Kind == Param && tok.Text[0] == '@') && endsOperand(p.toks[i-1])
}

// shows are the words that may follow SHOW, the most usual first.
var shows = []string{"PROVIDERS", "SERVICES", "RESOURCES", "METHODS", "INSERT", "VERSION", "AUTH", "TABLES", "VIEWS", "TRANSACTION"}

// show reads SHOW [EXTENDED] what, and what may follow that.
func (p *parser) show() *Error {
	s := p.s
	s.Kind = Show
	s.Extended = p.accept("EXTENDED")
	what := p.peek(0)
	s.What = strings.ToUpper(what.Text)
	if what.Kind != Word || !slices.Contains(shows, s.What) {
		return p.unexpected(shows[:7]...)
	}
	p.i++
	switch s.What {
	case "INSERT":
		p.accept("INTO")
		return p.showTarget("the resource to insert into")
	case "AUTH":
		return p.showTarget("the name of a provider")
	case "VERSION":
		return p.end()
	case "TRANSACTION":
		if !p.accept("ISOLATION") || !p.accept("LEVEL") {
			return p.unexpected("ISOLATION LEVEL")
		}
		return p.end()
	}
	if p.accept("IN") || p.accept("FROM") {
		name, err := p.name("the name of a provider, service or resource")
		if err != nil {
			return err
		}
		s.Target = name
	}
	if tok := p.peek(0); p.accept("LIKE") {
		pattern := p.peek(0)
		if pattern.Kind != String {
			return p.expected("a pattern such as '%inv%' after " + tok.Text)
		}
		s.Like, s.LikeSpan = pattern.Name(), Span{pattern.Start, pattern.End}
		p.i++
	}
	if err := p.where(); err != nil {
		return err
	}
	return p.end("IN", "FROM", "LIKE", "WHERE")
}

// showTarget reads a name and the statement's end.
func (p *parser) showTarget(what string) *Error {
	name, err := p.name(what)
	if err != nil {
		return err
	}
	p.s.Target = name
	return p.end()
}

// describe reads DESCRIBE [METHOD] [EXTENDED] name [EXTENDED].
func (p *parser) describe() *Error {
	s := p.s
	s.Kind = Describe
	s.Extended = p.accept("EXTENDED")
	if p.peek(0).Is("METHOD") && p.peek(1).identifier() {
		p.i++
		s.Kind = DescribeMethod
		if p.peek(1).identifier() {
			s.Extended = p.accept("EXTENDED") || s.Extended
		}
	}
	name, err := p.name("the name of a resource, or METHOD and the name of a method")
	if err != nil {
		return err
	}
	s.Target = name
	s.Extended = p.accept("EXTENDED") || s.Extended
	return p.end("EXTENDED")
}

// explain reads EXPLAIN [QUERY PLAN | ANALYZE] statement, and EXPLAIN name,
// which is DESCRIBE.
func (p *parser) explain() *Error {
	s := p.s
	if p.peek(0).Is("EXTENDED") || p.namesOnly() {
		return p.describe()
	}
	s.Kind = Explain
	switch {
	case p.accept("ANALYZE"), p.accept("ANALYSE"):
		s.What = "ANALYZE"
	case p.peek(0).Is("QUERY") && p.peek(1).Is("PLAN"):
		p.i += 2
		s.What = "QUERY PLAN"
	}
	if p.i == len(p.toks) {
		return p.expected("a statement")
	}
	if p.peek(0).Is("EXPLAIN") {
		return p.unexpected()
	}
	explained, err := parse(p.src.sub(p.span(p.i, len(p.toks))), p.values)
	s.Explained = explained
	return err
}

// namesOnly reports whether a single dotted name is left, and no verb.
func (p *parser) namesOnly() bool {
	tok := p.peek(0)
	if !tok.identifier() || chainEnd(p.toks, p.i) != len(p.toks) {
		return false
	}
	_, verb := verbs[strings.ToUpper(tok.Text)]
	return len(p.toks)-p.i > 1 || tok.Kind == Quoted || !verb && !otherVerbs[strings.ToUpper(tok.Text)]
}
