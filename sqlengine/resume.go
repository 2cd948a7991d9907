package sqlengine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/journal"
	"github.com/iql-lang/iql/sqlengine/plan"
)

// Retry goes on with a change that the journal has: with the calls that were not
// sent, with those of which it is not known what became, after it has looked, and
// with those that were refused for a reason that passes; if failed is set, with
// all that were refused. The summary and the error are as those of [Session.Run]
// for these calls. The session must have a journal. Other errors are [journal.ErrNoRun], [journal.ErrUnderWay] and
// [*journal.Error].
func (s *Session) Retry(ctx context.Context, id string, failed bool) (sum Summary, err error) {
	start := time.Now()
	defer func() { sum.Elapsed = time.Since(start) }()
	store, _, err := s.opts.Journal(ctx)
	if err != nil {
		return sum, err
	}
	record, calls, err := store.Resume(ctx, id)
	if err != nil {
		return sum, err
	}
	r := &run{session: s, sum: &sum, record: record}
	defer r.end()
	of := record.Run()
	sum.Verb, sum.Run = of.Verb, of.ID
	if r.plan, err = s.planOf(of.Verb, of.Method); err != nil {
		return sum, err
	}
	r.plan.Call.Ignore = of.Ignore
	if r.changed, err = s.changes(ctx); err != nil {
		return sum, err
	}
	defer s.progress.Store(nil)
	_, err = r.callEach(ctx, unfinished(calls, failed))
	return sum, err
}

// planOf is the plan of calls that are known already.
func (s *Session) planOf(verb, method string) (*plan.Plan, error) {
	m, ok := s.opts.Registry.Method(method)
	if !ok {
		return nil, provider.Errorf(provider.Unimplemented, "there is no method %s any more", method)
	}
	return &plan.Plan{Verb: verb, Call: &plan.Call{Method: m}}, nil
}

// unfinished returns the rows for which something remains to be done.
func unfinished(calls []journal.Call, failed bool) []changed {
	var rows []changed
	for _, c := range calls {
		row := changed{number: c.Row, args: c.Args, before: c.Before, recalled: c.Before != nil}
		switch c.State {
		case journal.Planned:
		case journal.Sent, journal.Unknown:
			row.doubt = true
		case journal.Failed:
			code, _ := provider.ParseCode(c.Code)
			passes := repeats(&provider.Error{Code: code})
			if !passes && !failed {
				continue
			}
			// It may have been done later, unless it was turned away.
			row.doubt = passes && code != provider.ResourceExhausted && code != provider.Unauthenticated
		default:
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

// Undo makes undone what a change did that the journal has, by a change of its
// own, which is recorded too: what was created is deleted, what was deleted is
// created again. The summary's notices say what cannot be undone. Errors are as
// those of [Session.Retry], and a [*ConsentError].
func (s *Session) Undo(ctx context.Context, id string) (sum Summary, err error) {
	start := time.Now()
	defer func() { sum.Elapsed = time.Since(start) }()
	store, who, err := s.opts.Journal(ctx)
	if err != nil {
		return sum, err
	}
	record, calls, err := store.Resume(ctx, id)
	if err != nil {
		return sum, err
	}
	was := &run{session: s, sum: &Summary{}, record: record}
	defer was.end()
	if err := notUndone(ctx, store, id); err != nil {
		return sum, err
	}
	r := &run{session: s, sum: &sum}
	if r.changed, err = s.changes(ctx); err != nil {
		return sum, err
	}
	method, rows := r.reverse(record.Run(), calls)
	if len(rows) == 0 {
		return sum, nil
	}
	m, ok := s.opts.Registry.Method(method)
	if !ok {
		return sum, provider.Errorf(provider.Unimplemented, "there is no method %s", method)
	}
	verb := string(m.Verb)
	if r.plan, err = s.planOf(verb, method); err != nil {
		return sum, err
	}
	sum.Verb = verb
	if err := r.agreedToUndo(ctx, id, m, len(rows)); err != nil {
		return sum, err
	}
	if err := r.beginRun(ctx, store, journal.Run{Identity: who, Undid: id}, rows); err != nil {
		return sum, err
	}
	defer r.end()
	defer s.progress.Store(nil)
	_, err = r.callEach(ctx, rows)
	return sum, err
}

// notUndone refuses to undo a change a second time.
func notUndone(ctx context.Context, store *journal.Store, id string) error {
	runs, err := store.List(ctx)
	if err != nil {
		return err
	}
	for _, run := range runs {
		if run.Undid == id {
			return &ConsentError{
				Message: fmt.Sprintf("%s was undone by %s", id, run.ID),
				Hint:    "go on with that: iql journal retry " + run.ID,
			}
		}
	}
	return nil
}

// agreedToUndo asks whether a change may be undone.
func (r *run) agreedToUndo(ctx context.Context, id string, m *registry.Method, rows int) error {
	if ask := r.session.opts.Consent; ask != nil {
		return ask(ctx, Change{Verb: "undo " + id, Method: m, Rows: rows, Queried: true})
	}
	return nil
}

// reverse returns the calls that make undone what calls did, and notes what cannot
// be.
func (r *run) reverse(of journal.Run, calls []journal.Call) (method string, rows []changed) {
	undo := r.changed[of.Method].Undo
	kept := map[string]int{} // rows, by why they cannot be undone
	for _, c := range calls {
		if c.State != journal.Done {
			continue
		}
		if undo == nil {
			kept["there is no method that would"]++
			continue
		}
		name, args, err := undo(c.Args, c.Before, c.Answer)
		if err != nil {
			kept[err.Error()]++
			continue
		}
		method = name
		rows = append(rows, changed{number: c.Row, args: args})
	}
	for _, why := range slices.Sorted(maps.Keys(kept)) {
		r.sum.Notices = append(r.sum.Notices, fmt.Sprintf("%s cannot be undone: %s", countRows(kept[why]), why))
	}
	if n := of.Counts.Pending(); n > 0 {
		r.sum.Notices = append(r.sum.Notices, fmt.Sprintf("what became of %s is not settled, and is not undone: iql journal retry %s", countRows(n), of.ID))
	}
	return method, rows
}

func countRows(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}
