package output

import (
	"bytes"

	"github.com/olekukonko/ll"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"

	"github.com/iql-lang/iql/provider"
)

// tableSample is the number of rows that a table keeps back to learn the
// widths and alignments of its columns.
const tableSample = 1000

// table draws a frame. After the sample its columns stay as they are; a cell
// that is longer widens its own row and is never cut.
//
// It drives tablewriter's renderer and leaves out its Table, which would
// upper-case headers, trim cells and hold all rows, and whose streams cut or
// wrap a cell that does not fit.
type table struct {
	o      Options
	null   string
	names  []string
	sample []provider.Row
	begun  bool // the sample is drawn

	widths []int // of columns, in cells, without padding
	align  []tw.Align
	frame  *renderer.Blueprint
	out    bytes.Buffer  // where frame writes
	line   tw.Formatting // of the line that is drawn, used again for each
}

// silent keeps the renderer from formatting debug messages that nobody reads,
// which takes two thirds of its time: a logger that is suspended returns first.
var silent = ll.New("").Suspend()

func newTable(o Options) encoder {
	t := &table{o: o, null: Harmless(o.null("NULL"))}
	t.frame = renderer.NewBlueprint(tw.Rendition{Symbols: tw.NewSymbols(tw.StyleASCII)})
	t.frame.Logger(silent)
	_ = t.frame.Start(&t.out) // keeps the writer; cannot fail
	t.line.Row.Widths = tw.NewMapper[int, int]()
	t.line.Row.Current = make(map[int]tw.CellContext)
	t.line.NormalizedWidths = t.line.Row.Widths
	return t
}

func (t *table) head(b []byte, names []string) []byte {
	t.names = make([]string, len(names))
	for i, name := range names {
		t.names[i] = Harmless(name)
	}
	return b
}

func (t *table) row(b []byte, row provider.Row) []byte {
	if t.begun {
		t.draw(row)
		return t.drawn(b)
	}
	if t.sample = append(t.sample, row); len(t.sample) < tableSample {
		return b
	}
	t.begin()
	return t.drawn(b)
}

func (t *table) tail(b []byte, complete bool) []byte {
	if !t.begun {
		t.begin()
	}
	if complete {
		t.rule(tw.LevelFooter, tw.LocationEnd)
	}
	return t.drawn(b)
}

// drawn moves what the frame has written to b.
func (t *table) drawn(b []byte) []byte {
	b = append(b, t.out.Bytes()...)
	t.out.Reset()
	return b
}

// begin measures the sample, then draws the header and the sample.
func (t *table) begin() {
	t.begun = true
	t.measure()
	t.rule(tw.LevelHeader, tw.LocationFirst)
	if !t.o.HideHeaders {
		t.cells(t.names, t.names, tw.Header)
		t.rule(tw.LevelHeader, tw.LocationMiddle)
	}
	for _, row := range t.sample {
		t.draw(row)
	}
	t.sample = nil
}

// measure sets widths and alignments. A column is aligned as numbers if every
// cell of the sample is one or NULL, and one is.
func (t *table) measure() {
	t.widths = make([]int, len(t.names))
	t.align = make([]tw.Align, len(t.names))
	for i := range t.names {
		if !t.o.HideHeaders {
			t.widths[i] = width(t.names[i])
		}
		numbers, texts := 0, 0
		for _, row := range t.sample {
			t.widths[i] = max(t.widths[i], width(t.text(row[i])))
			switch {
			case number(row[i]):
				numbers++
			case row[i] != nil:
				texts++
			}
		}
		t.align[i] = tw.AlignLeft
		if numbers > 0 && texts == 0 {
			t.align[i] = tw.AlignRight
		}
	}
}

// text returns a value as it is shown, without colour.
func (t *table) text(v any) string {
	if v == nil {
		return t.null
	}
	return Harmless(text(v))
}

func (t *table) draw(row provider.Row) {
	plain, shown := make([]string, len(row)), make([]string, len(row))
	for i, v := range row {
		plain[i] = t.text(v)
		shown[i] = plain[i]
		if v == nil && t.o.Color {
			shown[i] = dim(plain[i])
		}
	}
	t.cells(plain, shown, tw.Row)
}

// cells draws one line of cells. The renderer measures shown, by characters,
// and fills it up to the width it is given; ours is of plain, by what the
// terminal makes of it. The width is corrected by the difference.
func (t *table) cells(plain, shown []string, position tw.Position) {
	for i, cell := range shown {
		own := width(plain[i])
		t.line.Row.Widths.Set(i, max(t.widths[i], own)+twwidth.Width(cell)-own+len("  "))
		t.line.Row.Current[i] = tw.CellContext{Data: cell, Align: t.align[i], Padding: tw.Padding{Left: " ", Right: " "}}
	}
	t.line.Row.Position = position
	t.frame.Row(shown, t.line)
}

func (t *table) rule(level tw.Level, location tw.Location) {
	widths := tw.NewMapper[int, int]()
	for i, w := range t.widths {
		widths.Set(i, w+len("  "))
	}
	t.frame.Line(tw.Formatting{
		Row:              tw.RowContext{Position: tw.Row, Location: location, Widths: widths},
		Level:            level,
		NormalizedWidths: widths,
	})
}
