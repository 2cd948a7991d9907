package vtab

import (
	"context"
	"fmt"
	"iter"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
)

// CallError is a call that failed.
type CallError struct {
	Method *registry.Method
	Args   provider.Args
	Err    error // an *[provider.Error] unless the context ended
}

// answers are the calls that a statement has made. A call is made once: who
// asks again reads the rows that came, and the rows that still come.
type answers struct {
	call    Call
	keep    bool // rows may be read again
	byCall  map[string]*answer
	calls   int
	notices map[notice]int
}

// notice is something that a statement did not fail for.
type notice struct {
	method *registry.Method
	code   provider.Code
}

func newAnswers(call Call) *answers {
	return &answers{call: call, keep: true, byCall: map[string]*answer{}, notices: map[notice]int{}}
}

// answer is the rows of one call, as far as they were read.
type answer struct {
	method  *registry.Method
	args    provider.Args
	answers *answers

	next func() (provider.Row, error, bool)
	stop func()
	rows []provider.Row // from index first on
	gone int            // rows that were let go before rows[0]
	err  error

	noticed bool // the person will be told how it ended
}

// ask returns the answer of a call, which starts when its first row is read.
func (s *answers) ask(ctx context.Context, m *registry.Method, args provider.Args) *answer {
	id := m.ID + " " + fmt.Sprintf("%q", map[string]string(args))
	if a, ok := s.byCall[id]; ok && s.keep {
		return a
	}
	s.calls++
	a := &answer{method: m, args: args, answers: s}
	a.next, a.stop = iter.Pull2(s.call(ctx, m, args))
	s.byCall[id] = a
	return a
}

// at returns the row at an index, nil after the last, and the error that ended
// the answer. Rows are asked for in order; unless the statement may come back
// to them, those before the index are let go.
func (a *answer) at(i int) (provider.Row, error) {
	for a.gone+len(a.rows) <= i {
		if a.next == nil {
			return nil, a.err
		}
		row, err, ok := a.next()
		if err != nil || !ok {
			a.err = err
			a.finish()
			return nil, err
		}
		if !a.answers.keep {
			a.gone += len(a.rows)
			a.rows = a.rows[:0]
		}
		a.rows = append(a.rows, row)
	}
	return a.rows[i-a.gone], nil
}

// release says that a cursor needs the answer no more.
func (a *answer) release() {
	if !a.answers.keep {
		a.finish()
	}
}

// finish stops the call.
func (a *answer) finish() {
	if a.next == nil {
		return
	}
	a.stop()
	a.next = nil
}

// close stops all calls.
func (s *answers) close() {
	for _, a := range s.byCall {
		a.finish()
	}
}

// notice counts an answer that failed, and that the statement goes on after.
func (a *answer) notice(code provider.Code) {
	if a.noticed {
		return
	}
	a.noticed = true
	a.answers.notices[notice{a.method, code}]++
}
