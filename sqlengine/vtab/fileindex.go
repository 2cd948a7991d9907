package vtab

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/filetab"
)

// maxKept is how much of a file is kept, in bytes of its values and what it takes
// to hold them. A larger one is read anew each time.
const maxKept = 512 << 20

// kept are the rows of a file in memory.
type kept struct {
	records []filetab.Record
	indexes map[int]*index // by column
}

// index finds the rows that have a value in a column. It may find more than
// those: SQLite tests each.
type index struct {
	texts   map[string][]int32
	numbers map[float64][]int32
	floats  []int32                      // whose text only SQLite knows
	named   map[*registry.Column][]int32 // that have another name for a value of the column
}

// keep reads the file into memory; nil if it is too large.
func (t *fileTable) keep() (_ *kept, err error) {
	r, err := filetab.Open(t.db.ctx, t.db.opts.Files, t.file.File)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	k := &kept{indexes: map[int]*index{}}
	for size := 0; size < t.db.maxKept && len(k.records) < math.MaxInt32; {
		row, err := r.Next()
		if err == io.EOF {
			return k, nil
		}
		if err != nil {
			return nil, err
		}
		k.records = append(k.records, row)
		size += weight(row)
		if len(k.records)%1000 == 0 && t.db.ctx.Err() != nil {
			return nil, context.Cause(t.db.ctx)
		}
	}
	return nil, nil
}

// weight returns about how many bytes a row takes.
func weight(row filetab.Record) int {
	n := 40
	for _, v := range row.Values {
		n += 32
		if s, ok := v.(string); ok {
			n += len(s)
		}
	}
	return n
}

// find returns the rows that may have a value; all says that each may.
func (k *kept) find(by lookup, v sqlite3.Value) (rows []int32, all bool) {
	x := k.index(by.column)
	switch v.Type() {
	case sqlite3.NULL:
		return nil, false
	case sqlite3.TEXT:
		return k.findText(x, by, v.Text())
	case sqlite3.INTEGER, sqlite3.FLOAT:
		return x.numbers[v.Float()], by.collation != nil
	}
	return nil, true
}

// findText is find for a text. What another name is compared with is for SQLite
// to see ([DB.compare]).
func (k *kept) findText(x *index, by lookup, text string) (rows []int32, all bool) {
	switch rows = slices.Concat(x.texts[text], x.floats); {
	case by.collation == nil:
		return rows, false
	case by.collation.OtherName(text):
		return nil, true
	case by.collation.Alias(text):
		return rows, false
	}
	return append(rows, k.others(x, by)...), false
}

// index returns the index of a column.
func (k *kept) index(column int) *index {
	if x := k.indexes[column]; x != nil {
		return x
	}
	x := &index{texts: map[string][]int32{}, numbers: map[float64][]int32{}, named: map[*registry.Column][]int32{}}
	for i, record := range k.records {
		x.add(int32(i), record.Values[column])
	}
	k.indexes[column] = x
	return x
}

// add adds a value of a row under the texts and the numbers that it may be equal
// to, whatever SQLite converts.
func (x *index) add(row int32, value any) {
	switch v := value.(type) {
	case string:
		x.texts[v] = append(x.texts[v], row)
		n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		if err == nil || errors.Is(err, strconv.ErrRange) {
			x.numbers[n] = append(x.numbers[n], row)
		}
	case int64:
		text := strconv.FormatInt(v, 10)
		x.texts[text] = append(x.texts[text], row)
		x.numbers[float64(v)] = append(x.numbers[float64(v)], row)
	case bool:
		n := int64(0)
		if v {
			n = 1
		}
		x.add(row, n)
	case float64:
		x.floats = append(x.floats, row)
		x.numbers[v] = append(x.numbers[v], row)
	}
}

// others returns the rows with another name for a value of the lookup's column.
func (k *kept) others(x *index, by lookup) []int32 {
	rows, ok := x.named[by.collation]
	if ok {
		return rows
	}
	for i, record := range k.records {
		if text, ok := record.Values[by.column].(string); ok && by.collation.OtherName(text) {
			rows = append(rows, int32(i))
		}
	}
	x.named[by.collation] = rows
	return rows
}
