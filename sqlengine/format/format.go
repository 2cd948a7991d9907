// Package format lays out .iql texts: statements with their comments, and the
// command lines and templates between them.
//
// A text means the same when it is laid out. Its words stay, but for the letters
// of keywords, which become capitals, and only where a word is a keyword beyond
// doubt. An expression that is a result without a name is kept as it is, since its
// text is the name of the column. A statement in which a template writes is kept
// as a whole.
//
//	laid, err := format.Source("invite.iql", text) // err is a *syntax.Error with a place
//
// To lay out what is laid out changes nothing.
package format

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Source returns a text of many statements as it is laid out. file is what the
// person calls the text. The error is a [*syntax.Error], of the first statement
// that is none.
func Source(file, text string) (string, error) {
	s := &source{file: file, text: text}
	for s.at < len(s.text) {
		if err := s.piece(); err != nil {
			return "", err
		}
	}
	if s.out.Len() > 0 {
		s.out.WriteByte('\n')
	}
	return s.out.String(), nil
}

// source is a text that is being laid out, piece by piece.
type source struct {
	file, text string
	at         int // where the next piece begins
	out        strings.Builder
	inline     bool // what was written last ends its line only if it is a comment
}

// piece lays out what is next: blanks, a comment, a command line, a block of data
// or a statement.
func (s *source) piece() error {
	rest := s.text[s.at:]
	blanks := rest[:len(rest)-len(strings.TrimLeft(rest, " \t\r\n\f"))]
	s.at += len(blanks)
	rest = rest[len(blanks):]
	lines := strings.Count(blanks, "\n")
	switch {
	case rest == "":
	case rest[0] == ';':
		s.at++
	case rest[0] == '\\':
		s.keep(lines, strings.TrimRight(firstLine(rest), " \t\r"), len(firstLine(rest)))
	case strings.HasPrefix(rest, "<<<") && s.out.Len() == 0:
		end := strings.Index(rest, ">>>")
		if end < 0 {
			return syntax.Source{File: s.file, Whole: s.text, Start: s.at, End: len(s.text)}.Errorf(0, 3, "it ends with >>>", "the block of data is never closed")
		}
		s.keep(lines, rest[:end+3], end+3)
	case action(rest) > 0:
		s.keep(lines, rest[:action(rest)], action(rest))
	default:
		tok := first(rest)
		if tok.Kind == syntax.Comment {
			s.comment(lines, tok)
			return nil
		}
		return s.statement(lines)
	}
	return nil
}

// action returns the length of the action of a template that a text begins with, if
// it has the rest of its line for itself.
func action(text string) int {
	if !strings.HasPrefix(text, "{{") {
		return 0
	}
	end := strings.Index(text, "}}")
	if end < 0 || strings.TrimSpace(firstLine(text[end+2:])) != "" {
		return 0
	}
	return end + 2
}

// first returns the first token of a text.
func first(text string) syntax.Token {
	for tok := range syntax.Scan(text) {
		return tok
	}
	return syntax.Token{}
}

// firstLine returns the first line of a text.
func firstLine(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return first
}

// keep writes a piece as it is; n is its length in the text.
func (s *source) keep(lines int, piece string, n int) {
	s.begin(max(lines, 1))
	s.out.WriteString(piece)
	s.at += n
	s.inline = false
}

// comment writes a comment between statements, after one if it is on its line.
func (s *source) comment(lines int, tok syntax.Token) {
	if lines == 0 && s.inline {
		s.out.WriteByte(' ')
	} else {
		s.begin(max(lines, 1))
	}
	s.out.WriteString(commentText(tok))
	s.at += len(tok.Text)
	s.inline = !isLine(tok)
}

// begin ends the line, and leaves one empty if there were any.
func (s *source) begin(lines int) {
	if s.out.Len() == 0 {
		return
	}
	s.out.WriteString(strings.Repeat("\n", min(lines, 2)))
}

// statement lays out the statement that is next.
func (s *source) statement(lines int) error {
	from := s.at
	pieces, end, template := s.scan()
	if template {
		s.keep(lines, strings.TrimRight(s.text[from:end], " \t\r\n\f\v"), end-from)
		s.inline = true
		return nil
	}
	src := syntax.Source{File: s.file, Whole: s.text, Start: from, End: pieces[len(pieces)-1].End}
	if _, err := syntax.Parse(src); err != nil {
		return err
	}
	laid := layOut(s.text, pieces)
	if !same(pieces, laid) {
		return src.Errorf(0, 1, "this is a mistake in iql: please report it", "the statement cannot be laid out as it means")
	}
	s.keep(lines, laid+";", src.End-from)
	s.inline = true
	return nil
}

// layOut returns a statement as it is laid out.
func layOut(text string, pieces []syntax.Token) string {
	toks, _ := tokens(pieces)
	mark(toks)
	n := statement(text, toks)
	p := printer{start: true}
	p.print(n, !n.forced && n.width <= shortStatement, 0, 1)
	return p.b.String()
}

// same reports whether a text has the tokens of pieces, and their comments.
func same(pieces []syntax.Token, text string) bool {
	i := 0
	var comments, others []string
	for tok := range syntax.Scan(text) {
		switch tok.Kind {
		case syntax.Space:
		case syntax.Comment, syntax.Hint:
			comments = append(comments, commentText(tok))
		default:
			others = append(others, tok.Text)
		}
	}
	for _, p := range pieces {
		switch {
		case p.Kind == syntax.Space:
		case p.Kind == syntax.Comment || p.Kind == syntax.Hint:
			if len(comments) == 0 || comments[0] != commentText(p) {
				return false
			}
			comments = comments[1:]
		case i == len(others) || others[i] != p.Text && !(p.Kind == syntax.Word && strings.EqualFold(others[i], p.Text)):
			return false
		default:
			i++
		}
	}
	return i == len(others) && len(comments) == 0
}

// scan returns the tokens from here to the last of the statement, whose places
// are those of the text. template says that a template writes in it; then it ends
// at end, after its semicolon.
func (s *source) scan() (pieces []syntax.Token, end int, template bool) {
	for at := s.at; at < len(s.text); {
		base := at
		for tok := range syntax.Scan(s.text[base:]) {
			tok.Start, tok.End = tok.Start+base, tok.End+base
			at = tok.End
			if tok.Kind == syntax.Semicolon {
				return trim(pieces), tok.End, template
			}
			pieces = append(pieces, tok)
			if tok.Kind != syntax.Bad || !strings.HasPrefix(s.text[tok.Start:], "{{") {
				continue
			}
			if n := strings.Index(s.text[tok.Start:], "}}"); n >= 0 {
				template = true
				at = tok.Start + n + len("}}")
				pieces[len(pieces)-1].End = at
				break // the scanner does not know what is in it
			}
		}
	}
	pieces = trim(pieces)
	return pieces, pieces[len(pieces)-1].End, template
}

// trim returns the tokens without the blanks and comments at their end.
func trim(pieces []syntax.Token) []syntax.Token {
	for len(pieces) > 1 && slices.Contains([]syntax.TokenKind{syntax.Space, syntax.Comment, syntax.Hint}, pieces[len(pieces)-1].Kind) {
		pieces = pieces[:len(pieces)-1]
	}
	return pieces
}
