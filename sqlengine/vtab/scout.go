package vtab

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider"
)

// A statement that joins tables waits for one call after the other: SQLite asks
// for the rows of the next course when it is done with the last. Its scout runs
// the same text on a connection of its own, over the same answers, but does not
// wait for calls that depend on other rows: it makes them and goes on as if they
// had no rows. One pass over the statement makes the calls that SQLite's own
// conditions let through; another pass goes one join deeper, with the rows that
// have come. What a scout does can cost calls and never a row: only the
// statement's own reading makes the result.
//
// This is run-ahead execution of processors: Mutlu, Stark, Wilkerson and Patt,
// "Runahead Execution", HPCA 2003.
type scout struct {
	db      *DB // its own
	deep    bool
	missing map[*answer]bool // answers that the pass under way found wanting
}

// errFull ends a pass when the window has no room.
var errFull = errors.New("the window is full")

// patience waits a moment for a page. A statement that waits longer sends its
// scout.
func (db *DB) patience(a *answer, page int) {
	if !db.late(a, page) {
		return
	}
	db.slow.Store(true)
	db.sendScout()
}

// late waits for a page, and reports whether it takes longer than a scout is held
// back.
func (db *DB) late(a *answer, page int) bool {
	s := db.answers
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(a.pages) > page || a.ended || s.orders == nil && db.slow.Load() {
		return false // it is there, or there is nothing to find out
	}
	a.need = max(a.need, page+1)
	a.nudge()
	over := false
	defer time.AfterFunc(db.opts.ScoutAfter, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		over = true
		s.changed.Broadcast()
	}).Stop()
	for len(a.pages) <= page && !a.ended && s.ctx.Err() == nil {
		if over {
			return true
		}
		s.changed.Wait()
	}
	return false
}

// sendScout starts the scout of a statement, once. The session's own tables are
// copied for it here, where SQLite waits for a call anyway.
func (db *DB) sendScout() {
	s := db.answers
	s.mu.Lock()
	orders := s.orders
	s.orders = nil
	s.mu.Unlock()
	if orders == nil || db.carry() != nil {
		return // the statement does without
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.run(orders)
}

// orders returns what the scout of a query does; nil if there is nothing that it
// could find.
func (db *DB) orders(q Query, plan steps) func() {
	deep, reads := 0, 0
	for _, step := range plan {
		if step.Method == nil {
			continue
		}
		reads++
		if step.depends() {
			deep++
		}
	}
	if deep > 0 && slices.ContainsFunc(plan, func(step Step) bool { return step.Detail == "RECURSIVE STEP" }) {
		deep++ // its rows depend on its rows
	}
	if !db.answers.keep || reads < 2 && deep == 0 {
		return nil
	}
	s := db.answers
	switch {
	case deep == 0 && q.Limited:
		return nil
	case deep == 0:
		return func() { s.foresee(plan) } // there is nothing else to find
	}
	return func() {
		if !q.Limited {
			s.foresee(plan)
		}
		db.scoutFor(s, q, deep > 1)
	}
}

// depends reports whether the step's calls wait for other rows.
func (s Step) depends() bool {
	return slices.ContainsFunc(s.Params, func(p StepParam) bool { return !p.Known })
}

// foresee makes the calls that a statement names itself.
func (s *answers) foresee(plan steps) {
	for _, step := range plan {
		if step.Method == nil || step.depends() {
			continue
		}
		args := provider.Args{}
		for _, p := range step.Params {
			args[p.Column] = p.Value
		}
		s.start(step.Method, args)
	}
}

// scoutFor runs the scout of a statement, which has these answers, to its end.
func (db *DB) scoutFor(s *answers, q Query, deep bool) {
	own, err := db.scoutDB()
	if err != nil {
		return // the statement does without
	}
	defer own.guard(&err)
	own.begin(s.ctx, q)
	own.answers, own.scout = s, &scout{db: own, deep: deep}
	defer func() { own.answers, own.ctx, own.query = nil, context.Background(), Query{} }()
	defer own.dropFiles()
	stmt, err := own.compile(q)
	if err != nil {
		return
	}
	bound := own.bind(stmt) == nil
	for bound && own.scout.pass(stmt) {
	}
	if !own.broken {
		_ = stmt.Close() // it repeats the error of the last step
	}
}

// scoutDB returns the connection of scouts.
func (db *DB) scoutDB() (*DB, error) {
	if db.second != nil && !db.second.broken {
		return db.second, nil
	}
	second, err := Open(db.reg, db.opts)
	if err != nil {
		return nil, err
	}
	db.second, db.carried = second, 0
	return second, nil
}

// pass runs the statement once, waits until another pass may find something, and
// reports whether it may.
func (sc *scout) pass(stmt *sqlite3.Stmt) bool {
	s := sc.db.answers
	since := s.sofar()
	full, err := sc.sweep(stmt)
	switch {
	case err != nil:
		return false
	case full && s.spent():
		return false
	case full:
		return s.await(since, 0)
	case !sc.deep || len(sc.missing) == 0:
		return false
	}
	return s.await(since, len(sc.missing))
}

// sweep runs the statement once. full says that the window ended it.
func (sc *scout) sweep(stmt *sqlite3.Stmt) (full bool, err error) {
	defer sc.db.guard(&err)
	sc.missing = map[*answer]bool{}
	sc.db.failure, sc.db.mixed = nil, mixed{}
	if sc.db.query.Local { // what it changes is only for this pass
		if err := sc.db.conn.Exec("SAVEPOINT pass"); err != nil {
			return false, err
		}
	}
	for stmt.Step() {
	}
	err = stmt.Reset()
	if sc.db.query.Local {
		if undone := sc.db.conn.Exec("ROLLBACK TO pass; RELEASE pass"); undone != nil {
			sc.db.broken = true
			return false, undone
		}
	}
	if sc.db.failure == errFull {
		return true, nil
	}
	return false, err
}

// worth reports whether the rows of an answer help to find more calls.
func (sc *scout) worth(a *answer) bool {
	if !a.complete() {
		sc.missing[a] = true
	}
	return sc.deep // with the pages that have come
}

// spent reports whether the statement may make no more calls.
func (s *answers) spent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls >= s.most
}

// tally is how far a statement has come.
type tally struct{ misses, over int }

func (s *answers) sofar() tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	return tally{s.misses, s.over}
}

// await waits until the window has room for a good part of itself, or half of
// the missing answers have come, or the statement had to make a call that the
// pass did not find. It reports false if the statement has ended.
func (s *answers) await(since tally, missing int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.ctx.Err() == nil {
		free := s.window.size - s.window.ahead
		switch {
		case missing > 0 && s.over-since.over >= (missing+1)/2:
			return true
		case missing == 0 && free >= max(1, s.window.size/4):
			return true
		case s.misses > since.misses && free > 0:
			return true
		}
		s.changed.Wait()
	}
	return false
}
