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
// that is longer widens its own row. Cells are cut only where the table would
// be wider than [Options.MaxWidth].
//
// It drives tablewriter's renderer and leaves out its Table, which would
// upper-case headers, trim cells and hold all rows, and whose streams cut or
// wrap a cell that does not fit.
type table struct {
	o      Options
	style  drawing
	null   string
	names  []string
	sample []provider.Row
	begun  bool // the sample is drawn
	rows   int  // that are drawn

	widths []int // of columns, in cells, without padding
	align  []tw.Align
	cut    []bool // of columns: something was cut in it
	frame  *renderer.Blueprint
	out    bytes.Buffer  // where frame writes
	line   tw.Formatting // of the line that is drawn, used again for each
	cells  []cell        // of that line
	own    []int         // their widths, then the line's
}

// cell is a cell of the line that is drawn.
type cell struct {
	text  string
	paint string // the escape of its colour; "" for none
	align tw.Align
}

// silent keeps the renderer from formatting debug messages that nobody reads,
// which takes two thirds of its time: a logger that is suspended returns first.
var silent = ll.New("").Suspend()

func newTable(o Options) encoder {
	t := &table{o: o, style: o.drawing()}
	t.null = Harmless(o.null(t.style.null))
	t.frame = renderer.NewBlueprint(tw.Rendition{Symbols: t.style.symbols})
	t.frame.Logger(silent)
	_ = t.frame.Start(&t.out) // keeps the writer; cannot fail
	t.line.Row.Widths = tw.NewMapper[int, int]()
	t.line.Row.Current = make(map[int]tw.CellContext)
	t.line.NormalizedWidths = t.line.Row.Widths
	return t
}

func newBox(o Options) encoder {
	o.Style = StyleBox
	return newTable(o)
}

func (t *table) head(b []byte, names []string) []byte {
	t.names = make([]string, len(names))
	for i, name := range names {
		t.names[i] = Harmless(name)
	}
	t.cells, t.own = make([]cell, len(names)), make([]int, len(names))
	t.cut = make([]bool, len(names))
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
	// In a ruled table the rule under the header is also the last one if no row
	// came.
	if complete && (!t.style.ruled || t.rows > 0) {
		t.rule(tw.LevelFooter, tw.LocationEnd)
	}
	return t.drawn(b)
}

// notices says what was cut.
func (t *table) notices() []string {
	var names []string
	for i, cut := range t.cut {
		if cut {
			names = append(names, t.names[i])
		}
	}
	if names == nil {
		return nil
	}
	return []string{cutNotice(names, t.o.MaxWidth)}
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
	if t.natural(t.sample) > t.o.MaxWidth && t.o.MaxWidth > 0 {
		t.widths = shares(t.widths, t.o.MaxWidth-frameWidth(len(t.widths)))
	}
	t.rule(tw.LevelHeader, tw.LocationFirst)
	if !t.o.HideHeaders {
		t.drawHeader()
		t.rule(tw.LevelHeader, tw.LocationMiddle)
	}
	for _, row := range t.sample {
		t.draw(row)
	}
	t.sample = nil
}

// natural sets widths and alignments by rows, and returns how wide the table is
// if nothing is cut. A column is aligned as numbers if every cell is one or
// NULL, and one is.
func (t *table) natural(rows []provider.Row) int {
	t.widths = make([]int, len(t.names))
	t.align = make([]tw.Align, len(t.names))
	for i := range t.names {
		if !t.o.HideHeaders {
			t.widths[i] = width(t.names[i])
		}
		numbers, texts := 0, 0
		for _, row := range rows {
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
	return across(t.widths)
}

// frameWidth is how many cells of a line with n columns are not of their text.
func frameWidth(n int) int { return n*len(" | ") + len("|") }

// across is how many cells a line with columns of these widths takes.
func across(widths []int) int {
	all := frameWidth(len(widths))
	for _, w := range widths {
		all += w
	}
	return all
}

// text returns a value as it is shown, without colour.
func (t *table) text(v any) string {
	if v == nil {
		return t.null
	}
	return Harmless(text(v))
}

func (t *table) drawHeader() {
	for i, name := range t.names {
		t.cells[i] = cell{text: name, align: t.align[i]}
		if t.style.centered {
			t.cells[i].align = tw.AlignCenter
		}
		if t.o.Color {
			t.cells[i].paint = bold
		}
	}
	t.drawCells(tw.Header)
}

func (t *table) draw(row provider.Row) {
	if t.style.ruled && t.rows > 0 {
		t.rule(tw.LevelBody, tw.LocationMiddle)
	}
	t.rows++
	for i, v := range row {
		c := cell{text: t.text(v), align: t.align[i]}
		if v == nil && t.o.Color {
			c.paint = faint
		}
		if t.style.byLook {
			c.align = tw.AlignLeft
			if v != nil && looksNumeric(c.text) {
				c.align = tw.AlignRight
			}
		}
		t.cells[i] = c
	}
	t.drawCells(tw.Row)
}

// drawCells draws the line of cells. The renderer measures them, by characters,
// and fills them up to the width it is given; ours is of their text without
// colour, by what the terminal makes of it. The width is corrected by the
// difference.
func (t *table) drawCells(position tw.Position) {
	room := t.room()
	for i, c := range t.cells {
		text := c.text
		if t.o.MaxWidth > 0 {
			var cut bool
			text, cut = t.o.cut(text, room[i])
			t.cut[i] = t.cut[i] || cut
		}
		shown := text
		if c.paint != "" {
			shown = c.paint + text + reset
		}
		t.line.Row.Widths.Set(i, room[i]+twwidth.Width(shown)-width(text)+len("  "))
		t.line.Row.Current[i] = tw.CellContext{Data: shown, Align: c.align, Padding: tw.Padding{Left: " ", Right: " "}}
	}
	t.line.Row.Position = position
	t.frame.Row(nil, t.line)
}

// room returns the widths of the line of cells: of the columns, and more where a
// cell needs it, unless the line would be too long.
func (t *table) room() []int {
	for i, c := range t.cells {
		t.own[i] = max(t.widths[i], width(c.text))
	}
	if t.o.MaxWidth > 0 && across(t.own) > t.o.MaxWidth {
		return t.widths
	}
	return t.own
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
