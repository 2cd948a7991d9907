package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/iql-lang/iql/cmd/internal/config"
)

// outputStream is where rows go: standard output, or a file that is written
// under another name and takes its own when all is done.
type outputStream struct {
	io.Writer
	name     string // for people
	terminal bool
	pages    *pages // nil if no pager shows the rows

	file *os.File // nil for standard output
	path string   // the file's own name; "" if it is written in place
}

// openOutput opens what --outfile names.
func (a *app) openOutput() (*outputStream, error) {
	path := a.config.Outfile
	if path == "" || path == config.Stdin {
		out := &outputStream{Writer: a.Stdout, name: "standard output", terminal: a.shownOn(a.Stdout)}
		if out.terminal {
			out.Writer = a.screen.beside(a.Stdout)
		}
		return out, nil
	}
	return createOutput(path, 0o666)
}

// createOutput opens a file for rows, which has the mode perm, but for the umask, if it
// is new.
func createOutput(path string, perm fs.FileMode) (*outputStream, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // what a link points to is replaced, not the link
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("write to %s: it is a folder", path)
	case err == nil && !info.Mode().IsRegular(): // a pipe or a device
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &outputStream{Writer: f, name: path, file: f}, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	beside := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8])
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		if of, ok := errors.AsType[*fs.PathError](err); ok {
			err = of.Err // the name that was asked for says more
		}
		return nil, fmt.Errorf("write to %s: %w", path, err)
	}
	if info != nil {
		if err := f.Chmod(info.Mode().Perm()); err != nil { // but a file that is replaced keeps its mode
			return nil, errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}
	return &outputStream{Writer: f, name: path, file: f, path: path}, nil
}

// close ends the output. A file appears if all is done; else there is none, or
// the one that was there before.
func (o *outputStream) close(done bool) error {
	switch {
	case o.file == nil:
		return nil
	case o.path == "":
		return o.file.Close()
	case !done:
		return errors.Join(o.file.Close(), os.Remove(o.file.Name()))
	}
	if err := errors.Join(o.file.Sync(), o.file.Close()); err != nil {
		return errors.Join(err, os.Remove(o.file.Name()))
	}
	if err := os.Rename(o.file.Name(), o.path); err != nil {
		return errors.Join(err, os.Remove(o.file.Name()))
	}
	return nil
}

// Finish ends the output, as close does.
func (o *outputStream) Finish(done bool) error { return o.close(done) }
