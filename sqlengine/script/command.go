package script

import (
	"maps"
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// commands has the commands of scripts, and how many words each takes at least and
// at most; -1 is any number.
var commands = map[string]struct {
	least, most int
	usage       string
}{
	"echo":  {0, -1, `\echo TEXT`},
	"warn":  {0, -1, `\warn TEXT`},
	"i":     {1, 1, `\i FILE`},
	"ir":    {1, 1, `\ir FILE`},
	"set":   {1, -1, `\set NAME VALUE`},
	"unset": {1, 1, `\unset NAME`},
	"if":    {1, -1, `\if defined NAME, \if :NAME, or \if :NAME = 'TEXT'`},
	"elif":  {1, -1, `\elif defined NAME, \elif :NAME, or \elif :NAME = 'TEXT'`},
	"else":  {0, 0, `\else`},
	"endif": {0, 0, `\endif`},
}

// names are the names of the commands.
var names = slices.Sorted(maps.Keys(commands))

// word is a part of a command's line.
type word struct {
	start, end int // in the text
	text       string
	param      bool // it is :name, and text is the name
	quoted     bool
}

// command reads the command of a line.
func (p *parser) command(start, end int) {
	line := strings.TrimRight(p.text[start:end], " \t\r")
	end = start + len(line)
	words, open := split(p.text, start+1, end)
	name := word{start: start, end: start + 1}
	if len(words) > 0 && words[0].start == start+1 {
		name.end, name.text, words = words[0].end, words[0].text, words[1:]
	}
	item := Item{Source: p.source(start, end), Command: name.text, words: words}
	switch known, ok := commands[name.text]; {
	case open != nil:
		p.fail(*open, "a ' inside a text is written twice", "the text is never closed")
	case !ok:
		p.unknown(name)
	case len(words) < known.least || known.most >= 0 && len(words) > known.most:
		at := name
		if len(words) > known.least {
			at = words[known.most]
		}
		p.fail(at, "write "+known.usage, "\\%s takes %s", name.text, amount(known.least, known.most))
	default:
		p.arguments(&item)
	}
	p.structure(name)
	p.script.Items = append(p.script.Items, item)
}

func amount(least, most int) string {
	switch {
	case most == 0:
		return "nothing"
	case least == most:
		return "one word"
	}
	return "a word or more"
}

// unknown notes a command that there is none of.
func (p *parser) unknown(name word) {
	if name.text == "" {
		p.fail(name, "write \\i, \\set, \\if, \\echo or another, without a blank after the backslash", "the command has no name")
		return
	}
	hint := `there is \` + strings.Join(names, `, \`)
	if near, ok := provider.Nearest(name.text, names); ok {
		hint = `did you mean \` + near + "?"
	}
	p.fail(name, hint, "there is no command \\%s in a script", name.text)
}

// arguments checks the words of a command that has as many as it takes.
func (p *parser) arguments(item *Item) {
	switch item.Command {
	case "set", "unset":
		_, kind, err := ParseName(item.words[0].raw(p.text))
		switch {
		case err != nil:
			p.fail(item.words[0], err.hint, "%s", err.msg)
		case item.Command == "unset" && kind != Text:
			p.fail(item.words[0], "write "+commands["unset"].usage, "a name has no type here")
		}
	case "if", "elif":
		p.condition(item)
	}
}

// structure checks where a command stands among the \if that are not ended, and which
// of them are after it. Something else may be wrong with the command: the \endif of an
// \if that asks nonsense is still its \endif.
func (p *parser) structure(name word) {
	last := len(p.open) - 1
	switch command := name.text; {
	case command == "if":
		p.open = append(p.open, block{word: name})
	case command != "elif" && command != "else" && command != "endif":
	case last < 0:
		p.fail(name, "", "\\%s without an \\if before it", command)
	case command == "endif":
		p.open = p.open[:last]
	case p.open[last].closed:
		p.fail(name, "", "\\%s after \\else", command)
	case command == "else":
		p.open[last].closed = true
	}
}

// raw returns the word as it was typed.
func (w word) raw(text string) string { return text[w.start:w.end] }

// split cuts a part of a text into words, at blanks outside of quotes. open is a text
// that is never closed, which the words are those before.
func split(text string, at, end int) (words []word, open *word) {
	for at < end {
		switch text[at] {
		case ' ', '\t':
			at++
		case '\'':
			w, ok := quoted(text, at, end)
			if !ok {
				return words, &w
			}
			words = append(words, w)
			at = w.end
		default:
			w := word{start: at, end: end}
			if n := strings.IndexAny(text[at:end], " \t'"); n >= 0 {
				w.end = at + n
			}
			w.text = text[w.start:w.end]
			if name, ok := strings.CutPrefix(w.text, ":"); ok && isName(name) {
				w.text, w.param = name, true
			}
			words = append(words, w)
			at = w.end
		}
	}
	return words, nil
}

// quoted reads the text that begins at an offset.
func quoted(text string, at, end int) (w word, ok bool) {
	for tok := range syntax.Scan(text[at:end]) {
		w = word{start: at, end: at + tok.End, quoted: true}
		if ok = tok.Kind == syntax.String; ok {
			w.text = tok.Name()
		}
		break
	}
	return w, ok
}
