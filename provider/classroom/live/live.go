// Package live is the backend that asks Google Classroom itself, or whatever
// speaks its REST API at another address.
//
// [New] makes a [Client], which holds the connections, the rate limits and the
// tokens; [Client.As] is a [classroom.Backend] for one person. A method is one
// request (request.go), sent until there is an answer to trust (call.go): what
// may be repeated is repeated, and a change whose answer was lost is looked for
// before it is sent again (invitations.go). So many requests are under way at
// once (flight.go), and those that wait meanwhile are sent together (batch.go).
// What comes back is read by decode.go, and refusals become [*provider.Error] in
// errors.go.
//
// The API: https://developers.google.com/workspace/classroom/reference/rest.
package live

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/iql-lang/iql/provider/classroom"
)

// Google is the address of Google's own service.
const Google = "https://classroom.googleapis.com/"

// Tokens give out access tokens. Their methods may be called from many
// goroutines at once.
type Tokens interface {
	// Token returns an access token that acts as subject and has at least the
	// scopes, which are whole addresses. A [*provider.Error] reaches the person
	// as it is; any other error becomes UNAUTHENTICATED.
	Token(ctx context.Context, subject string, scopes []string) (token string, err error)
	// Forget says that the service did not take a token that it was given for a
	// subject: it must not be given out again.
	Forget(subject, token string)
}

// NoTokens sends the subject, an e-mail address, as the token. The emulator
// takes that; Google does not.
type NoTokens struct{}

// Token returns the subject.
func (NoTokens) Token(_ context.Context, subject string, _ []string) (string, error) {
	return subject, nil
}

// Forget does nothing: there is no other token.
func (NoTokens) Forget(subject, token string) {}

// Options say how a Client behaves. The zero value asks Google, at the pace
// that Google serves.
type Options struct {
	// Endpoint is where the service is, with the path that its methods' paths
	// begin with; "" is [Google]. Plain http is for this machine, or for
	// NoTokens.
	Endpoint string
	// Tokens say who may ask; nil is NoTokens.
	Tokens Tokens
	// Rate is how many requests a second are sent on behalf of one person; 0 is
	// a little less than Google serves, negative no limit.
	Rate float64
	// Retries is how often a request is repeated; 0 is 8, negative never.
	Retries int
	// InFlight is how many requests are under way at once, for all persons; 0 is
	// 8. A batch is one.
	InFlight int
	// Batch is how many calls that wait for a place are sent in one request; 0
	// is 50, more than which Google does not take, and 1 or negative is no
	// batches. An Endpoint with a path gets none: what stands there may take the
	// path off a batch, and not off its parts.
	Batch int
	// Timeout is how long one request may take, once it is sent; 0 is 45 s.
	Timeout time.Duration
	// UserAgent names the program; "" is iql.
	UserAgent string
	// Trace is told of each request when it has ended; nil is nobody. It is
	// called from many goroutines at once.
	Trace func(Event)

	// Now and Sleep are the clock, for tests; nil is the real one. Sleep returns
	// the context's error if that ends first.
	Now   func() time.Time
	Sleep func(ctx context.Context, d time.Duration) error
}

// The usual Options.
const (
	DefaultRetries  = 8
	DefaultTimeout  = 45 * time.Second
	DefaultInFlight = 8
	DefaultBatch    = maxParts
	// DefaultRate leaves a burst in a window of a minute; see burst.
	DefaultRate = 18
)

// Client is a connection to the service. Its methods may be called from many
// goroutines at once.
type Client struct {
	base   *url.URL // its path ends in a slash
	opts   Options
	http   *http.Client
	flight flight
	all    *rate.Limiter // of all requests; nil for no limit
	seen   classroom.Seen

	mu    sync.Mutex
	users map[string]*rate.Limiter // guarded by mu: of each subject
	spent map[errand]spent         // guarded by mu
}

// New returns a client. It connects when a method is called. The error says
// what is wrong with the endpoint.
func New(opts Options) (*Client, error) {
	if opts.Endpoint == "" {
		opts.Endpoint = Google
	}
	if opts.Tokens == nil {
		opts.Tokens = NoTokens{}
	}
	if opts.Rate == 0 {
		opts.Rate = DefaultRate
	}
	if opts.Retries == 0 {
		opts.Retries = DefaultRetries
	}
	opts.Retries = max(opts.Retries, 0)
	if opts.InFlight <= 0 {
		opts.InFlight = DefaultInFlight
	}
	if opts.Batch == 0 {
		opts.Batch = DefaultBatch
	}
	opts.Batch = min(max(opts.Batch, 1), maxParts)
	if opts.Timeout <= 0 {
		opts.Timeout = DefaultTimeout
	}
	if opts.UserAgent == "" {
		opts.UserAgent = "iql"
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Sleep == nil {
		opts.Sleep = sleep
	}
	base, err := parseEndpoint(opts.Endpoint)
	if err != nil {
		return nil, err
	}
	if _, open := opts.Tokens.(NoTokens); base.Scheme == "http" && !open && !isLoopback(base.Hostname()) {
		return nil, fmt.Errorf("endpoint %s would get access tokens in plain text: use https", base)
	}
	c := &Client{
		base: base,
		opts: opts,
		http: &http.Client{
			Transport: transport(opts.InFlight, opts.Timeout),
			// A token goes nowhere but to the endpoint.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		users: map[string]*rate.Limiter{},
		spent: map[errand]spent{},
	}
	if base.Path != "/" {
		opts.Batch = 1
	}
	c.flight = flight{
		http: c.http, base: base, agent: opts.UserAgent, timeout: opts.Timeout, now: opts.Now,
		free: opts.InFlight, most: opts.Batch,
	}
	if opts.Rate > 0 {
		c.all = limiter(max(clientRate, opts.Rate), clientQuota)
	}
	return c, nil
}

// parseEndpoint reads an address of the service.
func parseEndpoint(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("endpoint %q is no address", text) // the cause would repeat it
	case base.Scheme != "http" && base.Scheme != "https" || base.Host == "":
		return nil, fmt.Errorf("endpoint %q is not like %s", text, Google)
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("endpoint %s has more than a host and a path", base.Redacted())
	}
	if !strings.HasSuffix(base.Path, "/") {
		base = base.JoinPath("/")
	}
	return base, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// transport returns the connections of a client: one of HTTP/2 where there is
// TLS, and else as many as there are requests at once.
// A connection on which nothing comes while a request waits is tried, and given
// up before the request is: the next one has another.
func transport(inFlight int, timeout time.Duration) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ForceAttemptHTTP2 = true
	t.MaxIdleConns = inFlight
	t.MaxIdleConnsPerHost = inFlight
	t.MaxConnsPerHost = inFlight
	t.MaxResponseHeaderBytes = 64 << 10
	t.HTTP2 = &http.HTTP2Config{SendPingTimeout: timeout / 3, PingTimeout: timeout / 3}
	return t
}

// Close closes the connections, after the last call has returned.
func (c *Client) Close() error {
	c.flight.batches.Wait()
	c.http.CloseIdleConnections()
	return nil
}

// Endpoint returns where the service is.
func (c *Client) Endpoint() string { return c.base.String() }

// As returns the backend for a person: an e-mail address, or what else Tokens
// knows people by.
func (c *Client) As(subject string) *Caller { return &Caller{client: c, subject: subject} }

// Caller is the service as one person sees it.
type Caller struct {
	client  *Client
	subject string
}

var _ classroom.Backend = (*Caller)(nil)

// sleep waits, or returns the context's error if that ends first.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
