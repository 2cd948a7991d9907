package output

import (
	"strconv"
	"strings"

	"github.com/iql-lang/iql/provider"
)

// ruleWidth is how far the rule over a row of line reaches.
const ruleWidth = 40

// lineBetween divides a result from the one before.
const lineBetween = "\n"

// line writes a line for each cell, and a rule over each row.
type line struct {
	o      Options
	null   string
	labels []string // names, filled up to the longest
	rows   int
}

func newLine(o Options) encoder { return &line{o: o, null: Harmless(o.null("NULL"))} }

func (l *line) head(b []byte, names []string) []byte {
	longest := 0
	l.labels = make([]string, len(names))
	for i, name := range names {
		l.labels[i] = Harmless(name)
		longest = max(longest, width(l.labels[i]))
	}
	for i, label := range l.labels {
		l.labels[i] += strings.Repeat(" ", longest-width(label))
	}
	return b
}

func (l *line) row(b []byte, row provider.Row) []byte {
	l.rows++
	rule := "-[ row " + strconv.Itoa(l.rows) + " ]-"
	b = append(b, rule...)
	b = append(b, strings.Repeat("-", max(0, ruleWidth-len(rule)))...)
	b = append(b, '\n')
	for i, v := range row {
		if !l.o.HideHeaders {
			b = append(b, l.labels[i]...)
			b = append(b, " | "...)
		}
		b = append(b, l.text(v)...)
		b = append(b, '\n')
	}
	return b
}

func (l *line) tail(b []byte, _ bool) []byte { return b }

func (l *line) text(v any) string {
	switch {
	case v != nil:
		return Harmless(text(v))
	case l.o.Color:
		return dim(l.null)
	}
	return l.null
}
