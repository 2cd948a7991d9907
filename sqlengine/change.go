package sqlengine

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/filetab"
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
	Returned bool  // there is a result: of the rows that were changed, or of all
	Err      error // why there is no result, or no journal of the rest, though rows were changed; or nil
}

// Failure is a row of a change that was refused.
type Failure struct {
	Row  int           // 1-based, in the order of the query
	File *filetab.File // that the row was made of a line of, nil for none
	Line int           // of File
	Err  *vtab.CallError
}

// From returns the file and line that the row was made of, "roster.csv:17", or "".
func (f Failure) From() string {
	if f.File == nil {
		return ""
	}
	return fmt.Sprintf("%s:%d", f.File.Shown(), f.Line)
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
	line   int                // of the run's file that the row was made of; 0 for none
	before provider.Row       // as it was read, for RETURNING
	after  []provider.Row     // what the method answered with
	calls  []*registry.Method // that were made for it
	outcome

	doubt bool // a call for it may have been made before
	gone  bool // it is to be made anew, and was deleted before
}

// change collects the rows of the query, so that a change does not read what it
// is changing, checks all of them, and then makes the calls.
func (r *run) change(ctx context.Context) (err error) {
	if err := r.permitted(); err != nil {
		return err
	}
	if err := r.checkReturning(ctx); err != nil {
		return err
	}
	rows := &pending{}
	defer func() { err = cmp.Or(err, rows.close()) }()
	if err := r.collect(ctx, rows); err != nil {
		return err
	}
	if r.dry() {
		return r.preview(ctx, rows.n)
	}
	if err := r.agreedTo(ctx, rows.n); err != nil {
		return err
	}
	if err := r.begin(ctx, rows); err != nil {
		return err
	}
	shown, failed := r.callEach(ctx, rows)
	r.end()
	e, some := failed.(*ChangeError)
	if failed != nil && (!some || ctx.Err() != nil || len(shown) == 0) {
		return failed // an empty result would look like an answer, and who stops has none
	}
	err = r.results(ctx, shown)
	switch {
	case some:
		e.Err = cmp.Or(e.Err, err)
		e.Returned = err == nil
		return e
	case err == nil || !r.changes():
		return err
	}
	return &ChangeError{Verb: r.plan.Verb, Done: r.sum.Changed, Total: rows.n, Err: err}
}

// checkReturning refuses a RETURNING that SQLite cannot run, before anything is
// sent.
func (r *run) checkReturning(ctx context.Context) error {
	q := &r.plan.Call.Returning
	if q.Empty() {
		return nil
	}
	rows, err := r.start(ctx, q)
	if err != nil {
		return err
	}
	return rows.Close()
}

// collect runs the query and adds a row to rows for each of its own. All of them
// are checked: the error tells of those that cannot be sent.
func (r *run) collect(ctx context.Context, rows *pending) (err error) {
	q := &r.plan.Query
	found, err := r.start(ctx, q)
	if err != nil {
		return err
	}
	defer func() { err = r.finish(found, err) }()
	params, err := r.params(found.Columns)
	if err != nil {
		return err
	}
	var wrong wrongRows
	for number := 1; ; number++ {
		row, err := found.Next()
		if err != nil {
			return r.place(q, err)
		}
		if row == nil || wrong.full() {
			return cmp.Or(wrong.err(), rows.added())
		}
		c := changed{number: number, line: r.lineOf(found), before: row[len(params):]}
		if c.args, err = r.arguments(params, row, c); err == nil {
			err = r.check(c)
		}
		switch {
		case err != nil:
			wrong = append(wrong, err)
		case r.dry():
			rows.n++
		default:
			if err := rows.add(c); err != nil {
				return err
			}
		}
	}
}

// lineOf returns the line that the current row of a query was made of, 0 for none,
// and remembers its file.
func (r *run) lineOf(found *vtab.Rows) int {
	f, line := found.Origin()
	if line > 0 && r.origin == nil {
		r.origin = &f
	}
	return line
}

// arguments returns the arguments that a row of the query says.
func (r *run) arguments(params []string, row provider.Row, c changed) (provider.Args, error) {
	args := maps.Clone(r.plan.Call.Fixed)
	if args == nil {
		args = provider.Args{}
	}
	for i, p := range params {
		if p == "" || row[i] == nil {
			continue
		}
		if f, ok := row[i].(float64); ok {
			return nil, r.atCell(c, i, "number", "write it in quotes", "%s is the number %v, not an identifier", p, f)
		}
		args[p] = text(row[i])
	}
	return args, nil
}

// nameOf names a row, and the line of a file that it was made of.
func (r *run) nameOf(c changed) string {
	if c.line == 0 || r.origin == nil {
		return rowName(c.number, "")
	}
	return rowName(c.number, fmt.Sprintf("%s:%d", r.origin.Shown(), c.line))
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

// returns reports whether the change has a result.
func (r *run) returns() bool { return r.plan.Call.Show || !r.plan.Call.Returning.Empty() }

// results writes the result of a change: RETURNING, or what the method
// answered with.
func (r *run) results(ctx context.Context, shown []changed) error {
	if !r.returns() {
		return nil
	}
	rows := []provider.Row{}
	for _, c := range shown {
		rows = append(rows, r.result(c)...)
	}
	if q := &r.plan.Call.Returning; !q.Empty() {
		param, err := json.Marshal(rows)
		if err != nil {
			return err
		}
		r.returned = string(param)
		return r.query(ctx, q)
	}
	if err := r.w.Columns(outputs(r.plan.Call.Method.Resource)); err != nil {
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

// result returns the rows that RETURNING is about for a row of the change.
func (r *run) result(c changed) []provider.Row {
	call := r.plan.Call
	rows := c.after
	if call.Before || len(rows) == 0 && !call.Show {
		rows = []provider.Row{r.told(c)}
	}
	if !call.Outcomes {
		return rows
	}
	out := make([]provider.Row, len(rows))
	for i, row := range rows {
		out[i] = append(slices.Clone(row), r.outcomeOf(c)...)
	}
	return out
}

// told returns a row of the resource with what is known of it before a call, or
// after one that answered with nothing.
func (r *run) told(c changed) provider.Row {
	if c.recalled() {
		return c.before
	}
	columns := r.plan.Call.Method.Resource.Outputs()
	row := make(provider.Row, len(columns))
	for i, col := range columns {
		if value, ok := c.args[col.Name]; ok {
			row[i] = value
		}
	}
	return row
}

// outcomeOf returns what became of a row: its state, and of one that was refused the
// code and the message of the error.
func (r *run) outcomeOf(c changed) provider.Row {
	row := provider.Row{r.became(c.outcome), nil, nil}
	if c.err == nil {
		return row
	}
	row[2] = c.err.Error()
	if e, ok := errors.AsType[*provider.Error](c.err); ok {
		row[1], row[2] = e.Code.String(), e.Message
	}
	return row
}

// outputs returns the columns of a resource's rows.
func outputs(res *registry.Resource) []Column {
	var out []Column
	for _, c := range res.Outputs() {
		out = append(out, Column{Name: c.Name})
	}
	return out
}
