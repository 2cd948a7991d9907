package shell

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/iql-lang/iql/cmd/internal/editor"
)

// twice is how soon a second Ctrl-C has to follow for a statement that does not
// end not to be waited for.
const twice = 2 * time.Second

// stopped is the cause of a context that Ctrl-C ended.
type stopped struct{}

func (stopped) Error() string { return "stopped" }

// Is makes it a [context.Canceled], which it is to whoever asks why they had to
// stop.
func (stopped) Is(target error) bool { return target == context.Canceled }

// errAbandoned says that a statement was not waited for.
var errAbandoned = errors.New("not waited for any longer: what it does is not known; the journal has its changes")

// turn calls do with a context that Ctrl-C ends. A second one within two seconds
// closes s.giveUp. All of a text is one turn: what Ctrl-C meets in the moment in
// which a statement ends is the next.
func (s *Shell) turn(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	giveUp, over, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	s.giveUp = giveUp
	go func() {
		defer close(ended)
		s.listen(over, cancel, giveUp)
	}()
	defer func() {
		close(over)
		<-ended
		cancel(nil)
	}()
	return do(ctx)
}

// listen hears Ctrl-C until over is closed.
func (s *Shell) listen(over <-chan struct{}, cancel context.CancelCauseFunc, giveUp chan<- struct{}) {
	var first time.Time
	for given := false; ; {
		select {
		case <-over:
			return
		case <-s.Interrupts:
		}
		cancel(stopped{})
		if now := time.Now(); !given && !first.IsZero() && now.Sub(first) <= twice {
			close(giveUp)
			given = true
		} else {
			first = now
		}
	}
}

// forget drops interrupts that came while nothing was under way.
func (s *Shell) forget() {
	for {
		select {
		case <-s.Interrupts:
		default:
			return
		}
	}
}

// read reads a text. Where the terminal does not keep Ctrl-C from becoming a
// signal, it drops the text as the editor would.
func (s *Shell) read(ctx context.Context) (text string, err error) {
	s.forget()
	var reading context.Context
	err = s.turn(ctx, func(ctx context.Context) error {
		reading = ctx
		text, err = s.Editor.ReadStatement(ctx)
		return err
	})
	late := err == nil && errors.Is(context.Cause(reading), stopped{}) // it was whole already
	if ctx.Err() == nil && (late || errors.Is(err, context.Canceled)) {
		err = editor.ErrInterrupt
	}
	return text, err
}

// start runs a job. One that is not waited for goes on by itself, and writes
// nothing any more. Once its rows are there it is waited for: Ctrl-C is then the
// pager's.
func (s *Shell) start(ctx context.Context, job Job, quiet *atomic.Bool) (Outcome, error) {
	type end struct {
		outcome Outcome
		err     error
	}
	ended, there := make(chan end, 1), make(chan struct{})
	shown := job.Shown
	job.Shown = sync.OnceValue(func() error {
		close(there)
		return shown()
	})
	go func() {
		outcome, err := s.host.Run(ctx, job)
		ended <- end{outcome, err}
	}()
	select {
	case e := <-ended:
		return e.outcome, e.err
	case <-there:
		e := <-ended
		return e.outcome, e.err
	case <-s.giveUp:
	}
	select {
	case e := <-ended: // both: it is over
		return e.outcome, e.err
	default:
	}
	quiet.Store(true)
	return Outcome{}, errors.Join(errAbandoned, s.host.Abandon(context.WithoutCancel(ctx)))
}
