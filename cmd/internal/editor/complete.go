package editor

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
	"github.com/reeflective/readline"

	"github.com/iql-lang/iql/cmd/internal/output"
)

// SetCompleter says what Tab offers.
func (t *terminal) SetCompleter(complete func(text string, cursor int) ([]Candidate, int)) {
	t.complete = complete
	t.rl.Completer = nil
	if complete != nil {
		t.rl.Completer = t.completions
	}
}

// tab opens a menu, after writing what all its candidates begin with, or
// selects the next candidate of the open one.
func (t *terminal) tab() {
	if !t.editing() || t.rl.Keymap.Local() == menuKeys {
		t.next()
		return
	}
	t.extend()
	t.list()
}

// extend writes what all candidates begin with, or the only one that there is, which
// may be found by another name. The library would count it in bytes where its line
// has letters.
func (t *terminal) extend() {
	candidates, start, text, cursor := t.offer(*t.rl.Line(), t.rl.Cursor().Pos())
	if len(candidates) == 0 && t.complete != nil {
		all, start := t.complete(text, cursor)
		if len(all) == 1 {
			t.replace(text, start, cursor, all[0].Text)
		}
		return
	}
	if len(candidates) == 0 {
		return
	}
	typed := text[start:cursor]
	common := candidates[0].Text
	for _, c := range candidates[1:] {
		common = commonPrefix(common, c.Text)
	}
	if utf8.RuneCountInString(common) <= utf8.RuneCountInString(typed) {
		return
	}
	t.replace(text, start, cursor, common)
}

// replace writes a text in the place of text[start:cursor].
func (t *terminal) replace(text string, start, cursor int, by string) {
	at := utf8.RuneCountInString(text[:start])
	t.rl.Line().Cut(at, at+utf8.RuneCountInString(text[start:cursor]))
	t.rl.Cursor().Set(at)
	t.rl.Cursor().InsertAt([]rune(by)...)
}

// offer returns the candidates for a line that begin with what is typed, and
// where the line and its cursor are in bytes.
func (t *terminal) offer(line []rune, pos int) (candidates []Candidate, start int, text string, cursor int) {
	text, cursor = string(line), len(string(line[:pos]))
	if t.complete == nil {
		return nil, cursor, text, cursor
	}
	all, start := t.complete(text, cursor)
	typed := text[start:cursor]
	for _, c := range all {
		if beginsWith(c.Text, typed) {
			candidates = append(candidates, c)
		}
	}
	return candidates, start, text, cursor
}

// completions gives the library the candidates for a line.
//
// The library takes as many letters from before the cursor as PREFIX has bytes,
// and only offers what begins with PREFIX. An empty one it would replace by the
// word before the cursor. So PREFIX has a byte for each letter that goes, and
// where nothing is typed the letter before the cursor goes and comes again.
func (t *terminal) completions(line []rune, pos int) readline.Completions {
	candidates, start, text, cursor := t.offer(line, pos)
	goes, comes := text[start:cursor], ""
	if goes == "" && cursor > 0 {
		_, n := utf8.DecodeLastRuneInString(text[:cursor])
		goes = text[cursor-n : cursor]
		comes = goes
	}
	values := make([]readline.Completion, 0, len(candidates))
	var lists []string // the groups that have a candidate on each line
	for i, label := range labels(candidates) {
		c := candidates[i]
		group := output.Harmless(c.Group)
		values = append(values, readline.Completion{Value: comes + c.Text, Display: label, Tag: group})
		if c.About != "" {
			lists = append(lists, group)
		}
	}
	offered := readline.CompleteRaw(values).NoSort()
	if len(lists) > 0 {
		offered = offered.DisplayList(lists...)
	}
	offered.PREFIX = goes[:utf8.RuneCountInString(goes)]
	_ = t.rl.Config.Set("completion-ignore-case", len(offered.PREFIX) == len(goes))
	return offered
}

// labels returns what the menu shows for candidates: those of a group have
// their descriptions below each other. The library would put candidates with
// the same description on one line, in another order.
func labels(candidates []Candidate) []string {
	widest := map[string]int{}
	labels := make([]string, len(candidates))
	for i, c := range candidates {
		labels[i] = output.Harmless(cmp.Or(c.Display, c.Text))
		widest[c.Group] = max(widest[c.Group], cells(labels[i]))
	}
	for i, c := range candidates {
		if c.About != "" {
			labels[i] = runewidth.FillRight(labels[i], widest[c.Group]) + "  " + output.Harmless(c.About)
		}
	}
	return labels
}

// commonPrefix returns what two texts begin with, in whole letters.
func commonPrefix(a, b string) string {
	for i, r := range a {
		if !strings.HasPrefix(b[min(i, len(b)):], string(r)) {
			return a[:i]
		}
	}
	return a
}

// beginsWith reports whether a text begins with what is typed, in upper or
// lower case. In other letters than ASCII's the case counts: see completions.
func beginsWith(text, typed string) bool {
	if len(typed) != utf8.RuneCountInString(typed) {
		return strings.HasPrefix(text, typed)
	}
	return len(text) >= len(typed) && strings.EqualFold(text[:len(typed)], typed)
}
