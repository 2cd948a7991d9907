//go:build unix

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// readableEvery is how often the end of a context is looked for, in milliseconds.
const readableEvery = 50

// readable waits until there is something to be read from a file, or its end. It
// returns the context's error if that ends first.
func readable(ctx context.Context, f *os.File) error {
	fds := []unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLIN}}
	for {
		n, err := unix.Poll(fds, readableEvery)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return fmt.Errorf("wait for an answer: %w", err)
		case n > 0:
			return nil
		}
	}
}
