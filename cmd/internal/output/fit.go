package output

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"
)

// minColumn is how wide a column of a cut table is at least, if it has so much
// text. A table with too many columns is wider than it should be.
const minColumn = 5

// cut returns s in at most w cells, with a mark where something is missing, and
// whether something is. Characters that are seen as one stay together.
func (o Options) cut(s string, w int) (string, bool) {
	if width(s) <= w {
		return s, false
	}
	mark := "…"
	if o.ASCII {
		mark = ".."
	}
	if width(mark) > w {
		return strings.Repeat(".", max(w, 0)), true
	}
	return runewidth.Truncate(s, w, mark), true
}

// shares divides room among columns of these widths. A column that needs less
// than its share leaves the rest to the others; none gets less than minColumn
// of what it needs.
func shares(widths []int, room int) []int {
	order := make([]int, len(widths))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return widths[a] - widths[b] })
	out := slices.Clone(widths)
	for n, i := range order {
		share := max(room/(len(order)-n), minColumn)
		out[i] = min(widths[i], share)
		room -= out[i]
	}
	return out
}

// cutNotice says which columns were cut, and what shows all.
func cutNotice(columns []string, limit int) string {
	const most = 5
	named := strings.Join(columns[:min(len(columns), most)], ", ")
	if more := len(columns) - most; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	return fmt.Sprintf("cut to keep within %d columns of the screen: %s; --max-width 0 or -x shows all", limit, named)
}
