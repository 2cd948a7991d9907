package completion_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iql-lang/iql/cmd/internal/completion"
)

var courses = completion.Kind{Of: completion.Courses}

// slow returns a look-up that takes a time, or ends with its context, and the
// number of its calls.
func slow(took time.Duration) (fetch func(context.Context, completion.Kind) ([]completion.Value, error), calls *atomic.Int32) {
	calls = new(atomic.Int32)
	return func(ctx context.Context, kind completion.Kind) ([]completion.Value, error) {
		n := calls.Add(1)
		select {
		case <-time.After(took):
			return []completion.Value{{Text: fmt.Sprint(kind.Of, kind.Course, n)}}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}, calls
}

// text returns the values as one text.
func text(values []completion.Value) string {
	var all string
	for _, v := range values {
		all += v.Text
	}
	return all
}

func TestCache(t *testing.T) {
	t.Parallel()
	const budget = 300 * time.Millisecond
	for _, tt := range []struct {
		name    string
		took    time.Duration
		waits   []time.Duration // before each question
		want    []string
		longest time.Duration // that a question takes
	}{
		{"at once", 0, []time.Duration{0, time.Minute}, []string{"courses1", "courses1"}, 0},
		{"in time", 200 * time.Millisecond, []time.Duration{0, 0}, []string{"courses1", "courses1"}, 200 * time.Millisecond},
		{"late", time.Second, []time.Duration{0, 0, time.Second}, []string{"", "", "courses1"}, budget},
		{"kept for less than five minutes", 0, []time.Duration{0, 299 * time.Second, 2 * time.Second}, []string{"courses1", "courses1", "courses2"}, 0},
		{"old while new ones come", time.Second, []time.Duration{0, time.Second, 5 * time.Minute}, []string{"", "courses1", "courses1"}, budget},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				fetch, _ := slow(tt.took)
				c := completion.NewCache(t.Context(), fetch)
				defer c.Close()
				for i, wait := range tt.waits {
					time.Sleep(wait)
					began := time.Now()
					if got := text(c.Values(courses)); got != tt.want[i] {
						t.Errorf("Values() number %d = %q, want %q", i+1, got, tt.want[i])
					}
					if took := time.Since(began); took > tt.longest {
						t.Errorf("Values() number %d took %v, want %v", i+1, took, tt.longest)
					}
				}
			})
		})
	}
}

// TestCacheWaitsOnce checks that of many who ask none waits longer than the first,
// and that each kind is looked up once.
func TestCacheWaitsOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fetch, calls := slow(time.Second)
		c := completion.NewCache(t.Context(), fetch)
		defer c.Close()
		began := time.Now()
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				c.Values(courses)
				c.Values(completion.Kind{Of: completion.Users, Course: fmt.Sprint(i % 2)})
			})
		}
		group.Wait()
		c.Values(courses)
		if took := time.Since(began); took != 600*time.Millisecond {
			t.Errorf("all took %v, want 600ms", took)
		}
		if n := calls.Load(); n != 3 {
			t.Errorf("there were %d look-ups, want 3", n)
		}
	})
}

func TestCacheError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		c := completion.NewCache(t.Context(), func(context.Context, completion.Kind) ([]completion.Value, error) {
			if calls++; calls == 2 {
				return nil, errors.New("not signed in")
			}
			return []completion.Value{{Text: fmt.Sprint(calls)}}, nil
		})
		defer c.Close()
		for i, tt := range []struct {
			wait time.Duration
			want string
			asks int // so far
		}{
			{0, "1", 1},
			{6 * time.Minute, "1", 2}, // what was known stays
			{time.Second, "1", 2},     // it is not asked again at once
			{10 * time.Second, "3", 3},
		} {
			time.Sleep(tt.wait)
			if got := text(c.Values(courses)); got != tt.want || calls != tt.asks {
				t.Errorf("Values() number %d = %q after %d look-ups, want %q after %d", i+1, got, calls, tt.want, tt.asks)
			}
		}
	})
}

// TestCacheEnds checks that a look-up ends with the cache, and with its context;
// synctest fails if one is left.
func TestCacheEnds(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"Close", "context"} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			fetch, calls := slow(time.Hour)
			c := completion.NewCache(ctx, fetch)
			began := time.Now()
			c.Values(courses)
			if how == "Close" {
				c.Close()
			} else {
				cancel()
				synctest.Wait()
			}
			if got := c.Values(courses); got != nil || calls.Load() != 1 {
				t.Errorf("by %s: Values() afterwards = %v after %d look-ups, want none after 1", how, got, calls.Load())
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("by %s: it took %v to end", how, took)
			}
			c.Close()
		})
	}
}

func TestCacheBounds(t *testing.T) {
	t.Parallel()
	var looked atomic.Int32
	c := completion.NewCache(t.Context(), func(context.Context, completion.Kind) ([]completion.Value, error) {
		looked.Add(1)
		return make([]completion.Value, 5000), nil
	})
	defer c.Close()
	if n := len(c.Values(courses)); n != 1000 {
		t.Errorf("%d values are kept, want 1000", n)
	}
	for i := range 100 {
		c.Values(completion.Kind{Of: completion.Users, Course: fmt.Sprint(i)})
	}
	c.Values(courses) // it made room for the others
	if n := looked.Load(); n != 102 {
		t.Errorf("there were %d look-ups, want 102", n)
	}
}
