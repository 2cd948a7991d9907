package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// signaled is the cause of a context that a signal ended.
type signaled struct{ os.Signal }

func (s signaled) Error() string { return "signal: " + s.String() }

// Is makes it a [context.Canceled], which it is to whoever asks why they had
// to stop.
func (s signaled) Is(target error) bool { return target == context.Canceled }

// WithSignals returns a context that SIGINT and SIGTERM end. A second signal
// ends the process. SIGPIPE is ignored: the write fails instead.
func WithSignals(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Ignore(syscall.SIGPIPE)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(signaled{s})
		case <-ctx.Done():
			signal.Stop(signals)
		}
	}()
	return ctx, func() { cancel(nil) }
}
