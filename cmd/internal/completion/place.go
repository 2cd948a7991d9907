package completion

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// typed is the piece of a text that a candidate takes the place of.
type typed struct {
	start  int      // where it begins
	text   string   // from there to the cursor
	prefix string   // the same without its quote
	quote  byte     // the quote that is open: ' " ` or [; 0 for none
	closed bool     // the closing quote follows the cursor
	path   []string // the names before it: i of i.courseId
	call   bool     // a parenthesis follows the cursor
	joined bool     // a text follows the cursor, which would go on with one put there
}

// place is a cursor in a text: the tokens of its statement, blanks and comments
// apart, before and after what is typed. In the line of a command, start is that of
// the command, and before is the statement that it ends.
type place struct {
	typed
	before, after []syntax.Token
	command       bool
}

// locate finds the place of a cursor. There is none in a comment, and none where
// a word or a text has just been closed.
//
// What stands before the cursor is scanned alone, so that a quote that is still
// open there does not end at the next one after it.
func locate(text string, cursor int) (place, bool) {
	toks, last, command := statement(text[:cursor])
	if command >= 0 {
		return place{typed: typed{start: command}, before: toks, command: true}, true
	}
	t, ok := typedAt(last, cursor)
	if !ok {
		return place{}, false
	}
	if t.text != "" {
		toks = toks[:len(toks)-1]
	}
	for len(toks) > 0 && toks[len(toks)-1].Kind == syntax.Dot {
		n := len(toks)
		if n < 2 || !named(toks[n-2]) {
			return place{}, false
		}
		t.path, toks = append(t.path, toks[n-2].Name()), toks[:n-2]
	}
	slices.Reverse(t.path)
	rest := t.rest(text[cursor:])
	t.call, t.joined = strings.HasPrefix(rest, "("), t.quote == 0 && strings.HasPrefix(rest, "'")
	return place{typed: t, before: toks, after: following(rest)}, true
}

// statement returns the tokens of the last statement of a text, blanks and
// comments apart, and the text's very last token. command is the offset of a
// command that the text ends in, or -1. A command has the rest of its line, and
// ends the statement before it.
func statement(text string) (toks []syntax.Token, last syntax.Token, command int) {
	last.Kind = syntax.Space
	for from := 0; from < len(text); {
		next := len(text)
		for tok := range syntax.Scan(text[from:]) {
			tok.Start, tok.End = tok.Start+from, tok.End+from
			if tok.Text == `\` || tok.Kind == syntax.Dot && len(toks) == 0 {
				line := strings.IndexByte(text[tok.Start:], '\n')
				if line < 0 {
					return toks, tok, tok.Start
				}
				toks, last, next = toks[:0], syntax.Token{Kind: syntax.Space}, tok.Start+line+1
				break
			}
			last = tok
			switch {
			case tok.Kind == syntax.Semicolon:
				toks = toks[:0]
			case !blank(tok):
				toks = append(toks, tok)
			}
		}
		from = next
	}
	return toks, last, -1
}

// following returns the tokens up to the end of the first statement of a text,
// blanks and comments apart.
func following(text string) []syntax.Token {
	var toks []syntax.Token
	for tok := range syntax.Scan(text) {
		if tok.Kind == syntax.Semicolon || tok.Text == `\` {
			break
		}
		if !blank(tok) {
			toks = append(toks, tok)
		}
	}
	return toks
}

// typedAt returns what is being typed, given the last token before the cursor.
func typedAt(last syntax.Token, cursor int) (typed, bool) {
	t := typed{start: last.Start, text: last.Text, prefix: last.Text}
	switch last.Kind {
	case syntax.Word, syntax.Number, syntax.Param:
		return t, true
	case syntax.Bad:
		return t.open()
	case syntax.Comment: // to the end of the line; one that is closed is a blank
		return typed{start: cursor}, strings.HasPrefix(last.Text, "/*")
	case syntax.Quoted, syntax.String, syntax.Blob, syntax.Close:
		return t, false
	case syntax.Op:
		return typed{start: cursor}, last.Text != "*"
	}
	return typed{start: cursor}, true
}

// open makes what is typed of a token that is not finished: a quote, the sign of
// a parameter, or a number with letters in it.
func (t typed) open() (typed, bool) {
	switch c := t.text[0]; {
	case c == '\'' || c == '"' || c == '`':
		t.quote = c
		t.prefix = strings.ReplaceAll(t.text[1:], t.text[:1]+t.text[:1], t.text[:1])
		return t, true
	case c == '[':
		t.quote, t.prefix = c, t.text[1:]
		return t, true
	}
	return t, strings.ContainsAny(t.text[:1], "@:$0123456789")
}

// rest returns what follows the cursor, less what is left of the piece that is
// typed, and notes whether its closing quote is there.
func (t *typed) rest(after string) string {
	if t.quote == 0 {
		if t.text == "" {
			return after
		}
		return strings.TrimLeftFunc(after, wordRune)
	}
	tail := strings.TrimLeftFunc(after, func(r rune) bool { return wordRune(r) || strings.ContainsRune("@.:-", r) })
	quotes := len(tail) - len(strings.TrimLeft(tail, string(closing(t.quote))))
	if quotes%2 == 0 { // two stand for one inside
		return after
	}
	t.closed = true
	return tail[1:]
}

// closing returns the quote that ends what another begins.
func closing(quote byte) byte {
	if quote == '[' {
		return ']'
	}
	return quote
}

func wordRune(r rune) bool {
	return r == '_' || r == '$' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z' || r >= 0x80
}

func blank(tok syntax.Token) bool {
	return tok.Kind == syntax.Space || tok.Kind == syntax.Comment || tok.Kind == syntax.Hint
}

// named reports whether the token may be a name.
func named(tok syntax.Token) bool { return tok.Kind == syntax.Word || tok.Kind == syntax.Quoted }
