package editor

import (
	"errors"
	"strings"
)

// recalled is a history as the library goes through it. A nil one is empty.
type recalled struct{ history *History }

// errNoEntry tells the library that it has come to an end.
var errNoEntry = errors.New("no such entry")

// Write adds a text that was whole. The library shows the error until the next
// key, and [History.Err] keeps it.
func (r recalled) Write(text string) (int, error) {
	if r.history == nil {
		return 0, nil
	}
	err := r.history.Add(strings.TrimRight(text, " \t\n"))
	return r.Len(), err
}

// GetLine returns an entry by its number, from 0, as it may be shown. The
// library goes through all of them at each key.
func (r recalled) GetLine(i int) (string, error) {
	h := r.history
	if h == nil {
		return "", errNoEntry
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if i < 0 || i >= len(h.entries) {
		return "", errNoEntry
	}
	if h.shown == nil {
		h.shown = make([]string, 0, len(h.entries))
		for _, text := range h.entries {
			h.shown = append(h.shown, harmless(text))
		}
	}
	return h.shown[i], nil
}

// Len returns how many entries there are.
func (r recalled) Len() int {
	if r.history == nil {
		return 0
	}
	r.history.mu.Lock()
	defer r.history.mu.Unlock()
	return len(r.history.entries)
}

// Dump is of the interface, and called by nobody.
func (r recalled) Dump() any { return nil }
