package live

import (
	"errors"
	"net/http"
	"net/url"
	"time"
)

// Event is a request that has ended. Nothing in it opens a door.
type Event struct {
	Method   string // "invitations.list"
	Subject  string // who asked
	Verb     string // "GET"
	URL      string
	Header   http.Header // of the request, the access token blotted out
	Body     string      // of the request, JSON; "" for none
	Status   int         // 0 if there was no answer
	Start    time.Time
	Duration time.Duration // to the end of the answer, which is the whole batch's
	Waited   time.Duration // before Start: for its turn by the pace, a token, a place
	Batch    int           // the parts of the request that it was one of; 0 if it was alone
	Retry    int           // 0 for the first time, then how often it was repeated
	Answered int64         // bytes of the answer that were read, unpacked
	Err      error         // what it came to; nil is a good answer
}

// blot stands where a secret was.
const blot = "REDACTED"

// trace tells of a request, if it was sent.
func (c *Caller) trace(r *request, t *trip, resp *http.Response, a *attempt, try int, due time.Time) {
	if c.client.opts.Trace == nil || t.start.IsZero() {
		return
	}
	e := Event{
		Method:   r.name,
		Subject:  c.subject,
		Verb:     t.req.Method,
		URL:      t.req.URL.String(), // the endpoint has no user, and no query
		Header:   t.req.Header.Clone(),
		Body:     string(r.body),
		Start:    t.start,
		Duration: time.Since(t.start),
		Waited:   t.start.Sub(due),
		Batch:    t.parts,
		Retry:    try,
		Answered: t.answered,
	}
	e.Header.Set("Authorization", "Bearer "+blot)
	if resp != nil {
		e.Status = resp.StatusCode
	}
	if a != nil {
		e.Err = a.err
	}
	c.client.opts.Trace(e)
}

// bare is an error without the address that net/http puts before it.
func bare(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
