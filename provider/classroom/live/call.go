package live

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"syscall"
	"time"

	"github.com/iql-lang/iql/provider"
)

// fate is what became of a request that came to no good answer.
type fate int

const (
	refused   fate = iota // it will not be different again
	unstarted             // it was surely not done, and may be later
	lost                  // whether it was done is not known
)

// attempt is a request that came to no good answer.
type attempt struct {
	err   error
	fate  fate
	final bool          // it was not even sent, for want of a token
	token string        // what it was sent with
	parts int           // of the batch that it was sent in; 0 if it was alone
	after time.Duration // what the service asks to wait; 0 for nothing
}

// call sends a request until there is an answer to trust. A change that may
// have been done is looked for before it is sent again, and before it is given
// up.
func (c *Caller) call(ctx context.Context, r *request) error {
	if slices.Contains(r.args, "") {
		return c.nobody(r)
	}
	wait := newBackoff()
	doubt, renewed := false, false
	for try := 0; ; try++ {
		a := c.send(ctx, r, try)
		switch {
		case a == nil:
			return nil
		case ctx.Err() != nil && r.change && (doubt || a.fate == lost):
			return fmt.Errorf("%w: %w", ctx.Err(), provider.ErrUnsure)
		case ctx.Err() != nil:
			return ctx.Err()
		case a.fate == refused && !a.final && !renewed && provider.CodeOf(a.err) == provider.Unauthenticated:
			renewed = true
			c.client.opts.Tokens.Forget(c.subject, a.token)
			continue
		case a.fate == refused && doubt && provider.CodeOf(a.err) == r.moot:
			// It was done by the request whose answer was lost, after it was
			// looked for; or by somebody else.
			return c.settled(r, a)
		case a.fate == refused && doubt && r.settle == nil:
			return c.given(r, a, 0, true)
		case a.fate == refused:
			return a.err
		}
		doubt = doubt || a.fate == lost && r.change
		r.alone = r.alone || a.fate == lost && a.parts > 0
		pause := max(a.after, wait.NextBackOff())
		last := try >= c.client.opts.Retries || a.after > maxWait
		if !last || a.fate == lost && r.settle != nil {
			if err := c.client.opts.Sleep(ctx, min(pause, maxWait)); err != nil {
				if doubt {
					err = fmt.Errorf("%w: %w", err, provider.ErrUnsure)
				}
				return err
			}
		}
		if a.fate == lost && r.settle != nil {
			done, err := r.settle()
			if done || err != nil {
				return c.unsure(r, err)
			}
		}
		if last {
			return c.given(r, a, try, doubt)
		}
	}
}

// nobody is the service's answer to a request for something without a name.
func (c *Caller) nobody(r *request) error {
	if r.method.nobody == provider.PermissionDenied {
		return c.named(&provider.Error{Code: provider.PermissionDenied, Message: "The caller does not have permission"})
	}
	return c.named(&provider.Error{Code: provider.NotFound, Message: "Requested entity was not found."})
}

// settled is what a refusal means that a change meets if it was done already.
func (c *Caller) settled(r *request, a *attempt) error {
	if r.settle == nil {
		return nil
	}
	done, err := r.settle()
	if err != nil {
		return c.unsure(r, err)
	}
	if !done {
		return a.err
	}
	return nil
}

// unsure is the error of a change that could not be looked for. NOT_FOUND is an
// answer: what it was about is gone, and it was not done. Who leaves while it is
// looked for leaves it in doubt.
func (c *Caller) unsure(r *request, err error) error {
	switch {
	case err == nil || provider.CodeOf(err) == provider.NotFound:
		return err
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", err, provider.ErrUnsure)
	}
	code := provider.CodeOf(err)
	if code != provider.ResourceExhausted {
		code = provider.Unavailable
	}
	e := provider.Errorf(code, "the answer to %s was lost, and whether it was done is not known: %w", r.name, err)
	e.Doubt = true
	return c.named(e)
}

// given is the error of a request that is given up. doubt says that the answer to
// one of its sendings was lost.
func (c *Caller) given(r *request, a *attempt, repeated int, doubt bool) error {
	e, ok := errors.AsType[*provider.Error](a.err)
	if !ok {
		return a.err
	}
	out := *e
	if a.after > maxWait {
		out.Message += fmt.Sprintf(" (the service asks to wait %s)", a.after)
	} else if repeated > 0 {
		out.Message += fmt.Sprintf(" (asked %d times)", repeated+1)
	}
	if doubt && r.settle == nil {
		out.Message += "; whether it was done is not known"
		out.Doubt = true
	}
	return &out
}

// named returns the error with who asked.
func (c *Caller) named(e *provider.Error) *provider.Error {
	e.Caller = c.subject
	return e
}

