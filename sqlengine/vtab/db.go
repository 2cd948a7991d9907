// Package vtab shows the resources of a registry to SQLite as tables.
//
// A [DB] is one SQLite connection, in memory. Each service is an attached
// schema (googleworkspace_classroom) and each of its resources a virtual
// table or a view in it. A query that reads a virtual table calls the methods
// of its resource: xBestIndex chooses the method by what the query knows of
// each column ([table.BestIndex]), xFilter makes the calls ([cursor.Filter]),
// and SQLite tests every row again.
//
// A file that a query reads is a virtual table too, for as long as the query lasts
// ([Query.Files]).
//
// No statement can change a resource, attach a file or set a pragma. There may
// be tables of the session's own beside the resources, in memory ([Query.Local]). A DB serves one statement at a time; it must not be used
// from two goroutines at once.
package vtab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/filetab"
)

// Options say how a DB calls methods.
type Options struct {
	// Call calls a method. It may be called from many goroutines at once.
	Call Call
	// Parallel is how many calls may be under way; 0 is 32.
	Parallel int
	// MaxCalls is how many calls a statement may make; 0 is no limit.
	MaxCalls int
	// ScoutAfter is how long a statement waits for a call before its scout sets
	// out (scout.go): a backend in this process answers sooner, and a scout would
	// only take its time. 0 is 2 ms, negative at once.
	ScoutAfter time.Duration
	// Files opens the files that queries read; nil for none.
	Files filetab.Opener
}

// The usual Options.
const (
	DefaultParallel   = 32
	DefaultScoutAfter = 2 * time.Millisecond
)

func (o Options) withDefaults() Options {
	if o.Parallel <= 0 {
		o.Parallel = DefaultParallel
	}
	if o.MaxCalls <= 0 {
		o.MaxCalls = math.MaxInt
	}
	if o.ScoutAfter == 0 {
		o.ScoutAfter = DefaultScoutAfter
	}
	return o
}

// Call calls a method, as [provider.Func] does.
type Call func(ctx context.Context, m *registry.Method, args provider.Args) iter.Seq2[provider.Row, error]

// Limits that a statement may not exceed. SQLite reports them as errors where
// the bare library would panic or eat the machine.
const (
	maxMemory   = 2 << 30  // bytes of a connection
	maxLength   = 64 << 20 // bytes of a string, and of a statement
	maxCompound = 150      // arms of UNION and the like
)

// DB is a connection to SQLite whose tables are resources.
type DB struct {
	conn   *sqlite3.Conn
	reg    *registry.Registry
	opts   Options
	broken bool // SQLite panicked: its state cannot be trusted
	second *DB  // of the scouts; nil until one is sent

	changes int         // of the session's own tables, so far
	carried int         // of them, those that second has too
	slow    atomic.Bool // a statement has waited long for a call

	// Of the statement that is running. The context is stored because SQLite
	// calls back without one.
	ctx      context.Context
	query    Query
	answers  *answers
	accesses []*access // what xBestIndex offered; idxNum is an index
	refused  []refusal // of xBestIndex, in the order of the tables
	failure  error     // the error that a callback returned: SQLite keeps only its text
	mixed    mixed     // other names that were compared with what rows show
	scout    *scout    // what runs; nil is the statement itself
	files    []*fileTable
	maxKept  int  // bytes of a file
	making   bool // the tables of files are being made or dropped
}

// refusal is a set of terms for which no method of a table fits.
type refusal struct {
	table *table
	have  []string // the columns that were known
}

// Open opens a connection with a table for every resource of the registry.
func Open(reg *registry.Registry, opts Options) (*DB, error) {
	ctx := sqlite3.WithMaxMemory(context.Background(), maxMemory)
	conn, err := sqlite3.OpenContext(ctx, ":memory:")
	if err != nil {
		return nil, err
	}
	conn.SetInterrupt(context.Background())
	db := &DB{conn: conn, reg: reg, opts: opts.withDefaults(), maxKept: maxKept, ctx: context.Background()}
	if err := db.setUp(); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return db, nil
}

// Limit sets [Options].Parallel and MaxCalls for the queries from the next one on.
func (db *DB) Limit(parallel, maxCalls int) {
	db.opts.Parallel, db.opts.MaxCalls = parallel, maxCalls
	db.opts = db.opts.withDefaults()
}

func (db *DB) setUp() error {
	db.conn.Limit(sqlite3.LIMIT_LENGTH, maxLength)
	db.conn.Limit(sqlite3.LIMIT_COMPOUND_SELECT, maxCompound)
	// Sorted rows stay in memory: SQLite would spill pupils' names to disk.
	if err := db.conn.Exec(`PRAGMA temp_store=memory`); err != nil {
		return err
	}
	if err := registerFunctions(db.conn); err != nil {
		return err
	}
	if err := db.collate(); err != nil {
		return err
	}
	//lint:ignore SA1019 the method that replaces it needs Go 1.27
	if err := sqlite3.CreateModule(db.conn, "resource", db.create, db.create); err != nil {
		return err
	}
	if err := db.setUpFiles(); err != nil {
		return err
	}
	for _, p := range db.reg.Providers {
		for _, s := range p.Services {
			if err := db.attach(s); err != nil {
				return fmt.Errorf("service %s: %w", s.ID, err)
			}
		}
	}
	return db.conn.SetAuthorizer(db.authorize)
}

