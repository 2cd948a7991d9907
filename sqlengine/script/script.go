// Package script reads and runs texts of many statements, such as .iql files.
//
// A text has statements, which end in semicolons, and commands, each on a line that
// begins with a backslash:
//
//	\set course 620015
//	\if defined since
//	\i newer.iql
//	\else
//	SELECT id, role FROM invitations WHERE courseId = :course;
//	\endif
//
// [Parse] cuts a text into such items and says all that is wrong with its commands;
// a [Runner] runs the items in order. What a statement is, and what becomes of it,
// is the caller's: a shell, a command that runs files and one that only checks them
// run the same items. [ADR 0021] has the reasons.
//
// [ADR 0021]: https://github.com/iql-lang/iql/blob/main/docs/adr/0021-parameters-and-scripts.md
package script

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Script is a text that was read.
type Script struct {
	File  string // what the person calls the text
	Path  string // where files are looked for from
	Items []Item
}

// Item is a statement or a command.
type Item struct {
	Source  syntax.Source // the statement, or the command's line without the blanks round it
	Command string        // the command's name, without its backslash; "" for a statement

	words []word
	cond  condition // of if and elif
}

// Statements returns the statements of a text without commands. The last one needs
// no semicolon. file is what the person calls the text.
func Statements(file, text string) []syntax.Source {
	stmts, rest := syntax.Split(file, text)
	if rest.Start < rest.End {
		stmts = append(stmts, rest)
	}
	return stmts
}

// Parse cuts a text into items. The errors are all that is wrong with its commands,
// in the order of the text, and where there are any the script is nil: what it would
// run is not known. Of what is wrong with a statement, its caller will hear.
func Parse(file, text string) (*Script, []*syntax.Error) {
	p := &parser{text: text, script: &Script{File: file, Path: filepath.Dir(file)}}
	for from := 0; from < len(text); {
		at := nextCommand(text, from)
		p.statements(from, at)
		if from = at; at < len(text) {
			from = lineEnd(text, at)
			p.command(at, from)
		}
	}
	for _, open := range p.open {
		p.fail(open.word, "write \\endif where it ends", "\\if has no \\endif")
	}
	if len(p.errs) > 0 {
		slices.SortStableFunc(p.errs, func(a, b *syntax.Error) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		return nil, p.errs
	}
	return p.script, nil
}

// nextCommand returns where the first backslash from an offset on stands that begins a
// line, outside of quotes and comments; the end of the text for none. The offset is
// the beginning of the text, or the end of a line.
func nextCommand(text string, from int) int {
	begins := true // nothing but blanks stands before it on the line
	for tok := range syntax.Scan(text[from:]) {
		if begins && tok.Kind == syntax.Bad && tok.Text == `\` {
			return from + tok.Start
		}
		line := tok.Text
		if n := strings.LastIndexByte(line, '\n'); n >= 0 {
			begins, line = true, line[n+1:]
		}
		begins = begins && strings.Trim(line, " \t") == ""
	}
	return len(text)
}

// lineEnd returns where the line ends that an offset is in.
func lineEnd(text string, at int) int {
	if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(text)
}

// parser reads a script.
type parser struct {
	text   string
	script *Script
	open   []block // the \if that are not ended
	errs   []*syntax.Error
}

// block is an \if that is not ended.
type block struct {
	word   word // the \if
	closed bool // its \else has come
}

// statements adds the statements of a part of the text, which a command or the end
// of the text ends.
func (p *parser) statements(from, to int) {
	for _, stmt := range Statements(p.script.File, p.text[from:to]) {
		p.script.Items = append(p.script.Items, Item{Source: p.source(from+stmt.Start, from+stmt.End)})
	}
	if _, rest := syntax.Split("", p.text[from:to]); to < len(p.text) && rest.Start < rest.End {
		p.fail(word{start: to, end: to + 1}, "end the statement before it with ;", "a command stands inside a statement")
	}
}

// source returns a part of the text.
func (p *parser) source(start, end int) syntax.Source {
	return syntax.Source{File: p.script.File, Whole: p.text, Start: start, End: end}
}

// fail notes an error about a word.
func (p *parser) fail(w word, hint, format string, args ...any) {
	e := p.source(w.start, w.end).Errorf(0, w.end-w.start, hint, format, args...)
	e.Code = CodeCommand
	p.errs = append(p.errs, e)
}

// CodeCommand is the code of an error about a command of a script.
const CodeCommand = "command"
