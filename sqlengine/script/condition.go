package script

import (
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// condition is what \if asks: defined NAME, a VALUE that is a word for true or false,
// VALUE = VALUE or VALUE <> VALUE, and each of them after "not".
type condition struct {
	not     bool
	defined string // the name; "" for another condition
	left    word
	op      string // "=" or "<>"; "" where left itself is true or false
	right   word
}

// condition reads the condition of an \if.
func (p *parser) condition(item *Item) {
	words := item.words
	c := &item.cond
	if words[0].is("not") && len(words) > 1 {
		c.not, words = true, words[1:]
	}
	switch {
	case words[0].is("defined") && len(words) == 2:
		name, _, err := ParseName(strings.TrimPrefix(words[1].raw(p.text), ":"))
		if err != nil {
			p.fail(words[1], err.hint, "%s", err.msg)
		}
		c.defined = name
	case len(words) == 1:
		c.left = words[0]
	case len(words) == 3 && (words[1].is("=") || words[1].is("<>")):
		c.left, c.op, c.right = words[0], words[1].text, words[2]
	default:
		p.fail(words[len(words)-1], "write "+commands[item.Command].usage+", with blanks between", "\\%s does not take this condition", item.Command)
	}
}

func (w word) is(text string) bool { return !w.quoted && !w.param && w.text == text }

// holds reports whether a condition holds.
func (r *Runner) holds(item *Item) (bool, error) {
	c := item.cond
	if c.defined != "" {
		_, ok := r.Values[c.defined]
		return ok != c.not, nil
	}
	left, err := r.value(item, c.left)
	if err != nil {
		return false, err
	}
	if c.op == "" {
		truth, ok := truths[strings.ToLower(Shown(left))]
		if !ok {
			return false, item.errorf(c.left, "compare it: "+c.left.raw(item.Source.Whole)+" = 'TEXT'", "%q is neither true nor false", short(Shown(left)))
		}
		return truth != c.not, nil
	}
	right, err := r.value(item, c.right)
	if err != nil {
		return false, err
	}
	equal := Shown(left) == Shown(right)
	return (equal == (c.op == "=")) != c.not, nil
}

// value returns what a word stands for.
func (r *Runner) value(item *Item, w word) (any, error) {
	if !w.param {
		return w.text, nil
	}
	value, ok := r.Values[w.text]
	if !ok {
		e := item.errorf(w, "\\if defined "+w.text+" asks whether there is one; a text with a colon goes in quotes", "there is no value for :%s", w.text)
		e.Code = syntax.CodeUnbound
		return nil, e
	}
	return value, nil
}

// errorf returns an error about a word of a command.
func (i *Item) errorf(w word, hint, format string, args ...any) *syntax.Error {
	e := i.Source.Errorf(w.start-i.Source.Start, w.end-w.start, hint, format, args...)
	e.Code = CodeCommand
	return e
}
