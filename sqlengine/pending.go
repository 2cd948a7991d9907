package sqlengine

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/iql-lang/iql/provider"
)

// maxKept is how many rows of a change are kept in memory. Those after them wait in
// a file.
const maxKept = 1000

// pending is the rows of a change, in the order of its query: a change of a million
// rows takes no more memory than one of a thousand. The zero value has none.
type pending struct {
	kept []changed
	file *os.File // nil until there are more
	gone bool     // its name is gone already
	out  *bufio.Writer
	n    int
}

// pendingOf returns rows that are in memory already.
func pendingOf(rows []changed) *pending { return &pending{kept: rows, n: len(rows)} }

// waiting is a row in the file.
type waiting struct {
	Number int           `json:"n"`
	Args   provider.Args `json:"args"`
	Line   int           `json:"line,omitempty"`
	Before provider.Row  `json:"before,omitempty"`
}

// add adds a row.
func (p *pending) add(row changed) error {
	p.n++
	if p.n <= maxKept {
		p.kept = append(p.kept, row)
		return nil
	}
	if p.file == nil {
		if err := p.open(); err != nil {
			return err
		}
	}
	b, err := json.Marshal(waiting{Number: row.number, Args: row.args, Line: row.line, Before: row.before})
	if err != nil {
		return fmt.Errorf("row %d: %w", row.number, err)
	}
	_, err = p.out.Write(append(b, '\n'))
	return notKept(err)
}

// open makes the file. It says who is invited where, so it is its owner's only, and
// where a file that is open may lose its name, a process that is killed leaves none.
func (p *pending) open() (err error) {
	if p.file, err = os.CreateTemp("", "iql-rows-*"); err != nil {
		return notKept(err)
	}
	p.gone = os.Remove(p.file.Name()) == nil
	p.out = bufio.NewWriterSize(p.file, 64<<10)
	return nil
}

func notKept(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("keep the rows of the change until they are sent: %w", err)
}

// added ends the adding of rows. The error is that they are not all kept: then none
// must be sent.
func (p *pending) added() error {
	if p.file == nil {
		return nil
	}
	return notKept(p.out.Flush())
}

// all returns the rows, or the error that ends them. It may be asked again, once
// all are added.
func (p *pending) all() iter.Seq2[changed, error] {
	return func(yield func(changed, error) bool) {
		for _, row := range p.kept {
			if !yield(row, nil) {
				return
			}
		}
		if p.file == nil {
			return
		}
		in := json.NewDecoder(bufio.NewReaderSize(io.NewSectionReader(p.file, 0, 1<<62), 64<<10))
		for range p.n - len(p.kept) {
			var w waiting
			if err := in.Decode(&w); err != nil {
				yield(changed{}, notKept(err))
				return
			}
			if !yield(changed{number: w.Number, args: w.Args, line: w.Line, before: w.Before}, nil) {
				return
			}
		}
	}
}

// close removes the file.
func (p *pending) close() error {
	switch {
	case p.file == nil:
		return nil
	case p.gone:
		return p.file.Close()
	}
	return errors.Join(p.file.Close(), os.Remove(p.file.Name()))
}
