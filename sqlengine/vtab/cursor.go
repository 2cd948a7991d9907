package vtab

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
)

// cursor reads a table by one access, again for each xFilter.
type cursor struct {
	table  *table
	access *access

	asked []provider.Args // the calls, in order
	made  []*answer       // those that were made ahead, by the same index
	call  int             // index of the current one
	from  *answer         // its answer
	page  int             // index of the next page in it
	rows  []provider.Row  // of the current page
	next  int             // index of the next row in it
	row   provider.Row    // the current row, nil after the last
	seen  map[string]bool // keys of rows that came, where two calls may return the same

	method  *registry.Method // what is called: that of the access, or what lists its rows
	member  int              // where it lists them, the column that the access asks for,
	members map[string]bool  // and its values; nil for no list
}

// Open is xOpen.
func (t *table) Open() (sqlite3.VTabCursor, error) { return &cursor{table: t}, nil }

// Close is xClose.
func (c *cursor) Close() error {
	c.forget()
	return nil
}

// Filter is xFilter: it starts to read the rows for these arguments.
func (c *cursor) Filter(idxNum int, _ string, values ...sqlite3.Value) error {
	c.forget()
	c.access = c.table.db.accesses[idxNum]
	lists := make([][]string, len(values))
	other := false
	for i, v := range values {
		var err error
		if lists[i], err = c.access.params[i].values(v); err != nil {
			return c.table.db.fail(err)
		}
		p := c.access.params[i]
		other = other || p.in && p.column.Input || slices.ContainsFunc(lists[i], p.column.Alias)
		if p.in && p.column.Canonical != "" {
			c.table.db.mixed.listed(lists[i])
		}
	}
	c.table.db.mixed.moved()
	c.choose(lists)
	c.call, c.row, c.seen = 0, nil, nil
	if other && len(c.asked) > 1 {
		c.seen = map[string]bool{}
	}
	return c.advance()
}

// manyMembers is from how many rows on that are read one by one a list is
// thought to cost less.
const manyMembers = 4

// choose makes the calls for the lists of values: those of the access, or one that
// lists all rows where many are asked for by their names as rows show them.
func (c *cursor) choose(lists [][]string) {
	c.method, c.members = c.access.method, nil
	listed := c.access.method.Listed
	if listed != nil {
		for i, p := range c.access.params {
			if slices.Contains(listed.Needs[0], p.column.Name) || len(lists[i]) < manyMembers || slices.ContainsFunc(lists[i], p.column.Alias) {
				continue
			}
			c.method, c.member, c.members = listed, p.index, map[string]bool{}
			for _, value := range lists[i] {
				c.members[value] = true
			}
			lists[i] = nil
		}
	}
	c.asked = c.access.calls(lists)
}

// done is SQLITE_DONE, which ends a list of IN; the library has no name for it.
const done = sqlite3.ErrorCode(101)

// values returns the values that an argument of xFilter stands for: texts
// without repetition, none for those that no row has: NULL and blobs, and what
// is none of the values of the column.
func (p param) values(v sqlite3.Value) ([]string, error) {
	out := []string{}
	var err error
	seen := map[string]bool{}
	add := func(v sqlite3.Value) {
		if t := v.Type(); t == sqlite3.NULL || t == sqlite3.BLOB {
			return
		}
		if v.Type() == sqlite3.FLOAT && math.Abs(v.Float()) >= 1<<53 {
			err = &Error{Kind: Other, Offset: -1, Msg: fmt.Sprintf("%s is compared with the number %s, which has lost digits: write it in quotes", p.column.Name, v.Text())}
			return
		}
		text := v.Text()
		if seen[text] || len(p.column.Enum) > 0 && !slices.Contains(p.column.Enum, text) {
			return
		}
		seen[text] = true
		out = append(out, text)
	}
	if !p.in {
		add(v)
		return out, err
	}
	item, end := v.InFirst()
	for ; end == nil; item, end = v.InNext() {
		add(item)
	}
	if !errors.Is(end, done) {
		return nil, end
	}
	return out, err
}

// calls returns the arguments of every call: all combinations of the lists. A nil
// list is no argument.
func (a *access) calls(lists [][]string) []provider.Args {
	out := []provider.Args{{}}
	for i, list := range lists {
		if list == nil {
			continue
		}
		var next []provider.Args
		for _, args := range out {
			for _, v := range list {
				more := provider.Args{a.params[i].column.Name: v}
				for name, value := range args {
					more[name] = value
				}
				next = append(next, more)
			}
		}
		out = next
	}
	return out
}

// Next is xNext.
func (c *cursor) Next() error {
	c.table.db.mixed.moved()
	return c.advance()
}

// advance goes on to the next row.
func (c *cursor) advance() error {
	for c.call < len(c.asked) {
		row, err := c.read()
		if err != nil {
			return c.table.db.fail(err)
		}
		if row == nil {
			c.release()
			c.call++
			continue
		}
		if c.matches(row) && c.first(row) {
			c.row = row
			return nil
		}
	}
	c.row = nil
	return nil
}

// read returns the next row of the current call, nil after the last.
func (c *cursor) read() (provider.Row, error) {
	db := c.table.db
	if db.scout != nil {
		return c.glimpse()
	}
	if c.from == nil {
		if err := c.ask(); err != nil {
			return nil, err
		}
	}
	for c.next >= len(c.rows) {
		db.patience(c.from, c.page)
		rows, ok, err := c.from.page(c.page)
		switch {
		case db.ctx.Err() != nil:
			return nil, context.Cause(db.ctx)
		case err != nil && !c.absent(err):
			return nil, callFailed(c.from, err)
		case !ok:
			return nil, nil
		}
		c.rows, c.next = rows, 0
		c.page++
	}
	c.next++
	return c.rows[c.next-1], nil
}

