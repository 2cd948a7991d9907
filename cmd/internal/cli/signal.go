package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/iql-lang/iql/sqlengine"
)

// signaled is the cause of a context that a signal ended.
type signaled struct{ os.Signal }

func (s signaled) Error() string { return "signal: " + s.String() }

// Is makes it a [context.Canceled], which it is to whoever asks why they had
// to stop.
func (s signaled) Is(target error) bool { return target == context.Canceled }

// exit returns the exit code of a process that the signal stopped.
func (s signaled) exit() int {
	switch s.Signal {
	case syscall.SIGTERM:
		return ExitTerminated
	case syscall.SIGHUP:
		return ExitHungUp
	}
	return sqlengine.ExitInterrupted
}

// Signals hears SIGINT, SIGTERM and SIGHUP.
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

// WithSignals returns a context that SIGINT, SIGTERM and SIGHUP end, unless somebody
// takes the first from the [Signals]. A second signal ends the process, but for a second
// SIGHUP. SIGPIPE is ignored: the write fails instead. So is SIGHUP where it was before,
// as under nohup.
func WithSignals(parent context.Context) (ctx context.Context, of *Signals, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	of = &Signals{}
	signals, hangups := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		// A terminal may say twice that it goes: its shell and the system do. So this is
		// never stopped, nor ignored later: one that comes while that is done would end
		// the process.
		signal.Notify(hangups, syscall.SIGHUP)
	}
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
			case s := <-hangups:
				cancel(signaled{s})
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, of, func() { cancel(nil) }
}
