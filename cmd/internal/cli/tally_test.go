package cli

import (
	"testing"
	"time"

	"github.com/iql-lang/iql/provider/classroom/live"
)

// TestTally counts the calls of two statements.
func TestTally(t *testing.T) {
	var c tally
	if got := c.take(); got != "" {
		t.Errorf("take() of nothing = %q", got)
	}
	for range 3 { // a batch
		c.event(live.Event{Status: 200, Batch: 3, Answered: 5_000, Duration: 2 * time.Second, Waited: time.Second})
	}
	c.event(live.Event{Retry: 1})
	const want = "4 sent, 1 of them again, 3 of them in 1 batch, no answer: 1, 200: 3, 15 kB, the longest 2.0 s, after a wait of at most 1.0 s"
	if got := c.repeated(); got != 1 {
		t.Errorf("repeated() = %d, want 1", got)
	}
	for _, got := range []string{c.take(), c.last()} {
		if got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	c.anew()
	if got := c.last(); got != "" {
		t.Errorf("last() of nothing = %q", got)
	}
	c.event(live.Event{Status: 200, Answered: 9_999})
	if got, want := c.take(), "1 sent, 200: 1, 9,999 bytes, the longest 0 ms, after a wait of at most 0 ms"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
