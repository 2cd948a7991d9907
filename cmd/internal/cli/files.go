package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine/filetab"
)

// dataFiles opens the files that statements read: those of the file system,
// relative to the current folder, and standard input. What can be read only once,
// as standard input and pipes can, is copied to a temporary file first.
type dataFiles struct {
	stdin io.Reader
	// script says that the statements came from standard input.
	script bool

	mu     sync.Mutex
	copies map[string]dataCopy // guarded by mu; by the name of what was copied
	// first has the files of the statement as they were when it opened them first.
	first map[string]fs.FileInfo // guarded by mu
}

// dataCopy is a copy of what can be read once, or why there is none.
type dataCopy struct {
	path string
	err  error
}

// Open opens a file for reading.
func (d *dataFiles) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c, ok := d.copies[name]; ok {
		return c.open()
	}
	if name != config.Stdin {
		return d.file(ctx, name)
	}
	if d.script {
		return nil, &filetab.Error{
			Msg:  "standard input has the statements, so it cannot have rows as well",
			Hint: "give the statements as an argument or with -i FILE, or the rows as a file",
		}
	}
	return d.copy(ctx, name, d.stdin)
}

func (c dataCopy) open() (io.ReadCloser, error) {
	if c.err != nil {
		return nil, c.err
	}
	return os.Open(c.path)
}

// copy copies what can be read once, and opens the copy.
func (d *dataFiles) copy(ctx context.Context, name string, from io.Reader) (io.ReadCloser, error) {
	if d.copies == nil {
		d.copies = map[string]dataCopy{}
	}
	path, err := spool(ctx, from, maxCopy)
	d.copies[name] = dataCopy{path, err}
	return d.copies[name].open()
}

// file opens a file of the file system.
func (d *dataFiles) file(ctx context.Context, name string) (io.ReadCloser, error) {
	f, err := openFile(ctx, name)
	if err != nil {
		return nil, unopened(name, err)
	}
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, errors.Join(err, f.Close())
	case info.IsDir():
		return nil, errors.Join(&filetab.Error{Msg: "it is a folder, not a file"}, f.Close())
	case info.Mode().IsRegular():
		d.note(name, info)
		return f, nil
	}
	copied, err := d.copy(ctx, name, f)
	if err != nil && ctx.Err() != nil {
		delete(d.copies, name) // somebody may write to it for the next statement
	}
	return copied, errors.Join(err, f.Close())
}

// note keeps how a file is, unless the statement had it open before.
func (d *dataFiles) note(name string, info fs.FileInfo) {
	if d.first == nil {
		d.first = map[string]fs.FileInfo{}
	}
	if _, ok := d.first[name]; !ok {
		d.first[name] = info
	}
}

// next says that another statement begins.
func (d *dataFiles) next() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.first = nil
}

// changed reports whether a file is not as it was when the statement opened it first.
func (d *dataFiles) changed(name string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	was, ok := d.first[name]
	if !ok {
		return false // a copy
	}
	is, err := os.Stat(name)
	return err != nil || !os.SameFile(was, is) || !was.ModTime().Equal(is.ModTime()) || was.Size() != is.Size()
}

// Close removes the copies.
func (d *dataFiles) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var err error
	for _, c := range d.copies {
		if c.path != "" {
			err = errors.Join(err, os.Remove(c.path))
		}
	}
	d.copies = nil
	return err
}

// maxCopy is how many bytes are copied of what can be read once: some has no end.
const maxCopy = 1 << 30

// spool copies what is read to a file that only this user can read, until ctx
// ends or there is more than most bytes of it.
func spool(ctx context.Context, from io.Reader, most int64) (name string, err error) {
	f, err := os.CreateTemp("", "iql-stdin-*") // 0600
	if err != nil {
		return "", err
	}
	_, err = until(ctx, func() (int64, error) {
		n, err := io.Copy(f, io.LimitReader(heeding{ctx, from}, most+1))
		if n > most {
			err = &filetab.Error{
				Msg:  fmt.Sprintf("it is longer than %d MB", most>>20),
				Hint: "write it to a file: what is no pipe is not copied, and may have any length",
			}
		}
		return n, errors.Join(err, f.Close())
	})
	if err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// heeding reads until a context ends.
type heeding struct {
	ctx  context.Context
	from io.Reader
}

// Read reads, unless the context has ended.
func (h heeding) Read(p []byte) (int, error) {
	if err := h.ctx.Err(); err != nil {
		return 0, err
	}
	return h.from.Read(p)
}

// until returns what do returns, or why ctx ended before: what is read may never come,
// or never end. What do waits for goes on until the process ends.
func until[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	over := make(chan result, 1)
	go func() {
		value, err := do()
		over <- result{value, err}
	}()
	select {
	case r := <-over:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

// unopened says why a file could not be opened.
func unopened(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &filetab.Error{Msg: "there is no such file", Hint: nearestFile(name), Err: err}
	case errors.Is(err, fs.ErrPermission):
		return &filetab.Error{Msg: "you may not read it", Err: err}
	}
	return &filetab.Error{Msg: bareCause(err), Err: err}
}

// bareCause returns what is wrong, without the operation and the path.
func bareCause(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// maxNames is how many names of a folder are compared with one that is not there.
const maxNames = 10_000

// nearestFile returns a hint: the file of the same folder that may have been
// meant.
func nearestFile(name string) string {
	dir, base := filepath.Split(name)
	folder, err := os.Open(filepath.Clean(dir)) // "" is the current one
	if err != nil {
		return "there is no folder " + dir + " either"
	}
	defer folder.Close()
	names, _ := folder.Readdirnames(maxNames)
	for _, other := range names {
		if strings.EqualFold(other, base) {
			return "did you mean " + dir + other + "?"
		}
	}
	if near, ok := provider.Nearest(base, names); ok {
		return "did you mean " + dir + near + "?"
	}
	return "a path is relative to the folder in which iql runs"
}
