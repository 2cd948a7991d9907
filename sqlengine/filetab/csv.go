package filetab

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode"
)

// csvFile reads CSV. Every value is text, and an empty one is nil.
type csvFile struct {
	in      *input
	csv     *csv.Reader
	columns int
	end     int64 // of the last record
	last    int   // its last line
}

// newCSV reads the line of names, and counts the records if they are few.
func newCSV(in *input) (_ records, columns []string, rows int, err error) {
	head, err := in.head()
	if err != nil {
		return nil, nil, 0, err
	}
	if line, ok := oldLines(head); ok {
		return nil, nil, 0, in.errorf(1, "save it with the line ends of Unix or Windows", "the lines end in a bare carriage return: %.40q", line)
	}
	c := &csvFile{in: in, csv: csv.NewReader(in)}
	c.csv.FieldsPerRecord = -1
	c.csv.Comma = in.file.Delimiter
	delimiter, said := declared(head)
	switch {
	case c.csv.Comma != 0:
	case said:
		c.csv.Comma = delimiter
	default:
		c.csv.Comma = sniff(head)
	}
	rows = -1
	if len(head) < maxHead {
		rows = max(0, len(sample(head, c.csv.Comma))-1)
	}
	if said {
		rows = max(-1, rows-1)
		if _, _, err := c.read(); err != nil {
			return nil, nil, 0, err
		}
	}
	columns, err = c.header()
	return c, columns, rows, err
}

// oldLines finds text whose lines end as those of a Macintosh once did, which
// would be one long line.
func oldLines(head []byte) (first string, found bool) {
	line, _, found := bytes.Cut(head, []byte("\r"))
	rest := head[min(len(line)+1, len(head)):]
	return string(line), found && !bytes.ContainsRune(head, '\n') && len(rest) > 0
}

// header returns the names of the columns, without blanks and byte order marks
// round them: nobody sees a mark, and so nobody could write the name.
func (c *csvFile) header() ([]string, error) {
	names, line, err := c.read()
	if err == io.EOF {
		return nil, c.in.errorf(0, "", "the file has no line of names")
	}
	if err != nil {
		return nil, err
	}
	if len(names) > MaxColumns {
		return nil, c.in.errorf(line, "", "%d columns are too many: at most %d", len(names), MaxColumns)
	}
	c.columns = len(names)
	seen := map[string]int{}
	for i, name := range names {
		name = strings.TrimFunc(name, unseen)
		if name == "" {
			return nil, c.in.errorf(line, "give it a name, or take the column out", "column %d has no name", i+1)
		}
		if first, ok := seen[strings.ToLower(name)]; ok {
			return nil, c.in.errorf(line, "give them different names; upper and lower case are the same to SQL", "columns %d and %d are both called %s", first+1, i+1, name)
		}
		seen[strings.ToLower(name)] = i
		names[i] = name
	}
	return names, nil
}

func unseen(r rune) bool { return unicode.IsSpace(r) || string(r) == mark }

// next returns the next record.
func (c *csvFile) next() (Record, error) {
	cells, line, err := c.read()
	if err != nil {
		return Record{}, err
	}
	if len(cells) != c.columns {
		return Record{}, c.in.errorf(line, "", "%s for %s", count(len(cells), "value"), count(c.columns, "column"))
	}
	values := make([]any, len(cells))
	for i, cell := range cells {
		if cell != "" {
			values[i] = cell
		}
	}
	return Record{Line: line, Values: values}, nil
}

// read returns the cells of the next record, and where it begins.
func (c *csvFile) read() ([]string, int, error) {
	c.in.record()
	cells, err := c.csv.Read()
	if err != nil {
		return nil, 0, c.failed(err)
	}
	line, _ := c.csv.FieldPos(0)
	end := c.csv.InputOffset()
	if end-c.end > MaxRecord {
		return nil, 0, c.in.broken(line, errTooLong)
	}
	c.end = end
	for i, cell := range cells {
		at, _ := c.csv.FieldPos(i)
		if err := c.in.check(at, cell); err != nil {
			return nil, 0, err
		}
		c.last = at + strings.Count(cell, "\n")
	}
	return cells, line, nil
}

// failed returns the error of a record that could not be read.
func (c *csvFile) failed(err error) error {
	if err == io.EOF && c.in.err == nil {
		return io.EOF
	}
	e, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case c.in.err != nil && ok:
		return c.in.broken(e.StartLine, c.in.err)
	case c.in.err != nil:
		return c.in.broken(c.last+1, c.in.err)
	case !ok:
		return c.in.broken(c.last+1, err)
	case errors.Is(e.Err, csv.ErrBareQuote):
		return c.in.errorf(e.Line, `put the whole value in quotes, and write "" for each quote inside`, `a quote stands in a value that does not begin with one`)
	case e.StartLine != e.Line:
		return c.in.errorf(e.StartLine, `write "" for a quote inside of quotes`, `a quote opens here and is not closed as it should be, up to line %d`, e.Line)
	}
	return c.in.errorf(e.Line, `write "" for a quote inside of quotes`, `a quote is not closed, or something stands after it`)
}
