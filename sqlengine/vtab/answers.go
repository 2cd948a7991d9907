package vtab

import (
	"context"
	"fmt"
	"sync"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
)

// CallError is a call that failed.
type CallError struct {
	Method *registry.Method
	Args   provider.Args
	Err    error // an *[provider.Error] unless the context ended
}

// answers are the calls that a statement has made. A call is made once, by a
// goroutine of its own: who asks again reads the pages that came, and those that
// still come. The statement and its scout share them; only the statement's own
// reading is "use".
type answers struct {
	call   Call
	keep   bool // pages may be read again
	eager  bool // all rows will be wanted
	slots  chan struct{}
	ctx    context.Context // of all calls
	cancel context.CancelFunc
	makers sync.WaitGroup // the goroutines of calls, and the scout's
	woken  chan struct{}  // closed when those who wait know that ctx has ended

	mu      sync.Mutex
	changed *sync.Cond       // for who reads: something below has changed, or the statement ended
	paused  map[*answer]bool // those that wait with their next page
	parked  []*answer        // of them, those that wait for room in the window, and some more
	byCall  map[string]*answer
	window  window
	calls   int            // that were made
	methods map[string]int // of them by method
	over    int            // of them ended
	own     int            // of them the statement itself has read
	most    int            // calls that may be made
	rows    int            // rows that came
	misses  int            // times that the statement had to make a call itself that a scout could have made
	notices map[notice]int
	orders  func() // of the scout that has not been sent; nil for none
}

// notice is something that a statement did not fail for.
type notice struct {
	method *registry.Method
	code   provider.Code
}

func newAnswers(ctx context.Context, db *DB) *answers {
	s := &answers{
		call:    db.opts.Call,
		keep:    true,
		slots:   make(chan struct{}, db.opts.Parallel),
		byCall:  map[string]*answer{},
		most:    db.opts.MaxCalls,
		window:  window{size: firstWindow, most: max(wideWindow, 2*db.opts.Parallel)},
		paused:  map[*answer]bool{},
		methods: map[string]int{},
		notices: map[notice]int{},
	}
	if s.eager = !db.query.Limited; s.eager {
		s.window.size = s.window.most
	}
	s.changed = sync.NewCond(&s.mu)
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.woken = make(chan struct{})
	context.AfterFunc(s.ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
		for a := range s.paused {
			a.nudge()
		}
		close(s.woken)
	})
	return s
}

// run starts a goroutine that close waits for, unless the statement has ended.
// The caller holds mu.
func (s *answers) run(f func()) {
	if s.ctx.Err() == nil {
		s.makers.Go(f)
	}
}

// close stops all calls, and the scout, and waits until they have ended.
func (s *answers) close() {
	s.mu.Lock()
	s.cancel()
	s.mu.Unlock()
	<-s.woken
	s.makers.Wait()
}

// answer is the pages of one call, as far as they came. All but the first line
// is guarded by answers.mu.
type answer struct {
	of     *answers
	method *registry.Method
	args   provider.Args
	ctx    context.Context
	stop   context.CancelFunc // nil where only the statement's end stops it

	pages  [][]provider.Row // of a statement that reads once, nil after their use
	ended  bool
	err    error
	panics any        // what the call panicked with
	need   int        // pages that the statement waits for
	wanted int        // pages that its scout waits for
	made   int        // pages that were asked of the backend
	used   int        // pages that the statement has begun to read
	turn   *sync.Cond // for its goroutine: its next page may be due; nil until it waits
	lost   int        // pages that it has not, and that the window does not count any more
	ahead  bool       // it depends on other rows or is one of a list

	noticed bool // the person will be told how it ended
}

// known returns the answer of a call that was made, or nil. The caller holds mu.
func (s *answers) known(id string) *answer {
	if !s.keep {
		return nil
	}
	return s.byCall[id]
}

