package sqlengine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/filetab"
	"github.com/iql-lang/iql/sqlengine/journal"
	"github.com/iql-lang/iql/sqlengine/plan"
)

// Retry goes on with a change that the journal has: with the calls that were not
// sent, with those of which it is not known what became, after it has looked, and
// with those that were refused for a reason that passes; if failed is set, with
// all that were refused. The summary and the error are as those of [Session.Run]
// for these calls. The session must have a journal. Other errors are
// [journal.ErrNoRun], [journal.ErrUnderWay] and [*journal.Error], and a
// [*ConsentError] where only reading is allowed. A dry run counts the calls, as
// Planned of the summary.
func (s *Session) Retry(ctx context.Context, id string, failed bool) (sum Summary, err error) {
	start := time.Now()
	defer func() { sum.Elapsed = time.Since(start) }()
	if err := s.mayGoOn("retry " + id); err != nil {
		return sum, err
	}
	store, _, err := s.opts.Journal(ctx)
	if err != nil {
		return sum, err
	}
	r := &run{session: s, sum: &sum}
	of, calls, err := r.resume(ctx, store, id)
	if err != nil {
		return sum, err
	}
	defer r.end()
	sum.Verb = of.Verb
	if !s.opts.DryRun {
		sum.Run = of.ID
	}
	if r.plan, err = s.planOf(of.Verb, of.Method, of.First); err != nil {
		return sum, err
	}
	r.plan.Call.Ignore = of.Ignore
	if of.Roster != "" {
		r.origin = &filetab.File{Name: of.Roster}
	}
	if r.changed, err = s.changes(ctx); err != nil {
		return sum, err
	}
	for _, c := range calls {
		if c.State == journal.Done {
			r.made.by(c.Answer, c.Row)
		}
	}
	rows := unfinished(of, calls, failed)
	if s.opts.DryRun {
		sum.Planned = len(rows)
		return sum, nil
	}
	if err := r.agreedToGoOn(ctx, "retry "+of.ID, len(rows), false); err != nil {
		return sum, err
	}
	defer s.progress.Store(nil)
	_, err = r.callEach(ctx, pendingOf(rows))
	return sum, err
}

// resume claims a run, to go on with it, and returns it with its calls. A dry run only
// reads them.
func (r *run) resume(ctx context.Context, store *journal.Store, id string) (journal.Run, []journal.Call, error) {
	if r.session.opts.DryRun {
		return store.Show(ctx, id)
	}
	record, calls, err := store.Resume(ctx, id)
	if err != nil {
		return journal.Run{}, nil, err
	}
	r.record = record
	return record.Run(), calls, nil
}

// planOf is the plan of calls that are known already; first is "" for none.
func (s *Session) planOf(verb, method, first string) (*plan.Plan, error) {
	m, err := s.findMethod(method)
	if err != nil {
		return nil, err
	}
	call := &plan.Call{Method: m}
	if first != "" {
		if call.First, err = s.findMethod(first); err != nil {
			return nil, err
		}
	}
	return &plan.Plan{Verb: verb, Call: call}, nil
}

func (s *Session) findMethod(id string) (*registry.Method, error) {
	m, ok := s.opts.Registry.Method(id)
	if !ok {
		return nil, provider.Errorf(provider.Unimplemented, "there is no method %s any more", id)
	}
	return m, nil
}