// send sends a request once and reads its answer. It returns nil if that is
// good.
func (c *Caller) send(ctx context.Context, r *request, try int) *attempt {
	due := time.Now()
	if a := c.spent(r); a != nil {
		return a
	}
	limits := c.limits()
	if err := c.pace(ctx, limits); err != nil {
		return &attempt{err: err}
	}
	if a := c.spent(r); a != nil { // by now
		return a
	}
	turn := c.client.opts.Now()
	token, err := c.token(ctx, r)
	if err != nil {
		return c.noToken(err)
	}
	req, err := http.NewRequestWithContext(ctx, r.verb, r.url(c.client.base), r.reader())
	if err != nil {
		return &attempt{err: c.named(provider.Errorf(provider.InvalidArgument, "%s: %w", r.name, err))}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("User-Agent", c.client.opts.UserAgent)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	t := &trip{req: req, alone: r.alone, turn: turn, limits: limits}
	resp, a := c.exchange(ctx, t, r)
	if a != nil {
		a.token, a.parts = token, t.parts
	}
	c.trace(r, t, resp, a, try, due)
	return a
}

// token returns an access token for a request.
func (c *Caller) token(ctx context.Context, r *request) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.client.opts.Timeout)
	defer cancel()
	scopes := r.scopes
	if scopes == nil {
		scopes = r.asked()
	}
	return c.client.opts.Tokens.Token(ctx, c.subject, scopes)
}

// noToken is the attempt of a request for which there is no token.
func (c *Caller) noToken(err error) *attempt {
	if e, ok := errors.AsType[*provider.Error](err); ok {
		a := &attempt{err: err, final: true}
		switch e.Code {
		case provider.Unavailable, provider.DeadlineExceeded, provider.ResourceExhausted:
			a.fate = unstarted
		}
		return a
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &attempt{err: c.named(provider.Errorf(provider.DeadlineExceeded,
			"there was no access token within %s", c.client.opts.Timeout)), fate: unstarted}
	}
	e := c.named(provider.Errorf(provider.Unauthenticated, "there is no access token: %w", err))
	e.Hint = "iql doctor says what is wrong"
	return &attempt{err: e, final: true}
}

// exchange sends a request and reads what comes back.
func (c *Caller) exchange(ctx context.Context, t *trip, r *request) (*http.Response, *attempt) {
	resp, err := c.client.flight.do(ctx, t)
	if err != nil && t.start.IsZero() { // it left the queue
		return nil, &attempt{err: err, fate: unstarted}
	}
	if err != nil {
		return nil, c.broken(t.req, err)
	}
	defer resp.Body.Close()
	resp.Body = &weighed{resp.Body, &t.answered}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		no := readRefusal(resp)
		a := c.refused(no, resp)
		if usedUp(no.Reason) {
			c.spend(r, no.Error)
		}
		return resp, a
	}
	if resp.StatusCode == http.StatusNoContent && r.read == nil {
		return resp, nil
	}
	read := r.read
	if read == nil { // an empty object
		var nothing struct{}
		read = one(&nothing)
	}
	if err := read(&bounded{resp.Body, maxBody}); err != nil {
		return resp, c.broken(t.req, fmt.Errorf("the answer is not whole: %w", err))
	}
	return resp, nil
}

// refused says whether a refusal may be different later.
func (c *Caller) refused(r *refusal, resp *http.Response) *attempt {
	a := &attempt{err: c.named(r.Error)}
	switch {
	case usedUp(r.Reason):
		// They last a day.
	case r.Code == provider.ResourceExhausted,
		r.status == http.StatusServiceUnavailable && r.front:
		a.fate = unstarted
	case r.status >= 500 && r.status != http.StatusNotImplemented, r.status == http.StatusRequestTimeout:
		a.fate = lost
	}
	if a.fate != refused {
		a.after = retryAfter(resp.Header, c.client.opts.Now())
	}
	return a
}

// broken is the attempt of a request whose connection failed, or whose answer
// cannot be read.
func (c *Caller) broken(req *http.Request, err error) *attempt {
	dial, isDial := errors.AsType[*net.OpError](err)
	isDial = isDial && dial.Op == "dial"
	late := isTimeout(err) || errors.Is(err, context.DeadlineExceeded)
	if late && !isDial {
		// The cause is left out: it would look like the end of the statement.
		return &attempt{fate: lost, err: c.named(provider.Errorf(provider.DeadlineExceeded,
			"%s did not answer within %s", req.URL.Host, c.client.opts.Timeout))}
	}
	if errors.Is(err, errTooLong) {
		return &attempt{err: c.named(provider.Errorf(provider.Internal, "%s: %w", req.URL.Host, err))}
	}
	a := &attempt{fate: lost}
	if isDial {
		a.fate = unstarted
		dns, isDNS := errors.AsType[*net.DNSError](err)
		if errors.Is(err, syscall.ECONNREFUSED) || isDNS && dns.IsNotFound {
			a.fate = refused
		}
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		a.fate = refused
	}
	if late { // see above
		a.err = c.named(provider.Errorf(provider.Unavailable, "%s: %v", req.URL.Host, bare(err)))
		return a
	}
	e := c.named(provider.Errorf(provider.Unavailable, "%s: %w", req.URL.Host, bare(err)))
	if a.fate == refused && isDial {
		e.Hint = "is something listening there? --endpoint says who is asked"
	}
	a.err = e
	return a
}

func isTimeout(err error) bool {
	t, ok := errors.AsType[net.Error](err)
	return ok && t.Timeout()
}
