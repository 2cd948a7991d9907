package completion

import (
	"context"
	"sync"
	"time"
)

const (
	budget    = 300 * time.Millisecond // how long somebody who presses Tab waits for a look-up
	kept      = 5 * time.Minute        // how long its values are taken for true
	pause     = 10 * time.Second       // from a look-up that failed to the next
	maxValues = 1000                   // of a kind
	maxKinds  = 64                     // that are remembered
)

// Cache remembers values that take a while to look up. It looks up what it is
// asked for, not before, and in the background. It may be used from many
// goroutines at once.
type Cache struct {
	fetch   func(context.Context, Kind) ([]Value, error)
	ctx     context.Context // of the look-ups, which outlive the calls that begin them
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex // guards kinds, what it holds, and closed
	kinds  map[Kind]*lookup
	closed bool
}

// lookup is what is known of a kind.
type lookup struct {
	values []Value
	err    error         // of the last one that ended
	ended  time.Time     // when that was
	began  time.Time     // when the last one began
	done   chan struct{} // closed when the one under way ends; nil for none
}

// NewCache returns a cache that looks values up by fetch, which must return when its
// context ends, as it does with ctx or by [Cache.Close].
func NewCache(ctx context.Context, fetch func(context.Context, Kind) ([]Value, error)) *Cache {
	ctx, cancel := context.WithCancel(ctx)
	return &Cache{fetch: fetch, ctx: ctx, cancel: cancel, kinds: map[Kind]*lookup{}}
}

// Values returns what is known of a kind, for [Source]. What was looked up within
// five minutes is returned at once. Else it is looked up, once at a time, for
// which a caller waits no longer than 300 ms after the look-up began; until it
// ends, what was known before is returned.
func (c *Cache) Values(kind Kind) []Value {
	l, done, wait := c.ask(kind)
	if done != nil {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-done:
		case <-timer.C:
		case <-c.ctx.Done():
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return l.values
}

// ask begins a look-up if one is called for, and returns it with what ends it and
// how long to wait for that; done is nil where there is nothing to wait for.
func (c *Cache) ask(kind Kind) (l *lookup, done <-chan struct{}, wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l = c.kinds[kind]
	if l == nil {
		c.forget()
		l = &lookup{}
		c.kinds[kind] = l
	}
	if l.done == nil {
		valid := kept
		if l.err != nil {
			valid = pause
		}
		if c.closed || c.ctx.Err() != nil || !l.ended.IsZero() && time.Since(l.ended) < valid {
			return l, nil, 0
		}
		l.done, l.began = make(chan struct{}), time.Now()
		c.running.Go(func() { c.look(kind, l) })
	}
	return l, l.done, budget - time.Since(l.began)
}

// forget makes room for a kind: that which was looked up the longest ago goes.
func (c *Cache) forget() {
	if len(c.kinds) < maxKinds {
		return
	}
	var oldest Kind
	var at time.Time
	for kind, l := range c.kinds {
		if l.done == nil && (at.IsZero() || l.ended.Before(at)) {
			oldest, at = kind, l.ended
		}
	}
	delete(c.kinds, oldest)
}

// look looks values up.
func (c *Cache) look(kind Kind, l *lookup) {
	values, err := c.fetch(c.ctx, kind)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		l.values = values[:min(len(values), maxValues):min(len(values), maxValues)]
	}
	l.err, l.ended = err, time.Now()
	close(l.done)
	l.done = nil
}

// Close ends the look-ups under way and returns when they have ended. Afterwards
// the cache knows what it knew.
func (c *Cache) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.cancel()
	c.running.Wait()
}
