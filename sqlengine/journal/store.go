package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"
)

// Store is an open journal. Its methods may be called from many goroutines at
// once, and any number of processes may have the same file open.
type Store struct {
	path string // as it was given, from the root
	file string // the same without links: what is beside it is found by any name
	kept int    // complete runs, at most

	mu   sync.Mutex
	conn *conn // guarded by mu
}

// Open opens the journal in a file, which it makes if there is none, with its
// folder, for their owner only. The error is an [*Error].
func Open(path string) (*Store, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, &Error{Path: path, Err: err}
	}
	s := &Store{path: full, kept: keptRuns}
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return nil, s.failed(err)
	}
	if s.file, err = makeFile(full); err != nil {
		return nil, s.failed(err)
	}
	if s.conn, err = connect(s.file); err != nil {
		return nil, s.failed(err)
	}
	return s, nil
}

// Close closes the journal. Its records must have been closed before.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.conn.close(); err != nil {
		return s.failed(err)
	}
	return nil
}

// failed returns what went wrong with the file as an [*Error] that says what to do.
func (s *Store) failed(err error) error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	if errors.Is(err, ErrNoRun) || errors.Is(err, ErrUnderWay) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	e := &Error{Path: s.path, Err: err, Hint: "--no-journal makes changes without it"}
	if errors.Is(err, sqlite3.IOERR) || errors.Is(err, sqlite3.FULL) {
		e.Hint = "is the disk full? " + e.Hint // SQLite says "disk I/O error" of that too
	}
	if errors.Is(err, sqlite3.NOTADB) || errors.Is(err, sqlite3.CORRUPT) || errors.Is(err, errOther) {
		e.Hint = fmt.Sprintf("move it away, and a new one is begun: mv %s %s.broken", s.path, s.path)
	}
	return e
}

// tx makes a transaction of do.
func (s *Store) tx(do func(*conn) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.conn.tx(func() error { return do(s.conn) }); err != nil {
		return s.failed(err)
	}
	return nil
}

// read makes a transaction of do, which writes nothing.
func (s *Store) read(do func(*conn) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.conn.read(func() error { return do(s.conn) }); err != nil {
		return s.failed(err)
	}
	return nil
}

// columns are what readRun reads.
const columns = `id, started, ended, verb, method, ignores, statement, file, line, asker, backend, profile, owners, size, undid, complete, seq, first, roster`

// readRun reads a run, and its key.
func readRun(st *sqlite3.Stmt) (Run, int64) {
	return Run{
		ID: st.ColumnText(0), Started: fromNanoseconds(st.ColumnInt64(1)), Ended: fromNanoseconds(st.ColumnInt64(2)),
		Verb: st.ColumnText(3), Method: st.ColumnText(4), Ignore: st.ColumnBool(5),
		Statement: st.ColumnText(6), File: st.ColumnText(7), Line: st.ColumnInt(8),
		Identity: Identity{As: st.ColumnText(9), Backend: st.ColumnText(10), Profile: st.ColumnText(11), OwnersAct: st.ColumnBool(12)},
		Rows:     st.ColumnInt(13), Undid: st.ColumnText(14), Complete: st.ColumnBool(15), First: st.ColumnText(17), Roster: st.ColumnText(18),
	}, st.ColumnInt64(16)
}

// find returns a run and its key, ErrNoRun if there is none.
func (c *conn) find(id string) (run Run, seq int64, err error) {
	err = c.each(func(st *sqlite3.Stmt) error { run, seq = readRun(st); return nil },
		`SELECT `+columns+` FROM runs WHERE id = ?`, id)
	if err == nil && run.ID == "" {
		err = fmt.Errorf("%w: %s", ErrNoRun, id)
	}
	return run, seq, err
}

