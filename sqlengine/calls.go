package sqlengine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// outcome is what became of a row of a change.
type outcome struct {
	tried bool
	err   error // nil is done; of a row that was not tried, why it could not be recorded
}

// callEach makes the call of each row, several at once, and returns the rows that
// were done. A refused row does not stop the others, unless it says that none will
// be done. All is reported in the order of the rows.
func (r *run) callEach(ctx context.Context, rows []changed) ([]changed, error) {
	outcomes := r.callAll(ctx, rows)
	call := r.plan.Call
	var done []changed
	failed := &ChangeError{Verb: r.plan.Verb, Total: len(rows)}
	var unrecorded error
	for i, o := range outcomes {
		if o.tried {
			r.called(call.Method.ID, 1)
		}
		if r.record != nil && r.remains(o) {
			r.sum.Again++
		}
		switch {
		case !o.tried:
			failed.Untried++
			unrecorded = cmp.Or(unrecorded, o.err)
		case o.err == nil:
			done = append(done, rows[i])
		case call.Ignore && provider.CodeOf(o.err) == provider.AlreadyExists:
			r.sum.Already++
		case ctx.Err() == nil:
			r.sum.Failed++
			failed.Failures = append(failed.Failures, Failure{Row: rows[i].number, From: rows[i].from, Err: failedCall(call.Method, rows[i].args, o.err)})
		}
	}
	if call.Method.Verb != registry.Select {
		r.sum.Changed += len(done)
	}
	failed.Done = len(done)
	switch {
	case ctx.Err() != nil && len(done)+r.sum.Already < len(rows):
		unsure := 0
		for _, o := range outcomes {
			if errors.Is(o.err, provider.ErrUnsure) {
				unsure++
			}
		}
		if unsure > 0 {
			return done, &stoppedError{err: context.Cause(ctx), unsure: unsure}
		}
		return done, context.Cause(ctx)
	case unrecorded != nil && len(done) == 0 && len(failed.Failures) == 0:
		return nil, unrecorded
	case unrecorded != nil:
		failed.Err = unrecorded
		return done, failed
	case len(failed.Failures) == 0:
		return done, nil
	case len(rows) == 1:
		return done, failed.Failures[0].Err
	}
	return done, failed
}

// failedCall says which call failed, unless the error does.
func failedCall(m *registry.Method, args provider.Args, err error) *vtab.CallError {
	if e, ok := errors.AsType[*vtab.CallError](err); ok {
		return e
	}
	return &vtab.CallError{Method: m, Args: args, Err: err}
}

// stoppedError says that a change was stopped while calls were under way.
type stoppedError struct {
	err    error // the context's
	unsure int   // calls
}

func (e *stoppedError) Error() string {
	return fmt.Sprintf("%v while %d calls were under way: whether they were done is not known", e.err, e.unsure)
}

func (e *stoppedError) Unwrap() error { return e.err }

// callAll makes the calls, in order as far as they are not made at once, and
// returns what became of each. Rows about the same thing are never called for at
// once.
func (r *run) callAll(ctx context.Context, rows []changed) []outcome {
	out := make([]outcome, len(rows))
	groups := r.aboutTheSame(rows)
	var next, over atomic.Int64
	var stopped atomic.Bool
	r.session.follow(func() Progress { return Progress{Calls: len(rows), Over: int(over.Load())} })
	work := func() {
		defer r.flush()
		for ctx.Err() == nil && !stopped.Load() {
			g := int(next.Add(1)) - 1
			if g >= len(groups) {
				return
			}
			for _, i := range groups[g] {
				if ctx.Err() != nil || stopped.Load() {
					return
				}
				out[i] = r.callRecorded(ctx, &rows[i])
				over.Add(1)
				if !out[i].tried || provider.CodeOf(out[i].err) == provider.Unauthenticated {
					stopped.Store(true)
				}
			}
		}
	}
	var workers sync.WaitGroup
	for range min(max(r.session.opts.ParallelChanges, 1), len(groups)) {
		workers.Go(work)
	}
	workers.Wait()
	return out
}

// aboutTheSame returns the indexes of rows in groups, in order, of those whose
// arguments name the same thing: all are equal but words of an enumeration, such
// as a role.
func (r *run) aboutTheSame(rows []changed) [][]int {
	var groups [][]int
	at := map[string]int{}
	for i, row := range rows {
		name := provider.Args{}
		for param, value := range row.args {
			if c, ok := r.plan.Call.Method.Resource.Column(param); !ok || len(c.Enum) == 0 {
				name[param] = value
			}
		}
		key := fmt.Sprintf("%q", map[string]string(name))
		g, ok := at[key]
		if !ok {
			g = len(groups)
			at[key] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}

// callOne makes the call of a row.
func (r *run) callOne(ctx context.Context, row *changed) error {
	if r.plan.Call.First != nil {
		return r.remake(ctx, row)
	}
	return r.callFor(ctx, r.plan.Call.Method, row.args, &row.after)
}

// callFor makes a call and adds what it answers to after; nil is not asked for.
func (r *run) callFor(ctx context.Context, m *registry.Method, args provider.Args, after *[]provider.Row) error {
	for answer, err := range r.session.call(ctx, m, args) {
		if err != nil {
			return err
		}
		if answer != nil && after != nil { // not between pages
			*after = append(*after, answer)
		}
	}
	return nil
}
