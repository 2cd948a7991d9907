package sqlengine

import (
	"fmt"
	"hash/maphash"
	"sync"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
)

// made knows what the rows of a change made. Where a reply is lost, what the row
// would make is looked for; of several rows that would make the same, each finds it.
// The zero value knows nothing.
type made struct {
	mu   sync.Mutex
	rows map[uint64]int // guarded by mu: their numbers, by hashes of what was answered
}

var madeSeed = maphash.MakeSeed()

// by returns the row that made what a row was answered with, which is that row if
// none did before.
func (m *made) by(answer provider.Row, row int) int {
	hash := maphash.String(madeSeed, fmt.Sprintf("%#v", answer)) // with the bounds of each value
	m.mu.Lock()
	defer m.mu.Unlock()
	first, ok := m.rows[hash]
	if ok {
		return first
	}
	if m.rows == nil {
		m.rows = map[uint64]int{}
	}
	m.rows[hash] = row
	return row
}

// madeOnce refuses a row that was answered with what another row of the change made:
// it was there already, and is counted once.
func (r *run) madeOnce(row *changed) error {
	call := r.plan.Call
	if call.Method.Verb != registry.Insert || call.First != nil || len(row.after) == 0 {
		return nil
	}
	if r.made.by(row.after[0], row.number) == row.number {
		return nil
	}
	row.after = nil
	return provider.Errorf(provider.AlreadyExists, "another row of the change made it")
}
