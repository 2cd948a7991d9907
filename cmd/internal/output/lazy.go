package output

import (
	"io"
	"sync"
	"time"
)

const (
	lazyBytes = 32 << 10             // held back at most
	lazyDelay = 5 * time.Millisecond // and this long
)

// lazyWriter gathers small writes. What was written reaches the stream after
// lazyDelay at the latest, even if nothing else is written: rows of one page
// are seen while the next is fetched.
type lazyWriter struct {
	mu    sync.Mutex // guards what follows
	w     io.Writer
	buf   []byte
	err   error // the first of w's
	timer *time.Timer
	armed bool // the timer will fire
}

func newLazyWriter(w io.Writer) *lazyWriter { return &lazyWriter{w: w} }

// Write keeps p, or sends it on. Its error may be of an earlier write.
func (l *lazyWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return 0, l.err
	}
	l.buf = append(l.buf, p...)
	if len(l.buf) >= lazyBytes {
		l.send()
		return len(p), l.err
	}
	l.arm()
	return len(p), nil
}

// Flush sends everything on.
func (l *lazyWriter) Flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.send()
	return l.err
}

// Err returns the first error of the stream.
func (l *lazyWriter) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

func (l *lazyWriter) arm() {
	if l.armed {
		return
	}
	l.armed = true
	if l.timer == nil {
		l.timer = time.AfterFunc(lazyDelay, func() { _ = l.Flush() })
		return
	}
	l.timer.Reset(lazyDelay)
}

// send writes the buffer out. The lock is held.
func (l *lazyWriter) send() {
	if l.armed {
		l.timer.Stop()
		l.armed = false
	}
	if l.err != nil || len(l.buf) == 0 {
		return
	}
	_, l.err = l.w.Write(l.buf)
	l.buf = l.buf[:0]
}
