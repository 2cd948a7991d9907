package shell

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/sqlengine"
)

// Command is what a shell does besides running statements.
type Command struct {
	Name    string   // with its backslash
	Aliases []string // other ways to type it, whole: ".tables", "quit"
	Args    string   // as usage shows them: "[NAME]"; "" takes none
	About   string   // in a line
	Group   string   // of \?
	// Words are what the argument can be, where that is a few words.
	Words []string

	// Ends says that it can end a statement.
	Ends bool

	whole bool // the rest of the line is one argument
	run   func(s *Shell, ctx context.Context, args []string) error
}

// Commands returns the commands of a shell, in the order of \?.
func Commands() []Command {
	return slices.Concat(showCommands(), statementCommands(), outputCommands(), scriptCommands(), changeCommands(), sessionCommands())
}

// long are aliases that stand for a command with an argument.
var long = map[string]string{
	".headers":   `\pset headers`,
	".header":    `\pset headers`,
	".nullvalue": `\pset null`,
	".separator": `\pset delimiter`,
}

// command runs the command of a line.
func (s *Shell) command(ctx context.Context, line string) error {
	word, rest := commandWord(line)
	if full, ok := long[strings.ToLower(word)]; ok {
		word, rest = commandWord(full + " " + rest)
	}
	c, err := find(word)
	if err != nil {
		return err
	}
	args := []string{rest}
	switch {
	case rest == "":
		args = nil
	case !c.whole:
		if args, err = words(rest); err != nil {
			return err
		}
	}
	if err := c.check(args); err != nil {
		return err
	}
	if strings.Contains(c.Args, "FILE") {
		args = s.atHome(args)
	}
	return c.run(s, ctx, args)
}

// atHome puts the home folder in the place of the ~ that names of files begin with.
func (s *Shell) atHome(names []string) []string {
	for i, name := range names {
		if rest, ok := strings.CutPrefix(name, "~/"); ok && s.Home != "" {
			names[i] = filepath.Join(s.Home, rest)
		}
	}
	return names
}

// commandWord cuts a line into the command and what follows it. \!, \? and \d+ are
// words, as is a backslash with letters; what follows them may stand close by, as
// in \g|wc.
func commandWord(line string) (word, rest string) {
	end := strings.IndexFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == '|' })
	if strings.HasPrefix(line, `\!`) {
		end = len(`\!`)
	}
	if end < 0 {
		return line, ""
	}
	return line[:end], strings.TrimSpace(line[end:])
}

// find returns the command that is typed so.
func find(word string) (*Command, error) {
	all := Commands()
	i := slices.IndexFunc(all, func(c Command) bool {
		return c.Name == word || slices.Contains(c.Aliases, strings.ToLower(word))
	})
	if i >= 0 {
		return &all[i], nil
	}
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
		names = append(names, c.Aliases...)
	}
	return nil, &config.UsageError{
		Message: fmt.Sprintf("there is no command %s", word),
		Hint:    nearest(word, names),
	}
}

// nearest returns a hint for a word that is none of words.
func nearest(word string, words []string) string {
	if hint := config.DidYouMean(word, words); strings.HasPrefix(hint, "did you mean") {
		return hint
	}
	return `\? lists the commands`
}

// usage is how the command is typed.
func (c *Command) usage() string { return strings.TrimSpace(c.Name + " " + c.Args) }

// check checks how many arguments there are by what Args shows: what is not in
// brackets is needed, and "..." takes any number.
func (c *Command) check(args []string) error {
	least, most := arity(c.Args)
	switch {
	case len(args) < least:
		return usagef(c.Name+" needs "+c.Args, "usage: "+c.usage())
	case len(args) > most:
		return usagef(fmt.Sprintf("%s does not take %q", c.Name, args[most]), "usage: "+c.usage())
	}
	return nil
}

// arity returns how many arguments a usage asks for and how many it takes.
func arity(usage string) (least, most int) {
	depth, inWord := 0, false
	for _, r := range usage {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		}
		if r == ' ' {
			inWord = false
			continue
		}
		if !inWord && r != '[' && r != ']' {
			inWord = true
			most++
			if depth == 0 {
				least++
			}
		}
	}
	if strings.Contains(usage, "...") {
		most = 1 << 10
	}
	return least, most
}

// words cuts the arguments of a command at blanks. Quotes keep blanks, and are
// doubled to stand for themselves; what begins with a bar goes to the end.
func words(rest string) ([]string, error) {
	var out []string
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		if rest[0] == '|' {
			return append(out, rest), nil
		}
		word, after, err := cutWord(rest)
		if err != nil {
			return nil, err
		}
		out = append(out, word)
		rest = after
	}
	return out, nil
}

// cutWord cuts off the first word.
func cutWord(s string) (word, rest string, err error) {
	var b strings.Builder
	var quote byte
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote == 0 && (c == ' ' || c == '\t'):
			return b.String(), s[i:], nil
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote != 0 && c == quote && i+1 < len(s) && s[i+1] == quote:
			b.WriteByte(c)
			i++
		case quote != 0 && c == quote:
			quote = 0
		default:
			b.WriteByte(c)
		}
	}
	if quote != 0 {
		return "", "", usagef(fmt.Sprintf("a %c is never closed: %s", quote, s), "double it to mean itself")
	}
	return b.String(), "", nil
}

// usagef returns a mistake in how a command was typed.
func usagef(message, hint string) error { return &config.UsageError{Message: message, Hint: hint} }

// refusedf returns why a command is not done.
func refusedf(message, hint string) error {
	return &sqlengine.ConsentError{Message: message, Hint: hint}
}

// choose returns which of words an argument is, in any letter case.
func choose(command, arg string, words ...string) (string, error) {
	for _, w := range words {
		if strings.EqualFold(arg, w) {
			return w, nil
		}
	}
	return "", usagef(fmt.Sprintf("%s does not take %q", command, arg), config.DidYouMean(arg, words))
}

// onOff returns what a switch is set to: the argument, or without one the other
// way round.
func onOff(command string, args []string, now bool) (bool, error) {
	if len(args) == 0 {
		return !now, nil
	}
	word, err := choose(command, args[0], "on", "off")
	return word == "on", err
}

// switched is "on" or "off".
func switched(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
