package completion

import (
	"context"
	"errors"
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
	refresh func()
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
	late   bool          // somebody was answered before it ended
}

// NewCache returns a cache that looks values up by fetch and calls refresh, from
// another goroutine, when values come that somebody has stopped waiting for. A
// nil fetch knows nothing: it is for working offline. fetch must return when its
// context ends, as it does with ctx or by [Cache.Close], which refresh must not
// call.
func NewCache(ctx context.Context, fetch func(context.Context, Kind) ([]Value, error), refresh func()) *Cache {
	ctx, cancel := context.WithCancel(ctx)
	return &Cache{fetch: fetch, refresh: refresh, ctx: ctx, cancel: cancel, kinds: map[Kind]*lookup{}}
}

// Values returns what is known of a kind, for [Source]. What was looked up within
// five minutes is returned at once. Else it is looked up, once at a time, for
// which a caller waits no longer than 300 ms after the look-up began; until it
// ends, what was known before is returned.
func (c *Cache) Values(kind Kind, _ string) []Value {
	if c.fetch == nil {
		return nil
	}
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
	l.late = l.late || l.done != nil
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
		l.done, l.began, l.late = make(chan struct{}), time.Now(), false
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
	if err == nil {
		l.values = values[:min(len(values), maxValues):min(len(values), maxValues)]
	}
	late := l.late && err == nil && len(values) > 0 && c.ctx.Err() == nil
	l.err, l.ended = err, time.Now()
	close(l.done)
	l.done = nil
	c.mu.Unlock()
	if late && c.refresh != nil {
		c.refresh()
	}
}

// Err returns the errors of the last look-up of each kind, nil if none failed.
func (c *Cache) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, l := range c.kinds {
		errs = append(errs, l.err)
	}
	return errors.Join(errs...)
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
