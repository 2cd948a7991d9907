package credentials

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"

	"github.com/iql-lang/iql/provider"
)

// The bounds of an exchange with Google.
const (
	maxAnswer   = 1 << 20
	usualPeriod = 30 * time.Second
)

// line is the way to Google's services of tokens.
type line struct {
	transport http.RoundTripper
	period    time.Duration // that an exchange may take
	now       func() time.Time

	skew  atomic.Int64 // of this machine's clock, in nanoseconds
	timed atomic.Bool  // an answer had a date
}

// newLine returns a line over a client's transport; nil is a new one.
func newLine(client *http.Client, now func() time.Time) *line {
	l := &line{period: usualPeriod, now: now}
	if client != nil {
		l.transport = client.Transport
		if client.Timeout > 0 {
			l.period = client.Timeout
		}
	}
	if l.transport == nil {
		l.transport = http.DefaultTransport
	}
	return l
}

func (l *line) clockSkew() time.Duration { return time.Duration(l.skew.Load()) }

// request is what is asked, by whom and for whom: what a refusal is told with.
type request struct {
	id      *identity
	subject string
	scopes  []string
}

// token runs an exchange that makes a token. The library in between drops the
// context and the causes of errors, which the exchange keeps.
func (l *line) token(ctx context.Context, r request, fetch func(context.Context) (*oauth2.Token, error)) (*minted, error) {
	x, cancel := l.begin(ctx)
	defer cancel()
	start := time.Now()
	t, err := fetch(context.WithValue(x.ctx, oauth2.HTTPClient, x.client()))
	if err != nil {
		return nil, x.failed(r, err)
	}
	if t.AccessToken == "" {
		return nil, x.failed(r, errors.New("there is no token in the answer"))
	}
	m := &minted{token: t.AccessToken}
	if !t.Expiry.IsZero() {
		m.life = max(t.Expiry.Sub(start), time.Second)
	}
	return m, nil
}

// exchange is the requests that belong together: it carries them with one
// context, and keeps what happened to the last. It holds the context because
// the library sends some requests without.
type exchange struct {
	line  *line
	outer context.Context // the caller's
	ctx   context.Context // with the time-out of the exchange

	// Of the last request: who was asked, the error of the connection, and what
	// was answered if that is no success.
	host   string
	err    error
	status int
	body   []byte
}

func (l *line) begin(ctx context.Context) (*exchange, context.CancelFunc) {
	within, cancel := context.WithTimeout(ctx, l.period)
	return &exchange{line: l, outer: ctx, ctx: within}, cancel
}

// client returns an HTTP client that sends over the exchange. What opens doors
// goes where it was sent, and not on from there.
func (x *exchange) client() *http.Client {
	return &http.Client{
		Transport:     x,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// RoundTrip sends a request with the exchange's context and reads all of the
// answer.
func (x *exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	x.host, x.err, x.status, x.body = req.URL.Host, nil, 0, nil
	resp, err := x.line.transport.RoundTrip(req.WithContext(x.ctx))
	if err != nil {
		x.err = err
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	err = errors.Join(err, resp.Body.Close())
	if err == nil && len(body) > maxAnswer {
		err = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	if err != nil {
		x.err = err
		return nil, err
	}
	x.line.observe(resp.Header)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		x.status, x.body = resp.StatusCode, body
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// observe compares the clock of an answer with this machine's. A second more or
// less is none: Date has whole seconds, and the answer was on its way.
func (l *line) observe(h http.Header) {
	there, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	skew := l.now().Round(0).Sub(there.Add(time.Second / 2)).Round(time.Second)
	if abs(skew) <= time.Second {
		skew = 0
	}
	l.skew.Store(int64(skew))
	l.timed.Store(true)
}

// failed returns what a person is told of an exchange that brought no token.
func (x *exchange) failed(r request, err error) error {
	if x.outer.Err() != nil {
		return x.outer.Err()
	}
	if e, ok := errors.AsType[*provider.Error](err); ok {
		return e
	}
	if x.status != 0 {
		return r.refused(x.host, x.line.clockSkew(), x.status, x.body)
	}
	timeout, isNet := errors.AsType[net.Error](x.err)
	switch {
	case x.ctx.Err() != nil || isNet && timeout.Timeout():
		// The cause is left out: it would look like the end of the statement.
		return r.error(provider.DeadlineExceeded, "there was no access token within "+x.line.period.String())
	case x.err != nil:
		e := r.error(provider.Unavailable, fmt.Sprintf("%s: %v", x.host, x.err))
		e.Err = x.err
		return e
	case x.host == "":
		return r.error(provider.Unauthenticated, "no access token can be made of what "+r.id.origin+" says: "+printable(err.Error()))
	}
	return r.error(provider.Internal, x.host+": the answer is not one of a token service")
}

// checkAddress refuses an address that secrets would be sent to in the open.
func checkAddress(origin, what, address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return invalid(origin+": "+what+" is no address of a service", "")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	}
	return invalid(origin+": "+what+" would get secrets in plain text", "an address begins with https://")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
