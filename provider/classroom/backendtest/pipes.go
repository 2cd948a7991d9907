package backendtest

import (
	"context"
	"net"
	"sync"
)

// Pipes is a [net.Listener] whose connections are pipes, so that synctest's clock
// rules them: a request is only late where a test has it wait, however slow the
// machine. It is for use from several goroutines.
type Pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// NewPipes returns a listener. In a bubble it must be made there.
func NewPipes() *Pipes { return &Pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

// Accept returns the server's end of a connection, or [net.ErrClosed].
func (p *Pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Dial returns the client's end of a connection once it was accepted, [net.ErrClosed]
// or the context's error. It has the form of http.Transport's DialContext.
func (p *Pipes) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends the listener, and has no error.
func (p *Pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr is one of this machine, so that no proxy is asked.
func (p *Pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }
