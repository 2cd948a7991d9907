package output

import (
	"slices"

	"github.com/iql-lang/iql/provider"
)

// Expanded says whether the rows of a table are written as the format line
// writes them: a line for each cell. The zero value is [ExpandedOff].
type Expanded string

// When rows are expanded.
const (
	ExpandedOff  Expanded = "off"
	ExpandedOn   Expanded = "on"
	ExpandedAuto Expanded = "auto" // where the table would be wider than the terminal
)

// ParseExpanded returns the word that s is, and whether it is one. What a switch
// takes is one too.
func ParseExpanded(s string) (Expanded, bool) {
	switch s {
	case "true", "1":
		return ExpandedOn, true
	case "false", "0":
		return ExpandedOff, true
	}
	return Expanded(s), slices.Contains([]Expanded{ExpandedOff, ExpandedOn, ExpandedAuto}, Expanded(s))
}

// expanding is a table, or lines if the table would be wider than the terminal.
// It keeps the rows back until it knows.
type expanding struct {
	o     Options
	names []string
	rows  []provider.Row // kept back
	enc   encoder        // nil until it is known
	lines bool           // enc writes lines
}

func (e *expanding) head(b []byte, names []string) []byte {
	e.names = names
	return b
}

func (e *expanding) row(b []byte, row provider.Row) []byte {
	if e.enc != nil {
		return e.enc.row(b, row)
	}
	if e.rows = append(e.rows, row); len(e.rows) < tableSample {
		return b
	}
	return e.choose(b)
}

func (e *expanding) tail(b []byte, complete bool) []byte {
	if e.enc == nil {
		b = e.choose(b)
	}
	return e.enc.tail(b, complete)
}

// choose writes the rows that were kept back in the way that fits.
func (e *expanding) choose(b []byte) []byte {
	t := e.o.Format.encoder(e.o).(*table)
	t.head(nil, e.names)
	e.enc = t
	if e.lines = t.natural(e.rows) > e.o.Width; e.lines {
		e.enc = newLine(e.o)
	}
	b = e.enc.head(b, e.names)
	for _, row := range e.rows {
		b = e.enc.row(b, row)
	}
	e.rows = nil
	return b
}

// between is what divides the result from the one before.
func (e *expanding) between() string {
	if e.lines {
		return lineBetween
	}
	return ""
}

func (e *expanding) notices() []string {
	if t, ok := e.enc.(*table); ok {
		return t.notices()
	}
	return nil
}
