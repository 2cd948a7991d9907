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
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// remakeTime is how long a row may take to be made again that has been deleted:
// who stops the statement in between waits for it.
const remakeTime = time.Minute

// maxRemade is how many rows may be deleted and not yet made anew at once. These are lost
// when a quota runs out.
const maxRemade = 8

// errGone says that a row was deleted, or may have been, and, as far as is known, is
// not there again. What refuses it, such as a quota of the day, refuses the next ones:
// no more rows must be deleted.
var errGone = errors.New("the row is gone")

// remake changes a row by deleting it and making it anew, as its API has it. If it
// is refused the row is made as it was; [errGone]. A row that would not change is left
// alone.
func (r *run) remake(ctx context.Context, row *changed) error {
	call := r.plan.Call
	was := r.asWas(row, call.Method)
	if same(was, row.args) {
		row.after = append(row.after, row.before)
		return nil
	}
	if !row.gone {
		if err := r.callFirst(ctx, row); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), remakeTime)
	defer cancel()
	err := r.callFor(ctx, row, call.Method, row.args, &row.after)
	e, answered := errors.AsType[*provider.Error](err)
	switch {
	case err == nil:
		return nil
	case !answered:
		return goneInDoubt(was, err)
	case e.Doubt:
		return asGone(e) // if it may be there as it is to be, it is not to be there twice
	}
	var restored []provider.Row
	if again := r.callFor(ctx, row, call.Method, was, &restored); again != nil {
		return notRestored(e, unlike(was, row.args), again)
	}
	if len(restored) > 0 {
		row.before = restored[0] // its key is another now
	}
	return besides(e, "the row was made again as it was")
}

// notRestored is the error of a row that was refused, and could not be made as it was
// either. Where that may be done later, or may have been done, the row is not refused
// for good: who goes on with the change gets it back. NOT_FOUND would say that there
// was no row to delete.
func notRestored(e *provider.Error, was provider.Args, again error) error {
	gone := fmt.Sprintf("the row is gone, and could not be made as it was (%v): %v", was, again)
	why, answered := errors.AsType[*provider.Error](again)
	doubt := !answered || why.Doubt
	if !doubt && (repeats(e) || !repeats(why) && e.Code != provider.NotFound) {
		return asGone(besides(e, gone))
	}
	out := &provider.Error{Code: provider.DeadlineExceeded, Caller: e.Caller, Doubt: doubt, Err: again, Message: fmt.Sprintf("%v; %s", e, gone)}
	if answered {
		out.Code = why.Code
	}
	return asGone(out)
}

// goneInDoubt is the error of a row that was deleted, where nobody waited for what
// became of making it anew.
func goneInDoubt(was provider.Args, err error) error {
	return asGone(&provider.Error{
		Code: provider.DeadlineExceeded, Doubt: true, Err: err,
		Message: fmt.Sprintf("the row was deleted (%v), and whether it was made anew is not known: %v", was, err),
	})
}

// callFirst deletes a row that is to be made anew.
func (r *run) callFirst(ctx context.Context, row *changed) error {
	first := r.plan.Call.First
	args := r.asWas(row, first)
	err := r.callFor(ctx, row, first, args, nil)
	sent := row.doubt
	if errors.Is(err, provider.ErrUnsure) { // and nobody waited for the answer
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), remakeTime)
		defer cancel()
		sent = true
		if err = r.callFor(ctx, row, first, args, nil); err != nil {
			err = fmt.Errorf("%w: %w", err, provider.ErrUnsure)
		}
	}
	if err == nil || sent && provider.CodeOf(err) == provider.NotFound {
		return nil // what was sent before has come late
	}
	if e, answered := errors.AsType[*provider.Error](err); answered && e.Doubt {
		err = asGone(e) // it may be
	}
	return &vtab.CallError{Method: first, Args: args, Err: err}
}

// asWas returns the arguments of a method that say what a row was.
func (r *run) asWas(row *changed, m *registry.Method) provider.Args {
	args := provider.Args{}
	for i, c := range m.Resource.Outputs() {
		if value := row.before[i]; value != nil && slices.Contains(m.Parameters(), c.Name) {
			args[c.Name] = text(value)
		}
	}
	return args
}

func same(a, b provider.Args) bool { return a.String() == b.String() }

// unlike returns the arguments of a that b has not, or has otherwise.
func unlike(a, b provider.Args) provider.Args {
	out := maps.Clone(a)
	maps.DeleteFunc(out, func(param, value string) bool { return b[param] == value })
	return out
}

// besides returns an error of a call with a sentence added.
func besides(e *provider.Error, sentence string) *provider.Error {
	out := *e
	out.Message += "; " + sentence
	return &out
}

// asGone returns an error of a call that is [errGone] as well.
func asGone(e *provider.Error) *provider.Error {
	out := *e
	out.Err = errors.Join(errGone, e.Err)
	return &out
}
