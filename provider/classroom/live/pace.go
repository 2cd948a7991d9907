package live

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"

	"github.com/iql-lang/iql/provider"
)

// What Google serves in any sixty seconds, to one person and to all of a
// project. https://developers.google.com/workspace/classroom/limits
const (
	userQuota   = 1200
	clientQuota = 3000
)

// clientRate is how many requests a second are sent for all persons, with room
// for a burst.
const clientRate = 45

// burstTime is how long a bucket takes to fill. It is also how long a turn
// lasts: who has waited longer for a place is counted again.
const burstTime = 5 * time.Second

// queueTime is how long a request may wait for the turn of all after its person's:
// who has waited longer is counted again. The bursts leave room for so much.
const queueTime = time.Second

// limiter returns a token bucket of a rate per second whose burst is the work
// of burstTime, but no more than what a minute's quota leaves beside the rate: a
// bucket lets burst + 60 * rate requests through in a minute.
func limiter(perSecond, quota float64) *rate.Limiter {
	const slack = 0.98 // a clock's second is not another's
	burst := min(burstTime.Seconds()*perSecond, slack*quota-60*perSecond)
	return rate.NewLimiter(rate.Limit(perSecond), max(1, int(burst)))
}

// limits returns the buckets that a caller's requests are taken from.
func (c *Caller) limits() []*rate.Limiter {
	client := c.client
	if client.opts.Rate < 0 {
		return nil
	}
	client.mu.Lock()
	defer client.mu.Unlock()
	subject := strings.ToLower(c.subject) // as the service counts
	user, ok := client.users[subject]
	if !ok {
		user = limiter(client.opts.Rate, userQuota)
		client.users[subject] = user
	}
	return []*rate.Limiter{user, client.all}
}

// spentTime is how long a quota of a day that is used up is not tried again.
const spentTime = 10 * time.Minute

// errand is what a quota of a day is for: a method, as a person.
type errand struct{ method, subject string }

// spent is a quota of a day that is used up.
type spent struct {
	err  *provider.Error
	when time.Time
}

// usedUp reports whether a refusal lasts a day.
func usedUp(reason string) bool {
	return reason == "UserInvitationQuotaExhausted" || reason == "UserCourseJoinRateLimitReached"
}

// spend remembers that a quota of a day is used up.
func (c *Caller) spend(r *request, err *provider.Error) {
	c.client.mu.Lock()
	defer c.client.mu.Unlock()
	c.client.spent[errand{r.name, strings.ToLower(c.subject)}] = spent{err, c.client.opts.Now()}
}

// spent returns the refusal that a request would meet, as another has lately; nil
// for none.
func (c *Caller) spent(r *request) *attempt {
	c.client.mu.Lock()
	defer c.client.mu.Unlock()
	s, ok := c.client.spent[errand{r.name, strings.ToLower(c.subject)}]
	if !ok || c.client.opts.Now().Sub(s.when) > spentTime {
		return nil
	}
	return &attempt{err: s.err, final: true}
}

// pace waits for a request's turn.
func (c *Caller) pace(ctx context.Context, limits []*rate.Limiter) error {
	client := c.client
	for i, l := range limits {
		now := client.opts.Now()
		turn := l.ReserveN(now, 1)
		delay := turn.DelayFrom(now)
		if delay == 0 {
			continue
		}
		if err := client.opts.Sleep(ctx, delay); err != nil {
			turn.CancelAt(client.opts.Now())
			return err
		}
		// Who has waited for the turn of all goes now, and not when it was their
		// own: it is counted now.
		if now = client.opts.Now(); i > 0 && delay > queueTime {
			limits[0].ReserveN(now, 1)
		}
	}
	return ctx.Err()
}

// maxWait is the longest that a request waits to be repeated. A service that
// asks for more is asked again by a person.
const maxWait = 2 * time.Minute

// newBackoff returns how long to wait before each repetition: about 0.5 s, 1 s,
// 2 s and so on up to a minute, half more or less.
func newBackoff() *backoff.ExponentialBackOff {
	b := backoff.NewExponentialBackOff()
	b.Multiplier = 2
	b.MaxInterval = time.Minute
	return b
}

// retryAfter reads the header Retry-After, in seconds or as a date. It returns
// 0 if there is none. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if text == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	// The server's own clock says how far away that is.
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return max(at.Sub(now), 0)
}
