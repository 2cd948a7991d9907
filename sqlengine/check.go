package sqlengine

import (
	"fmt"
	"maps"
	"slices"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/plan"
)

// params returns which parameter each of the first columns of the query is.
func (r *run) params(columns []string) ([]string, error) {
	call := r.plan.Call
	if call.Params != nil {
		if len(columns) < len(call.Params) || len(columns) > len(call.Params) && !call.Whole && call.First == nil {
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
func (r *run) check(row changed) error {
	m, args := r.plan.Call.Method, row.args
	if m.Satisfied(slices.Collect(maps.Keys(args))) < 0 {
		return r.missing(row)
	}
	for _, name := range slices.Sorted(maps.Keys(args)) {
		col, _ := m.Resource.Column(name)
		if len(col.Enum) > 0 && !slices.Contains(col.Enum, args[name]) {
			return r.badEnum(row, col)
		}
	}
	return nil
}

// missing says which parameter is NULL in a row of the query.
func (r *run) missing(row changed) error {
	m := r.plan.Call.Method
	for i, name := range r.plan.Call.Params {
		if _, ok := row.args[name]; !ok && name != "" {
			return r.atCell(row, i, "missing_parameter", m.Name+" needs it; nothing was sent", "%s is NULL", name)
		}
	}
	return r.atCell(row, -1, "missing_parameter", m.Name+" needs "+m.Required()+"; nothing was sent", "a parameter is NULL")
}

// badEnum says which values a column has.
func (r *run) badEnum(row changed, col *registry.Column) error {
	value := row.args[col.Name]
	hint := "it is one of " + plan.Join(col.Enum, "or")
	if near, ok := provider.Nearest(value, col.Enum); ok {
		hint = "did you mean " + near + "?"
	}
	return r.atCell(row, slices.Index(r.plan.Call.Params, col.Name), "unknown_value", hint, "%s cannot be %s", col.Name, value)
}

// atCell returns an error about a value of a row, whose column of the query is
// counted from 0.
func (r *run) atCell(row changed, column int, code, hint, format string, args ...any) error {
	at := r.plan.Cell(row.number-1, column)
	if !at.Present() && column >= 0 && column < len(r.plan.Statement.Args) {
		at = r.plan.Statement.Args[column].Value
	}
	e := r.plan.Statement.Source.Errorf(at.Start, at.End-at.Start, hint, "%s: %s", r.nameOf(row), fmt.Sprintf(format, args...))
	e.Code = code
	return e
}

// wrongRows are what is wrong with rows of a change, of which nothing was sent.
type wrongRows []error

// maxWrong is how many wrong rows are told of.
const maxWrong = 20

// full reports whether no more of them are told of.
func (w wrongRows) full() bool { return len(w) > maxWrong }

// err returns nil for none, the error of one, or all.
func (w wrongRows) err() error {
	switch len(w) {
	case 0:
		return nil
	case 1:
		return w[0]
	}
	return w
}

// Error returns what is wrong with the first.
func (w wrongRows) Error() string { return w[0].Error() }

// Unwrap returns the errors.
func (w wrongRows) Unwrap() []error { return w }

// describeWrong tells of the first as if it were alone, and of the others.
func describeWrong(w wrongRows) Problem {
	p := Describe(w[0])
	for i, err := range w[1:] {
		if i+1 == maxWrong {
			p.Details = append(p.Details, Detail{"also", "more rows"})
			break
		}
		p.Details = append(p.Details, Detail{"also", Describe(err).Message})
	}
	return p
}
