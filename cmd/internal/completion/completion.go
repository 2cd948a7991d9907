// Package completion says what can be typed next in a statement or a command
// of the shell: methods' parameters that are still missing, columns, values,
// resources, functions, keywords and files.
//
// [Source.At] takes a text and a place in it and answers from the registry, the
// tables of the statement round the place, and what the Source can look up. It
// reads tokens, not trees, since a text that is being typed is rarely a
// statement; what it does not understand it has nothing to say of. It takes
// time linear in the text, and calls nothing but the functions of the Source.
//
// A shell makes one Source, whose Values are those of a [Cache], and gives At
// to its editor:
//
//	values := completion.NewCache(ctx, fetch)
//	defer values.Close()
//	source := &completion.Source{Registry: reg, Commands: commands, Values: values.Values}
//	candidates, start := source.At("SELECT * FROM courses WHERE courseState = 'A", 44)
//	// 'ACTIVE' and 'ARCHIVED', which replace the text from its quote on
package completion

import (
	"unicode/utf8"

	"github.com/iql-lang/iql/registry"
)

// Candidate is something that can be typed.
type Candidate struct {
	Text    string // what takes the place of what was typed
	Display string // what a list shows for it; "" is Text
	Group   string // the heading that it stands under in a list: "columns"
	About   string // a few words on what it is, or ""
}

// The groups of candidates that a list shows apart from others.
const (
	Required  = "required" // parameters that a method cannot do without
	Columns   = "columns"
	Values    = "values"
	Tables    = "tables"
	Methods   = "methods"
	Functions = "functions"
	Keywords  = "keywords"
	Files     = "files"
	Commands  = "commands"
	Arguments = "arguments" // of a method, and of a command
	Variables = "variables"
)

// Source is what candidates are made of. Its functions are called by
// [Source.At] alone and must answer at once; one that is nil has nothing.
type Source struct {
	Registry *registry.Registry
	Commands []Command
	// Values returns what is known of a kind.
	Values func(kind Kind) []Value
	// Files returns what is in a folder; "" is the current one, other names end
	// in a slash.
	Files func(dir string) ([]Entry, error)
	// Variables returns the names that a colon may stand before.
	Variables func() []string
	// Tables returns the tables of the session, and the columns of each.
	Tables func() map[string][]string
}

// Entry is a file or a folder.
type Entry struct {
	Name string
	Dir  bool
}

// At returns what can be typed at the cursor, a byte offset in text, and where
// the part of the text begins that a candidate takes the place of:
// text[start:cursor]. Candidates come in the order in which a person is likely
// to want them.
//
// A candidate begins with text[start:cursor], in any letter case, with these
// exceptions: a value or name that was begun without quotes gets them
// (role = ST becomes role = 'STUDENT'), a value may be found by another name
// that it has (courseId = 'Alge becomes courseId = '101'), and a column that
// several tables have gets the name of one before it (co becomes i.courseId).
func (s *Source) At(text string, cursor int) (candidates []Candidate, start int) {
	cursor = onRune(text, cursor)
	p, ok := locate(text, cursor)
	switch {
	case !ok:
		return nil, cursor
	case p.command:
		return s.command(text, p, cursor)
	}
	l := &list{src: s, typed: p.typed, reading: read(p), seen: map[string]bool{}}
	l.lower = l.lowerCase(p.before)
	l.offer()
	if len(l.out) == 0 {
		return nil, cursor
	}
	return l.out, p.start
}

// onRune returns the place in text that is nearest to the offset and not inside
// a character.
func onRune(text string, offset int) int {
	offset = min(max(offset, 0), len(text))
	for offset > 0 && offset < len(text) && !utf8.RuneStart(text[offset]) {
		offset--
	}
	return offset
}
