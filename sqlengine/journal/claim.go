package journal

import (
	"errors"
	"io/fs"
	"os"

	"github.com/ncruces/go-sqlite3"
)

// claim is the right to work on a run: a file that is locked as long as the
// process lives. The lock is SQLite's, which is the same on every system, on a
// database that stays empty. A claim is made and given up inside a transaction
// of the journal, so that the file is never removed while another process takes
// it.
type claim struct {
	path string
	conn *sqlite3.Conn
}

// claimed returns the file of the claim to a run.
func (s *Store) claimed(id string) string { return s.file + "." + id + ".lock" }

// claim claims a run. It returns ErrUnderWay if somebody has.
func (s *Store) claim(id string) (*claim, error) {
	c := &claim{path: s.claimed(id)}
	f, err := os.OpenFile(c.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	c.conn, err = sqlite3.OpenFlags(uri(c.path), sqlite3.OPEN_READWRITE|sqlite3.OPEN_URI)
	if err != nil {
		return nil, err
	}
	if err = errors.Join(c.conn.BusyTimeout(0), c.conn.Exec(`BEGIN EXCLUSIVE`)); err != nil {
		if errors.Is(err, sqlite3.BUSY) {
			err = ErrUnderWay
		}
		return nil, errors.Join(err, c.conn.Close())
	}
	return c, nil
}

// release gives the claim up.
func (c *claim) release() error {
	err := c.end() // first, for Windows removes no file that is open
	if removeErr := os.Remove(c.path); !errors.Is(removeErr, fs.ErrNotExist) {
		err = errors.Join(err, removeErr)
	}
	return err
}

// end ends the lock, if it has not ended.
func (c *claim) end() error {
	if c.conn == nil {
		return nil
	}
	err := c.conn.Close()
	c.conn = nil
	return err
}
