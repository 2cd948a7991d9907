package credentials

import (
	"context"
	"slices"
	"sync"
	"time"
)

// maxSubjects bounds the subjects whose tokens are kept.
const maxSubjects = 10_000

// early is how long before its end a token is no longer given out, or half of
// its life if that is less.
const early = time.Minute

// key is what a token is for. The subject is in lower case.
type key struct{ subject, scopes string }

// cache keeps tokens, and has one request under way for each key.
type cache struct {
	now func() time.Time

	// mu guards all below.
	mu      sync.Mutex
	kept    map[string]*wallet // by subject
	flights map[key]*flight
	clock   uint64 // counts the uses of wallets
}

// wallet is the tokens of a subject.
type wallet struct {
	tokens map[string]held // by scopes
	used   uint64          // when
}

// held is a token and when it is renewed; zero is never.
type held struct {
	token string
	until time.Time
}

// flight is a request that is under way. What it brought is set before done is
// closed.
type flight struct {
	done  chan struct{}
	token string
	err   error
	// left says that who sent it did not stay for the answer.
	left bool
}

// get returns the token for a key, the one that is kept or else what fetch
// makes. Of many who ask at once one fetches, with its own context, and the
// others wait for the same; if that one is gone, the next one fetches.
func (c *cache) get(ctx context.Context, k key, fetch func() (*minted, error)) (string, error) {
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		token, f, mine := c.look(k)
		switch {
		case token != "":
			return token, nil
		case mine:
			c.fly(ctx, k, f, fetch)
			return f.token, f.err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-f.done:
		}
		if !f.left {
			return f.token, f.err
		}
	}
}

// look returns the token of a key, or the flight to wait for and whether it is
// the caller's own.
func (c *cache) look(k key) (token string, f *flight, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if w := c.kept[k.subject]; w != nil {
		h, ok := w.tokens[k.scopes]
		if ok && (h.until.IsZero() || c.now().Before(h.until)) {
			c.clock++
			w.used = c.clock
			return h.token, nil, false
		}
	}
	if f := c.flights[k]; f != nil {
		return "", f, false
	}
	if c.flights == nil {
		c.flights = map[key]*flight{}
	}
	f = &flight{done: make(chan struct{}), left: true}
	c.flights[k] = f
	return "", f, true
}

// fly fetches, and tells those who wait.
func (c *cache) fly(ctx context.Context, k key, f *flight, fetch func() (*minted, error)) {
	defer func() {
		c.mu.Lock()
		delete(c.flights, k)
		c.mu.Unlock()
		close(f.done)
	}()
	m, err := fetch()
	f.err = err
	f.left = err != nil && ctx.Err() != nil
	if err == nil {
		f.token = m.token
		c.keep(k, m)
	}
}

// keep keeps a token.
func (c *cache) keep(k key, m *minted) {
	h := held{token: m.token}
	if m.life > 0 {
		// Without its monotonic part the time goes on while the machine sleeps.
		h.until = c.now().Round(0).Add(m.life - min(early, m.life/2))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[string]*wallet{}
	}
	w := c.kept[k.subject]
	if w == nil {
		if len(c.kept) >= maxSubjects {
			c.drop()
		}
		w = &wallet{tokens: map[string]held{}}
		c.kept[k.subject] = w
	}
	c.clock++
	w.used = c.clock
	w.tokens[k.scopes] = h
}

// drop forgets the half of the subjects that was not asked for the longest
// time. The caller holds mu.
func (c *cache) drop() {
	uses := make([]uint64, 0, len(c.kept))
	for _, w := range c.kept {
		uses = append(uses, w.used)
	}
	slices.Sort(uses)
	middle := uses[len(uses)/2]
	for subject, w := range c.kept {
		if w.used < middle {
			delete(c.kept, subject)
		}
	}
}

// forget drops a token of a subject, if it is still kept.
func (c *cache) forget(subject, token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := c.kept[subject]
	if w == nil {
		return
	}
	for scopes, h := range w.tokens {
		if h.token == token {
			delete(w.tokens, scopes)
		}
	}
}
