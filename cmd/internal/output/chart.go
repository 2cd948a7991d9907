package output

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/iql-lang/iql/provider"
)

const (
	chartRows  = 100 // that are drawn, and kept; others are counted
	chartWidth = 80  // where no other is known
	minBars    = 10  // cells that bars have at least
)

// ErrShape is the error of a result that a format cannot show.
var ErrShape = errors.New("chart draws two columns, a label and a number")

// chart draws a bar for each row, after the last of them: their scale is that of
// all. It keeps the first chartRows rows and counts the others.
type chart struct {
	o      Options
	null   string
	names  []string
	bars   []bar
	more   int // rows that are not drawn
	labels int // width of the longest label
	values int // and of the longest number
	cut    bool
	seen   int // rows that were checked
}

// bar is a row of a chart.
type bar struct {
	label, value string
	noLabel      bool    // it is NULL
	noValue      bool    // it is NULL
	length       float64 // 0 for no bar
}

func newChart(o Options) encoder { return &chart{o: o, null: Harmless(o.null("NULL"))} }

// columns returns an error, which is [ErrShape], unless there are two.
func (c *chart) columns(names []string) error {
	if len(names) == 2 {
		return nil
	}
	return fmt.Errorf("%w; this result has %d: select two, or choose another format", ErrShape, len(names))
}

// check returns an error, which is [ErrShape], for a row without a number. NULL
// is a number that is not known.
func (c *chart) check(row provider.Row, names []string) error {
	c.seen++
	if row[1] == nil || number(row[1]) {
		return nil
	}
	value, _ := c.o.cut(Harmless(text(row[1])), 40)
	return fmt.Errorf("%w; %s of row %d is %q, which is none: CAST(... AS REAL) makes a number of text, a comparison or iif() of true and false",
		ErrShape, Harmless(names[1]), c.seen, value)
}

func (c *chart) head(b []byte, names []string) []byte {
	c.names = []string{Harmless(names[0]), Harmless(names[1])}
	if !c.o.HideHeaders {
		c.labels, c.values = width(c.names[0]), width(c.names[1])
	}
	return b
}

func (c *chart) row(b []byte, row provider.Row) []byte {
	if len(c.bars) == chartRows {
		c.more++
		return b
	}
	v := bar{label: c.null, value: c.null, noLabel: row[0] == nil, noValue: row[1] == nil}
	if !v.noLabel {
		v.label = Harmless(text(row[0]))
	}
	if !v.noValue {
		v.value, v.length = text(row[1]), length(row[1])
	}
	c.labels, c.values = max(c.labels, width(v.label)), max(c.values, width(v.value))
	c.bars = append(c.bars, v)
	return b
}

// length returns a number as one that can be divided.
func length(v any) float64 {
	var f float64
	switch v := v.(type) {
	case int64:
		f = float64(v)
	case float64:
		f = v
	}
	if math.IsNaN(f) {
		return 0
	}
	return min(max(f, -math.MaxFloat64), math.MaxFloat64)
}

func (c *chart) tail(b []byte, _ bool) []byte {
	all := cmp.Or(c.o.MaxWidth, c.o.Width, chartWidth)
	if c.o.MaxWidth > 0 {
		c.labels = min(c.labels, max(all*2/5, minColumn))
	}
	s := newScale(c.bars, max(all-c.labels-c.values-len("  ")-len("  "), minBars), c.o)
	if !c.o.HideHeaders {
		color := ""
		if c.o.Color {
			color = bold
		}
		b = c.line(b, c.names[0], c.names[1], color, color, "")
	}
	for _, v := range c.bars {
		b = c.line(b, v.label, v.value, c.faint(v.noLabel), c.faint(v.noValue), s.bar(v.length))
	}
	if c.more > 0 {
		b = append(b, "and "+strconv.Itoa(c.more)+" more rows, which chart does not draw\n"...)
	}
	return b
}

// faint returns the escape of NULL, if there is to be one.
func (c *chart) faint(null bool) string {
	if null && c.o.Color {
		return faint
	}
	return ""
}

func (c *chart) line(b []byte, label, value, labelColor, valueColor, drawn string) []byte {
	label, cut := c.o.cut(label, c.labels)
	c.cut = c.cut || cut
	b = append(b, paint(label, labelColor, labelColor != "")...)
	b = append(b, strings.Repeat(" ", c.labels-width(label)+len("  ")+c.values-width(value))...)
	b = append(b, paint(value, valueColor, valueColor != "")...)
	if drawn != "" {
		b = append(b, "  "+drawn...)
	}
	return append(b, '\n')
}

func (c *chart) notices() []string {
	if !c.cut {
		return nil
	}
	return []string{cutNotice(c.names[:1], c.o.MaxWidth)}
}

// scale says how long bars are: those of negative numbers go left from an axis,
// which there is only if there are some.
type scale struct {
	least, most float64 // of all lengths and 0
	left, right int     // cells on both sides
	ascii       bool
}

// blocks are eighths of a cell, from the left.
var blocks = []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

func newScale(bars []bar, room int, o Options) scale {
	s := scale{right: room, ascii: o.ASCII || width("█") != 1}
	for _, v := range bars {
		s.least, s.most = min(s.least, v.length), max(s.most, v.length)
	}
	if s.least == 0 {
		return s
	}
	room-- // for the axis
	largest := max(-s.least, s.most)
	low, high := -s.least/largest, s.most/largest // whose sum is a number, whatever they were
	s.left = max(int(math.Round(float64(room)*low/(low+high))), 1)
	if s.most > 0 {
		s.left = min(s.left, room-1)
	}
	s.right = room - s.left
	return s
}

// bar returns what is drawn for a length. One that is not 0 is seen.
func (s scale) bar(length float64) string {
	axis := "│"
	if s.ascii {
		axis = "|"
	}
	switch {
	case length < 0:
		n := max(int(math.Round(length/s.least*float64(s.left))), 1)
		return strings.Repeat(" ", s.left-n) + s.fill(n*len(blocks)) + axis
	case s.left > 0:
		return strings.Repeat(" ", s.left) + axis + s.fill(s.eighths(length))
	}
	return s.fill(s.eighths(length))
}

// eighths returns the length of a bar to the right in eighths of a cell.
func (s scale) eighths(length float64) int {
	if length <= 0 {
		return 0
	}
	return max(int(math.Round(length/s.most*float64(s.right*len(blocks)))), 1)
}

func (s scale) fill(eighths int) string {
	if s.ascii {
		return strings.Repeat("#", (eighths+len(blocks)-1)/len(blocks))
	}
	return strings.Repeat("█", eighths/len(blocks)) + blocks[eighths%len(blocks)]
}
