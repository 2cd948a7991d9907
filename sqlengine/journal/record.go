package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/iql-lang/iql/provider"
)

// Record is a run that this process works on. Nobody else can, until it is closed
// or the process ends. Its methods may be called from many goroutines at once.
type Record struct {
	store *Store
	run   Run
	seq   int64
	claim *claim

	wake   chan struct{} // has an element while there is something to write
	writer sync.WaitGroup

	mu      sync.Mutex
	entries []entry      // guarded by mu, as all here; to be written
	waiting []chan error // for them
	err     error        // why nothing more is written
	touched bool         // there was something to write
	closing bool
}

// entry is something to write about a call.
type entry struct {
	row    int
	before provider.Row // of a call that is sent
	out    Outcome
	at     time.Time
}

// Begin records a run and that its calls are planned, claims it, and drops old
// runs. It chooses run.ID and sets run.Started; run.Rows is how many calls there
// are. The error is an [*Error], that of ctx, or the first that calls have.
func (s *Store) Begin(ctx context.Context, run Run, calls iter.Seq2[Call, error]) (*Record, error) {
	r := &Record{store: s, run: run, touched: true}
	r.run.Started = time.Now()
	r.run.Statement = atMost(MaxStatement, run.Statement)
	var unread error // what calls have
	err := s.tx(func(c *conn) (err error) {
		if err := c.dropOld(r.run.Started, s.kept); err != nil {
			return err
		}
		if r.run.ID, err = c.newID(); err != nil {
			return err
		}
		if err := r.insert(ctx, c, failing(calls, &unread)); err != nil {
			return err
		}
		r.claim, err = s.claim(r.run.ID)
		return err
	})
	if err != nil {
		if r.claim != nil {
			err = errors.Join(err, r.claim.release())
		}
		return nil, cmp.Or(unread, err)
	}
	r.start()
	return r, nil
}

// failing returns calls, and has their error in err as well.
func failing(calls iter.Seq2[Call, error], err *error) iter.Seq2[Call, error] {
	return func(yield func(Call, error) bool) {
		for call, e := range calls {
			*err = e
			if !yield(call, e) {
				return
			}
		}
	}
}

