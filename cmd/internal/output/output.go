// Package output writes the results of statements, and the problems they ran
// into, for people and for programs.
//
// A [Printer] writes to one stream in one [Format]; it gives each statement a
// [Result], which is the statement's [sqlengine.RowWriter]:
//
//	p := output.NewPrinter(os.Stdout, output.Options{})
//	r := p.Result()
//	_, err := session.Run(ctx, source, r)
//	if err != nil {
//		r.Abort()
//	} else {
//		r.Close()
//	}
//	p.Flush()
//
// Rows leave as they come; only a table keeps its first 1,000 back, to learn
// how wide its columns are, and a chart its first 100, whose scale is that of
// all. The formats are part of iql's interface: what a program reads does not
// change within a major version. [ProblemText] and [ProblemJSON] show an error,
// with the place it is about.
//
// Options belong to a result: [Printer.Set] changes those of the results that
// follow. What was written once is written otherwise by giving its columns and
// rows, which may be kept, to another Result.
//
// The package is the only importer of tablewriter.
package output

import (
	"cmp"
	"io"
	"strings"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

// Options say how rows are written. The zero value is a table.
type Options struct {
	Format      *Format // nil is the table
	HideHeaders bool    // no line of column names
	Delimiter   rune    // between the cells of csv and text; 0 is a comma
	Null        *string // stands for NULL; nil is the format's own. JSON and YAML have a null of their own
	Color       bool    // the terminal shows colours
	Style       Style   // of tables; box has its own
	Expanded    Expanded
	// Width is how many cells a line of the terminal has; 0 is not known, and then
	// ExpandedAuto is ExpandedOff.
	Width int
	// MaxWidth is how many cells a line of a table may have; 0 is any number.
	// Longer cells are cut, which [Result.Notices] tells.
	MaxWidth int
	CSVBOM   bool // csv begins with a byte order mark, unless a terminal shows it
	CSVCRLF  bool // lines of csv end with CRLF
	CSVSafe  bool // text of csv that a spreadsheet would take for a formula has a ' before it
	ASCII    bool // what is drawn is of ASCII: the terminal shows no UTF-8
	// Terminal says that a person's terminal shows the bytes: characters that
	// would steer it are replaced in every format. Tables and line, which no
	// program reads, replace them always.
	Terminal bool
	// Mark, if there is one, is asked of every row of a result, in order: the column
	// "new" before the others has a * where it says so.
	Mark func(provider.Row) bool
}

// null returns what stands for NULL in a format whose own word is own.
func (o Options) null(own string) string {
	if o.Null != nil {
		return *o.Null
	}
	return own
}

// NullFits reports whether what stands for NULL ends no cell of the format: csv and
// tsv have it without quotes.
func (o Options) NullFits() bool {
	if o.Null == nil || o.Format == nil {
		return true
	}
	ends := ""
	switch o.Format.Name {
	case "csv":
		ends = string(cmp.Or(o.Delimiter, ',')) + "\"\r\n"
	case "tsv":
		ends = "\t\r\n"
	}
	return !strings.ContainsAny(*o.Null, ends)
}

// text returns a value as a cell of a text format, null for NULL.
func (o Options) text(v any, null string) string {
	if v == nil {
		return null
	}
	return o.safe(text(v))
}

// safe returns s, made harmless if a terminal will show it.
func (o Options) safe(s string) string {
	if o.Terminal {
		return harmless(s, lineBreaks)
	}
	return s
}

// encoder turns one result into bytes, which it appends to b. head comes
// before the first row, or before tail if there is none.
type encoder interface {
	head(b []byte, names []string) []byte
	row(b []byte, row provider.Row) []byte
	// tail ends the result. One that is not complete is left open where the
	// format allows it, so that nobody takes it for the whole.
	tail(b []byte, complete bool) []byte
}

// Printer writes results to a stream, one after another.
type Printer struct {
	w       *lazyWriter
	o       Options
	results int // that wrote something
}

// picky is an encoder of a format that cannot show every result. Its errors are
// [ErrShape]; it writes nothing before its tail.
type picky interface {
	columns(names []string) error
	check(row provider.Row, names []string) error
}

// NewPrinter returns a Printer that writes to w. Bytes may stay with it for a
// moment; [Printer.Flush] sends them on.
func NewPrinter(w io.Writer, o Options) *Printer {
	p := &Printer{w: newLazyWriter(w)}
	p.Set(o)
	return p
}

// Set changes how later results are written. One that has begun stays as it is.
func (p *Printer) Set(o Options) {
	if o.Format == nil {
		o.Format = &formats[0]
	}
	if o.Delimiter == 0 {
		o.Delimiter = ','
	}
	if o.Format.framed && o.Expanded == ExpandedOn {
		o.Format, _ = ParseFormat("line")
	}
	p.o = o
}

// Result returns the writer of the next statement. Results are used one after
// another.
func (p *Printer) Result() *Result {
	r := &Result{p: p, o: p.o}
	if p.o.Format.framed && p.o.Expanded == ExpandedAuto && p.o.Width > 0 {
		r.enc = &expanding{o: p.o}
	} else {
		r.enc = p.o.Format.encoder(p.o)
	}
	r.picky, _ = r.enc.(picky)
	return r
}

// Flush writes what is held back and waits for it. The error is the first that
// the stream gave; it is also the error of every later call.
func (p *Printer) Flush() error { return p.w.Flush() }

// Err returns the error of the stream, if it had one.
func (p *Printer) Err() error { return p.w.Err() }

// Result writes the result of one statement. It is a [sqlengine.RowWriter].
type Result struct {
	p       *Printer
	o       Options
	enc     encoder
	picky   picky // enc, if it is one
	names   []string
	notices []string
	begun   bool // the encoder has begun
	written bool // something was written
	buf     []byte
}

// Columns sets the names of the columns. Nothing is written before there is a
// row or the end: a statement that fails at once leaves no header behind. The
// error is that of the stream, or [ErrShape].
func (r *Result) Columns(columns []sqlengine.Column) error {
	r.names = make([]string, 0, len(columns)+1)
	if r.o.Mark != nil {
		r.names = append(r.names, "new")
	}
	for _, c := range columns {
		r.names = append(r.names, c.Name)
	}
	if r.o.Format.keyed {
		r.names, r.notices = unique(r.names)
	}
	if r.picky != nil {
		if err := r.picky.columns(r.names); err != nil {
			return r.misfit(err)
		}
	}
	return r.p.Err()
}

// Row writes a row. The error is that of the stream, or [ErrShape].
func (r *Result) Row(row provider.Row) error {
	if r.o.Mark != nil {
		mark := ""
		if r.o.Mark(row) {
			mark = "*"
		}
		row = append(provider.Row{mark}, row...)
	}
	if r.picky != nil {
		if err := r.picky.check(row, r.names); err != nil {
			return r.misfit(err)
		}
	}
	r.buf = r.enc.row(r.begin(r.buf[:0]), row)
	return r.write()
}

// misfit takes note that the format cannot show the result: nothing of it is
// written, whatever it ends with.
func (r *Result) misfit(err error) error {
	r.names, r.begun = nil, false
	return err
}

// Close ends the result of a statement that was done.
func (r *Result) Close() error {
	if r.names == nil {
		return r.p.Err()
	}
	r.buf = r.enc.tail(r.begin(r.buf[:0]), true)
	return r.write()
}

// Abort ends the result of a statement that failed: the rows that came are
// written, and nothing that would make them look like all.
func (r *Result) Abort() error {
	if !r.begun {
		return r.p.Err()
	}
	r.buf = r.enc.tail(r.buf[:0], false)
	return r.write()
}

// Notices returns what the reader should know about how the result was
// written. They are complete when it is closed.
func (r *Result) Notices() []string {
	if of, ok := r.enc.(interface{ notices() []string }); ok {
		return append(r.notices, of.notices()...)
	}
	return r.notices
}

func (r *Result) begin(b []byte) []byte {
	if r.begun {
		return b
	}
	r.begun = true
	return r.enc.head(b, r.names)
}

func (r *Result) write() error {
	if len(r.buf) == 0 {
		return r.p.Err()
	}
	if !r.written {
		r.written = true
		r.p.results++
		r.buf = append([]byte(r.before()), r.buf...)
	}
	_, err := r.p.w.Write(r.buf)
	return err
}

// before returns what stands before the result.
func (r *Result) before() string {
	if r.p.results > 1 {
		return r.between()
	}
	if r.o.Format.marked && r.o.CSVBOM && !r.o.Terminal {
		return "\ufeff"
	}
	return ""
}

// between returns what divides the result from the one before.
func (r *Result) between() string {
	if of, ok := r.enc.(*expanding); ok {
		return of.between()
	}
	return r.o.Format.between
}
