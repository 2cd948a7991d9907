package vtab

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// maxCarried is how many rows of the session's own tables a scout takes along.
// Statements over more do without a scout.
const maxCarried = 100_000

// object is a table, a view or an index of the session.
type object struct{ schema, kind, name, sql string }

// errTooMany says that the session's tables are too large to take along.
var errTooMany = errors.New("too many rows")

// carry makes the session's own tables and views on the connection of scouts,
// unless they are there as they are now.
func (db *DB) carry() error {
	if db.carried == db.changes {
		return nil
	}
	second, err := db.scoutDB()
	if err != nil {
		return err
	}
	local := db.query.Local
	defer func(was Query) { db.query = was }(db.query)
	db.query, second.query = Query{Local: true}, Query{Local: true}
	defer func() { second.query = Query{} }()
	for _, schema := range []string{"temp", "main"} {
		objects, err := second.objects(schema)
		if err != nil {
			return err
		}
		for _, o := range objects {
			if o.kind == "index" {
				continue // it goes with its table
			}
			drop := fmt.Sprintf("DROP %s IF EXISTS %s.%s", o.kind, schema, sqlite3.QuoteIdentifier(o.name))
			if err := second.conn.Exec(drop); err != nil {
				return err
			}
		}
	}
	left := maxCarried
	for _, schema := range []string{"main", "temp"} {
		objects, err := db.objects(schema)
		if err != nil {
			return err
		}
		for _, o := range objects {
			if err := second.conn.Exec(o.create()); err != nil {
				return err
			}
			if o.kind != "table" {
				continue
			}
			if err := db.copyRows(o, &left); err != nil {
				// Statements over it do without a scout.
				if err := second.conn.Exec("DROP TABLE " + o.schema + "." + sqlite3.QuoteIdentifier(o.name)); err != nil {
					return err
				}
			}
		}
	}
	db.carried = db.changes
	if local {
		db.carried = -1 // the statement under way changes them
	}
	return nil
}

// Own returns the session's own tables and views, each with the names of its columns. A
// view that cannot be read, since what it is of is gone, has none.
func (db *DB) Own() (tables map[string][]string, err error) {
	defer func(was Query) { db.query = was }(db.query)
	db.query = Query{Local: true}
	tables = map[string][]string{}
	for _, schema := range []string{"main", "temp"} {
		objects, err := db.objects(schema)
		if err != nil {
			return nil, err
		}
		for _, o := range objects {
			if o.kind == "table" || o.kind == "view" {
				tables[o.name] = db.columnsOf(o)
			}
		}
	}
	return tables, nil
}

// columnsOf returns the names of the columns of a table or a view, nil if it cannot be
// read.
func (db *DB) columnsOf(o object) []string {
	stmt, _, err := db.conn.Prepare("SELECT * FROM " + o.schema + "." + sqlite3.QuoteIdentifier(o.name))
	if err != nil {
		return nil
	}
	names := make([]string, stmt.ColumnCount())
	for i := range names {
		names[i] = stmt.ColumnName(i)
	}
	if stmt.Close() != nil {
		return nil
	}
	return names
}

// objects returns what a schema holds, tables first.
func (db *DB) objects(schema string) (out []object, err error) {
	stmt, _, err := db.conn.Prepare(`SELECT type, name, sql FROM ` + schema + `.sqlite_schema
		WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY type <> 'table', rowid`)
	if err != nil {
		return nil, err
	}
	for stmt.Step() {
		out = append(out, object{schema, stmt.ColumnText(0), stmt.ColumnText(1), stmt.ColumnText(2)})
	}
	return out, errors.Join(stmt.Err(), stmt.Close())
}

// create returns the statement that makes the object. SQLite keeps it without
// the word TEMP.
func (o object) create() string {
	if o.schema != "temp" || o.kind == "index" {
		return o.sql
	}
	return "CREATE TEMP" + strings.TrimPrefix(o.sql, "CREATE")
}

// copyRows copies the rows of a table to the connection of scouts. left is how
// many more there may be.
func (db *DB) copyRows(o object, left *int) (err error) {
	name := o.schema + "." + sqlite3.QuoteIdentifier(o.name)
	from, _, err := db.conn.Prepare("SELECT * FROM " + name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	marks := strings.TrimSuffix(strings.Repeat("?,", from.ColumnCount()), ",")
	to, _, err := db.second.conn.Prepare("INSERT INTO " + name + " VALUES (" + marks + ")")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	for from.Step() {
		if *left--; *left < 0 {
			return errTooMany
		}
		for i := range from.ColumnCount() {
			if err := carryValue(to, i, from); err != nil {
				return err
			}
		}
		if err := to.Exec(); err != nil {
			return err
		}
	}
	return from.Err()
}

// carryValue gives a statement the value of another connection's row.
func carryValue(to *sqlite3.Stmt, i int, from *sqlite3.Stmt) error {
	switch from.ColumnType(i) {
	case sqlite3.INTEGER:
		return to.BindInt64(i+1, from.ColumnInt64(i))
	case sqlite3.FLOAT:
		return to.BindFloat(i+1, from.ColumnFloat(i))
	case sqlite3.TEXT:
		return to.BindText(i+1, from.ColumnText(i))
	case sqlite3.BLOB:
		return to.BindBlob(i+1, from.ColumnRawBlob(i))
	}
	return to.BindNull(i + 1)
}
