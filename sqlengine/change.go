package sqlengine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// ChangeError says that calls of a change of several rows were refused. The
// other rows were done, but for those that were not tried.
type ChangeError struct {
	Verb     string
	Done     int // rows that were changed
	Total    int
	Failures []Failure
	Untried  int   // rows for which no call was made, since a failure said that none would be done
	Err      error // why there is no result, or no journal of the rest, though rows were changed; or nil
}

// Failure is a row of a change that was refused.
type Failure struct {
	Row  int    // 1-based, in the order of the query
	From string // the file and line that it was made of, "roster.csv:17", or ""
	Err  *vtab.CallError
}

// Error returns the counts and the first failure.
func (e *ChangeError) Error() string {
	if len(e.Failures) == 0 {
		return fmt.Sprintf("%s: done for %d of %d rows, but there is no result: %v", e.Verb, e.Done, e.Total, e.Err)
	}
	return fmt.Sprintf("%s: %d of %d rows failed: %v", e.Verb, len(e.Failures), e.Total, e.Failures[0].Err)
}

// Unwrap returns the failures.
func (e *ChangeError) Unwrap() []error {
	var out []error
	for _, f := range e.Failures {
		out = append(out, f.Err)
	}
	if e.Err != nil {
		out = append(out, e.Err)
	}
	return out
}

// changed is a row of a change.
type changed struct {
	number int // 1-based, in the order of the query
	args   provider.Args
	from   string         // "roster.csv:17", where the row was made of a line of a file
	before provider.Row   // as it was read, for RETURNING
	after  []provider.Row // what the method answered with

	doubt    bool // a call for it may have been made before
	recalled bool // before is on record
}

// change collects the rows of the query, so that a change does not read what it
// is changing, checks all of them, and then makes the calls.
func (r *run) change(ctx context.Context) error {
	if err := r.permitted(); err != nil {
		return err
	}
	if err := r.checkReturning(ctx); err != nil {
		return err
	}
	rows, err := r.collect(ctx)
	if err != nil {
		return err
	}
	for i := range rows {
		if err := r.check(i, rows[i]); err != nil {
			return err
		}
	}
	if r.session.opts.DryRun && r.changes() {
		return r.preview(ctx, len(rows))
	}
	if err := r.agreedTo(ctx, len(rows)); err != nil {
		return err
	}
	if err := r.begin(ctx, rows); err != nil {
		return err
	}
	done, failed := r.callEach(ctx, rows)
	r.end()
	if failed != nil && len(done) == 0 {
		return failed // an empty result would look like an answer
	}
	err = r.results(ctx, done)
	if err == nil || r.plan.Call.Method.Verb == registry.Select {
		return cmp.Or(failed, err)
	}
	if e, ok := failed.(*ChangeError); ok {
		e.Err = cmp.Or(e.Err, err)
		return e
	}
	return &ChangeError{Verb: r.plan.Verb, Done: len(done), Total: len(rows), Err: err}
}

// checkReturning refuses a RETURNING that SQLite cannot run, before anything is
// sent.
func (r *run) checkReturning(ctx context.Context) error {
	q := &r.plan.Call.Returning
	if q.Empty() {
		return nil
	}
	rows, err := r.start(ctx, q, "[]")
	if err != nil {
		return err
	}
	return rows.Close()
}

// collect runs the query and returns the arguments of each of its rows.
func (r *run) collect(ctx context.Context) (_ []changed, err error) {
	q := &r.plan.Query
	rows, err := r.start(ctx, q)
	if err != nil {
		return nil, err
	}
	defer func() { err = r.finish(rows, err) }()
	params, err := r.params(rows.Columns)
	if err != nil {
		return nil, err
	}
	var out []changed
	for {
		row, err := rows.Next()
		if err != nil {
			return nil, r.place(q, err)
		}
		if row == nil {
			return out, nil
		}
		c := changed{number: len(out) + 1, args: maps.Clone(r.plan.Call.Fixed), before: row[len(params):]}
		if c.args == nil {
			c.args = provider.Args{}
		}
		if f, line := rows.Origin(); line > 0 {
			c.from = fmt.Sprintf("%s:%d", f.Shown(), line)
		}
		for i, p := range params {
			if p == "" || row[i] == nil {
				continue
			}
			if f, ok := row[i].(float64); ok {
				return nil, r.atCell(len(out), i, "number", "write it in quotes", "%s: %s is the number %v, not an identifier", rowName(len(out)+1, c.from), p, f)
			}
			c.args[p] = text(row[i])
		}
		out = append(out, c)
	}
}

// rowName names a row, counted from 1, and the line of a file that it was made of.
func rowName(row int, from string) string {
	if from == "" {
		return fmt.Sprintf("row %d", row)
	}
	return fmt.Sprintf("row %d (%s)", row, from)
}

// text returns a value as the text of an argument.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return fmt.Sprint(v)
}

// results writes the result of a change: RETURNING, or what the method
// answered with.
func (r *run) results(ctx context.Context, done []changed) error {
	call := r.plan.Call
	if call.Returning.Empty() && !call.Show {
		return nil
	}
	rows := []provider.Row{}
	for _, c := range done {
		if call.Before {
			rows = append(rows, c.before)
			continue
		}
		rows = append(rows, c.after...)
	}
	if !call.Returning.Empty() {
		param, err := json.Marshal(rows)
		if err != nil {
			return err
		}
		return r.query(ctx, &call.Returning, string(param))
	}
	if err := r.w.Columns(outputs(call.Method.Resource)); err != nil {
		return err
	}
	for _, row := range rows {
		if err := r.w.Row(row); err != nil {
			return err
		}
		r.sum.Rows++
	}
	return nil
}

// outputs returns the columns of a resource's rows.
func outputs(res *registry.Resource) []Column {
	var out []Column
	for _, c := range res.Outputs() {
		out = append(out, Column{Name: c.Name})
	}
	return out
}
