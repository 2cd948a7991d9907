package classroom

import "sync"

// maxSeen bounds the invitations that a Seen remembers.
const maxSeen = 10_000

// Seen remembers invitations that were seen lately, about the last ten thousand:
// who is invited where never changes, and an invitation that is gone cannot be
// asked for. The zero value remembers none yet. Its methods may be called from
// many goroutines at once.
type Seen struct {
	mu    sync.Mutex
	pages [][]*Invitation // guarded by mu, as all here; the last ones
	total int             // in pages
	byID  map[string]*Invitation
	fresh int // pages that are not in byID, the last ones
}

// Add remembers invitations, which must not change afterwards. It takes little
// time: most that are seen are never looked for.
func (s *Seen) Add(page ...*Invitation) {
	if len(page) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages, s.total, s.fresh = append(s.pages, page), s.total+len(page), s.fresh+1
	for s.total > maxSeen && len(s.pages) > 1 {
		s.drop()
	}
}

// drop forgets the page that was seen first.
func (s *Seen) drop() {
	page := s.pages[0]
	s.pages[0] = nil
	s.pages, s.total = s.pages[1:], s.total-len(page)
	if s.fresh > len(s.pages) {
		s.fresh = len(s.pages)
		return
	}
	for _, inv := range page {
		if s.byID[inv.ID] == inv {
			delete(s.byID, inv.ID)
		}
	}
}

// Get returns the invitation of an identifier, and whether it is remembered.
func (s *Seen) Get(id string) (Invitation, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = map[string]*Invitation{}
	}
	for _, page := range s.pages[len(s.pages)-s.fresh:] {
		for _, inv := range page {
			s.byID[inv.ID] = inv
		}
	}
	s.fresh = 0
	inv, ok := s.byID[id]
	if !ok {
		return Invitation{}, false
	}
	return *inv, true
}
