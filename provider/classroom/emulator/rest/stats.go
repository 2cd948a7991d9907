package rest

import (
	"maps"
	"net"
	"net/http"
	"strconv"
	"sync"
)

// Stats are what a server has counted since it began or was last reset. The
// parts of a batch count as requests, the batch as one HTTP request; requests
// to the emulator itself (/_emulator/...) do not count.
type Stats struct {
	Requests     map[string]int `json:"requests"`     // by method
	Statuses     map[string]int `json:"statuses"`     // by HTTP status; "0" is of requests that a fault left hanging
	HTTPRequests int            `json:"httpRequests"` //
	MaxInFlight  int            `json:"maxInFlight"`  // the most HTTP requests that were under way at once
	Connections  int            `json:"connections"`  // new ones of an [HTTPServer], also for requests to the emulator itself
}

// stats counts.
type stats struct {
	mu       sync.Mutex
	total    Stats // guarded by mu, as all here
	inFlight int
}

// begin counts an HTTP request; the function that it returns ends it.
func (s *stats) begin() (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total.HTTPRequests++
	s.inFlight++
	s.total.MaxInFlight = max(s.total.MaxInFlight, s.inFlight)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.inFlight--
	}
}

// connection counts a connection when it is new. It is an [http.Server]'s
// ConnState.
func (s *stats) connection(_ net.Conn, state http.ConnState) {
	if state != http.StateNew {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total.Connections++
}

// count counts a request to a method, or to nothing if it has no name.
func (s *stats) count(name string, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total.Requests == nil {
		s.total.Requests, s.total.Statuses = map[string]int{}, map[string]int{}
	}
	if name != "" {
		s.total.Requests[name]++
	}
	s.total.Statuses[strconv.Itoa(status)]++
}

// Stats returns what was counted.
func (s *Server) Stats() Stats {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	t := s.stats.total
	t.Requests, t.Statuses = maps.Clone(t.Requests), maps.Clone(t.Statuses)
	if t.Requests == nil {
		t.Requests, t.Statuses = map[string]int{}, map[string]int{}
	}
	return t
}

// Reset clears the statistics, and what counts against quotas. Faults stay.
func (s *Server) Reset() {
	s.stats.mu.Lock()
	s.stats.total = Stats{MaxInFlight: s.stats.inFlight}
	s.stats.mu.Unlock()
	s.quota.reset()
}
