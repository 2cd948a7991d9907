package vtab

import (
	"fmt"
	"slices"
	"strings"
)

// mixed are comparisons of another name with what rows show. Those of two
// members of an IN list that becomes arguments, which SQLite sorts before, do no
// harm. All others are mistakes, since the two are never equal though they may
// name the same thing.
//
// SQLite does not say what it compares for. It sorts a list right before the
// xFilter that gets it: until then a comparison of texts that may be its members
// waits for the verdict, unless a row shows a value in between. It does not wait where
// a row has shown one of the texts: it may be that row which was compared.
type mixed struct {
	listing bool // a list of the statement may become arguments
	tested  bool // texts are sorted to be searched, which compares with few of them

	pairs []pair // that may be of a list
	shown map[string]bool
	wrong *pair // the first mistake
}

type pair struct {
	other string // the other name among the two
	a, b  string
}

// maxPairs bounds what waits for a verdict; more are mistakes. To sort a list takes
// about two for each member, and it may be as long as there are calls.
const maxPairs = 1 << 20

// prepare takes note of the plan of the statement that begins: whether a list becomes
// arguments, and whether SQLite searches one a second time or makes an index for a
// join, which it would sort as it sorts a list.
func (m *mixed) prepare(plan steps, accesses []*access) {
	for _, a := range accesses {
		m.listing = m.listing || slices.ContainsFunc(a.params, func(p param) bool { return p.in && p.column.Canonical != "" })
	}
	m.tested = slices.ContainsFunc(plan, func(s Step) bool {
		return strings.HasPrefix(s.Detail, "REUSE LIST SUBQUERY") || strings.Contains(s.Detail, " USING AUTOMATIC ")
	})
}

// note keeps a comparison of two texts, of which one is another name.
func (m *mixed) note(other string, a, b []byte) {
	if m.wrong != nil {
		return
	}
	p := pair{other, string(a), string(b)}
	if !m.listing || m.tested || m.shown[p.a] || m.shown[p.b] || len(m.pairs) == maxPairs {
		m.wrong = &p
		return
	}
	m.pairs = append(m.pairs, p)
}

// show notes that a row shows a text.
func (m *mixed) show(text string) {
	if !m.listing {
		return
	}
	if m.shown == nil {
		m.shown = map[string]bool{}
	}
	m.shown[text] = true
	m.moved()
}

// listed forgets the comparisons that were made to sort a list that has become
// arguments.
func (m *mixed) listed(values []string) {
	if len(m.pairs) == 0 {
		return
	}
	list := make(map[string]bool, len(values))
	for _, v := range values {
		list[v] = true
	}
	m.pairs = slices.DeleteFunc(m.pairs, func(p pair) bool { return list[p.a] && list[p.b] })
}

// moved is called when the statement goes on to another row, or has a row show a
// value: what was compared before was not for a list that is sorted from now on.
func (m *mixed) moved() {
	if m.wrong == nil && len(m.pairs) > 0 {
		first := m.pairs[0]
		m.wrong = &first
	}
	m.pairs = m.pairs[:0]
}

// mistake returns the first comparison that is one, as an [*Error]; nil if there
// is none.
func (m *mixed) mistake() error {
	m.moved()
	if m.wrong == nil {
		return nil
	}
	return &Error{
		Kind: Unasked, Name: m.wrong.other, Offset: -1,
		Msg: fmt.Sprintf("'%s' is another name for what rows show, and never equal to it", m.wrong.other),
	}
}
