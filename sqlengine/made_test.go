package sqlengine

import (
	"testing"

	"github.com/iql-lang/iql/provider"
)

// TestMadeBy tells answers that another row had from those that none had.
func TestMadeBy(t *testing.T) {
	t.Parallel()
	var m made
	for _, tt := range []struct {
		answer    provider.Row
		row, want int
	}{
		{provider.Row{"1", "23", nil}, 1, 1},
		{provider.Row{"1", "23", nil}, 2, 1},
		{provider.Row{"1", "23", nil}, 1, 1},
		{provider.Row{"12", "3", nil}, 3, 3}, // the same letters
		{provider.Row{"1", "23", ""}, 4, 4},
		{provider.Row{"12", "3", nil}, 5, 3},
	} {
		if got := m.by(tt.answer, tt.row); got != tt.want {
			t.Errorf("by(%q, %d) = %d, want %d", tt.answer, tt.row, got, tt.want)
		}
	}
}
