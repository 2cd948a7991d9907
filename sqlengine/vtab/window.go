package vtab

// window bounds what is asked for before the statement needs it: the pages that
// were asked for and that the statement has not begun to read. It is small at
// first where a LIMIT may end the statement soon, and grows with each page that
// was of use. Guarded by answers.mu.
type window struct {
	size  int // pages that may be ahead
	most  int // that size may grow to
	ahead int // pages that are
}

// The sizes of a window, in pages. A statement that has no LIMIT reads all that
// it asks for, so there is nothing to be careful about but memory; the largest
// bounds the goroutines of the calls, and is for statements that keep their pages
// anyway.
const (
	firstWindow = 2
	grownBy     = 4 // by a page that was of use
	wideWindow  = 256
	maxWindow   = 2048
)

// room reports whether one more page may be asked for ahead.
func (w *window) room() bool { return w.ahead < w.size }

// use says that the statement has begun to read a page, of a call that could be
// made ahead or not.
func (w *window) use(ahead bool) {
	w.ahead--
	if ahead {
		w.size = max(w.size, min(w.size+grownBy, w.most))
	}
}
