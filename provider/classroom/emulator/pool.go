package emulator

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	_ "github.com/ncruces/go-sqlite3/vfs/memdb" // databases in memory with several connections

	"github.com/iql-lang/iql/provider"
)

// pool hands out the connections to a database: one at first, and more when
// requests come together. In a file, readers wait neither for each other nor
// for the writer; in memory, where SQLite has no log of what is written, they
// wait for the writer. There is one writer at a time; those of other processes
// wait for it in SQLite.
type pool struct {
	path   string // empty in memory
	name   string // by which SQLite knows it
	free   chan *db
	open   chan struct{} // has an element for each connection that is open, or kept from being opened
	writer chan struct{} // has an element while somebody writes
	closed chan struct{} // closed by Close
	close  sync.Once

	held   []*db // what the writer keeps from others; of use to whoever has put an element into writer
	barred int   // and how many it keeps from being opened
}

func newPool(path string) (*pool, error) {
	name := "file:/iql-" + rand.Text() + "?vfs=memdb"
	if path != "" {
		full, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		name = uri(full)
	}
	most := 1 + min(runtime.GOMAXPROCS(0), 8) // what reads keeps a processor busy
	return &pool{
		path:   path,
		name:   name,
		free:   make(chan *db, most),
		open:   make(chan struct{}, most),
		writer: make(chan struct{}, 1),
		closed: make(chan struct{}),
	}, nil
}

// uri returns SQLite's name for a file, which has the files beside it that hold
// its data made with its own mode (-shm, which holds page numbers, is not).
// https://www.sqlite.org/uri.html
func uri(full string) string {
	path := filepath.ToSlash(full)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/...
	}
	mode := strings.ReplaceAll(url.QueryEscape(full), "+", "%20")
	return "file://" + (&url.URL{Path: path}).EscapedPath() + "?modeof=" + mode
}

var errClosed = provider.Errorf(provider.Unavailable, "the store is closed")

// take returns a connection for a transaction that begins so. UNAVAILABLE
// after Close.
func (p *pool) take(ctx context.Context, begin string) (*db, error) {
	if begin == reads {
		return p.one(ctx)
	}
	select {
	case p.writer <- struct{}{}:
	case <-p.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	d, err := p.one(ctx)
	if err != nil {
		<-p.writer
		return nil, err
	}
	if p.path == "" {
		if err := p.clear(ctx); err != nil {
			p.give(d, begin)
			return nil, err
		}
	}
	return d, nil
}

// one returns any connection: one that is free, or else whichever comes first
// of one that becomes free and a new one.
func (p *pool) one(ctx context.Context) (*db, error) {
	select {
	case <-p.closed:
		return nil, errClosed
	default:
	}
	select {
	case d := <-p.free:
		return d, nil
	default:
	}
	select {
	case d := <-p.free:
		return d, nil
	case p.open <- struct{}{}:
	case <-p.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	d, err := connect(ctx, p.name)
	if err != nil {
		<-p.open
	}
	return d, err
}

// clear waits until nobody but the writer has a connection, and keeps it so
// until the writer gives back its own.
func (p *pool) clear(ctx context.Context) error {
	for range cap(p.open) - 1 {
		select {
		case d := <-p.free:
			p.held = append(p.held, d)
		case p.open <- struct{}{}:
			p.barred++
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// give returns a connection that take gave.
func (p *pool) give(d *db, begin string) {
	if begin == reads {
		p.free <- d
		return
	}
	for _, other := range p.held {
		p.free <- other
	}
	for range p.barred {
		<-p.open
	}
	p.held, p.barred = p.held[:0], 0
	p.free <- d
	<-p.writer
}

// Close closes the connections, each when its request is done.
func (p *pool) Close() (err error) {
	p.close.Do(func() {
		close(p.closed)
		p.writer <- struct{}{}
		var errs []error
		for range cap(p.open) {
			select {
			case p.open <- struct{}{}: // one that was never needed
			case d := <-p.free:
				errs = append(errs, d.Close())
			}
		}
		err = errors.Join(errs...)
	})
	return err
}
