package completion

import (
	"strings"
	"unicode/utf8"

	"github.com/iql-lang/iql/cmd/internal/output"
)

// Command is a command of the shell.
type Command struct {
	Name  string // with its sign: \i or .read
	About string
	Args  []Arg // its arguments, in order
	Ends  bool  // it can end a statement
}

// Arg is what an argument of a command can be.
type Arg struct {
	Kind  ArgKind
	Words []string // Choice: what there is to choose from
}

// ArgKind says what an argument can be.
type ArgKind uint8

// What an argument can be. A Rest is the last argument of its command.
const (
	Free     ArgKind = iota // anything
	Choice                  // one of Words
	File                    // a file
	Format                  // a format of rows
	Resource                // a resource
	Variable                // the name of a variable, without a colon
	Rest                    // a statement
)

// command returns what can be typed in a command.
func (s *Source) command(text string, p place, cursor int) ([]Candidate, int) {
	name, rest, args := strings.Cut(text[p.start:cursor], " ")
	if !args {
		return s.commandNames(name, len(p.before) > 0), p.start
	}
	for _, c := range s.Commands {
		if c.Name != name || len(c.Args) == 0 {
			continue
		}
		if c.Args[0].Kind == Rest {
			return s.statementAt(text, cursor-len(rest), cursor)
		}
		fields, word := words(rest)
		if fields >= len(c.Args) {
			break
		}
		return s.argument(c.Args[fields], word), cursor - len(word)
	}
	return nil, cursor
}

// commandNames returns the commands that begin so, in a statement those that end it.
func (s *Source) commandNames(typed string, inStatement bool) []Candidate {
	var all []Candidate
	for _, c := range s.Commands {
		if strings.HasPrefix(c.Name, typed) && (c.Ends || !inStatement) { // \X is not \x
			all = append(all, Candidate{Text: c.Name, Group: Commands, About: c.About})
		}
	}
	return all
}

// statementAt returns what can be typed in the statement that begins at an offset.
// A command in its place has nothing to say.
func (s *Source) statementAt(text string, begin, cursor int) ([]Candidate, int) {
	if first := strings.TrimLeft(text[begin:cursor], " \t"); strings.HasPrefix(first, `\`) || strings.HasPrefix(first, ".") {
		return nil, cursor
	}
	candidates, start := s.At(text[begin:], cursor-begin)
	return candidates, begin + start
}

// words returns how many arguments are whole, and the one that is being typed, with
// the quote that it begins with.
func words(rest string) (whole int, word string) {
	var quote rune
	begin := -1
	for i, r := range rest {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == ' ' || r == '\t':
			if begin >= 0 {
				whole++
			}
			begin = -1
		default:
			if begin < 0 {
				begin = i
			}
			if r == '\'' || r == '"' {
				quote = r
			}
		}
	}
	if begin < 0 {
		return whole, ""
	}
	return whole, rest[begin:]
}

// argument returns what an argument that was begun can become.
func (s *Source) argument(arg Arg, typed string) []Candidate {
	var all []Candidate
	add := func(text, about string) {
		if hasPrefix(text, typed) && output.Harmless(text) == text {
			all = append(all, Candidate{Text: text, Group: Arguments, About: output.Harmless(about)})
		}
	}
	switch arg.Kind {
	case Choice:
		for _, word := range arg.Words {
			add(word, "")
		}
	case Format:
		for _, f := range output.Formats() {
			add(f.Name, f.About)
		}
	case Resource:
		for _, res := range s.Registry.Resources() {
			add(res.Name, sentence(res.Description))
		}
		for _, res := range s.Registry.Resources() {
			if typed != "" {
				add(res.ID, sentence(res.Description))
			}
		}
	case Variable:
		if s.Variables != nil {
			for _, name := range s.Variables() {
				add(name, "")
			}
		}
	case File:
		return s.fileArgument(typed)
	}
	return all
}

// fileArgument returns the files that an argument can become. One with a blank in
// its name is put into quotes, which a folder leaves open.
func (s *Source) fileArgument(typed string) []Candidate {
	path, quote := typed, ""
	if r, _ := utf8.DecodeRuneInString(typed); r == '\'' || r == '"' {
		path, quote = typed[1:], typed[:1]
	}
	if strings.HasPrefix(path, "|") {
		return nil // a program
	}
	var all []Candidate
	for _, name := range s.files(path, []string{".iql", ".sql"}) {
		text, quote := name, quote
		if quote == "" && strings.ContainsAny(name, " '\"") {
			quote = "'"
		}
		if quote != "" {
			text = quote + strings.ReplaceAll(name, quote, quote+quote)
			if !strings.HasSuffix(name, "/") {
				text += quote
			}
		}
		all = append(all, Candidate{Text: text, Display: base(name), Group: Files})
	}
	return all
}
