package emulator

import (
	"context"
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// db is one connection to the store and the statements it has prepared. It
// serves one transaction at a time; Store.tx hands it out.
type db struct {
	conn  *sqlite3.Conn
	stmts map[string]*sqlite3.Stmt
	kept  kept
}

// connect opens a connection to the database that SQLite knows by this name.
func connect(ctx context.Context, name string) (*db, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	conn, err := sqlite3.OpenFlags(name, sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE|sqlite3.OPEN_URI)
	if err != nil {
		return nil, err
	}
	// Plans do not depend on what is bound: otherwise SQLite makes them anew
	// each time, which takes as long as to follow them.
	_, stable := conn.Config(sqlite3.DBCONFIG_ENABLE_QPSG, true)
	err = errors.Join(
		stable,
		conn.BusyTimeout(patience),
		// After a power cut, NORMAL may lose the last changes but keeps the
		// store whole; a process that dies loses nothing.
		conn.Exec(`PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4000;
			PRAGMA foreign_keys = ON`),
	)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &db{conn: conn, stmts: map[string]*sqlite3.Stmt{}}, nil
}

// Close finalizes the statements and closes the connection.
func (d *db) Close() error {
	var errs []error
	for _, st := range d.stmts {
		errs = append(errs, st.Close())
	}
	clear(d.stmts)
	return errors.Join(append(errs, d.conn.Close())...)
}

// prepare returns the statement of a query, prepared once for each text, with
// its arguments bound: strings, numbers, bools and bytes.
func (d *db) prepare(query string, args []any) (*sqlite3.Stmt, error) {
	st, ok := d.stmts[query]
	if !ok {
		var err error
		if st, _, err = d.conn.Prepare(query); err != nil {
			return nil, err
		}
		d.stmts[query] = st
	}
	for i, arg := range args {
		if err := bind(st, i+1, arg); err != nil {
			return nil, err
		}
	}
	return st, nil
}

func bind(st *sqlite3.Stmt, i int, arg any) error {
	switch v := arg.(type) {
	case string:
		return st.BindText(i, v)
	case int:
		return st.BindInt(i, v)
	case int64:
		return st.BindInt64(i, v)
	case bool:
		return st.BindBool(i, v)
	case []byte:
		return st.BindBlob(i, v)
	default:
		panic(fmt.Sprintf("bind parameter %d: no way to bind a %T", i, arg))
	}
}

// exec runs a statement that has no rows.
func (d *db) exec(query string, args ...any) error {
	st, err := d.prepare(query, args)
	if err != nil {
		return err
	}
	return st.Exec()
}

// all returns what read makes of each row of the query.
func all[T any](d *db, read func(*sqlite3.Stmt) T, query string, args ...any) ([]T, error) {
	st, err := d.prepare(query, args)
	if err != nil {
		return nil, err
	}
	var rows []T
	for st.Step() {
		rows = append(rows, read(st))
	}
	return rows, finish(st)
}

// first returns what read makes of the query's first row, or nil without one.
func first[T any](d *db, read func(*sqlite3.Stmt) T, query string, args ...any) (*T, error) {
	st, err := d.prepare(query, args)
	if err != nil {
		return nil, err
	}
	var row *T
	if st.Step() {
		v := read(st)
		row = &v
	}
	return row, finish(st)
}

// finish makes a statement ready for its next use and returns the error that
// its steps met: Reset alone forgets that a statement was interrupted.
func finish(st *sqlite3.Stmt) error {
	err := st.Err()
	if reset := st.Reset(); err == nil {
		err = reset
	}
	return err
}

// number returns the integer that the query's first row begins with, 0 without
// a row.
func (d *db) number(query string, args ...any) (int64, error) {
	n, err := first(d, func(st *sqlite3.Stmt) int64 { return st.ColumnInt64(0) }, query, args...)
	if n == nil {
		return 0, err
	}
	return *n, err
}
