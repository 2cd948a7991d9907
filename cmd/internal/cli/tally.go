package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/iql-lang/iql/provider/classroom/live"
	"github.com/iql-lang/iql/sqlengine"
)

// tally counts what the live backend sends for a statement.
type tally struct {
	mu       sync.Mutex
	sent     int         // guarded by mu, as all here: calls, each time they were sent
	again    int         // of them, not for the first time
	parts    int         // of them, in batches
	batches  float64     // about how many those were
	statuses map[int]int // of the answers; 0 is none
	answered int64       // bytes of them
	slowest  time.Duration
	waited   time.Duration // at most, before it was sent
	taken    string        // what take returned last that was something
}

// event counts a call that was sent.
func (t *tally) event(e live.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sent++
	if e.Retry > 0 {
		t.again++
	}
	if e.Batch > 0 {
		t.parts++
		t.batches += 1 / float64(e.Batch)
	}
	if t.statuses == nil {
		t.statuses = map[int]int{}
	}
	t.statuses[e.Status]++
	t.answered += e.Answered
	t.slowest = max(t.slowest, e.Duration)
	t.waited = max(t.waited, e.Waited)
}

// repeated returns how many calls were sent that had been sent before.
func (t *tally) repeated() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.again
}

// take returns what was counted in a line for a person, "" for nothing, and
// begins anew.
func (t *tally) take() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sent == 0 {
		return ""
	}
	parts := []string{thousands(t.sent) + " sent"}
	if t.again > 0 {
		parts = append(parts, thousands(t.again)+" of them again")
	}
	if t.parts > 0 {
		parts = append(parts, fmt.Sprintf("%s of them in %s", thousands(t.parts), batches(int(t.batches+0.5))))
	}
	for _, status := range slices.Sorted(maps.Keys(t.statuses)) {
		what := fmt.Sprint(status)
		if status == 0 {
			what = "no answer"
		}
		parts = append(parts, fmt.Sprintf("%s: %s", what, thousands(t.statuses[status])))
	}
	parts = append(parts, bytesOf(t.answered))
	line := strings.Join(parts, ", ") + fmt.Sprintf(", the longest %s, after a wait of at most %s", duration(t.slowest), duration(t.waited))
	t.taken = line
	t.sent, t.again, t.parts, t.batches, t.statuses = 0, 0, 0, 0, nil
	t.answered, t.slowest, t.waited = 0, 0, 0
	return line
}

// anew forgets all that was counted.
func (t *tally) anew() {
	t.take()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken = ""
}

// last returns what was counted since anew, also if it was taken before.
func (t *tally) last() string {
	t.take()
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.taken
}

// bytesOf says how many bytes came.
func bytesOf(n int64) string {
	switch {
	case n < 10_000:
		return thousands(int(n)) + " bytes"
	case n < 10_000_000:
		return thousands(int(n/1000)) + " kB"
	}
	return thousands(int(n/1_000_000)) + " MB"
}

func batches(n int) string {
	if n == 1 {
		return "1 batch"
	}
	return thousands(n) + " batches"
}

// methodCalls says which methods a statement called how often; "" for none.
func methodCalls(s sqlengine.Summary) string {
	var parts []string
	for _, id := range slices.Sorted(maps.Keys(s.Methods)) {
		parts = append(parts, shortMethod(id)+" "+thousands(s.Methods[id]))
	}
	return strings.Join(parts, ", ")
}
