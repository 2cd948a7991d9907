package sqlengine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/journal"
)

// begin records a change whose rows are known, before the first of its calls.
func (r *run) begin(ctx context.Context, rows *pending) (err error) {
	if !r.changes() || rows.n == 0 {
		return nil
	}
	if r.changed, err = r.session.changes(ctx); err != nil || r.session.opts.Journal == nil {
		return err
	}
	store, who, err := r.session.opts.Journal(ctx)
	if err != nil {
		return err
	}
	src := r.plan.Statement.Source
	at := src.Errorf(0, 0, "", "")
	return r.beginRun(ctx, store, journal.Run{Identity: who, Statement: src.String(), File: at.File, Line: at.Line}, rows)
}

// beginRun records a change of which run says what the plan does not.
func (r *run) beginRun(ctx context.Context, store *journal.Store, run journal.Run, rows *pending) (err error) {
	call := r.plan.Call
	run.Verb, run.Method, run.Ignore, run.Rows = r.plan.Verb, call.Method.ID, call.Ignore, rows.n
	if call.First != nil {
		run.First = call.First.ID
	}
	if r.origin != nil {
		run.Roster = r.origin.Shown()
	}
	calls := func(yield func(journal.Call, error) bool) {
		for row, err := range rows.all() {
			c := journal.Call{Row: row.number, Line: row.line, Args: row.args}
			if row.recalled() {
				c.Before = row.before
			}
			if !yield(c, err) {
				return
			}
		}
	}
	if r.record, err = store.Begin(ctx, run, calls); err != nil {
		return err
	}
	r.sum.Run = r.record.Run().ID
	return nil
}

// recalled reports whether what the row is about is known as it is before the call.
func (c *changed) recalled() bool {
	return slices.ContainsFunc(c.before, func(v any) bool { return v != nil })
}

// changes returns what can be told about methods that change something.
func (s *Session) changes(ctx context.Context) (map[string]provider.Change, error) {
	if s.opts.Changes == nil {
		return nil, nil
	}
	return s.opts.Changes(ctx)
}

// end ends the record of a change.
func (r *run) end() {
	if r.record == nil {
		return
	}
	if err := r.record.Close(); err != nil {
		r.sum.Notices = append(r.sum.Notices, "not all that was done is recorded: "+err.Error())
	}
}

// flush has the record written soon.
func (r *run) flush() {
	if r.record != nil {
		r.record.Flush()
	}
}

// callRecorded makes the call of a row, and records that it is sent and what became
// of it. Of a call that may have been made before, it looks first.
func (r *run) callRecorded(ctx context.Context, row *changed) outcome {
	if r.record == nil {
		if r.plan.Call.Before {
			r.recall(ctx, row)
		}
		return outcome{tried: true, err: r.callOne(ctx, row)}
	}
	if row.doubt {
		if err, settled := r.settle(ctx, row); settled {
			return r.ended(row, err)
		}
	}
	if err := r.record.Sending(ctx, row.number, r.recall(ctx, row)); err != nil {
		return outcome{err: err}
	}
	err := r.callOne(ctx, row)
	if err != nil && row.doubt && !repeats(err) {
		// It may be refused since it was done after it had been looked for.
		if why, settled := r.settle(ctx, row); settled {
			err = why
		}
	}
	return r.ended(row, err)
}

// ended records what became of the call of a row.
func (r *run) ended(row *changed, err error) outcome {
	out := journal.Outcome{State: r.stateOf(err)}
	if e, ok := errors.AsType[*provider.Error](err); ok {
		out.Code, out.Reason, out.Message = e.Code.String(), e.Reason, e.Message
	} else if err != nil {
		out.Message = err.Error()
	}
	if len(row.after) > 0 {
		out.Answer = row.after[0]
	}
	r.record.Ended(row.number, out)
	return outcome{tried: true, err: err}
}

// stateOf is what the end of a call says of it.
func (r *run) stateOf(err error) journal.State {
	e, refused := errors.AsType[*provider.Error](err)
	switch {
	case err == nil:
		return journal.Done
	case !refused || inDoubt(err) || e.Code == provider.Canceled:
		return journal.Unknown
	case r.plan.Call.Ignore && e.Code == provider.AlreadyExists:
		return journal.There
	}
	return journal.Failed
}

// recall returns what the call of a row is about as it is before, nil if that is on
// record already or cannot be told.
func (r *run) recall(ctx context.Context, row *changed) provider.Row {
	recall := r.changed[r.plan.Call.Method.ID].Recall
	if recall == nil || row.recalled() {
		return nil
	}
	before, err := recall(ctx, row.args)
	if err != nil {
		return nil // the call itself will say why
	}
	row.before = before
	return before
}

// settle looks what became of a row that was sent before. It reports whether no
// call is to be made, and the error of the row then.
func (r *run) settle(ctx context.Context, row *changed) (_ error, settled bool) {
	call := r.plan.Call
	err, settled := r.lookFor(ctx, call.Method, row.args, row)
	if call.First == nil && settled && err == nil {
		return r.madeOnce(row), true
	}
	if call.First == nil || err != nil {
		return err, settled
	}
	return r.settleFirst(ctx, row, settled)
}

// settleFirst looks what became of a row that is to be made anew: it is still there,
// it is there as it is to be, it was made again as it was, or it is gone. there says
// that one as it is to be was found, which another made if the row is still there.
func (r *run) settleFirst(ctx context.Context, row *changed, there bool) (_ error, settled bool) {
	call := r.plan.Call
	err, over := r.lookFor(ctx, call.First, r.asWas(row, call.First), &changed{before: row.before})
	if err != nil {
		return err, true
	}
	if !over {
		row.after = nil
		return nil, false
	}
	if there {
		return nil, true
	}
	again := changed{before: row.before}
	err, over = r.lookFor(ctx, call.Method, r.asWas(row, call.Method), &again)
	if err != nil {
		return err, true
	}
	row.gone = !over || len(again.after) == 0
	if !row.gone {
		row.before = again.after[0]
	}
	return nil, false
}

// lookFor looks what became of a call that was made before for a row. It reports
// whether that is settled, and the error of the call then.
func (r *run) lookFor(ctx context.Context, m *registry.Method, args provider.Args, row *changed) (_ error, settled bool) {
	look := r.changed[m.ID].Settle
	if look == nil {
		return nil, false
	}
	fate, answer, err := look(ctx, args, row.before)
	switch fate {
	case provider.Undone:
		return nil, false
	case provider.Done:
		row.after = nil
		if answer != nil {
			row.after = []provider.Row{answer}
		}
		return nil, true
	case provider.Lost:
		return err, true
	}
	if ctx.Err() != nil {
		return ctx.Err(), true
	}
	return &provider.Error{
		Code: provider.CodeOf(err), Doubt: true, Err: err,
		Message: fmt.Sprintf("whether it was done cannot be told: %v", err),
	}, true
}

// remains reports whether a call for a row should be made again, or at all.
func (r *run) remains(o outcome) bool {
	if !o.tried {
		return true
	}
	state := r.stateOf(o.err)
	return state == journal.Unknown || state == journal.Failed && repeats(o.err)
}

// repeats reports whether a call that was refused so may be done later, if only
// after somebody has signed in again.
func repeats(err error) bool {
	switch provider.CodeOf(err) {
	case provider.Unauthenticated, provider.ResourceExhausted, provider.Unavailable, provider.Internal, provider.DeadlineExceeded, provider.Aborted:
		return true
	}
	return false
}
