package vtab

import (
	"context"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/filetab"
)

// File is a file that a query reads as the table files."Table".
type File struct {
	filetab.File
	Table string
}

// FileStep says what a query reads of a file.
type FileStep struct {
	File
	Columns []string
	Lookup  string // the column by which rows are found, "" where all are read
}

// filesSchema is where the tables of files are while a statement runs. No
// statement of a person's can make a table there.
const filesSchema = "files"

// fileTable is the virtual table of a file. It is made for a statement and
// dropped after it.
//
// The first reading streams the file. A file that is read again, as the inner
// table of a join is, is kept in memory after that if it is not too large, with
// an index for each column that is looked up.
type fileTable struct {
	db      *DB
	file    File
	columns []string
	line    string // the name of the column of line numbers
	rows    int    // about how many
	lookups []lookup
	read    int // how often it was read
	kept    *kept
	large   bool // it is too large to be kept
	open    map[*fileCursor]bool
}

// setUpFiles makes the schema of files and their module.
func (db *DB) setUpFiles() error {
	if err := db.conn.Exec("ATTACH ':memory:' AS " + filesSchema); err != nil {
		return err
	}
	//lint:ignore SA1019 the method that replaces it needs Go 1.27
	return sqlite3.CreateModule(db.conn, "file", db.createFile, db.createFile)
}

// createFile is xCreate and xConnect of the last of db.files.
func (db *DB) createFile(conn *sqlite3.Conn, _, schema, name string, _ ...string) (*fileTable, error) {
	t := db.fileNamed(name)
	if t == nil || schema != filesSchema {
		return nil, fmt.Errorf("no file %s", name)
	}
	return t, conn.DeclareVTab(t.declaration())
}

// declaration returns the schema of a file. The values of CSV are text.
func (t *fileTable) declaration() string {
	kind := ""
	if t.file.Kind == filetab.CSV {
		kind = " TEXT"
	}
	var b strings.Builder
	b.WriteString("CREATE TABLE x(")
	for _, c := range t.columns {
		b.WriteString(sqlite3.QuoteIdentifier(c) + kind + ", ")
	}
	b.WriteString(sqlite3.QuoteIdentifier(t.line) + " INTEGER HIDDEN)")
	return b.String()
}

// compile makes the tables of a query's files, and prepares its text.
func (db *DB) compile(q Query) (*sqlite3.Stmt, error) {
	for _, f := range q.Files {
		if err := db.makeFile(f); err != nil {
			return nil, err
		}
	}
	return db.prepare(q.Text)
}

// makeFile makes the table of a file, whose columns it finds by opening it.
func (db *DB) makeFile(f File) (err error) {
	if db.fileNamed(f.Table) != nil {
		return nil
	}
	r, err := filetab.Open(db.ctx, db.opts.Files, f.File)
	if err != nil {
		return err
	}
	t := &fileTable{db: db, file: f, columns: r.Columns, rows: r.Rows, open: map[*fileCursor]bool{}}
	t.line = filetab.LineColumn(t.columns)
	if t.rows < 0 {
		t.rows = manyRows
	}
	if err := r.Close(); err != nil {
		return err
	}
	defer db.guard(&err)
	db.files = append(db.files, t)
	db.making = true
	defer func() { db.making = false }()
	if err := context.Cause(db.ctx); err != nil {
		return err
	}
	return db.conn.Exec("CREATE VIRTUAL TABLE " + t.name() + " USING file")
}

func (t *fileTable) name() string { return filesSchema + "." + sqlite3.QuoteIdentifier(t.file.Table) }

// dropFiles drops the tables of a statement's files, and closes the files. A
// connection on which that fails is not used again.
func (db *DB) dropFiles() {
	if len(db.files) > 0 && !db.broken {
		db.conn.SetInterrupt(context.Background()) // also where the statement was stopped
	}
	for _, t := range db.files {
		t.close()
		if err := db.dropFile(t); err != nil {
			db.broken = true
		}
	}
	db.files = nil
}

func (db *DB) dropFile(t *fileTable) (err error) {
	if db.broken {
		return nil
	}
	defer db.guard(&err)
	db.making = true
	defer func() { db.making = false }()
	return db.conn.Exec("DROP TABLE IF EXISTS " + t.name())
}

// close closes what is open of the file.
func (t *fileTable) close() {
	for c := range t.open {
		_ = c.Close() // it was only read
	}
}

func (db *DB) fileNamed(name string) *fileTable {
	for _, t := range db.files {
		if t.file.Table == name {
			return t
		}
	}
	return nil
}

// fileOfStep returns the file of a line of SQLite's plan, which has the table's
// name and what kind of join it is.
func (db *DB) fileOfStep(rest string) *fileTable {
	for _, t := range db.files {
		if rest == t.file.Table || strings.HasPrefix(rest, t.file.Table+" ") {
			return t
		}
	}
	return nil
}

// fileSteps returns the files of the statement.
func (db *DB) fileSteps() []FileStep {
	var out []FileStep
	for _, t := range db.files {
		out = append(out, FileStep{File: t.file, Columns: t.columns})
	}
	return out
}

// described returns the step that reads the table by an idxNum.
func (t *fileTable) described(idxNum int) *FileStep {
	s := &FileStep{File: t.file, Columns: t.columns}
	if idxNum > 0 && idxNum <= len(t.lookups) {
		s.Lookup = t.columns[t.lookups[idxNum-1].column]
	}
	return s
}

const (
	manyRows   = 10_000 // what a file is taken to have whose end is not in sight
	lookupCost = 20     // in rows
)

// lookup is a way to find rows: by the value of a column. Its idxNum is its index
// and 1; 0 is to read all rows.
type lookup struct {
	column    int
	collation *registry.Column // whose collation compares, nil for BINARY
}

// BestIndex offers to look rows up by a column that is compared with a value of
// another table. To look for a constant is left to SQLite: that reads the file
// once, as it comes.
func (t *fileTable) BestIndex(info *sqlite3.IndexInfo) error {
	info.IdxStr = t.file.Table
	info.EstimatedCost, info.EstimatedRows = float64(max(t.rows, 1)), int64(max(t.rows, 1))
	for i, c := range info.Constraint {
		if !c.Usable || c.Op != sqlite3.INDEX_CONSTRAINT_EQ || c.Column < 0 || c.Column >= len(t.columns) || info.In(i, -1) {
			continue
		}
		if _, err := info.RHSValue(i); err == nil {
			continue
		}
		by, ok := t.lookup(c.Column, info.Collation(i))
		if !ok {
			continue
		}
		t.lookups = append(t.lookups, by)
		info.IdxNum = len(t.lookups)
		info.ConstraintUsage[i] = sqlite3.IndexConstraintUsage{ArgvIndex: 1}
		info.EstimatedCost, info.EstimatedRows = lookupCost, int64(max(t.rows/100, 1))
		return nil
	}
	return nil
}

// lookup returns the lookup by a column under a collation, if there can be one:
// those of columns that have other names compare as BINARY does.
func (t *fileTable) lookup(column int, collation string) (lookup, bool) {
	if collation == "BINARY" {
		return lookup{column, nil}, true
	}
	for _, res := range t.db.reg.Resources() {
		for _, c := range res.Columns {
			if c.Canonical != "" && c.Collation() == collation {
				return lookup{column, c}, true
			}
		}
	}
	return lookup{}, false
}
