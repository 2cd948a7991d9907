package editor

import (
	"fmt"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/iql-lang/iql/cmd/internal/output"
)

// maxContinued is how many lines of a text have continuation prompts of their
// own. Each looks at the text above it, and all are drawn at each key.
const maxContinued = 100

// harmless returns a text that does not steer a terminal. Its line breaks and
// tabs stay.
func harmless(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for line := text; ; {
		at := strings.IndexAny(line, "\n\t")
		if at < 0 {
			b.WriteString(output.Harmless(line))
			break
		}
		b.WriteString(output.Harmless(line[:at]))
		b.WriteByte(line[at])
		line = line[at+1:]
	}
	if b.String() == text {
		return text // and not a copy
	}
	return b.String()
}

// show returns what the terminal gets for a text: its colours, and the
// continuation prompts.
func (t *terminal) show(runes []rune) string {
	text := harmless(string(runes))
	shown := text
	if t.opts.Highlight != nil {
		shown = t.opts.Highlight(text)
	}
	if t.opts.Continuation == nil || t.opts.Prompt == nil || !strings.Contains(text, "\n") {
		return shown
	}
	_, prompt := cutLast(t.opts.Prompt())
	return t.continued(text, shown, cells(prompt))
}

// continued writes the continuation prompts before the lines of a text, in the
// columns that the library leaves below the prompt.
func (t *terminal) continued(text, shown string, width int) string {
	var b strings.Builder
	above, lines := 0, 0
	for line := range strings.Lines(shown) {
		if lines > 0 {
			fmt.Fprintf(&b, "\r%s%s\x1b[%dG", fit(t.continuation(text[:above], lines), width), reset, width+1)
		}
		b.WriteString(line)
		lines++
		if next := strings.IndexByte(text[above:], '\n'); next >= 0 {
			above += next + 1
		}
	}
	if strings.HasSuffix(shown, "\n") {
		fmt.Fprintf(&b, "\r%s%s\x1b[%dG", fit(t.continuation(text, lines), width), reset, width+1)
	}
	return b.String()
}

// continuation returns what stands before a line, for the text above it.
func (t *terminal) continuation(text string, lines int) string {
	if lines > maxContinued {
		text = ""
	}
	return t.opts.Continuation(strings.TrimSuffix(text, "\n"))
}

// fit returns a continuation prompt of a width: with blanks before it, or
// without some of its dots.
func fit(prompt string, width int) string {
	for cells(prompt) > width && strings.Contains(prompt, ".") {
		prompt = strings.Replace(prompt, ".", "", 1)
	}
	if cells(prompt) > width {
		return strings.Repeat(" ", width)
	}
	return strings.Repeat(" ", width-cells(prompt)) + prompt
}

// cells returns how wide a line is in the terminal, colours apart. The library
// gives a tab five columns.
func cells(line string) int {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(line, "\x1b[")
		b.WriteString(before)
		if !ok {
			return runewidth.StringWidth(strings.ReplaceAll(b.String(), "\t", "     "))
		}
		line = strings.TrimLeft(after, "0123456789;")
		if line != "" {
			line = line[1:] // the letter that ends the sequence
		}
	}
}
