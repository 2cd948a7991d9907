package sqlengine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/filetab"
	"github.com/iql-lang/iql/sqlengine/journal"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// outcome is what became of a row of a change.
type outcome struct {
	tried bool
	err   error // nil is done; of a row that was not tried, why it could not be recorded
}

// callEach makes the call of each row, several at once, and returns the rows that
// the result is about. A refused row does not stop the others, unless it says that
// none will be done or the session wants it to. All is reported in the order of the
// rows.
func (r *run) callEach(ctx context.Context, rows *pending) ([]changed, error) {
	t := &tally{run: r, failed: &ChangeError{Verb: r.plan.Verb, Total: rows.n}}
	unread := r.callAll(ctx, rows, func(row changed, o outcome) { t.add(ctx, row, o) })
	t.unrecorded = cmp.Or(t.unrecorded, unread)
	for range rows.n - t.rows {
		t.add(ctx, changed{}, outcome{})
	}
	return t.shown, t.err(ctx)
}

// tally collects what became of the rows of a change.
type tally struct {
	run        *run
	rows       int
	shown      []changed // that the result is about
	failed     *ChangeError
	unsure     int   // rows that were sent when the change was stopped
	unrecorded error // why rows were not tried
}

// add adds a row, in their order.
func (t *tally) add(ctx context.Context, row changed, o outcome) {
	r, call := t.run, t.run.plan.Call
	t.rows++
	for _, m := range row.calls {
		r.called(m.ID, 1)
	}
	if r.record != nil && r.remains(o) {
		r.sum.Again++
	}
	state := r.became(o)
	if ctx.Err() != nil && (state == unknown || provider.CodeOf(o.err) == provider.DeadlineExceeded) {
		state = notTried // it was stopped
		if inDoubt(o.err) {
			state = stopped
		}
	}
	switch state {
	case stopped:
		r.sum.Unknown++
		t.unsure++
	case notTried:
		r.sum.Untried++
		t.failed.Untried++
		if !o.tried {
			t.unrecorded = cmp.Or(t.unrecorded, o.err)
		}
	case done:
		t.failed.Done++
		if r.changes() {
			r.sum.Changed++
		}
	case there:
		r.sum.Already++
	case unknown:
		r.sum.Unknown++
		t.refuse(row, o.err)
	case refused:
		r.sum.Failed++
		t.refuse(row, o.err)
	}
	if call.Outcomes && row.number > 0 || state == done && (call.Show || !call.Returning.Empty()) {
		row.outcome = o
		t.shown = append(t.shown, row)
	}
}

// refuse adds a row to those that failed.
func (t *tally) refuse(row changed, err error) {
	t.failed.Failures = append(t.failed.Failures, Failure{
		Row: row.number, File: t.run.originOf(row), Line: row.line,
		Err: failedCall(t.run.plan.Call.Method, row.args, err),
	})
}

// err returns nil if all rows are done or there already.
func (t *tally) err(ctx context.Context) error {
	f := t.failed
	switch {
	case ctx.Err() != nil && f.Done+t.run.sum.Already < f.Total:
		if t.unsure+len(f.Failures) > 0 {
			return &stoppedError{err: context.Cause(ctx), unsure: t.unsure, failed: f}
		}
		return context.Cause(ctx)
	case t.unrecorded != nil && f.Done == 0 && len(f.Failures) == 0:
		return t.unrecorded
	case t.unrecorded != nil:
		f.Err = t.unrecorded
		return f
	case len(f.Failures) == 0:
		return nil
	}
	return f
}

// The states of a row, as RETURNING has them.
const (
	done     = "done"
	there    = "already there"
	refused  = "refused"
	unknown  = "unknown"
	notTried = "not tried"
	stopped  = "stopped" // and unknown
)

// became returns the state of a row.
func (r *run) became(o outcome) string {
	if !o.tried {
		return notTried
	}
	switch r.stateOf(o.err) {
	case journal.Done:
		return done
	case journal.There:
		return there
	case journal.Failed:
		return refused
	}
	return unknown
}

// inDoubt reports whether what became of a call that was sent is not known.
func inDoubt(err error) bool {
	e, ok := errors.AsType[*provider.Error](err)
	return ok && e.Doubt || errors.Is(err, provider.ErrUnsure)
}

// originOf returns the file that a row was made of a line of, nil for none.
func (r *run) originOf(row changed) *filetab.File {
	if row.line == 0 {
		return nil
	}
	return r.origin
}

// failedCall says which call failed, unless the error does.
func failedCall(m *registry.Method, args provider.Args, err error) *vtab.CallError {
	if e, ok := errors.AsType[*vtab.CallError](err); ok {
		return e
	}
	return &vtab.CallError{Method: m, Args: args, Err: err}
}

// stoppedError says that a change was stopped: while calls were under way, or after
// rows were refused.
type stoppedError struct {
	err    error        // the context's
	unsure int          // calls of which it is not known whether they were done
	failed *ChangeError // what was refused before; it may have no failures
}

func (e *stoppedError) Error() string {
	if e.unsure == 0 {
		return e.err.Error()
	}
	return fmt.Sprintf("%v while %d calls were under way: whether they were done is not known", e.err, e.unsure)
}

