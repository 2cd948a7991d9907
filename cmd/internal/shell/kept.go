package shell

import (
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

// How many rows of the last result are kept, and about how many bytes of them.
const (
	keptRows  = 10_000
	keptBytes = 64 << 20
)

// kept is a result that can be shown again. It is a [sqlengine.RowWriter] that
// takes no more than there is room for.
type kept struct {
	columns []sqlengine.Column
	rows    []provider.Row
	bytes   int
	left    int // rows that had no room
}

// Columns keeps the columns.
func (k *kept) Columns(columns []sqlengine.Column) error {
	k.columns = columns
	return nil
}

// Row keeps a row if there is room for it.
func (k *kept) Row(row provider.Row) error {
	size := 0
	for _, v := range row {
		const word = 16 // of an interface
		size += word
		switch v := v.(type) {
		case string:
			size += len(v)
		case []byte:
			size += len(v)
		}
	}
	if k.left > 0 || len(k.rows) == keptRows || k.bytes+size > keptBytes {
		k.left++
		return nil
	}
	k.bytes += size
	k.rows = append(k.rows, row)
	return nil
}

// write writes the result to another.
func (k *kept) write(w sqlengine.RowWriter) error {
	if err := w.Columns(k.columns); err != nil {
		return err
	}
	for _, row := range k.rows {
		if err := w.Row(row); err != nil {
			return err
		}
	}
	return nil
}
