// Package emulator is a Google Classroom of one's own: invitations, courses
// and rosters under Classroom's rules, kept in an SQLite database in memory or
// in a file.
//
// [Open] gives a [Store], filled with a [School] or a [Synthetic] one if it is
// new; [Store.As] gives what one user sees of it, a [classroom.Backend] whose
// refusals have the codes, reasons and texts of Google's. Where Google's pages
// leave a rule open, the choice stands in assumed.go.
//
// A change is on record when its method returns: a process that is killed
// afterwards loses nothing, and the next Open needs no repair. Any number of
// processes may use one file at a time.
package emulator

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider/classroom"
)

var _ classroom.Backend = (*Caller)(nil)

// patience is how long a request waits for other processes to finish theirs.
const patience = 10 * time.Second

// Options say where a store is and what a new one holds. The zero value is an
// empty store in memory.
type Options struct {
	// Path is the store's file, made with mode 0600 if there is none. Empty
	// means in memory, for as long as the Store is open.
	Path string
	// Seed or Synthetic fills a store that is new. A store that exists is not
	// changed.
	Seed      *School
	Synthetic *Synthetic
	// Now is the clock of daily limits and of update times; nil is time.Now.
	Now func() time.Time
}

// Store is an open school. Its methods may be called from many goroutines at
// once.
type Store struct {
	path   string
	now    func() time.Time
	fresh  bool
	secret []byte // signs page tokens

	conns *pool
}

// Open opens the store, and makes and fills it first if there is none. A seed
// that contradicts itself makes no store. A file that is something else, or is
// of a newer version, is an error, and stays as it is.
func Open(ctx context.Context, opts Options) (*Store, error) {
	seed, err := opts.contents()
	if err != nil {
		return nil, err
	}
	conns, err := newPool(opts.Path)
	if err != nil {
		return nil, err
	}
	s := &Store{path: opts.Path, now: opts.Now, conns: conns}
	if s.now == nil {
		s.now = time.Now
	}
	if opts.Path != "" {
		if err := claim(opts.Path, seed); err != nil {
			return nil, err
		}
	}
	if err := s.load(ctx, seed); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// contents are what fills a new store.
func (o Options) contents() (contents, error) {
	switch {
	case o.Seed != nil && o.Synthetic != nil:
		return nil, errors.New("a seed and a synthetic school: a store begins with one of them")
	case o.Synthetic != nil:
		return o.Synthetic, o.Synthetic.check()
	case o.Seed != nil:
		return o.Seed, nil
	}
	return &School{}, nil
}

// claim checks that the file may be used, and makes it, for its owner only, if
// there is none and the seed is in order. A file whose making was cut short
// has SQLite's journal beside it, and is SQLite's to put right.
func claim(path string, seed contents) error {
	if _, err := os.Stat(path + "-journal"); err == nil {
		return nil
	}
	fresh, err := inspect(path)
	if err != nil || !fresh {
		return err
	}
	if err := seed.check(); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// load makes the store if there is none and reads what every request needs.
func (s *Store) load(ctx context.Context, seed contents) error {
	ready, err := s.ready(ctx)
	if err != nil {
		return err
	}
	if !ready {
		if err := s.create(ctx, seed); err != nil {
			return err
		}
	}
	if s.path != "" {
		if err := s.writeAhead(ctx); err != nil {
			return err
		}
	}
	return s.tx(ctx, reads, s.readMeta)
}

// readMeta reads the key that signs page tokens, and checks that the limits
// can be read.
func (s *Store) readMeta(d *db) error {
	if _, err := readLimits(d); err != nil {
		return err
	}
	secret, err := first(d, func(st *sqlite3.Stmt) []byte { return st.ColumnBlob(0, nil) },
		`SELECT value FROM meta WHERE name = 'secret'`)
	if err != nil {
		return err
	}
	if secret == nil {
		return notStore(s.path)
	}
	s.secret = *secret
	return nil
}

// ready reports whether the store has been made already.
func (s *Store) ready(ctx context.Context) (ready bool, err error) {
	err = s.tx(ctx, reads, func(d *db) error {
		ready, err = d.made(s.path)
		return err
	})
	return ready, err
}

// made reports whether the database is a store (true) or empty (false);
// anything else is an error.
func (d *db) made(path string) (bool, error) {
	tables, err := d.number(`SELECT count(*) FROM sqlite_schema`)
	if err != nil || tables == 0 {
		return false, err
	}
	application, err := d.number(`PRAGMA application_id`)
	if err != nil {
		return false, err
	}
	version, err := d.number(`PRAGMA user_version`)
	if err != nil {
		return false, err
	}
	return true, checkVersion(path, application, version)
}

// create makes the store and fills it, in one transaction. Of several
// processes that come to an empty file together, one makes it.
func (s *Store) create(ctx context.Context, seed contents) error {
	return s.tx(ctx, writes, func(d *db) error {
		ready, err := d.made(s.path)
		if err != nil || ready {
			return err
		}
		s.fresh = true
		return build(d, seed)
	})
}

// writeAhead gives the store a write-ahead log, so that readers and the writer
// do not wait for each other. That cannot be done in a transaction, so a store
// may lack it whose maker was killed; the next Open gives it one. Where other
// processes are in the way, it goes without.
func (s *Store) writeAhead(ctx context.Context) error {
	d, err := s.conns.take(ctx, reads)
	if err != nil {
		return err
	}
	defer s.conns.give(d, reads)
	err = d.conn.Exec(`PRAGMA journal_mode = WAL`)
	if errors.Is(err, sqlite3.BUSY) {
		return nil
	}
	return err
}

// New reports whether this Open made the store.
func (s *Store) New() bool { return s.fresh }

// Close ends the use of the store, after the requests under way. What is asked
// of it later is UNAVAILABLE.
func (s *Store) Close() error { return s.conns.Close() }
