package live

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// flight sends all requests of a client. There is room for so many at once; the
// others wait, first come first served, and those that wait when a place becomes
// free are sent together as a batch.
type flight struct {
	http    *http.Client
	base    *url.URL
	agent   string
	timeout time.Duration
	now     func() time.Time

	batches sync.WaitGroup // under way

	mu      sync.Mutex
	free    int     // guarded by mu, as all here: places
	waiting []*trip // for a place
	most    int     // parts of a batch; 1 for no batches
}

// trip is one sending of a request.
type trip struct {
	req    *http.Request
	alone  bool // it is no part of a batch
	turn   time.Time
	limits []*rate.Limiter
	told   chan reply // of one

	answered int64 // bytes of the answer that were read

	// Guarded by flight.mu until told: the zero values are those of a trip that
	// has not begun.
	start time.Time
	parts int    // of the batch
	batch *batch // nil if alone
	left  bool   // nobody waits for it
}

// reply is what comes of a trip. The zero value is a place: its request is to
// be sent alone.
type reply struct {
	resp *http.Response
	err  error
}

// do sends a request when there is a place for it. The place is free again when
// the body is closed. It returns the context's error as soon as that ends.
func (f *flight) do(ctx context.Context, t *trip) (*http.Response, error) {
	t.told = make(chan reply, 1)
	f.mu.Lock()
	f.waiting = append(f.waiting, t)
	f.depart()
	f.mu.Unlock()
	select {
	case got := <-t.told:
		if got == (reply{}) {
			return f.alone(ctx, t)
		}
		return got.resp, got.err
	case <-ctx.Done():
		f.leave(t)
		return nil, ctx.Err()
	}
}

// depart gives the free places to those that wait. f.mu is held.
func (f *flight) depart() {
	for f.free > 0 && len(f.waiting) > 0 {
		f.free--
		trips := f.next()
		if len(trips) == 1 {
			trips[0].told <- reply{}
			continue
		}
		// Its context is nobody's: a caller who leaves does not end it for the
		// others.
		ctx, cancel := context.WithTimeout(context.Background(), f.timeout)
		b := &batch{trips: trips, stay: len(trips), cancel: cancel}
		for _, t := range trips {
			t.batch, t.parts = b, len(trips)
		}
		f.batches.Go(func() {
			defer f.land()
			defer cancel()
			f.send(ctx, b)
		})
	}
}

// next takes those from the queue that are sent now. f.mu is held.
func (f *flight) next() []*trip {
	most := f.most
	if f.waiting[0].alone {
		most = 1
	}
	n := 1
	for n < min(most, len(f.waiting)) && !f.waiting[n].alone {
		n++
	}
	trips := slices.Clone(f.waiting[:n])
	f.waiting = slices.Delete(f.waiting, 0, n)
	for _, t := range trips {
		t.start = time.Now()
		t.payAgain(f.now())
	}
	return trips
}

// payAgain counts a request whose turn is long past once more: what has waited
// while nothing went must not come on top of what may be sent since.
func (t *trip) payAgain(now time.Time) {
	if now.Sub(t.turn) <= burstTime {
		return
	}
	for _, l := range t.limits {
		l.ReserveN(now, 1)
	}
}

// limit has batches have so many parts at most from now on.
func (f *flight) limit(parts int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.most = min(f.most, max(parts, 1))
}

// land gives a place back.
func (f *flight) land() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.free++
	f.depart()
}

// leave takes back a trip for which nobody waits any more.
func (f *flight) leave(t *trip) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t.left = true
	switch {
	case t.start.IsZero():
		i := slices.Index(f.waiting, t)
		f.waiting = slices.Delete(f.waiting, i, i+1)
	case t.batch != nil:
		t.batch.stay--
		if t.batch.stay == 0 {
			t.batch.cancel()
		}
	default: // it has a place, and does not use it
		f.free++
		f.depart()
	}
}

// again puts trips of a batch of which nothing was done back to where they were.
func (f *flight) again(trips []*trip) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var back []*trip
	for _, t := range trips {
		if t.left {
			continue
		}
		t.start, t.parts, t.batch = time.Time{}, 0, nil
		back = append(back, t)
	}
	f.waiting = slices.Insert(f.waiting, 0, back...)
}

// alone sends a trip's request as it is.
func (f *flight) alone(ctx context.Context, t *trip) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	end := func() { cancel(); f.land() }
	resp, err := f.http.Do(t.req.WithContext(ctx))
	if err != nil {
		end()
		return nil, err
	}
	resp.Body = &held{resp.Body, end}
	return resp, nil
}

// held is a body that keeps a place until it is closed, once.
type held struct {
	io.ReadCloser
	end func()
}

func (h *held) Close() error {
	defer h.end()
	return h.ReadCloser.Close()
}
