package credentials

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// listener is the server that a browser comes back to, with one answer.
type listener struct {
	address string
	state   string
	server  *http.Server
	answers chan url.Values // holds one
	served  chan error      // of Serve
}

// The bounds of what a browser sends.
const (
	maxAnswerHeader = 32 << 10
	answerPeriod    = 5 * time.Second
)

// listen begins to wait for an answer that has the state, on this machine
// alone. The caller closes it.
func listen(ctx context.Context, state string) (*listener, error) {
	var config net.ListenConfig
	socket, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("wait for the browser: %w", err)
	}
	l := &listener{
		address: "http://" + socket.Addr().String() + "/",
		state:   state,
		answers: make(chan url.Values, 1),
		served:  make(chan error, 1),
	}
	l.server = &http.Server{
		Handler: l, MaxHeaderBytes: maxAnswerHeader,
		ReadHeaderTimeout: answerPeriod, ReadTimeout: answerPeriod, WriteTimeout: answerPeriod, IdleTimeout: answerPeriod,
	}
	l.server.SetKeepAlivesEnabled(false)
	go func() { l.served <- l.server.Serve(socket) }()
	return l, nil
}

// close lets the browser have its page, and ends the server.
func (l *listener) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), answerPeriod)
	defer cancel()
	err := l.server.Shutdown(ctx)
	if err != nil {
		err = l.server.Close()
	}
	if served := <-l.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// wait returns the code of the answer, or the context's error if that ends
// first.
func (l *listener) wait(ctx context.Context) (string, error) {
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-l.answers:
		return readAnswer(a)
	}
}

// readAnswer returns the code that an answer holds.
// https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2
func readAnswer(a url.Values) (string, error) {
	f := refusal{Word: a.Get("error"), Description: a.Get("error_description")}
	switch {
	case f.Word == "access_denied":
		return "", authRefused("the sign-in was refused: "+f.text(), "sign in again, and allow what iql asks for")
	case f.Word != "":
		return "", authRefused("the sign-in came to nothing: "+f.text(), "")
	case a.Get("code") == "":
		return "", authRefused("the sign-in came to nothing: there is no code in the answer", "")
	}
	return a.Get("code"), nil
}

// ServeHTTP takes one answer. Whoever does not know the state is not Google's
// page, and changes nothing.
func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	a := r.URL.Query()
	switch {
	case r.Method != http.MethodGet || r.URL.Path != "/":
		page(w, http.StatusNotFound, "There is nothing here.")
		return
	case subtle.ConstantTimeCompare([]byte(a.Get("state")), []byte(l.state)) != 1:
		page(w, http.StatusBadRequest, "This is not the answer to the sign-in that iql waits for.")
		return
	}
	select {
	case l.answers <- a:
	default:
		page(w, http.StatusConflict, "iql has its answer already. This window may be closed.")
		return
	}
	if a.Get("error") != "" {
		page(w, http.StatusOK, "You are not signed in. iql says why. This window may be closed.")
		return
	}
	page(w, http.StatusOK, "iql has its answer. This window may be closed.")
}

// page writes a page of one sentence, which is ours.
func page(w http.ResponseWriter, status int, sentence string) {
	w.WriteHeader(status)
	// The browser may have left.
	_, _ = fmt.Fprintf(w, "<!doctype html><html lang=\"en\"><title>iql</title><p>%s</p></html>\n", sentence)
}
