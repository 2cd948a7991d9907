package syntax

import (
	"strings"
	"unicode/utf8"
)

// Bounds of a statement. They are counted on tokens before a parser runs: both
// parsers behind this package take memory, and one of them its stack, in
// proportion to how deeply a statement is nested.
const (
	maxText   = 1 << 20 // bytes
	maxParens = 150
	maxCases  = 150
	maxUnary  = 200 // NOT, ~, - and + in a row
	maxWith   = 100 // AS (
	maxArms   = 150 // of UNION, EXCEPT, INTERSECT
)

// tokens returns the statement's tokens without blanks and comments, and the
// words of its hints, or what makes the statement impossible to read.
func tokens(src Source) (toks []Token, hints []string, err *Error) {
	if err := checkText(src); err != nil {
		return nil, nil, err
	}
	text, count := src.String(), 0
	for tok := range Scan(text) {
		if !tok.blank() {
			count++
		}
	}
	g := guard{src: src}
	toks = make([]Token, 0, count)
	for tok := range Scan(text) {
		switch {
		case tok.Kind == Hint:
			hints = append(hints, hintWords(tok.Text)...)
		case tok.blank():
		default:
			if err := g.check(tok); err != nil {
				return nil, nil, err
			}
			toks = append(toks, tok)
		}
	}
	if n := len(g.open); n > 0 {
		return nil, nil, src.Errorf(g.open[n-1].Start, 1, "", "( is never closed")
	}
	return toks, hints, nil
}

// checkText checks the statement as a string of bytes.
func checkText(src Source) *Error {
	text := src.String()
	if len(text) > maxText {
		err := src.Errorf(0, 1, "cut it into several, or read the rows from a file", "a statement of %d bytes is too long: at most %d", len(text), maxText)
		err.Code = CodeTooLarge
		return err
	}
	if at := strings.IndexByte(text, 0); at >= 0 {
		return src.Errorf(at, 1, "is this a text file in UTF-8?", "a NUL byte")
	}
	if utf8.ValidString(text) {
		return nil
	}
	for at := 0; ; {
		r, size := utf8.DecodeRuneInString(text[at:])
		if r == utf8.RuneError && size == 1 {
			return src.Errorf(at, 1, "save the text as UTF-8", "byte %#x is not UTF-8", text[at])
		}
		at += size
	}
}

// hintWords returns the words of /*+ a b */ in upper case.
func hintWords(text string) []string {
	return strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return r < 0x80 && !isWord(byte(r)) })
}

// guard counts what is bounded, token by token.
type guard struct {
	src                       Source
	open                      []Token // parentheses
	last                      [2]Token
	cases, unary, withs, arms int
}

func (g *guard) check(tok Token) *Error {
	prev, before := g.last[0], g.last[1]
	g.last = [2]Token{tok, prev}
	if tok.Kind != Op && tok.Kind != Word {
		g.unary = 0
	}
	switch tok.Kind {
	case Bad:
		return badToken(g.src, tok)
	case Open:
		if prev.Is("AS") || prev.Is("MATERIALIZED") && (before.Is("AS") || before.Is("NOT")) {
			g.withs++
		}
		g.open = append(g.open, tok)
	case Close:
		if len(g.open) == 0 {
			return g.src.Errorf(tok.Start, 1, "", ") closes nothing")
		}
		g.open = g.open[:len(g.open)-1]
	case Op:
		g.countUnary(tok.Text == "~" || tok.Text == "-" || tok.Text == "+")
	case Word:
		g.countUnary(tok.Is("NOT"))
		switch {
		case prev.Kind == Dot:
		case tok.Is("CASE"):
			g.cases++
		case tok.Is("END") && g.cases > 0 && endsOperand(prev):
			g.cases--
		case tok.Is("UNION"), tok.Is("EXCEPT"), tok.Is("INTERSECT"):
			g.arms++
		}
		if err := typographic(g.src, tok); err != nil {
			return err
		}
	}
	for _, bound := range [...]struct {
		n, most    int
		code, what string
	}{
		{len(g.open), maxParens, CodeTooDeep, "parentheses, one in another"},
		{g.cases, maxCases, CodeTooDeep, "CASE, one in another"},
		{g.unary, maxUnary, CodeTooDeep, "signs in a row"},
		{g.withs, maxWith, CodeTooLarge, "queries under names"},
		{g.arms, maxArms - 1, CodeTooLarge, "queries joined by UNION, EXCEPT or INTERSECT"},
	} {
		if bound.n > bound.most {
			err := g.src.Errorf(tok.Start, len(tok.Text), "", "too many %s: at most %d", bound.what, bound.most)
			err.Code = bound.code
			return err
		}
	}
	return nil
}

func (g *guard) countUnary(is bool) {
	if is {
		g.unary++
	} else {
		g.unary = 0
	}
}

// badToken returns the error for what SQLite could not scan either.
func badToken(src Source, tok Token) *Error {
	text := tok.Text
	never := func(hint, format string, args ...any) *Error { return src.Errorf(tok.Start, 1, hint, format, args...) }
	whole := func(hint, format string, args ...any) *Error {
		return src.Errorf(tok.Start, len(text), hint, format, args...)
	}
	switch c := text[0]; {
	case c == '\'':
		return never("inside a string, write ' twice", "the string is never closed")
	case c == '"' || c == '`' || c == '[':
		return never("", "the name in %s is never closed", text[:1])
	case strings.HasPrefix(text, "/*"):
		return never("", "the comment is never closed")
	case (c == 'x' || c == 'X') && (len(text) == 2 || text[len(text)-1] != '\''):
		return never("", "the blob is never closed")
	case c == 'x' || c == 'X':
		return whole("write two hexadecimal digits for each byte", "%s is not a blob", text)
	case isDigit(c) || c == '.':
		return whole("a name that begins with a digit needs quotes: \""+text+"\"", "%s is not a number", text)
	case c == ':':
		return whole("a parameter is :name; to convert a value write CAST(value AS type)", "unexpected %s", text)
	case c == '@' || c == '$':
		return whole("", "%s needs a name", text)
	case c == '!':
		return whole("write != or NOT", "unexpected !")
	case c == '{':
		return whole("{{ }} is for templates, which are files with data; in SQL write a parameter, :name", "unexpected {")
	}
	return whole("", "unexpected %s", text)
}

// typographic returns an error for a word with a quotation mark or a blank in it
// that is no such thing in SQL. Word processors and chat programs put them there.
func typographic(src Source, tok Token) *Error {
	at := strings.IndexAny(tok.Text, "‘’“”„«»\u00a0\u200b")
	if at < 0 {
		return nil
	}
	r, size := utf8.DecodeRuneInString(tok.Text[at:])
	if r == '\u00a0' || r == '\u200b' {
		return src.Errorf(tok.Start+at, size, "write a plain space", "a blank that SQL does not know, U+%04X", r)
	}
	return src.Errorf(tok.Start+at, size, "write 'text' or \"name\" with straight quotes", "%c is not a quote in SQL", r)
}
