package emulator

import (
	"context"
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider"
)

// How a transaction begins.
const (
	reads  = `BEGIN`
	writes = `BEGIN IMMEDIATE` // the lock first, so that what is checked still holds when it is changed
)

// tx runs fn in a transaction that reads or writes. It is committed if fn
// returns nil, and undone otherwise. An error that is not fn's own refusal
// comes back as INTERNAL or UNAVAILABLE, or as the context's.
func (s *Store) tx(ctx context.Context, begin string, fn func(*db) error) (err error) {
	d, err := s.conns.take(ctx, begin)
	if err != nil {
		return s.explain(ctx, err)
	}
	defer func() {
		d.conn.SetInterrupt(context.Background())
		if !d.conn.GetAutocommit() {
			if undo := d.exec(`ROLLBACK`); undo != nil {
				err = errors.Join(err, undo)
			}
		}
		s.conns.give(d, begin)
		err = s.explain(ctx, err)
	}()
	if begin == writes {
		d.kept.forget()
	}
	d.conn.SetInterrupt(ctx)
	if err := d.exec(begin); err != nil {
		return err
	}
	if err := fn(d); err != nil {
		return err
	}
	return d.exec(`COMMIT`)
}

// explain turns what SQLite said into an error for the person.
func (s *Store) explain(ctx context.Context, err error) error {
	var sqlite *sqlite3.Error
	var code sqlite3.ErrorCode
	var extended sqlite3.ExtendedErrorCode
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sqlite3.INTERRUPT) && ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, sqlite3.BUSY):
		return &provider.Error{
			Code:    provider.Unavailable,
			Message: fmt.Sprintf("another process keeps the store %s locked", s.path),
			Err:     err,
		}
	case errors.As(err, &sqlite), errors.As(err, &code), errors.As(err, &extended):
		return provider.Errorf(provider.Internal, "store %s: %w", s.path, err)
	}
	return err
}
