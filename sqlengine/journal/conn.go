package journal

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// patience is how long a transaction waits for those of other processes.
const patience = 10 * time.Second

// application marks an SQLite file as a journal ("iqlj"), and version is its
// layout.
const (
	application = 0x69716c6a
	version     = 3
)

// schema makes a journal. Times are nanoseconds since 1970, 0 for none.
const schema = `
CREATE TABLE runs (
	seq       INTEGER PRIMARY KEY,
	id        TEXT NOT NULL UNIQUE,
	started   INTEGER NOT NULL,
	ended     INTEGER NOT NULL DEFAULT 0,
	verb      TEXT NOT NULL,
	method    TEXT NOT NULL,
	first     TEXT NOT NULL DEFAULT '',
	ignores   INTEGER NOT NULL,
	statement TEXT NOT NULL,
	file      TEXT NOT NULL,
	line      INTEGER NOT NULL,
	asker     TEXT NOT NULL,
	backend   TEXT NOT NULL,
	profile   TEXT NOT NULL,
	owners    INTEGER NOT NULL,
	size      INTEGER NOT NULL,
	undid     TEXT NOT NULL,
	complete  INTEGER NOT NULL DEFAULT 0,
	roster    TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE calls (
	run     INTEGER NOT NULL,
	row     INTEGER NOT NULL,
	state   TEXT NOT NULL DEFAULT 'planned',
	args    TEXT NOT NULL,
	was     TEXT,
	code    TEXT NOT NULL DEFAULT '',
	reason  TEXT NOT NULL DEFAULT '',
	message TEXT NOT NULL DEFAULT '',
	answer  TEXT,
	sent    INTEGER NOT NULL DEFAULT 0,
	ended   INTEGER NOT NULL DEFAULT 0,
	line    INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (run, row)
) STRICT, WITHOUT ROWID;`

// second makes the second layout of the first, and third the third of that.
const (
	second = `ALTER TABLE runs ADD COLUMN first TEXT NOT NULL DEFAULT ''; PRAGMA user_version = 2;`
	third  = `ALTER TABLE runs ADD COLUMN roster TEXT NOT NULL DEFAULT '';
		ALTER TABLE calls ADD COLUMN line INTEGER NOT NULL DEFAULT 0; PRAGMA user_version = 3;`
)

// conn is a connection to a journal, and the statements it has prepared. It is
// used by one goroutine at a time.
type conn struct {
	*sqlite3.Conn
	stmts map[string]*sqlite3.Stmt
}

// makeFile makes the file for its owner only, if there is none, and returns its name
// without links.
func makeFile(path string) (string, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	if err := f.Close(); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// connect opens the file.
func connect(path string) (_ *conn, err error) {
	db, err := sqlite3.OpenFlags(uri(path), sqlite3.OPEN_READWRITE|sqlite3.OPEN_URI)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: db, stmts: map[string]*sqlite3.Stmt{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	if err := db.BusyTimeout(patience); err != nil {
		return nil, err
	}
	if err := db.Exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY`); err != nil {
		return nil, err
	}
	return c, c.tx(c.prepareFile)
}

// uri returns SQLite's name for a file, which has the files beside it made with
// its own mode. https://www.sqlite.org/uri.html
func uri(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/...
	}
	mode := strings.ReplaceAll(url.QueryEscape(path), "+", "%20")
	return "file://" + (&url.URL{Path: path}).EscapedPath() + "?modeof=" + mode
}

// errOther says that a file is SQLite's, but no journal.
var errOther = errors.New("it is the database of another program")

// prepareFile makes the tables of a new file, and refuses another program's.
func (c *conn) prepareFile() error {
	is, err := c.number(`PRAGMA application_id`)
	if err != nil {
		return err
	}
	made, err := c.number(`PRAGMA user_version`)
	if err != nil {
		return err
	}
	tables, err := c.number(`SELECT count(*) FROM sqlite_schema`)
	switch {
	case err != nil:
		return err
	case is == 0 && made == 0 && tables == 0:
		return c.Exec(fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = %d; %s`, application, version, schema))
	case is != application:
		return errOther
	case made > version:
		return fmt.Errorf("a newer iql made it (layout %d, this one knows %d)", made, version)
	case made == 1:
		return c.Exec(second + third)
	case made == 2:
		return c.Exec(third)
	}
	return nil
}

// close closes the connection and its statements.
func (c *conn) close() error {
	var errs []error
	for _, st := range c.stmts {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, c.Conn.Close())...)
}

// read makes a transaction of do, which writes nothing and waits for nobody who
// writes.
func (c *conn) read(do func() error) (err error) {
	tx := c.Begin()
	defer tx.End(&err)
	return do()
}

// tx makes a transaction of do: all of it is on the disk, or nothing.
func (c *conn) tx(do func() error) (err error) {
	tx, err := c.BeginImmediate()
	if err != nil {
		return err
	}
	defer tx.End(&err)
	return do()
}

// prepare returns the statement of a query, prepared once, with its arguments
// bound: strings, numbers, bools, and nil.
func (c *conn) prepare(query string, args []any) (*sqlite3.Stmt, error) {
	st, ok := c.stmts[query]
	if !ok {
		var err error
		if st, _, err = c.Prepare(query); err != nil {
			return nil, err
		}
		c.stmts[query] = st
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
	case nil:
		return st.BindNull(i)
	case string:
		return st.BindText(i, v)
	case int:
		return st.BindInt(i, v)
	case int64:
		return st.BindInt64(i, v)
	case bool:
		return st.BindBool(i, v)
	case time.Time:
		return st.BindInt64(i, nanoseconds(v))
	}
	panic(fmt.Sprintf("bind parameter %d: no way to bind a %T", i, arg))
}

// exec runs a statement that has no rows.
func (c *conn) exec(query string, args ...any) error {
	return c.each(func(*sqlite3.Stmt) error { return nil }, query, args...)
}

// each calls read for each row of a query.
func (c *conn) each(read func(*sqlite3.Stmt) error, query string, args ...any) (err error) {
	st, err := c.prepare(query, args)
	if err != nil {
		return err
	}
	defer func() { // Reset says again what a step met
		if resetErr := st.Reset(); err == nil {
			err = resetErr
		}
	}()
	for st.Step() {
		if err := read(st); err != nil {
			return err
		}
	}
	return st.Err()
}

// number returns the integer that a query's first row begins with, 0 without a
// row.
func (c *conn) number(query string, args ...any) (n int64, err error) {
	err = c.each(func(st *sqlite3.Stmt) error { n = st.ColumnInt64(0); return nil }, query, args...)
	return n, err
}

func nanoseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func fromNanoseconds(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, n)
}