// collate makes the collations that columns have.
func (db *DB) collate() error {
	made := map[string]bool{"BINARY": true}
	for _, res := range db.reg.Resources() {
		for _, c := range res.Columns {
			name := c.Collation()
			if made[name] {
				continue
			}
			made[name] = true
			if err := db.conn.CreateCollation(name, db.compare(c)); err != nil {
				return err
			}
		}
	}
	return nil
}

// attach makes the schema of a service.
func (db *DB) attach(s *registry.Service) error {
	schema := sqlite3.QuoteIdentifier(s.Schema())
	var ddl strings.Builder
	fmt.Fprintf(&ddl, "ATTACH ':memory:' AS %s;", schema)
	for _, res := range s.Resources {
		name := sqlite3.QuoteIdentifier(res.Name)
		if res.View != "" {
			fmt.Fprintf(&ddl, "CREATE VIEW %s.%s AS %s;", schema, name, res.View)
			continue
		}
		fmt.Fprintf(&ddl, "CREATE VIRTUAL TABLE %s.%s USING resource;", schema, name)
	}
	return db.conn.Exec(ddl.String())
}

// authorize lets a statement read, and a statement for the session's own tables
// change those.
func (db *DB) authorize(action sqlite3.AuthorizerActionCode, name, _, schema, _ string) sqlite3.AuthorizerReturnCode {
	if db.making {
		return sqlite3.AUTH_OK
	}
	switch action {
	case sqlite3.AUTH_SELECT, sqlite3.AUTH_FUNCTION, sqlite3.AUTH_RECURSIVE:
		return sqlite3.AUTH_OK
	case sqlite3.AUTH_SAVEPOINT:
		if db.scout != nil {
			return sqlite3.AUTH_OK
		}
	case sqlite3.AUTH_READ:
		if !db.query.Local && len(name) >= 7 && strings.EqualFold(name[:7], "sqlite_") {
			return sqlite3.AUTH_DENY
		}
		return sqlite3.AUTH_OK
	case sqlite3.AUTH_CREATE_TABLE, sqlite3.AUTH_CREATE_TEMP_TABLE, sqlite3.AUTH_CREATE_TEMP_VIEW,
		sqlite3.AUTH_DROP_TABLE, sqlite3.AUTH_DROP_TEMP_TABLE, sqlite3.AUTH_DROP_TEMP_VIEW,
		sqlite3.AUTH_INSERT, sqlite3.AUTH_UPDATE, sqlite3.AUTH_DELETE,
		sqlite3.AUTH_CREATE_INDEX, sqlite3.AUTH_CREATE_TEMP_INDEX: // of UNIQUE
		if db.query.Local && (schema == "main" || schema == "temp") {
			return sqlite3.AUTH_OK
		}
	}
	return sqlite3.AUTH_DENY
}

// Broken reports whether the connection must be closed and opened anew.
func (db *DB) Broken() bool { return db.broken }

// Close closes the connection.
func (db *DB) Close() error {
	var err error
	if db.second != nil {
		err = db.second.Close()
	}
	if db.broken {
		return err // closing it could panic again; its memory is Go's
	}
	return errors.Join(err, db.conn.Close())
}

// begin makes the state of a new statement.
func (db *DB) begin(ctx context.Context, q Query) {
	db.ctx, db.query = ctx, q
	db.conn.SetInterrupt(ctx)
	db.accesses = nil
	db.refused = nil
	db.failure = nil
	db.mixed = mixed{}
}

// answering begins the answers of a statement.
func (db *DB) answering() { db.answers = newAnswers(db.ctx, db) }

// end lets go of the statement's state.
func (db *DB) end() {
	if db.answers != nil {
		db.answers.close()
		db.answers = nil
	}
	db.dropFiles()
	db.conn.SetInterrupt(context.Background())
	db.ctx, db.query = context.Background(), Query{}
}

// guard turns a panic of SQLite, such as running out of memory, into an error.
func (db *DB) guard(err *error) {
	if p := recover(); p != nil {
		db.broken = true
		*err = &Error{Offset: -1, Kind: Exhausted, Msg: fmt.Sprintf("the statement is too much for the SQL engine: %v", p)}
	}
}

// prepare compiles a query for running; see [DB.Query] for the errors.
func (db *DB) prepare(text string) (_ *sqlite3.Stmt, err error) {
	defer db.guard(&err)
	stmt, tail, err := db.conn.Prepare(text)
	if err != nil {
		return nil, db.explainFailure(text, err)
	}
	if err := db.check(stmt, text, tail); err != nil {
		if stmt != nil {
			err = closing(stmt, err)
		}
		return nil, err
	}
	return stmt, nil
}

// check refuses what is not one query.
func (db *DB) check(stmt *sqlite3.Stmt, text, tail string) error {
	if stmt == nil {
		return &Error{Offset: -1, Kind: Syntax, Msg: "there is no statement"}
	}
	if rest := strings.TrimSpace(tail); rest != "" {
		return &Error{Offset: strings.LastIndex(text, rest), Kind: Syntax, Msg: "unexpected " + firstWord(rest)}
	}
	if !stmt.ReadOnly() && !db.query.Local {
		return &Error{Offset: -1, Kind: Denied, Msg: "only rows can be read here"}
	}
	return nil
}

// closing closes what is given up for err.
func closing(c io.Closer, err error) error {
	if cerr := c.Close(); cerr != nil {
		return errors.Join(err, cerr)
	}
	return err
}

func firstWord(s string) string {
	if i := strings.IndexAny(s, " \t\r\n"); i > 0 {
		return s[:i]
	}
	return s
}