// ask takes up the answer of the current call, and makes calls that come after
// it as far as the window has room.
func (c *cursor) ask() error {
	s := c.table.db.answers
	several := len(c.asked) > 1
	if several && c.made == nil {
		c.made = make([]*answer, len(c.asked))
	}
	if several {
		c.from = c.made[c.call]
	}
	if c.from == nil {
		a, err := s.ask(c.method, c.asked[c.call], several || c.access.depends())
		if err != nil {
			return err
		}
		c.from = a
	}
	c.page, c.rows, c.next = 0, nil, 0
	for i := c.call + 1; i < len(c.made); i++ {
		if c.made[i] != nil {
			continue
		}
		a, full := s.start(c.method, c.asked[i])
		if full {
			break
		}
		c.made[i] = a
	}
	return nil
}

// glimpse returns the next row of the current call as far as it is there. A call
// that depends on other rows is made, and if its answer is not there yet, it has
// no rows this time.
func (c *cursor) glimpse() (provider.Row, error) {
	db := c.table.db
	depends := len(c.asked) > 1 || c.access.depends()
	if c.from == nil {
		a, full := db.answers.start(c.method, c.asked[c.call])
		if full {
			return nil, errFull
		}
		c.from, c.page, c.rows, c.next = a, 0, nil, 0
		if depends && !db.scout.worth(a) {
			return nil, nil
		}
	}
	for c.next >= len(c.rows) {
		rows, ok, err := c.from.glimpse(c.page, !depends)
		if err != nil || !ok {
			return nil, db.answers.ctx.Err() // the statement itself tells of errors
		}
		c.rows, c.next = rows, 0
		c.page++
	}
	c.next++
	return c.rows[c.next-1], nil
}

// absent reports whether the failure of a call means that there is no such
// row: the method reads by key, and its code is among those that the registry
// has for it. A code that can also mean a refusal does so where the statement
// itself names the key; where the key comes from another row, the person is
// told with the rows.
func (c *cursor) absent(err error) bool {
	code := provider.CodeOf(err)
	if !slices.Contains(c.access.method.Absent, code.String()) {
		return false
	}
	if code == provider.NotFound {
		return true
	}
	if !c.from.of.keep || !slices.ContainsFunc(c.access.params, func(p param) bool { return !p.known }) {
		return false // the statement reads nothing else: it has the key itself
	}
	c.from.notice(code)
	return true
}

// matches tests a row where SQLite does not: a value that was asked for by the
// name that rows show must be the row's.
func (c *cursor) matches(row provider.Row) bool {
	if c.members != nil {
		if shown, ok := row[c.member].(string); !ok || !c.members[shown] {
			return false
		}
	}
	args := c.asked[c.call]
	for _, p := range c.access.params {
		if !p.trusted || p.index >= len(row) || row[p.index] == nil {
			continue
		}
		asked, ok := args[p.column.Name]
		if ok && !p.column.Alias(asked) && row[p.index] != asked {
			return false
		}
	}
	return true
}

// first reports whether the row comes for the first time.
func (c *cursor) first(row provider.Row) bool {
	if c.seen == nil {
		return true
	}
	var key string
	for _, i := range c.table.key {
		key += fmt.Sprintf("%q", row[i])
	}
	if c.seen[key] {
		return false
	}
	c.seen[key] = true
	return true
}

// release lets go of the current answer.
func (c *cursor) release() {
	if c.from == nil {
		return
	}
	if c.table.db.scout == nil {
		c.from.release()
	}
	if c.made != nil {
		c.made[c.call] = nil
	}
	c.from, c.rows = nil, nil
}

// forget lets go of all answers.
func (c *cursor) forget() {
	c.release()
	for _, a := range c.made {
		if a != nil {
			a.release()
		}
	}
	c.made = nil
}

// EOF is xEof.
func (c *cursor) EOF() bool { return c.row == nil }

// Column is xColumn.
func (c *cursor) Column(ctx sqlite3.Context, n int) error {
	col := c.table.res.Columns[n]
	if !col.Input {
		if text, ok := c.row[n].(string); ok && col.Canonical != "" {
			c.table.db.mixed.show(text)
		}
		return result(ctx, c.row[n])
	}
	asked, ok := c.asked[c.call][col.Name]
	if !ok {
		return c.table.db.fail(&Error{
			Kind: UnreadInput, Name: col.Name, Offset: -1,
			Msg: fmt.Sprintf("%s of %s has a value only where the statement asks for one: %s = '...'", col.Name, c.table.res.ID, col.Name),
		})
	}
	c.table.db.mixed.show(asked)
	ctx.ResultText(asked)
	return nil
}

// result gives SQLite a value of a row.
func result(ctx sqlite3.Context, v any) error {
	switch v := v.(type) {
	case nil:
		ctx.ResultNull()
	case string:
		ctx.ResultText(v)
	case int64:
		ctx.ResultInt64(v)
	case float64:
		ctx.ResultFloat(v)
	case bool:
		ctx.ResultBool(v)
	default:
		return fmt.Errorf("a row has a %T, which no column can hold", v)
	}
	return nil
}

// RowID is xRowid. The tables have none.
func (c *cursor) RowID() (int64, error) {
	return 0, fmt.Errorf("%s has no row ids", c.table.res.ID)
}
