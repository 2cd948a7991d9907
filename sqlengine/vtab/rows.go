package vtab

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine/filetab"
)

// Rows is the result of a query. It must be closed before the next query.
type Rows struct {
	Columns []string // as the statement names them

	db      *DB
	answers *answers
	text    string
	stmt    *sqlite3.Stmt
	before  int64  // changes of the connection when the query started
	boolean []bool // columns whose integers are truth values
	steps   steps
	last    []any // the texts of the row before, by column
	done    bool
}

// Query is something to run.
type Query struct {
	// Text is one SELECT, VALUES or WITH ... SELECT in SQLite's own words, over
	// the tables of the registry.
	Text string
	// Params are the values of the text's parameters, by name with its sign: a
	// string, int64, float64, bool, []byte or nil for each.
	Params map[string]any
	// Local lets the text change the session's own tables: CREATE TABLE, CREATE
	// TEMP VIEW, DROP, INSERT, UPDATE, DELETE. It is done when its rows, which it
	// has if it has a RETURNING, have been read to the end. Such tables last as
	// long as the DB.
	Local bool
	// Limited says that the text may not want all of its rows: it has a LIMIT.
	// Then little is asked for before it is needed.
	Limited bool
	// Names are the values in the text that may be other names for what rows
	// show. They become arguments where they can: SQLite could only compare them
	// with the values shown.
	Names []OtherName
	// Files are the files that the text has tables of.
	Files []File
}

// OtherName is a value that a query compares with a column whose rows show it
// by another name: userId = 'me'.
type OtherName struct{ Column, Value string }

// Query starts a query. Nothing has been called yet when it returns.
//
// The error is an [*Error] for a text that SQLite refuses, a
// [*registry.RouteError] where no method fits a table, a [*filetab.Error] for a
// file that cannot be read, or the context's cause.
// The query stops when ctx ends.
func (db *DB) Query(ctx context.Context, q Query) (*Rows, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	db.begin(ctx, q)
	db.answering()
	stmt, err := db.compile(q)
	if err != nil {
		db.end()
		return nil, err
	}
	r := &Rows{db: db, answers: db.answers, text: q.Text, stmt: stmt, before: db.conn.TotalChanges()}
	if q.Local && !stmt.ReadOnly() {
		db.changes++
	}
	if err := r.start(); err != nil {
		return nil, closing(r, err)
	}
	return r, nil
}

func (r *Rows) start() error {
	if err := r.db.bind(r.stmt); err != nil {
		return err
	}
	return r.describe()
}

// describe finds the columns, and whether rows may be read more than once.
func (r *Rows) describe() error {
	for i := range r.stmt.ColumnCount() {
		r.Columns = append(r.Columns, r.stmt.ColumnName(i))
		r.boolean = append(r.boolean, strings.EqualFold(r.stmt.ColumnDeclType(i), "BOOLEAN"))
	}
	r.last = make([]any, len(r.Columns))
	if len(r.db.accesses) == 0 && len(r.db.files) == 0 {
		return nil
	}
	steps, err := r.db.steps(r.text)
	if err != nil {
		return err
	}
	r.db.mixed.prepare(steps, r.db.accesses)
	// A single scan is read once, from its first row to its last: its rows can
	// go as they come.
	r.steps = steps
	if r.db.answers.keep = len(steps.scans()) > 1; r.db.answers.keep {
		r.db.answers.window.most = max(maxWindow, r.db.answers.window.size)
	}
	r.db.answers.orders = r.db.orders(r.db.query, steps)
	return nil
}

// Next returns the next row, nil after the last. The row is the caller's. The
// error is a [*CallError] where a call failed, a [*filetab.Error] where a file
// did, an [*Error] where SQLite did, or the context's cause.
func (r *Rows) Next() (_ provider.Row, err error) {
	if r.done {
		return nil, nil
	}
	defer r.db.guard(&err)
	more := r.stmt.Step()
	if err := r.db.mixed.mistake(); err != nil && r.db.failure == nil {
		r.done = true
		return nil, err
	}
	if !more {
		r.done = true
		if err := r.stmt.Err(); err != nil {
			r.db.refused = nil // planning was done long ago
			return nil, r.db.explainFailure(r.text, err)
		}
		return nil, nil
	}
	row := make(provider.Row, len(r.Columns))
	for i := range row {
		row[i] = r.value(i)
	}
	return row, nil
}

// Origin returns the file that the current row was made of, and its line; 0 where
// that is not one line of one file.
func (r *Rows) Origin() (f filetab.File, line int) {
	if len(r.db.files) != 1 || !r.steps.direct() {
		return f, 0
	}
	t := r.db.files[0]
	for c := range t.open {
		if len(t.open) == 1 && !c.over {
			return t.file.File, c.row.Line
		}
	}
	return f, 0
}

// value returns a value of the current row. A blob becomes its text, or, if it
// is none, an SQL literal.
func (r *Rows) value(i int) any {
	switch r.stmt.ColumnType(i) {
	case sqlite3.INTEGER:
		n := r.stmt.ColumnInt64(i)
		if r.boolean[i] && (n == 0 || n == 1) {
			return n == 1
		}
		return n
	case sqlite3.FLOAT:
		return r.stmt.ColumnFloat(i)
	case sqlite3.TEXT:
		// Many a column has the same text in row after row: a copy will do.
		raw := r.stmt.ColumnRawText(i)
		if last, ok := r.last[i].(string); !ok || last != string(raw) {
			r.last[i] = string(raw)
		}
		return r.last[i]
	case sqlite3.BLOB:
		b := r.stmt.ColumnRawBlob(i)
		if utf8.Valid(b) {
			return string(b)
		}
		return "x'" + hex.EncodeToString(b) + "'"
	}
	return nil
}

// Changes returns how many rows of the session's own tables were changed.
func (r *Rows) Changes() int {
	if !r.db.query.Local || r.stmt == nil || r.stmt.ReadOnly() {
		return 0
	}
	return int(r.db.conn.TotalChanges() - r.before)
}

// Calls returns how many calls have been made so far, by the methods' identifiers.
func (r *Rows) Calls() map[string]int {
	s := r.answers
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.methods)
}

// Steps returns the steps of SQLite's plan, nil for a query that reads neither a
// resource nor a file.
func (r *Rows) Steps() []Step { return r.steps }

// Progress is how far a query has come.
type Progress struct {
	Calls int // that were made
	Over  int // of them ended
	Rows  int // that they brought
}

// Progress returns how far the query has come, or had when it was closed. It may
// be called from any goroutine.
func (r *Rows) Progress() Progress {
	s := r.answers
	s.mu.Lock()
	defer s.mu.Unlock()
	return Progress{s.calls, s.over, s.rows}
}

// Notices returns what the person should know besides the rows, such as rows
// of a join that the caller may not see.
func (r *Rows) Notices() []string {
	var out []string
	for n, count := range r.db.answers.notices {
		out = append(out, fmt.Sprintf("%s failed with %s for %d of its keys: their rows are missing, or have NULL for its columns", n.method.ID, n.code, count))
	}
	slices.Sort(out)
	return out
}

// Close ends the query: calls that still run are stopped.
func (r *Rows) Close() (err error) {
	if r.stmt == nil {
		return nil
	}
	defer r.db.end()
	stmt := r.stmt
	r.stmt = nil
	if r.db.broken {
		return nil
	}
	defer r.db.guard(&err)
	_ = stmt.Reset() // it repeats the error of the last step, which Next returned
	return stmt.Close()
}