// ask returns the answer of a call for the statement itself, which makes the call
// if nobody has. It returns an error if the statement may make no more.
func (s *answers) ask(m *registry.Method, args provider.Args, ahead bool) (*answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := callID(m, args)
	if a := s.known(id); a != nil {
		return a, nil
	}
	if s.own >= s.most {
		return nil, &Error{
			Kind: TooManyCalls, Offset: -1,
			Msg: fmt.Sprintf("the statement would make more than %d calls", s.most),
		}
	}
	if ahead {
		s.misses++
		s.giveUp()
		s.changed.Broadcast()
	}
	return s.make(id, m, args, ahead), nil
}

// giveUp takes what was asked for ahead out of the window if that is as large as it
// gets, all but full, and without what the statement needs now: much of it may be
// what the scout asked for in vain. The caller holds mu.
func (s *answers) giveUp() {
	if w := &s.window; w.size < w.most || w.ahead < w.size-w.size/4 {
		return
	}
	for _, a := range s.byCall {
		s.window.ahead -= a.made - a.used - a.lost
		a.lost = a.made - a.used
	}
	s.unpark()
}

// start makes a call before the statement asks for it, if the window has room;
// full says that it has none. The answer is nil then.
func (s *answers) start(m *registry.Method, args provider.Args) (a *answer, full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := callID(m, args)
	if a := s.known(id); a != nil {
		return a, false
	}
	if !s.window.room() || s.calls >= s.most {
		return nil, true
	}
	return s.make(id, m, args, true), false
}

// make makes a call. The caller holds mu.
func (s *answers) make(id string, m *registry.Method, args provider.Args, ahead bool) *answer {
	s.calls++
	s.methods[m.ID]++
	s.window.ahead++
	a := &answer{of: s, method: m, args: args, ctx: s.ctx, made: 1, ahead: ahead}
	if s.keep {
		s.byCall[id] = a
	} else {
		a.ctx, a.stop = context.WithCancel(s.ctx)
	}
	s.makers.Go(a.read)
	return a
}

func callID(m *registry.Method, args provider.Args) string {
	return m.ID + " " + fmt.Sprintf("%q", map[string]string(args))
}

// read is the goroutine of a call: it reads one page after another, as far as
// they are wanted. If the call panics, so does who reads the answer.
func (a *answer) read() {
	s := a.of
	if !s.enter(a.ctx) {
		a.end(nil, a.ctx.Err())
		return
	}
	defer func() {
		if p := recover(); p != nil {
			s.leave()
			a.panics = p
			a.end(nil, nil)
		}
	}()
	var page []provider.Row
	for row, err := range s.call(a.ctx, a.method, a.args) {
		switch {
		case err != nil:
			s.leave()
			a.end(page, err)
			return
		case row != nil:
			page = append(page, row)
			continue
		}
		s.leave()
		if !a.more(page) || !s.enter(a.ctx) {
			a.end(nil, a.ctx.Err())
			return
		}
		page = nil
	}
	s.leave()
	a.end(page, nil)
}

// enter waits until one more request may be under way. It reports false if the
// call was stopped before.
func (s *answers) enter(ctx context.Context) bool {
	select {
	case s.slots <- struct{}{}:
		return ctx.Err() == nil || !s.leave()
	case <-ctx.Done():
		return false
	}
}

// leave says that a request is no more under way. It returns true.
func (s *answers) leave() bool {
	<-s.slots
	return true
}

// more hands out a page that is not the last, and waits until the next is wanted.
// It reports false if it never will be.
func (a *answer) more(page []provider.Row) bool {
	s := a.of
	s.mu.Lock()
	defer s.mu.Unlock()
	a.add(page)
	a.pause()
	if a.ctx.Err() != nil {
		return false
	}
	a.made++
	s.window.ahead++
	return true
}

// pause waits until the next page is due, or the answer is stopped. The caller
// holds mu.
func (a *answer) pause() {
	s := a.of
	if a.turn == nil {
		a.turn = sync.NewCond(&s.mu)
	}
	s.paused[a] = true
	defer delete(s.paused, a)
	for a.ctx.Err() == nil && !a.due() {
		if a.wants() {
			s.parked = append(s.parked, a)
		}
		a.turn.Wait()
	}
}

// nudge has the answer's goroutine look whether its next page is due. The caller
// holds mu.
func (a *answer) nudge() {
	if a.turn != nil {
		a.turn.Signal()
	}
}

