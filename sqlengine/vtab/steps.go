package vtab

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/iql-lang/iql/registry"
)

// Step is one step of SQLite's plan for a query.
type Step struct {
	ID, Parent int
	// Table is how the query calls the table that the step reads, for a step
	// that reads a resource.
	Table  string
	Method *registry.Method
	Params []StepParam
	Rows   int // about how many rows it has each time
	// File is what the step reads, for a step that reads a file.
	File *FileStep
	// Detail is SQLite's line for the step.
	Detail string
}

// StepParam is an argument of the call that a step makes.
type StepParam struct {
	Column string
	In     bool   // a list of values, a call for each
	Known  bool   // the statement has the value itself
	Value  string // the value, if Known
	Alias  bool   // SQLite does not test it again
}

// Steps returns the steps of SQLite's plan, in its order, without running the
// query. Errors are those of [DB.Query].
func (db *DB) Steps(ctx context.Context, q Query) ([]Step, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	db.begin(ctx, q)
	defer db.end()
	stmt, err := db.compile(q)
	if err != nil {
		return nil, err
	}
	if err := stmt.Close(); err != nil {
		return nil, err
	}
	return db.steps(q.Text)
}

type steps []Step

// steps asks SQLite for the plan of a text that it has compiled before.
func (db *DB) steps(text string) (_ steps, err error) {
	defer db.guard(&err)
	stmt, _, err := db.conn.Prepare("EXPLAIN QUERY PLAN " + text)
	if err != nil {
		return nil, db.explainFailure("EXPLAIN QUERY PLAN "+text, err)
	}
	var out steps
	for stmt.Step() {
		out = append(out, db.step(stmt.ColumnInt(0), stmt.ColumnInt(1), stmt.ColumnText(3)))
	}
	return out, errors.Join(stmt.Err(), stmt.Close())
}

// step reads a line of SQLite's plan, such as "SCAN i VIRTUAL TABLE INDEX 3:"
// and what [access.String] has.
func (db *DB) step(id, parent int, detail string) Step {
	s := Step{ID: id, Parent: parent, Detail: detail}
	head, index, ok := strings.Cut(detail, " VIRTUAL TABLE INDEX ")
	if !ok {
		return s
	}
	number, name, _ := strings.Cut(index, ":")
	n, err := strconv.Atoi(number)
	if f := db.fileOfStep(name); f != nil && err == nil {
		s.Table = tableOf(head)
		s.File = f.described(n)
		return s
	}
	if err != nil || n < 0 || n >= len(db.accesses) {
		return s
	}
	a := db.accesses[n]
	if first, _, _ := strings.Cut(name, " "); first != a.method.ID {
		return s // a table function of SQLite's own
	}
	s.Table = tableOf(head)
	s.Method = a.method
	_, rows := a.estimate(nil)
	s.Rows = int(rows)
	for _, p := range a.params {
		s.Params = append(s.Params, StepParam{p.column.Name, p.in, p.known, p.literal, p.trusted})
	}
	return s
}

// tableOf returns how the query calls the table of a line of SQLite's plan.
func tableOf(head string) string {
	return strings.TrimSuffix(strings.TrimPrefix(head, "SCAN "), " EXISTS")
}

// direct reports whether each row of the query comes while the tables of its FROM
// stand at the rows that it is made of: nothing is sorted or kept for later. A
// query inside of another's condition may do what it wants, but read the file.
func (s steps) direct() bool {
	for _, step := range s {
		switch {
		case step.Parent != 0 && step.File != nil:
			return false
		case step.Parent != 0, step.Detail == "USE TEMP B-TREE FOR DISTINCT", strings.Contains(step.Detail, "SUBQUERY "):
		case strings.HasSuffix(step.Detail, " RIGHT-JOIN"):
			return false
		case !strings.HasPrefix(step.Detail, "SCAN ") && !strings.HasPrefix(step.Detail, "SEARCH "):
			return false
		}
	}
	return true
}

// scans returns the steps that read rows from anywhere.
func (s steps) scans() []Step {
	var out []Step
	for _, step := range s {
		if strings.HasPrefix(step.Detail, "SCAN ") || strings.HasPrefix(step.Detail, "SEARCH ") {
			out = append(out, step)
		}
	}
	return out
}