// insert writes the run and its calls.
func (r *Record) insert(ctx context.Context, c *conn, calls iter.Seq2[Call, error]) error {
	run := &r.run
	err := c.exec(`INSERT INTO runs (id, started, verb, method, first, ignores, statement, file, line, asker, backend, profile, owners, size, undid, roster)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		run.ID, run.Started, run.Verb, run.Method, run.First, run.Ignore, run.Statement, run.File, run.Line,
		run.As, run.Backend, run.Profile, run.OwnersAct, run.Rows, run.Undid, run.Roster)
	if err != nil {
		return err
	}
	r.seq = c.LastInsertRowID()
	for call, err := range calls {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
		err := c.exec(`INSERT INTO calls (run, row, line, args, was) VALUES (?, ?, ?, ?, ?)`, r.seq, call.Row, call.Line, text(call.Args), rowText(call.Before))
		if err != nil {
			return err
		}
	}
	return nil
}

// Resume claims a run, to go on with it, and returns its calls in order:
// [ErrNoRun], [ErrUnderWay]. A run can be claimed when the process that worked on
// it has ended, however it ended.
func (s *Store) Resume(ctx context.Context, id string) (*Record, []Call, error) {
	r := &Record{store: s}
	var calls []Call
	err := s.tx(func(c *conn) (err error) {
		if r.run, calls, err = c.show(ctx, id); err != nil {
			return err
		}
		if _, r.seq, err = c.find(id); err != nil {
			return err
		}
		if r.claim, err = s.claim(id); err != nil {
			return fmt.Errorf("%w: %s", err, id)
		}
		return nil
	})
	if err != nil {
		if r.claim != nil {
			err = errors.Join(err, r.claim.release())
		}
		return nil, nil, err
	}
	r.start()
	return r, calls, nil
}

// Run returns the run as it was when it was begun or resumed.
func (r *Record) Run() Run { return r.run }

// Sending records that the call of a row is about to be sent, and what it is about
// as it is before, nil if that is not known or on record already. When it returns
// nil, that is on the disk; after an error nothing must be sent. Many who wait at
// once share one write. The error is an [*Error], or that of ctx.
func (r *Record) Sending(ctx context.Context, row int, before provider.Row) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	written := make(chan error, 1)
	r.mu.Lock()
	r.touched = true
	r.entries = append(r.entries, entry{row: row, before: before, out: Outcome{State: Sent}, at: time.Now()})
	r.waiting = append(r.waiting, written)
	r.mu.Unlock()
	r.Flush()
	return <-written
}

// Ended records what became of the call of a row. It does not wait: that is on the
// disk after the next Sending, after Flush soon, and when Close has returned nil.
func (r *Record) Ended(row int, out Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.touched = true
	r.entries = append(r.entries, entry{row: row, out: out, at: time.Now()})
}

// Flush has all that was recorded written soon. It does not wait.
func (r *Record) Flush() {
	select {
	case r.wake <- struct{}{}:
	default: // it will be
	}
}

// Close writes what is not written yet, and that the run ended, and gives up the
// claim. The error is an [*Error].
func (r *Record) Close() error {
	r.mu.Lock()
	r.closing = true
	r.mu.Unlock()
	r.Flush()
	r.writer.Wait()
	err := r.store.tx(func(c *conn) error {
		return errors.Join(r.end(c), r.claim.release())
	})
	return errors.Join(err, r.claim.end())
}

// end writes what is left, and whether the run is complete.
func (r *Record) end(c *conn) error {
	if err := r.write(c, r.entries); err != nil {
		return err
	}
	if !r.touched {
		return nil
	}
	return c.exec(`UPDATE runs SET ended = ?2, complete = NOT EXISTS (
		SELECT * FROM calls WHERE run = ?1 AND state NOT IN ('done', 'there')) WHERE seq = ?1`, r.seq, time.Now())
}

// start starts the writer. It ends when the record is closed.
func (r *Record) start() {
	r.wake = make(chan struct{}, 1)
	r.writer.Go(func() {
		for range r.wake {
			if r.commit() {
				return
			}
		}
	})
}

// commit writes in one transaction what has come since the last. It reports
// whether nothing more will come. What calls ended with stays to be written by
// Close if it cannot be now.
func (r *Record) commit() (closing bool) {
	r.mu.Lock()
	entries, waiting, err := r.entries, r.waiting, r.err
	r.entries, r.waiting, closing = nil, nil, r.closing
	r.mu.Unlock()
	if err == nil && len(entries) > 0 {
		err = r.store.tx(func(c *conn) error { return r.write(c, entries) })
	}
	if err != nil {
		r.keep(entries, err)
	}
	for _, w := range waiting {
		w <- err
	}
	return closing
}

// keep keeps what calls ended with, which could not be written. What was to be
// sent is not.
func (r *Record) keep(entries []entry, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = err
	var ended []entry
	for _, e := range entries {
		if e.out.State != Sent {
			ended = append(ended, e)
		}
	}
	r.entries = append(ended, r.entries...)
}

// write writes entries.
func (r *Record) write(c *conn, entries []entry) error {
	for _, e := range entries {
		if err := r.writeOne(c, e); err != nil {
			return err
		}
	}
	return nil
}

func (r *Record) writeOne(c *conn, e entry) error {
	if e.out.State == Sent {
		return c.exec(`UPDATE calls SET state = 'sent', was = coalesce(?3, was), code = '', reason = '', message = '', answer = NULL, sent = ?4, ended = 0
			WHERE run = ?1 AND row = ?2`, r.seq, e.row, rowText(e.before), e.at)
	}
	return c.exec(`UPDATE calls SET state = ?3, code = ?4, reason = ?5, message = ?6, answer = ?7, ended = ?8
		WHERE run = ?1 AND row = ?2`, r.seq, e.row, string(e.out.State), e.out.Code, e.out.Reason, atMost(maxMessage, e.out.Message), rowText(e.out.Answer), e.at)
}

// atMost returns the first n bytes of a text, without a character that is cut.
func atMost(n int, s string) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
