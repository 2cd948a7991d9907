package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// signaled is the cause of a context that a signal ended.
type signaled struct{ os.Signal }

func (s signaled) Error() string { return "signal: " + s.String() }

// Is makes it a [context.Canceled], which it is to whoever asks why they had
// to stop.
func (s signaled) Is(target error) bool { return target == context.Canceled }

// Signals hears SIGINT and SIGTERM.
type Signals struct {
	mu    sync.Mutex
	taken chan struct{} // guarded by mu: who gets interrupts; nil for the context
}

// Take has interrupts go to the channel that it returns, in the place of ending
// the context, until release is called. Of interrupts that nobody receives one is
// kept. Nil gives a nil channel.
func (s *Signals) Take() (interrupts <-chan struct{}, release func()) {
	if s == nil {
		return nil, func() {}
	}
	taken := make(chan struct{}, 1)
	s.set(taken)
	return taken, func() { s.set(nil) }
}

func (s *Signals) set(taken chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken = taken
}

// interrupt reports whether somebody has taken interrupts, who gets one.
func (s *Signals) interrupt() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken == nil {
		return false
	}
	select {
	case s.taken <- struct{}{}:
	default:
	}
	return true
}

// WithSignals returns a context that SIGINT and SIGTERM end, unless somebody takes
// the former from the [Signals]. A second signal ends the process. SIGPIPE is
// ignored: the write fails instead.
func WithSignals(parent context.Context) (ctx context.Context, of *Signals, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	of = &Signals{}
	signals := make(chan os.Signal, 1)
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer signal.Stop(signals)
		for {
			select {
			case s := <-signals:
				if s == os.Interrupt && of.interrupt() {
					continue
				}
				signal.Stop(signals) // the next one ends the process
				cancel(signaled{s})
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, of, func() { cancel(nil) }
}
