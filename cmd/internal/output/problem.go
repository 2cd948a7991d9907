package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/iql-lang/iql/sqlengine"
)

// ProblemText returns a problem as a person reads it: the place, the message,
// the line of the statement with a caret under the token, the details and the
// hint.
//
//	invite.iql:7:7: error: googleworkspace.classroom.invitations has no column course
//	  7 | WHERE course = '620015'
//	    |       ^^^^^^
//	  hint: did you mean courseId?
func ProblemText(p sqlengine.Problem, color bool) string {
	var b strings.Builder
	switch {
	case p.Line > 0:
		fmt.Fprintf(&b, "%s:%d:%d: ", Harmless(p.File), p.Line, p.Column)
	case p.File != "":
		fmt.Fprintf(&b, "%s: ", Harmless(p.File))
	}
	fmt.Fprintf(&b, "%s %s\n", paint("error:", bold+red, color), Harmless(p.Message))
	if p.Line > 0 && p.Excerpt != "" {
		shown, at, cells := excerpt(p.Excerpt, p.Column, p.Length)
		number := strconv.Itoa(p.Line)
		fmt.Fprintf(&b, "  %s | %s\n", number, shown)
		fmt.Fprintf(&b, "  %*s | %*s%s\n", len(number), "", at, "", paint(strings.Repeat("^", cells), bold+red, color))
	}
	for _, d := range p.Details {
		fmt.Fprintf(&b, "  %-7s %s\n", Harmless(d.Label), Harmless(d.Text))
	}
	if p.Hint != "" {
		fmt.Fprintf(&b, "  %s %s\n", paint("hint:", cyan, color), Harmless(p.Hint))
	}
	return b.String()
}

// How much of a long line is shown, in cells: of what stands before the caret,
// and in all.
const (
	excerptBefore = 60
	excerptWidth  = 120
)

// excerpt returns a line as it is shown, and the cells before and under the
// caret. column (from 1) and length are in characters of the line; whatever
// they are, the caret is a cell or more and ends at most one after the line,
// where something was missing.
func excerpt(line string, column, length int) (shown string, at, cells int) {
	runes := []rune(line)
	start := min(max(column-1, 0), len(runes))
	end := min(start+max(length, 0), len(runes))
	before, token, after := excerptText(runes[:start]), excerptText(runes[start:end]), excerptText(runes[end:])

	if w := width(before); w > excerptBefore {
		before = runewidth.TruncateLeft(before, w-excerptBefore+1, "…")
	}
	marked := width(before + token)
	shown = before + token + after
	if width(shown) > excerptWidth {
		shown = runewidth.Truncate(shown, excerptWidth, "…")
	}
	at = min(width(before), width(shown))
	cells = min(max(marked-at, 1), width(shown)+1-at)
	return shown, at, cells
}

func excerptText(runes []rune) string {
	return Harmless(strings.ReplaceAll(string(runes), "\t", "    "))
}

// ProblemJSON returns a problem as a program reads it: an object on a line,
// with a newline. Its keys are always there, null where they say nothing.
// statement is the number of the statement in its text, from 1, or 0.
func ProblemJSON(p sqlengine.Problem, statement int) string {
	type detail struct {
		Label string `json:"label"`
		Text  string `json:"text"`
	}
	type problem struct {
		Kind      string   `json:"kind"`
		Code      string   `json:"code"`
		Message   string   `json:"message"`
		Hint      *string  `json:"hint"`
		Details   []detail `json:"details"`
		File      *string  `json:"file"`
		Line      *int     `json:"line"`
		Column    *int     `json:"column"`
		Length    *int     `json:"length"`
		Token     *string  `json:"token"`
		Statement *int     `json:"statement"`
		HTTP      *int     `json:"http"`
		Retryable bool     `json:"retryable"`
		Exit      int      `json:"exit"`
	}
	details := make([]detail, len(p.Details))
	for i, d := range p.Details {
		details[i] = detail(d)
	}
	return JSONLine(map[string]any{"error": problem{
		Kind: p.Kind, Code: p.Code, Message: p.Message, Hint: present(p.Hint), Details: details,
		File: present(p.File), Line: present(p.Line), Column: present(p.Column), Length: present(p.Length),
		Token: present(p.Token), Statement: present(statement), HTTP: present(p.HTTP),
		Retryable: p.Retryable, Exit: p.Exit,
	}})
}

// present returns a pointer to v, nil if v is zero.
func present[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// JSONLine returns v as JSON on a line of its own. Characters that would steer
// a terminal are escaped.
func JSONLine(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // a value of ours that JSON has no form for
	}
	text := strings.TrimSuffix(b.String(), "\n")
	if !strings.ContainsFunc(text, steers) {
		return text + "\n"
	}
	b.Reset()
	for _, r := range text {
		if steers(r) && r != '\ufffd' {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String() + "\n"
}