// count counts the calls of a run.
func (c *conn) count(seq int64, counts *Counts) error {
	return c.each(func(st *sqlite3.Stmt) error {
		counts.add(State(st.ColumnText(0)), st.ColumnInt(1))
		return nil
	}, `SELECT state, count(*) FROM calls WHERE run = ? GROUP BY state`, seq)
}

// List returns all runs with their counts, the newest first.
func (s *Store) List(ctx context.Context) (runs []Run, err error) {
	err = s.read(func(c *conn) error {
		var keys []int64
		err := c.each(func(st *sqlite3.Stmt) error {
			run, seq := readRun(st)
			runs, keys = append(runs, run), append(keys, seq)
			return ctx.Err()
		}, `SELECT `+columns+` FROM runs ORDER BY started DESC, seq DESC`)
		for i := range runs {
			err = errors.Join(err, ctx.Err(), c.count(keys[i], &runs[i].Counts))
			if err != nil {
				return err
			}
		}
		return err
	})
	return runs, err
}

// Show returns a run with its counts and its calls in order; [ErrNoRun].
func (s *Store) Show(ctx context.Context, id string) (run Run, calls []Call, err error) {
	err = s.read(func(c *conn) (err error) {
		run, calls, err = c.show(ctx, id)
		return err
	})
	return run, calls, err
}

func (c *conn) show(ctx context.Context, id string) (Run, []Call, error) {
	run, seq, err := c.find(id)
	if err != nil {
		return run, nil, err
	}
	calls := make([]Call, 0, run.Rows)
	err = c.each(func(st *sqlite3.Stmt) error {
		call, err := readCall(st)
		calls = append(calls, call)
		run.Counts.add(call.State, 1)
		return errors.Join(err, ctx.Err())
	}, `SELECT row, state, args, was, code, reason, message, answer, sent, ended, line FROM calls WHERE run = ? ORDER BY row`, seq)
	return run, calls, err
}

// Remove removes runs and their calls: [ErrNoRun], [ErrUnderWay]. It removes all
// or none.
func (s *Store) Remove(ctx context.Context, ids ...string) error {
	return s.tx(func(c *conn) error {
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				return err
			}
			_, seq, err := c.find(id)
			if err != nil {
				return err
			}
			held, err := s.claim(id)
			if err != nil {
				return fmt.Errorf("%w: %s", err, id)
			}
			if err := errors.Join(held.release(), c.drop(seq)); err != nil {
				return err
			}
		}
		return nil
	})
}

// drop removes a run and its calls.
func (c *conn) drop(seq int64) error {
	return errors.Join(
		c.exec(`DELETE FROM calls WHERE run = ?`, seq),
		c.exec(`DELETE FROM runs WHERE seq = ?`, seq),
	)
}

// dropOld removes complete runs that are old, or more than are kept.
func (c *conn) dropOld(now time.Time, kept int) error {
	var old []int64
	err := c.each(func(st *sqlite3.Stmt) error { old = append(old, st.ColumnInt64(0)); return nil },
		`SELECT seq FROM runs WHERE complete AND (started < ?1 OR seq NOT IN (SELECT seq FROM runs ORDER BY seq DESC LIMIT ?2))`,
		now.Add(-keptFor), kept-1)
	for _, seq := range old {
		err = errors.Join(err, c.drop(seq))
	}
	return err
}

// letters are those of identifiers, without those that look alike. The first is
// no digit.
const letters = "abcdefghkmnpqrstuvwxyz23456789"

// newID returns an identifier that no run has.
func (c *conn) newID() (string, error) {
	for {
		var id [4]byte
		if _, err := rand.Read(id[:]); err != nil {
			return "", err
		}
		for i := range id {
			from := letters
			if i == 0 {
				from = letters[:len(letters)-8]
			}
			id[i] = from[int(id[i])%len(from)]
		}
		taken, err := c.number(`SELECT count(*) FROM runs WHERE id = ?`, string(id[:]))
		if taken == 0 || err != nil {
			return string(id[:]), err
		}
	}
}
