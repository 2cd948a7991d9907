package sqlengine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// ChangeError says that calls of a change of several rows were refused. The
// other rows were done, unless Stopped.
type ChangeError struct {
	Verb     string
	Done     int // rows that were changed
	Total    int
	Failures []Failure
	Stopped  bool // the rows after the last failure were not tried
}

// Failure is a row of a change that was refused.
type Failure struct {
	Row int // 1-based, in the order of the query
	Err *vtab.CallError
}

// Error returns the counts and the first failure.
func (e *ChangeError) Error() string {
	return fmt.Sprintf("%s: %d of %d rows failed: %v", e.Verb, len(e.Failures), e.Total, e.Failures[0].Err)
}

// Unwrap returns the failures.
func (e *ChangeError) Unwrap() []error {
	out := make([]error, len(e.Failures))
	for i, f := range e.Failures {
		out[i] = f.Err
	}
	return out
}

// changed is a row of a change.
type changed struct {
	args   provider.Args
	before provider.Row   // as it was read, for RETURNING
	after  []provider.Row // what the method answered with
}

// change collects the rows of the query, so that a change does not read what it
// is changing, checks all of them, and then makes the calls.
func (r *run) change(ctx context.Context) error {
	rows, err := r.collect(ctx)
	if err != nil {
		return err
	}
	for i := range rows {
		if err := r.check(i, len(rows), rows[i].args); err != nil {
			return err
		}
	}
	if err := r.checkReturning(ctx); err != nil {
		return err
	}
	done, failed := r.callEach(ctx, rows)
	if failed != nil && len(done) == 0 {
		return failed // an empty result would look like an answer
	}
	if err := r.results(ctx, done); err != nil {
		return errors.Join(err, failed)
	}
	return failed
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
		c := changed{args: maps.Clone(r.plan.Call.Fixed), before: row[len(params):]}
		if c.args == nil {
			c.args = provider.Args{}
		}
		for i, p := range params {
			if p != "" && row[i] != nil {
				c.args[p] = text(row[i])
			}
		}
		out = append(out, c)
	}
}

// text returns a value as the text of an argument.
func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return fmt.Sprint(v)
}

// params returns which parameter each of the first columns of the query is.
func (r *run) params(columns []string) ([]string, error) {
	call := r.plan.Call
	if call.Params != nil {
		if len(columns) < len(call.Params) || len(columns) > len(call.Params) && !call.Before {
			at := r.plan.Statement.Rows
			return nil, r.plan.Statement.Source.Errorf(at.Start, at.End-at.Start, "",
				"%d values for %d columns", len(columns), len(call.Params))
		}
		return call.Params, nil
	}
	out := make([]string, len(columns))
	for i, c := range columns {
		p, ok := call.Method.Parameter(c)
		if !ok {
			return nil, r.unknownParameter(c)
		}
		out[i] = p
	}
	have := slices.AppendSeq(slices.Clone(out), maps.Keys(call.Fixed))
	if call.Method.Satisfied(have) < 0 {
		return nil, &registry.RouteError{Resource: call.Method.Resource, Verb: registry.Exec, Method: call.Method, Have: have}
	}
	return out, nil
}

func (r *run) unknownParameter(name string) error {
	m, at := r.plan.Call.Method, r.plan.Statement.Rows
	hint := "name the columns of the query like the parameters: " + m.Required()
	if near, ok := provider.Nearest(name, m.Parameters()); ok {
		hint = "did you mean " + near + "?"
	}
	e := r.plan.Statement.Source.Errorf(at.Start, at.End-at.Start, hint, "%s takes no %s", m.ID, name)
	e.Code = "unknown_parameter"
	return e
}

// check refuses a row that cannot be meant, before anything is sent: one that
// lacks an argument, or has a value that its column cannot have.
func (r *run) check(i, total int, args provider.Args) error {
	m := r.plan.Call.Method
	have := slices.Collect(maps.Keys(args))
	if m.Satisfied(have) < 0 {
		if total == 1 {
			return &registry.RouteError{Resource: m.Resource, Verb: registry.Exec, Method: m, Have: have}
		}
		at := r.plan.Statement.Rows
		e := r.plan.Statement.Source.Errorf(at.Start, at.End-at.Start, "nothing was sent", "row %d: %v", i+1,
			&registry.RouteError{Resource: m.Resource, Verb: registry.Exec, Method: m, Have: have})
		e.Code = "missing_parameter"
		return e
	}
	for name, value := range args {
		col, _ := m.Resource.Column(name)
		if len(col.Enum) > 0 && !slices.Contains(col.Enum, value) {
			return r.badEnum(i, col, value)
		}
	}
	return nil
}

// badEnum says which values a column has, at the literal if the statement has
// the value as one.
func (r *run) badEnum(i int, col *registry.Column, value string) error {
	s := r.plan.Statement
	at := s.Rows
	for _, t := range s.Tokens {
		if t.Kind == syntax.String && t.Name() == value {
			at = syntax.Span{Start: t.Start, End: t.End}
			break
		}
	}
	hint := "it is one of " + list(col.Enum)
	if near, ok := provider.Nearest(value, col.Enum); ok {
		hint = "did you mean " + near + "?"
	}
	e := s.Source.Errorf(at.Start, at.End-at.Start, hint, "row %d: %s cannot be %s", i+1, col.Name, value)
	e.Code = "unknown_value"
	return e
}

// callEach makes the call of each row and returns the rows that were done. A
// refused row does not stop the others, unless it says that none will be done.
func (r *run) callEach(ctx context.Context, rows []changed) ([]changed, error) {
	call := r.plan.Call
	var done []changed
	failed := &ChangeError{Verb: r.plan.Verb, Total: len(rows)}
	for i, row := range rows {
		r.sum.Calls++
		err := r.callOne(ctx, &row)
		if err == nil {
			r.sum.Changed++
			done = append(done, row)
			continue
		}
		if call.Ignore && provider.CodeOf(err) == provider.AlreadyExists {
			r.sum.Already++
			continue
		}
		if cause := context.Cause(ctx); cause != nil {
			return done, cause
		}
		r.sum.Failed++
		failed.Failures = append(failed.Failures, Failure{Row: i + 1, Err: &vtab.CallError{Method: call.Method, Args: row.args, Err: err}})
		if provider.CodeOf(err) == provider.Unauthenticated {
			failed.Stopped = i+1 < len(rows)
			break
		}
	}
	failed.Done = r.sum.Changed
	switch {
	case len(failed.Failures) == 0:
		return done, nil
	case len(rows) == 1:
		return done, failed.Failures[0].Err
	}
	return done, failed
}

func (r *run) callOne(ctx context.Context, row *changed) error {
	for answer, err := range r.session.call(ctx, r.plan.Call.Method, row.args) {
		if err != nil {
			return err
		}
		row.after = append(row.after, answer)
	}
	return nil
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
