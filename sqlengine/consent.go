package sqlengine

import (
	"context"
	"fmt"
	"time"

	"github.com/iql-lang/iql/registry"
)

// Change is a change that is about to be made: all of its rows are known, and
// nothing has been sent but what they were read by.
type Change struct {
	Verb   string           // "INSERT", "DELETE", "EXEC"
	First  *registry.Method // what is called for each row before Method, nil for nothing
	Method *registry.Method // what is called for each row
	Rows   int
	Takes  time.Duration // about how long the calls take; 0 if that is not known
	// Queried says that the rows come from a query: who wrote the statement may
	// not know how many they are.
	Queried bool
}

// ConsentError is a statement that was not run because somebody does not want it
// to, or has not said that they do.
type ConsentError struct{ Message, Hint string }

// Error returns the message.
func (e *ConsentError) Error() string { return e.Message }

// changes reports whether the statement calls a method that changes something.
func (r *run) changes() bool {
	return r.plan.Call != nil && r.plan.Call.Method.Verb != registry.Select
}

// dry reports whether the change is only to be told of.
func (r *run) dry() bool { return r.session.opts.DryRun && r.changes() }

// permitted refuses a change where nothing may be changed, before anything is
// read for it. A dry run changes nothing.
func (r *run) permitted() error {
	if !r.session.opts.ReadOnly || r.dry() || !r.changes() {
		return nil
	}
	return &ConsentError{
		Message: fmt.Sprintf("%s would call %s, and only reading is allowed", r.plan.Verb, r.plan.Call.Method.ID),
		Hint:    "EXPLAIN and --dry-run tell what it would do",
	}
}

// mayGoOn refuses to go on with a change on record, or to undo one, where only reading is
// allowed, before the record is claimed.
func (s *Session) mayGoOn(what string) error {
	if !s.opts.ReadOnly || s.opts.DryRun {
		return nil
	}
	return &ConsentError{
		Message: what + " would make changes, and only reading is allowed",
		Hint:    "--dry-run tells what it would do",
	}
}

// agreedTo asks whether a change may be made.
func (r *run) agreedTo(ctx context.Context, rows int) error {
	ask := r.session.opts.Consent
	if ask == nil || rows == 0 || !r.changes() {
		return nil
	}
	return ask(ctx, Change{
		Verb: r.plan.Verb, First: r.plan.Call.First, Method: r.plan.Call.Method, Rows: rows, Takes: r.takes(rows),
		Queried: r.plan.Literal == 0 && !r.plan.Named,
	})
}

// takes returns about how long the calls for rows take, 0 if that is not known.
func (r *run) takes(rows int) time.Duration {
	rate := r.session.opts.Rate
	if rate == 0 || rows == 0 {
		return 0
	}
	if r.plan.Call.First != nil {
		rows *= 2
	}
	return max(time.Duration(float64(rows)/rate*float64(time.Second)), time.Second).Round(time.Second)
}

// preview shows what a change would do whose rows have been read: the plan, with
// the calls that were made and those that would be.
func (r *run) preview(ctx context.Context, rows int) error {
	made := r.sum.Methods
	e := &explainer{run: r, plan: r.plan}
	if err := e.reads(ctx); err != nil {
		return err
	}
	e.change(rows)
	steps := map[string]int{} // how many read by a method
	for _, step := range e.rows {
		steps[methodOf(step)]++
	}
	for _, step := range e.rows {
		if id := methodOf(step); steps[id] == 1 && made[id] > 0 {
			step[explainCalls] = fmt.Sprint(made[id])
		}
	}
	r.sum.Planned = rows
	return r.show(e)
}
