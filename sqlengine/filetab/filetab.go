// Package filetab reads the rows of files: CSV, JSON and JSON lines, also packed
// by gzip. It streams: a file of any length takes the memory of its largest
// record and of what its columns are found by.
//
//	r, err := filetab.Open(ctx, opener, filetab.File{Kind: filetab.CSV, Name: "roster.csv"})
//	for {
//		rec, err := r.Next() // io.EOF after the last
//		...
//	}
//	err = r.Close()
//
// Nothing is guessed about what stands in a file: text that is not UTF-8, a row
// with a value too many and a key that comes late are errors, with their line.
package filetab

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// Kind is the format of a file.
type Kind string

// The formats.
const (
	CSV   Kind = "csv"   // RFC 4180, divided by a comma or what is sniffed; the first line has the names
	JSON  Kind = "json"  // one array of objects
	JSONL Kind = "jsonl" // an object on each line
)

// Stdin is the name of standard input.
const Stdin = "-"

// File says which file to read, and how.
type File struct {
	Kind Kind
	Name string // as the person wrote it
	// Delimiter divides the values of CSV; 0 is to be sniffed.
	Delimiter rune
}

// Opener opens the files that statements may read. Open may be called from
// several goroutines, and several times for a name: the bytes are the same each
// time. Its error is an [*Error] where there is more to say than that it failed.
type Opener interface {
	Open(ctx context.Context, name string) (io.ReadCloser, error)
}

// Bounds of a file.
const (
	MaxRecord  = 1 << 20 // bytes of a record
	MaxColumns = 1999    // SQLite has 2,000, and one is the record's line
)

// Record is a row of a file.
type Record struct {
	Line   int   // where it begins, 1-based
	Values []any // string, int64, float64, bool or nil, one for each column
}

// Error is what is wrong with a file.
type Error struct {
	File File
	Line int    // 1-based; 0 where it is about the whole file
	Msg  string // without the file and the line
	Hint string // what to do about it, or ""
	Err  error  // the cause, or nil
}

// Error returns "roster.csv:17: 3 values for 4 columns".
func (e *Error) Error() string {
	name := e.File.Shown()
	if e.Line > 0 {
		name = fmt.Sprintf("%s:%d", name, e.Line)
	}
	return name + ": " + e.Msg
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Shown returns what to call the file.
func (f File) Shown() string {
	if f.Name == Stdin {
		return "<stdin>"
	}
	return f.Name
}

// records is a format: it returns one record after another, [io.EOF] after the
// last.
type records interface {
	next() (Record, error)
}

// Reader reads the records of a file, one after another.
type Reader struct {
	// Columns are the names of the file's columns, different in any letter case.
	Columns []string
	// Rows is how many records the file has, -1 if its end was not in sight when it
	// was opened.
	Rows int

	in      *input
	records records
}

// Open opens a file and finds its columns. The error is an [*Error], or that of
// the context.
func Open(ctx context.Context, from Opener, f File) (*Reader, error) {
	in, err := open(ctx, from, f)
	if err != nil {
		return nil, err
	}
	r := &Reader{in: in, Rows: -1}
	if err := r.start(); err != nil {
		_ = in.Close() // it was only read
		return nil, err
	}
	return r, nil
}

func (r *Reader) start() (err error) {
	switch r.in.file.Kind {
	case JSON, JSONL:
		r.records, r.Columns, r.Rows, err = newJSON(r.in)
	default:
		r.records, r.Columns, r.Rows, err = newCSV(r.in)
	}
	return err
}

// Next returns the next record, [io.EOF] after the last. The record is the
// caller's. Another error is an [*Error].
func (r *Reader) Next() (Record, error) { return r.records.next() }

// Close closes the file.
func (r *Reader) Close() error { return r.in.Close() }

// LineColumn returns the name for the column of line numbers: "line", with as
// many "_" before it as it takes to be no column of the file.
func LineColumn(columns []string) string {
	taken := map[string]bool{}
	for _, c := range columns {
		taken[strings.ToLower(c)] = true
	}
	name := "line"
	for taken[name] {
		name = "_" + name
	}
	return name
}
