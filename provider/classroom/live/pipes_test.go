package live

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/iql-lang/iql/provider/classroom/backendtest"
)

// InBubble runs a test in a bubble, beside others.
func InBubble(t *testing.T, name string, test func(*testing.T)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}

// ServePiped returns a server whose clients come through pipes.
func ServePiped(pipes *backendtest.Pipes, handler http.Handler) *httptest.Server {
	s := &httptest.Server{Listener: pipes, Config: &http.Server{Handler: handler}}
	s.Start()
	s.Client().Transport.(*http.Transport).DialContext = pipes.Dial
	return s
}

// Through has the client connect through pipes.
func (c *Client) Through(pipes *backendtest.Pipes) {
	c.http.Transport.(*http.Transport).DialContext = pipes.Dial
}