func (e *stoppedError) Unwrap() []error { return []error{e.err, e.failed} }

// ahead is how many rows, for each call that may be under way, may be over before
// the oldest one is: what is told in order waits in memory.
const ahead = 16

// job is a row on its way.
type job struct {
	row  changed
	key  string        // what it is about
	prev *job          // about the same, and before it; nil for none
	over chan struct{} // closed when out is known
	out  outcome
}

// caller makes the calls of a change.
type caller struct {
	run     *run
	stopped atomic.Bool // no more are to be made

	mu       sync.Mutex
	last     map[string]*job // guarded by mu; the latest that are under way, by what they are about
	progress Progress        // guarded by mu
}

// parallel is how many rows may be under way at once: one where none must be sent
// after one that is refused, and few where each of them is gone until it is made anew.
func (r *run) parallel() int {
	most := max(r.session.opts.ParallelChanges, 1)
	switch {
	case r.session.opts.StopAtFailure:
		return 1
	case r.plan.Call.First != nil:
		return min(most, maxRemade)
	}
	return most
}

// callAll makes the calls, in order as far as they are not made at once, and tells
// what became of each row, in order. Rows about the same thing are never called for
// at once. Rows that are not told of were not tried; the error is why they could not
// be read.
func (r *run) callAll(ctx context.Context, rows *pending, tell func(changed, outcome)) (err error) {
	parallel := r.parallel()
	c := &caller{run: r, last: map[string]*job{}, progress: Progress{Calls: rows.n}}
	if r.changes() {
		c.progress.Verb = r.plan.Verb
	}
	r.session.follow(c.soFar)
	work, order := make(chan *job), make(chan *job, parallel*ahead)
	var under sync.WaitGroup
	for range min(parallel, rows.n) {
		under.Go(func() { c.work(ctx, work) })
	}
	under.Go(func() {
		defer close(order)
		defer close(work)
		err = c.feed(ctx, rows, order, work)
	})
	for j := range order {
		<-j.over
		tell(j.row, j.out)
	}
	under.Wait()
	return err
}

// feed hands out the rows in order, until no more calls are to be made. Where rows
// are deleted to be made anew, the first that does not stay as it is goes alone: if it
// cannot be made, no other is deleted.
func (c *caller) feed(ctx context.Context, rows *pending, order, work chan<- *job) error {
	alone := c.run.plan.Call.First != nil
	for row, err := range rows.all() {
		if err != nil || ctx.Err() != nil || c.stopped.Load() && !c.run.plan.Call.Outcomes {
			return err
		}
		j := &job{row: row, key: c.run.about(row), over: make(chan struct{})}
		c.mu.Lock()
		j.prev, c.last[j.key] = c.last[j.key], j
		c.mu.Unlock()
		order <- j
		work <- j
		if alone {
			<-j.over
			alone = len(j.row.calls) == 0 && !j.row.doubt
		}
	}
	return nil
}

// work makes the calls of the rows that it is handed.
func (c *caller) work(ctx context.Context, work <-chan *job) {
	defer c.run.flush()
	for j := range work {
		if j.prev != nil {
			<-j.prev.over
			j.prev = nil
		}
		if ctx.Err() == nil && !c.stopped.Load() {
			j.out = c.run.callRecorded(ctx, &j.row)
		}
		c.ended(j)
		close(j.over)
	}
}

// ended counts a row, and stops the others if it says so.
func (c *caller) ended(j *job) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last[j.key] == j {
		delete(c.last, j.key)
	}
	p := &c.progress
	switch c.run.became(j.out) {
	case notTried:
		c.stopped.Store(true)
		return
	case done:
		p.Done++
	case there:
		p.Already++
	default:
		p.Failed++
		if c.run.session.opts.StopAtFailure || provider.CodeOf(j.out.err) == provider.Unauthenticated || errors.Is(j.out.err, errGone) {
			c.stopped.Store(true)
		}
	}
	p.Over++
}

// soFar tells how far the calls have come.
func (c *caller) soFar() Progress {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.progress
}

// about returns what a row is about: its arguments but for words of an enumeration,
// such as a role. An address is the same in capitals.
func (r *run) about(row changed) string {
	name := provider.Args{}
	for param, value := range row.args {
		if c, ok := r.plan.Call.Method.Resource.Column(param); !ok || len(c.Enum) == 0 {
			name[param] = strings.ToLower(value)
		}
	}
	return fmt.Sprintf("%q", map[string]string(name))
}

// callOne makes the call of a row.
func (r *run) callOne(ctx context.Context, row *changed) error {
	if r.plan.Call.First != nil {
		return r.remake(ctx, row)
	}
	if err := r.callFor(ctx, row, r.plan.Call.Method, row.args, &row.after); err != nil {
		return err
	}
	return r.madeOnce(row)
}

// callFor makes a call for a row and adds what it answers to after; nil is not asked
// for.
func (r *run) callFor(ctx context.Context, row *changed, m *registry.Method, args provider.Args, after *[]provider.Row) error {
	row.calls = append(row.calls, m)
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
