package vtab

import (
	"io"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/sqlengine/filetab"
)

// fileCursor reads a file, again for each xFilter.
type fileCursor struct {
	table *fileTable
	from  *filetab.Reader // while it streams
	rows  []int32         // of table.kept that were found,
	all   bool            // or all of them
	next  int             // index in rows, or in all
	row   filetab.Record  // the current row
	id    int64           // its row id, counted from 1
	over  bool
}

// Open is xOpen.
func (t *fileTable) Open() (sqlite3.VTabCursor, error) {
	c := &fileCursor{table: t}
	t.open[c] = true
	return c, nil
}

// Close is xClose.
func (c *fileCursor) Close() error {
	delete(c.table.open, c)
	return c.forget()
}

// forget ends the reading under way.
func (c *fileCursor) forget() (err error) {
	if c.from != nil {
		err = c.from.Close()
	}
	*c = fileCursor{table: c.table}
	return err
}

// Filter is xFilter.
func (c *fileCursor) Filter(idxNum int, _ string, values ...sqlite3.Value) error {
	if err := c.forget(); err != nil {
		return err
	}
	if err := c.table.reread(idxNum); err != nil {
		return c.table.db.fail(err)
	}
	kept := c.table.kept
	switch {
	case kept == nil:
		from, err := filetab.Open(c.table.db.ctx, c.table.db.opts.Files, c.table.file.File)
		if err != nil {
			return c.table.db.fail(err)
		}
		c.from = from
	case idxNum == 0:
		c.all = true
	default:
		c.rows, c.all = kept.find(c.table.lookups[idxNum-1], values[0])
	}
	return c.Next()
}

// reread counts the readings of the file, and keeps it where it is worth it.
func (t *fileTable) reread(idxNum int) error {
	t.read++
	if t.kept != nil || t.large || t.read == 1 && idxNum == 0 {
		return nil
	}
	var err error
	t.kept, err = t.keep()
	t.large = t.kept == nil
	return err
}

// Next is xNext.
func (c *fileCursor) Next() error {
	if c.from == nil {
		c.step()
		return nil
	}
	row, err := c.from.Next()
	if err == io.EOF {
		c.over = true
		return nil
	}
	if err != nil {
		return c.table.db.fail(err)
	}
	c.row = row
	c.id++
	return nil
}

// step goes to the next of the rows that are kept.
func (c *fileCursor) step() {
	kept := c.table.kept.records
	at := c.next
	c.next++
	switch {
	case c.all && at < len(kept):
	case !c.all && at < len(c.rows):
		at = int(c.rows[at])
	default:
		c.over = true
		return
	}
	c.row, c.id = kept[at], int64(at)+1
}

// EOF is xEof.
func (c *fileCursor) EOF() bool { return c.over }

// Column is xColumn.
func (c *fileCursor) Column(ctx sqlite3.Context, n int) error {
	if n >= len(c.row.Values) {
		ctx.ResultInt(c.row.Line)
		return nil
	}
	return result(ctx, c.row.Values[n])
}

// RowID is xRowid.
func (c *fileCursor) RowID() (int64, error) { return c.id, nil }
