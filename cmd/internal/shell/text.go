package shell

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// textName is what problems call the text that was typed.
const textName = "<shell>"

// piece is what a text is made of: a command, or a statement.
type piece struct {
	command string        // a line: `\x on`, ".tables", "quit"; "" for a statement
	stmt    syntax.Source // the statement; empty before a command that has none
	then    string        // the command that ends the statement: `\gx`; "" for a semicolon
}

// plainWords are the commands that are typed like statements.
var plainWords = []string{"help", "clear", "exit", "quit"}

// Complete reports whether a text is whole, so that it can be run: a command, or
// statements up to a semicolon or a command that ends one.
func Complete(text string) bool {
	begin := text[blank(text):]
	if begin == "" {
		return true
	}
	if !strings.ContainsAny(begin, `;\`) && !isCommand(begin) {
		return false // the usual line of a long statement, at little cost
	}
	_, rest := cut(text)
	return rest == ""
}

// cut returns the pieces of a text, and the statement at its end that is not
// whole, "" for none. Blanks and comments between pieces are left out; a comment
// or a quote that is open is a rest.
func cut(text string) (pieces []piece, rest string) {
	for at := 0; ; {
		at += blank(text[at:])
		if at == len(text) {
			return pieces, ""
		}
		if isCommand(text[at:]) {
			line := lineOf(text[at:])
			pieces = append(pieces, piece{command: trimCommand(line)})
			at += len(line)
			continue
		}
		p, end, whole := statement(text, at)
		if !whole {
			return pieces, text[at:]
		}
		if p.stmt.Start < p.stmt.End {
			pieces = append(pieces, p)
		}
		at = end
	}
}

// blank returns how many bytes of blanks and comments a text begins with.
func blank(text string) int {
	for tok := range syntax.Scan(text) {
		if tok.Kind != syntax.Space && tok.Kind != syntax.Comment {
			return tok.Start
		}
	}
	return len(text)
}

// statement returns the statement that begins at a place of a text, and where the
// next piece begins. It is whole if a semicolon or a command ends it.
func statement(text string, from int) (p piece, end int, whole bool) {
	for tok := range syntax.Scan(text[from:]) {
		at := from + tok.Start
		switch {
		case tok.Kind == syntax.Semicolon:
			return piece{stmt: trimmed(text, from, at)}, at + 1, true
		case tok.Kind == syntax.Bad && strings.HasPrefix(tok.Text, `\`):
			line := lineOf(text[at:])
			return piece{stmt: trimmed(text, from, at), then: trimCommand(line)}, at + len(line), true
		}
	}
	return piece{}, len(text), false
}

// trimmed returns a part of a text as a statement, without the blanks and
// comments round it.
func trimmed(text string, from, to int) syntax.Source {
	_, src := syntax.Split(textName, text[from:to])
	return syntax.Source{File: textName, Whole: text, Start: from + src.Start, End: from + src.End}
}

// lineOf returns the first line of a text, without its end.
func lineOf(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// isCommand reports whether a text begins with a command: a backslash, a point
// and a letter, or a line that is one of the plain words.
func isCommand(text string) bool {
	if strings.HasPrefix(text, `\`) {
		return true
	}
	if len(text) > 1 && text[0] == '.' {
		return 'a' <= text[1]|0x20 && text[1]|0x20 <= 'z'
	}
	return plainWord(text)
}

// plainWord reports whether the first line of a text is one of the plain words,
// with a semicolon or without.
func plainWord(text string) bool {
	const longest = 32 // with blanks: a line that is longer is a statement
	line := lineOf(text[:min(len(text), longest)])
	return slices.Contains(plainWords, strings.ToLower(bareWord(line)))
}

// bareWord returns a line without blanks and semicolons round it.
func bareWord(line string) string { return strings.Trim(line, "; \t\r") }

// trimCommand returns a command without the blanks round it, and without the
// semicolon that some type at its end.
func trimCommand(line string) string {
	if word := bareWord(line); slices.Contains(plainWords, strings.ToLower(word)) {
		return word
	}
	line = strings.TrimSpace(line)
	bare := strings.TrimRight(line, ";")
	if strings.HasPrefix(line, `\!`) || strings.HasSuffix(bare, " ") { // the semicolon is an argument
		return line
	}
	return bare
}

// Continuation is the prompt of a line that is not the first: it says whether a
// quote or a comment is open.
func Continuation(text string) string {
	_, rest := cut(text)
	var open string
	for tok := range syntax.Scan(rest) {
		if tok.Kind == syntax.Bad {
			open = tok.Text
		}
	}
	switch {
	case strings.HasPrefix(open, "/*"):
		return "/*..> "
	case strings.HasPrefix(open, "["):
		return "[...> "
	case strings.HasPrefix(open, "'"), strings.HasPrefix(open, `"`), strings.HasPrefix(open, "`"):
		return open[:1] + "...> "
	}
	return "...> "
}
