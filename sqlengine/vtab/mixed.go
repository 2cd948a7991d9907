package vtab

import (
	"fmt"
	"slices"
)

// mixed are comparisons of another name with what rows show. Those of two
// members of an IN list that becomes arguments, which SQLite sorts before, do no
// harm. All others are mistakes, since the two are never equal though they may
// name the same thing.
type mixed struct{ pairs []pair }

type pair struct {
	other string // the other name among the two
	a, b  string
}

// maxPairs bounds what is kept until the next row; one mistake is enough to tell.
const maxPairs = 10_000

func (m *mixed) note(other string, a, b []byte) {
	if len(m.pairs) < maxPairs {
		m.pairs = append(m.pairs, pair{other, string(a), string(b)})
	}
}

// listed forgets the comparisons that were made to sort a list that has become
// arguments.
func (m *mixed) listed(values []string) {
	list := make(map[string]bool, len(values))
	for _, v := range values {
		list[v] = true
	}
	m.pairs = slices.DeleteFunc(m.pairs, func(p pair) bool { return list[p.a] && list[p.b] })
}

// mistake returns the first comparison that is one, as an [*Error]; nil if there
// is none.
func (m *mixed) mistake() error {
	if len(m.pairs) == 0 {
		return nil
	}
	return &Error{
		Kind: Unasked, Name: m.pairs[0].other, Offset: -1,
		Msg: fmt.Sprintf("'%s' is compared with what rows show, which is another name", m.pairs[0].other),
	}
}