// unfinished returns the rows for which something remains to be done.
func unfinished(of journal.Run, calls []journal.Call, failed bool) []changed {
	var rows []changed
	for _, c := range calls {
		row := changed{number: c.Row, line: c.Line, args: c.Args, before: c.Before}
		switch c.State {
		case journal.Planned:
		case journal.Sent, journal.Unknown:
			row.doubt = true
		case journal.Failed:
			if !passes(c) && !failed {
				continue
			}
			code, _ := provider.ParseCode(c.Code)
			// It may have been done later, unless it was turned away; of two calls the
			// first may have been done, unless the row was gone: somebody withdrew it.
			turnedAway := code == provider.ResourceExhausted || code == provider.Unauthenticated
			row.doubt = passes(c) && !turnedAway || of.First != "" && code != provider.NotFound
		default:
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

// passes reports whether a call that was refused may be done later.
func passes(c journal.Call) bool {
	code, _ := provider.ParseCode(c.Code)
	return repeats(&provider.Error{Code: code})
}

// Undo makes undone what a change did that the journal has, by a change of its
// own, which is recorded too: what was created is deleted, what was deleted is
// created again. The summary's notices say what cannot be undone. Errors are as
// those of [Session.Retry], and a [*ConsentError].
func (s *Session) Undo(ctx context.Context, id string) (sum Summary, err error) {
	start := time.Now()
	defer func() { sum.Elapsed = time.Since(start) }()
	if err := s.mayGoOn("undo " + id); err != nil {
		return sum, err
	}
	store, who, err := s.opts.Journal(ctx)
	if err != nil {
		return sum, err
	}
	was := &run{session: s, sum: &Summary{}}
	of, calls, err := was.resume(ctx, store, id)
	if err != nil {
		return sum, err
	}
	defer was.end()
	if err := notUndone(ctx, store, id); err != nil {
		return sum, err
	}
	r := &run{session: s, sum: &sum}
	if r.changed, err = s.changes(ctx); err != nil {
		return sum, err
	}
	rows, err := r.reverse(of, calls)
	if err != nil || len(rows) == 0 {
		return sum, err
	}
	sum.Verb = r.plan.Verb
	if s.opts.DryRun {
		sum.Planned = len(rows)
		return sum, nil
	}
	if err := r.agreedToGoOn(ctx, "undo "+id, len(rows), true); err != nil {
		return sum, err
	}
	if err := r.beginRun(ctx, store, journal.Run{Identity: who, Undid: id}, pendingOf(rows)); err != nil {
		return sum, err
	}
	defer r.end()
	defer s.progress.Store(nil)
	_, err = r.callEach(ctx, pendingOf(rows))
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

// agreedToGoOn asks whether a change may be gone on with, which somebody agreed to
// when it was made, or undone, which nobody has agreed to.
func (r *run) agreedToGoOn(ctx context.Context, what string, rows int, undone bool) error {
	ask := r.session.opts.Consent
	if ask == nil || rows == 0 {
		return nil
	}
	return ask(ctx, Change{Verb: what, First: r.plan.Call.First, Method: r.plan.Call.Method, Rows: rows, Takes: r.takes(rows), Queried: undone})
}

// reverse plans the calls that make undone what calls did, and notes what cannot
// be.
func (r *run) reverse(of journal.Run, calls []journal.Call) (rows []changed, err error) {
	verb, method := string(registry.Update), of.Method
	kept := map[string]int{} // rows, by why they cannot be undone
	unsettled := of.Counts.Pending()
	for _, c := range calls {
		if of.First != "" && c.State == journal.Failed && passes(c) {
			unsettled++ // it may be gone
		}
		if c.State != journal.Done {
			continue
		}
		row, by, err := r.opposite(of, c)
		if err != nil {
			kept[err.Error()]++
			continue
		}
		if of.First == "" {
			method = by
		}
		rows = append(rows, row)
	}
	for _, why := range slices.Sorted(maps.Keys(kept)) {
		r.sum.Notices = append(r.sum.Notices, fmt.Sprintf("%s cannot be undone: %s", countRows(kept[why]), why))
	}
	if unsettled > 0 {
		r.sum.Notices = append(r.sum.Notices, fmt.Sprintf("what became of %s is not settled, and is not undone: iql journal retry %s", countRows(unsettled), of.ID))
	}
	if len(rows) == 0 {
		return nil, nil
	}
	m, err := r.session.findMethod(method)
	if err != nil {
		return nil, err
	}
	if of.First == "" {
		verb = string(m.Verb)
	}
	r.plan, err = r.session.planOf(verb, method, of.First)
	return rows, err
}

// opposite returns the row that makes undone what was done for another, and the
// method that is called for it.
func (r *run) opposite(of journal.Run, c journal.Call) (row changed, method string, err error) {
	if of.First == "" {
		undo := r.changed[of.Method].Undo
		if undo == nil {
			return row, "", errors.New("there is no method that would")
		}
		method, args, err := undo(c.Args, c.Before, c.Answer)
		return changed{number: c.Row, args: args}, method, err
	}
	m, err := r.session.findMethod(of.Method)
	switch {
	case err != nil:
		return row, "", err
	case c.Before == nil || c.Answer == nil:
		return row, "", errors.New("what they were is not on record")
	}
	row = changed{number: c.Row, args: r.asWas(&changed{before: c.Before}, m), before: c.Answer}
	return row, of.Method, nil
}

func countRows(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}
