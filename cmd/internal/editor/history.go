package editor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/renameio/v2/maybe"
)

// maxHistory is how many bytes a file of entries may have.
const maxHistory = 16 << 20

// How long a history waits for another shell that writes to its file, and how
// often it looks.
const (
	lockWait  = 5 * time.Second
	lockRetry = 2 * time.Millisecond
)

// History is the texts that were entered, the oldest first, in memory and in a
// file that other shells write to at the same time. What they add is seen when
// the file is opened.
//
// The file has an entry on each line, quoted as a string of Go, so that an
// entry of many lines is one, and any bytes come back. A line that is no entry,
// such as one that was being written when the power went, is passed over.
type History struct {
	limit int
	size  int // how many bytes the file may have

	mu      sync.Mutex // guards the fields below
	path    string     // "" for memory only
	entries []string
	shown   []string // the entries, harmless; nil until the library goes through them
	lines   int      // of the file, as far as this history knows
	err     error    // what first went wrong with the file
}

// OpenHistory opens a history of at most limit entries, and makes its file
// (0600) and folder (0700) if need be. The file is cut when it has grown to one
// and a quarter of the limit. A path of "" keeps entries in memory only.
//
// The History is good even if there is an error: it then has what could be
// read, and keeps the rest in memory.
func OpenHistory(path string, limit int) (*History, error) {
	h := &History{path: path, limit: limit, size: maxHistory}
	if path == "" {
		return h, nil
	}
	if err := h.load(); err != nil {
		h.path = ""
		h.err = fmt.Errorf("history %s: %w", path, err)
	}
	return h, h.err
}

// All returns a copy of the entries, the oldest first.
func (h *History) All() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.entries...)
}

// Err returns what first went wrong with the file, of opening it or of adding
// to it since. Entries are in memory even then.
func (h *History) Err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

// Add adds an entry that [History.Keep] keeps. It is in memory even if it
// cannot be written, and later ones are not tried.
func (h *History) Add(text string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.keep(text) {
		return nil
	}
	h.entries = h.newest(append(h.entries, text))
	if h.shown != nil {
		h.shown = append(h.shown, harmless(text))
		h.shown = h.shown[len(h.shown)-len(h.entries):]
	}
	if h.path == "" {
		return nil
	}
	err := h.write(text)
	if err != nil {
		err = fmt.Errorf("history %s: %w; entries are kept until the shell ends", h.path, err)
		h.path = ""
		h.err = err
	}
	return err
}

// load reads the file, or makes it.
func (h *History) load() error {
	if err := os.MkdirAll(filepath.Dir(h.path), 0o700); err != nil {
		return err
	}
	info, err := os.Stat(h.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("not a file")
	}
	unlock, err := h.lock()
	if err != nil {
		return err
	}
	defer unlock()
	f, err := os.OpenFile(h.path, os.O_RDONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := h.read(f); err != nil {
		return err
	}
	if runtime.GOOS == "windows" || info == nil || info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	return os.Chmod(h.path, 0o600)
}

// read reads the entries of the file, and cuts it if it has too many. The
// caller holds its lock.
func (h *History) read(f *os.File) error {
	data, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	all := decode(data)
	if len(all) == 0 && bytes.Contains(data, []byte("\n")) {
		return errors.New("holds no entry, and is left as it is: is it a file of another program?")
	}
	h.entries = h.newest(all)
	h.lines = len(all)
	if h.full(h.lines) || len(data) > h.size {
		return h.cut(h.entries)
	}
	return nil
}

// write appends an entry to the file, and cuts it if it has grown too long.
func (h *History) write(text string) error {
	unlock, err := h.lock()
	if err != nil {
		return err
	}
	defer unlock()
	f, err := os.OpenFile(h.path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	size, err := appendEntry(f, text)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	h.lines++
	if !h.full(h.lines) && size <= int64(h.size) {
		return nil
	}
	// Other shells may have added entries, and one of them may have cut it.
	data, err := os.ReadFile(h.path)
	if err != nil {
		return err
	}
	all := decode(data)
	h.lines = len(all)
	if !h.full(h.lines) && len(data) <= h.size {
		return nil
	}
	return h.cut(h.newest(all))
}

// appendEntry writes an entry at the end of a file, below a line that was cut
// short if there is one, and returns how long the file is then.
func appendEntry(f *os.File, text string) (size int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	entry := encode(text)
	if size = info.Size(); size > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, size-1); err != nil {
			return 0, err
		}
		if last[0] != '\n' {
			entry = "\n" + entry
		}
	}
	_, err = f.WriteString(entry)
	return size + int64(len(entry)), err
}

// cut leaves only these entries in the file.
func (h *History) cut(entries []string) error {
	var b strings.Builder
	for _, text := range entries {
		b.WriteString(encode(text))
	}
	if err := maybe.WriteFile(h.path, []byte(b.String()), 0o600); err != nil {
		return err
	}
	h.lines = len(entries)
	return nil
}

// full reports whether a file of so many lines is to be cut.
func (h *History) full(lines int) bool { return lines > h.limit+h.limit/4 }

// newest returns the last of the entries, as many as are kept. The file is cut
// to half of what it may be long, so that this is not done for each.
func (h *History) newest(entries []string) []string {
	size, from := 0, len(entries)
	for from > 0 && len(entries)-from < h.limit && size+len(entries[from-1]) <= h.size/2 {
		from--
		size += len(entries[from])
	}
	return entries[from:]
}

// lock keeps other shells from the file until unlock is called. The lock is a
// file beside it, as the file itself is replaced when it is cut.
func (h *History) lock() (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), lockWait)
	defer cancel()
	lock := flock.New(h.path+".lock", flock.SetPermissions(0o600))
	_, err = lock.TryLockContext(ctx, lockRetry)
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.New("another program holds its lock")
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return func() { _ = lock.Close() }, nil // closing is what unlocks
}

// encode returns the line of an entry.
func encode(text string) string { return strconv.Quote(text) + "\n" }

// decode returns the entries of a file.
func decode(data []byte) []string {
	var entries []string
	for line := range strings.Lines(string(data)) {
		text, err := strconv.Unquote(strings.TrimRight(line, "\r\n"))
		if err == nil && strings.HasPrefix(line, `"`) {
			entries = append(entries, text)
		}
	}
	return entries
}
