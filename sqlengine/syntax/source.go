package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Source is a statement and where it stands.
type Source struct {
	File       string // what the person calls the text: a file's name, "<arg>", "<stdin>"; "" where there is no name
	Whole      string // the whole text
	Start, End int    // the statement is Whole[Start:End]
}

// Text returns a Source that is the whole of a text without a name.
func Text(text string) Source { return Source{Whole: text, End: len(text)} }

// String returns the statement.
func (s Source) String() string { return s.Whole[s.Start:s.End] }

// sub returns the part of the statement that the span covers, as a Source in the same text.
func (s Source) sub(span Span) Source {
	s.Start, s.End = s.Start+span.Start, s.Start+span.End
	return s
}

// Errorf returns an error about length bytes of the statement from offset on.
// A place outside the statement is moved to its nearest end. The error's code is
// "syntax"; a caller that means another sets it.
func (s Source) Errorf(offset, length int, hint, format string, args ...any) *Error {
	at := s.Start + min(max(offset, 0), s.End-s.Start)
	end := min(at+max(length, 0), s.End)
	first := strings.LastIndexByte(s.Whole[:at], '\n') + 1
	last := len(s.Whole)
	if n := strings.IndexByte(s.Whole[at:], '\n'); n >= 0 {
		last = at + n
	}
	token := strings.TrimSuffix(s.Whole[at:min(end, last)], "\r")
	return &Error{
		File:    s.File,
		Line:    1 + strings.Count(s.Whole[:first], "\n"),
		Column:  1 + utf8.RuneCountInString(s.Whole[first:at]),
		Length:  max(1, utf8.RuneCountInString(token)),
		Excerpt: strings.TrimSuffix(s.Whole[first:last], "\r"),
		Token:   token,
		Msg:     fmt.Sprintf(format, args...),
		Hint:    hint,
		Code:    CodeSyntax,
	}
}

// Codes of an [Error], for scripts.
const (
	CodeSyntax        = "syntax"            // the statement is not SQL, or not SQL that iql runs
	CodeTooLarge      = "too_large"         // the statement is longer, or has more of something, than is allowed
	CodeTooDeep       = "too_deep"          // the statement is nested deeper than is allowed
	CodeUnknownColumn = "unknown_column"    // made by sqlengine
	CodeUnknownTable  = "unknown_table"     // made by sqlengine
	CodeUnbound       = "unbound_parameter" // a parameter has no value; made by sqlengine
)

// Error is what is wrong with a statement, and where. It is the only error of
// this package; sqlengine makes one of an error of SQLite that has a place.
type Error struct {
	File    string // of the Source
	Line    int    // 1-based, in the whole text; 0 where there is no place
	Column  int    // 1-based, in characters
	Length  int    // in characters, on this line; at least 1 where there is a place
	Excerpt string // the line, without its newline; it may be long, see Window
	Token   string // the characters in question; "" at the end of the text
	Msg     string // what is wrong: lower case, no full stop
	Hint    string // what to do about it, or ""
	Code    string // one of the Code constants
	Err     error  // the error of another package that this one gives a place, or nil
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Error returns "FILE:LINE:COLUMN: MSG", without the parts there are none of.
func (e *Error) Error() string {
	switch {
	case e.Line > 0 && e.File != "":
		return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Msg)
	case e.Line > 0:
		return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Msg)
	case e.File != "":
		return e.File + ": " + e.Msg
	}
	return e.Msg
}

// Window returns at most width characters of the excerpt, round the place, and
// the place's column in them. It is for statements of one long line.
func (e *Error) Window(width int) (excerpt string, column int) {
	line := []rune(e.Excerpt)
	if len(line) <= width || width <= 0 {
		return e.Excerpt, e.Column
	}
	from := min(max(0, e.Column-1-width/3), len(line)-width)
	return string(line[from : from+width]), e.Column - from
}