// unpark nudges as many answers that wait for room as there is room. The caller
// holds mu.
func (s *answers) unpark() {
	for n := s.window.size - s.window.ahead; n > 0 && len(s.parked) > 0; {
		a := s.parked[0]
		s.parked = s.parked[1:]
		if s.paused[a] {
			a.nudge()
			n--
		}
	}
}

// due reports whether the next page may be asked for: the statement waits for it,
// or it is wanted and the window has room. The caller holds mu.
func (a *answer) due() bool {
	return a.need > a.made || a.wants() && a.of.window.room()
}

// wants reports whether the next page is wanted, or soon will be. The caller
// holds mu.
func (a *answer) wants() bool {
	return a.wanted > a.made || a.made-a.used < a.spare()
}

// spare returns how many pages of the answer may be unread when the next is
// asked for. Where the statement may stop at any row, they are few for what it
// has read.
func (a *answer) spare() int {
	most := 2
	if a.of.keep {
		most = 8
	}
	if a.of.eager {
		return most
	}
	return min(most, (a.used-1)/4)
}

// add hands out a page. The caller holds mu.
func (a *answer) add(page []provider.Row) {
	a.pages = append(a.pages, page)
	a.of.rows += len(page)
	a.of.changed.Broadcast()
}

// end hands out the last page and says how the answer ended.
func (a *answer) end(page []provider.Row, err error) {
	s := a.of
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over++
	a.ended, a.err = true, err
	a.add(page)
}

// page returns a page of the answer for the statement, and waits for it; ok is
// false after the last. In a statement that reads once, pages are asked for in
// order, and gone afterwards.
func (a *answer) page(n int) (rows []provider.Row, ok bool, err error) {
	s := a.of
	s.mu.Lock()
	defer s.mu.Unlock()
	a.need = max(a.need, n+1)
	a.nudge()
	for len(a.pages) <= n && !a.ended {
		if s.ctx.Err() != nil {
			return nil, false, s.ctx.Err()
		}
		s.changed.Wait()
	}
	if a.panics != nil {
		panic(a.panics)
	}
	if n >= len(a.pages) {
		return nil, false, a.err
	}
	if n >= a.used {
		if a.used == 0 {
			s.own++
		}
		a.used = n + 1
		if a.lost > 0 {
			a.lost--
			s.window.ahead++
		}
		s.window.use(a.ahead || n > 0)
		s.changed.Broadcast()
		a.nudge()
		s.unpark()
	}
	rows = a.pages[n]
	if !s.keep {
		a.pages[n] = nil
	}
	return rows, true, nil
}

// glimpse returns a page of the answer for the scout. Unless wait, it does not
// wait: complete says whether all of the answer is there.
func (a *answer) glimpse(n int, wait bool) (rows []provider.Row, ok bool, err error) {
	s := a.of
	s.mu.Lock()
	defer s.mu.Unlock()
	if wait && a.wanted <= n {
		a.wanted = n + 1
		a.nudge()
	}
	for wait && len(a.pages) <= n && !a.ended {
		if s.ctx.Err() != nil {
			return nil, false, s.ctx.Err()
		}
		s.changed.Wait()
	}
	if n >= len(a.pages) {
		return nil, false, a.err
	}
	return a.pages[n], true, nil
}

// complete reports whether all of the answer is there.
func (a *answer) complete() bool {
	a.of.mu.Lock()
	defer a.of.mu.Unlock()
	return a.ended
}

// release says that a cursor of the statement needs the answer no more.
func (a *answer) release() {
	if a.stop == nil {
		return
	}
	a.stop()
	s := a.of
	s.mu.Lock()
	defer s.mu.Unlock()
	s.window.ahead -= a.made - a.used
	a.used = a.made
	s.changed.Broadcast()
	a.nudge()
	s.unpark()
}

// notice counts an answer that failed, and that the statement goes on after.
func (a *answer) notice(code provider.Code) {
	if a.noticed {
		return
	}
	a.noticed = true
	a.of.notices[notice{a.method, code}]++
}
