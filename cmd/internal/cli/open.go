package cli

import (
	"context"
	"io/fs"
	"os"
)

// openFile opens a file for reading, or says why ctx ended before: a pipe with a name is
// not open before somebody has its other end. Nobody waits for that end any more then, who
// would take what is written next.
func openFile(ctx context.Context, name string) (*os.File, error) {
	var f *os.File
	var err error
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		f, err = os.Open(name)
	}()
	select {
	case <-opened:
		return f, err
	case <-ctx.Done():
	}
	if both := bothEnds(name); both != nil { // which ends the wait
		defer both.Close()
		<-opened
		if err == nil {
			_ = f.Close() // nothing was read
		}
	}
	return nil, context.Cause(ctx)
}

// bothEnds opens both ends of a pipe with a name, which waits for nobody; nil for what
// is none, or may not be opened.
func bothEnds(name string) *os.File {
	both, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	if info, err := both.Stat(); err != nil || info.Mode()&fs.ModeNamedPipe == 0 {
		_ = both.Close()
		return nil
	}
	return both
}
