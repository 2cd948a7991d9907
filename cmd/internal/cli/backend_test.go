package cli

import (
	"testing"

	"github.com/iql-lang/iql/cmd/internal/config"
)

// TestParallel has the number of requests and calls follow from who answers.
func TestParallel(t *testing.T) {
	live := config.Backend{Live: true}
	for _, tt := range []struct {
		name                     string
		config                   config.Config
		requests, calls, changes int
	}{
		{"mock", config.Config{}, 32, 32, 1},
		{"Google", config.Config{Backend: live}, 8, 400, 400},
		{"Google by name", config.Config{Backend: live, Live: config.Live{Endpoint: "https://classroom.googleapis.com/"}}, 8, 400, 400},
		{"emulator", config.Config{Backend: live, Live: config.Live{Endpoint: "http://127.0.0.1:8085/"}}, 32, 1024, 1024},
		{"without batches", config.Config{Backend: live, Live: config.Live{NoBatch: true}}, 8, 8, 8},
		{"as told", config.Config{Backend: live, Parallel: 3}, 3, 150, 150},
		{"more than that", config.Config{Backend: live, Parallel: 1000}, 1000, 1024, 1024},
	} {
		a := &app{config: tt.config}
		if r, c, m := a.requests(), a.parallel(), a.parallelChanges(); r != tt.requests || c != tt.calls || m != tt.changes {
			t.Errorf("%s: %d requests, %d calls, %d changes, want %d, %d, %d", tt.name, r, c, m, tt.requests, tt.calls, tt.changes)
		}
	}
}
