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
// how wide its columns are. The formats are part of iql's interface: what a
// program reads does not change within a major version. [WriteProblem] shows
// an error, with the place it is about.
//
// The package is the only importer of tablewriter.
package output

import (
	"io"

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
	// Terminal says that a person's terminal shows the bytes: characters that
	// would steer it are replaced in every format. Tables and line, which no
	// program reads, replace them always.
	Terminal bool
}

// null returns what stands for NULL in a format whose own word is own.
func (o Options) null(own string) string {
	if o.Null != nil {
		return *o.Null
	}
	return own
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

// NewPrinter returns a Printer that writes to w. Bytes may stay with it for a
// moment; [Printer.Flush] sends them on.
func NewPrinter(w io.Writer, o Options) *Printer {
	if o.Format == nil {
		o.Format = &formats[0]
	}
	if o.Delimiter == 0 {
		o.Delimiter = ','
	}
	return &Printer{w: newLazyWriter(w), o: o}
}

// Result returns the writer of the next statement. Results are used one after
// another.
func (p *Printer) Result() *Result {
	return &Result{p: p, enc: p.o.Format.encoder(p.o)}
}

// Flush writes what is held back and waits for it. The error is the first that
// the stream gave; it is also the error of every later call.
func (p *Printer) Flush() error { return p.w.Flush() }

// Err returns the error of the stream, if it had one.
func (p *Printer) Err() error { return p.w.Err() }

// Result writes the result of one statement. It is a [sqlengine.RowWriter].
type Result struct {
	p       *Printer
	enc     encoder
	names   []string
	notices []string
	begun   bool // the encoder has begun
	written bool // something was written
	buf     []byte
}

// Columns sets the names of the columns. Nothing is written before there is a
// row or the end: a statement that fails at once leaves no header behind.
func (r *Result) Columns(columns []sqlengine.Column) error {
	r.names = make([]string, len(columns))
	for i, c := range columns {
		r.names[i] = c.Name
	}
	if r.p.o.Format.keyed {
		r.names, r.notices = unique(r.names)
	}
	return r.p.Err()
}

// Row writes a row.
func (r *Result) Row(row provider.Row) error {
	r.buf = r.enc.row(r.begin(r.buf[:0]), row)
	return r.write()
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
// written.
func (r *Result) Notices() []string { return r.notices }

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
		if r.p.results++; r.p.results > 1 {
			r.buf = append([]byte(r.p.o.Format.between), r.buf...)
		}
	}
	_, err := r.p.w.Write(r.buf)
	return err
}
