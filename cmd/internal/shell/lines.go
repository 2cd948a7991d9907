package shell

import (
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Lines returns what is told of the lines of a text in order, each with its line
// break, and reports whether the text is whole with it, as [Complete] does. It looks
// at each line about once, however long the text is.
func Lines() func(line string) bool { return new(lines).add }

// lines is a text of which the lines come one after the other.
type lines struct {
	text strings.Builder
	at   int    // up to where the text is settled, by whole tokens
	open string // what ends the quote or the comment that begins there; "" for neither
	in   bool   // it is settled up to inside of a statement
}

// add adds a line, and reports whether the text is whole.
func (l *lines) add(line string) bool {
	l.text.WriteString(line)
	if l.open != "" && !closes(line, l.open) {
		return false
	}
	l.open = ""
	for text := l.text.String(); ; {
		if !l.in {
			l.at += blank(text[l.at:])
		}
		switch {
		case l.at == len(text):
			return !l.in
		case !l.in && isCommand(text[l.at:]):
			l.at += len(lineOf(text[l.at:]))
		default:
			if !l.statement(text) {
				return false
			}
		}
	}
}

// statement goes on with a statement, and reports whether it ends.
func (l *lines) statement(text string) bool {
	from := l.at
	for tok := range syntax.Scan(text[from:]) {
		if tok.Kind == syntax.Bad && from+tok.End == len(text) {
			l.open = opened(tok.Text)
			return false // what it is will be seen when it ends
		}
		l.in, l.at = true, from+tok.End
		switch {
		case tok.Kind == syntax.Semicolon:
			l.in = false
			return true
		case tok.Kind == syntax.Bad && strings.HasPrefix(tok.Text, `\`):
			l.in, l.at = false, from+tok.Start+len(lineOf(text[from+tok.Start:]))
			return true
		}
	}
	return false
}

// opened returns what ends a quote or a comment that is open, "" for another token.
func opened(text string) string {
	switch {
	case strings.HasPrefix(text, "/*"):
		return "*/"
	case strings.HasPrefix(text, "["):
		return "]"
	case text != "" && strings.Contains("'\"`", text[:1]):
		return text[:1]
	}
	return ""
}

// closes reports whether a line has what ends an open quote or comment. A quote that
// is doubled does not.
func closes(line, end string) bool {
	if end != "]" && end != "*/" {
		line = strings.ReplaceAll(line, end+end, "")
	}
	return strings.Contains(line, end)
}
