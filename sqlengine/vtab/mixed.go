package vtab

import "fmt"

// mixed are comparisons of another name with what rows show. Those of two
// members of one IN list, which SQLite sorts, do no harm: a row that shows the
// one is in the list. All others are mistakes, since the two are never equal
// though they may name the same thing.
type mixed struct {
	pairs []pair
	lists []map[string]bool // IN lists that became arguments
}

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

// listed notes an IN list that became arguments.
func (m *mixed) listed(values []string) {
	list := make(map[string]bool, len(values))
	for _, v := range values {
		list[v] = true
	}
	m.lists = append(m.lists, list)
}

// mistake returns the first comparison that is one, as an [*Error], and forgets
// the others.
func (m *mixed) mistake() error {
	for _, p := range m.pairs {
		if m.inList(p) {
			continue
		}
		return &Error{
			Kind: Unasked, Name: p.other, Offset: -1,
			Msg: fmt.Sprintf("'%s' is compared with what rows show, which is another name", p.other),
		}
	}
	m.pairs = m.pairs[:0]
	return nil
}

func (m *mixed) inList(p pair) bool {
	for _, list := range m.lists {
		if list[p.a] && list[p.b] {
			return true
		}
	}
	return false
}
