package vtab

import (
	"strconv"
	"testing"
)

// TestMixedOfLongList sorts a list of both forms that is as long as lists get: what is
// compared for it is no mistake, however much that is.
func TestMixedOfLongList(t *testing.T) {
	t.Parallel()
	const members = 100_000
	m := mixed{listing: true}
	list := []string{"zoe@school.example", "yan@school.example"}
	for n := range members {
		number := strconv.Itoa(n)
		list = append(list, number)
		m.note(list[0], []byte(list[0]), []byte(number))
		m.note(list[1], []byte(number), []byte(list[1]))
	}
	m.listed(list)
	if err := m.mistake(); err != nil {
		t.Errorf("%d members: %v", members, err)
	}
}
