package classroom

import "sync"

// maxSeen bounds the invitations that a Seen remembers.
const maxSeen = 20_000

// Seen remembers invitations that were seen lately, a bounded number: who is
// invited where never changes, and an invitation that is gone cannot be asked
// for. The zero value remembers none yet. Its methods may be called from many
// goroutines at once.
type Seen struct {
	mu  sync.Mutex
	new map[string]Invitation // guarded by mu, as old; by ID
	old map[string]Invitation // those that go next
}

// Add remembers an invitation.
func (s *Seen) Add(inv Invitation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.new) >= maxSeen/2 {
		s.old, s.new = s.new, nil
	}
	if s.new == nil {
		s.new = map[string]Invitation{}
	}
	s.new[inv.ID] = inv
}

// Get returns the invitation of an identifier, and whether it is remembered.
func (s *Seen) Get(id string) (Invitation, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if inv, ok := s.new[id]; ok {
		return inv, true
	}
	inv, ok := s.old[id]
	return inv, ok
}
