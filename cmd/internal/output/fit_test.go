package output

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/provider"
)

func TestShares(t *testing.T) {
	tests := []struct {
		name   string
		widths []int
		room   int
		want   []int
	}{
		{"all fit", []int{3, 4}, 7, []int{3, 4}},
		{"the long one gives", []int{3, 40, 4}, 27, []int{3, 20, 4}},
		{"two share", []int{40, 3, 60}, 23, []int{10, 3, 10}},
		{"the longest takes what is over", []int{40, 60}, 21, []int{10, 11}},
		{"a short one keeps its width", []int{2, 50, 50, 50}, 32, []int{2, 10, 10, 10}},
		{"none below the least", []int{2, 50, 50}, 6, []int{2, minColumn, minColumn}},
		{"no room", []int{1, 50}, -3, []int{1, minColumn}},
		{"no columns", nil, 10, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, shares(tt.widths, tt.room)); diff != "" {
				t.Errorf("shares(%v, %d) (-want +got):\n%s", tt.widths, tt.room, diff)
			}
		})
	}
}

// TestSharesAreFair checks that no column gets more than it needs, that all room
// is used where it is missing, and that who got less than another was given all.
func TestSharesAreFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		widths := rapid.SliceOfN(rapid.IntRange(0, 100), 1, 12).Draw(t, "widths")
		room := rapid.IntRange(0, 400).Draw(t, "room")
		got := shares(widths, room)
		needed, used, most := 0, 0, slices.Max(got)
		for i, w := range widths {
			needed, used = needed+w, used+got[i]
			if got[i] > w || got[i] < min(w, minColumn) {
				t.Fatalf("shares(%v, %d) = %v: column %d has %d of %d", widths, room, got, i, got[i], w)
			}
			if got[i] < w && got[i] < most-1 {
				t.Fatalf("shares(%v, %d) = %v: column %d is cut and another has more", widths, room, got, i)
			}
		}
		if want := min(needed, room); used < want || used > want && most > minColumn {
			t.Fatalf("shares(%v, %d) = %v, which is %d, want %d", widths, room, got, used, want)
		}
	})
}

func TestCut(t *testing.T) {
	tests := []struct {
		text  string
		width int
		ascii bool
		want  string
	}{
		{"abcdef", 6, false, "abcdef"},
		{"abcdef", 5, false, "abcd…"},
		{"abcdef", 5, true, "abc.."},
		{"abcdef", 1, false, "…"},
		{"abcdef", 1, true, "."},
		{"abcdef", 0, false, ""},
		{"漢字漢字", 5, false, "漢字…"},
		{"漢字漢字", 4, false, "漢…"},
		{"👨‍👩‍👧‍👦👨‍👩‍👧‍👦x", 4, false, "👨‍👩‍👧‍👦…"},
		{"🇩🇪🇫🇷", 3, false, "🇩🇪…"},
		{"e\u0301e\u0301e\u0301", 2, false, "e\u0301…"},
	}
	for _, tt := range tests {
		got, cut := Options{ASCII: tt.ascii}.cut(tt.text, tt.width)
		if got != tt.want || cut != (tt.text != tt.want) {
			t.Errorf("cut(%q, %d) = %q, %v, want %q", tt.text, tt.width, got, cut, tt.want)
		}
	}
}

// TestCutFits checks that what is left fits, is the beginning of what was, and
// uses the room up to one cell.
func TestCutFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, _ := cells().Filter(func(v any) bool { return v != nil }).Draw(t, "cell").(string)
		s, w := Harmless(v), rapid.IntRange(1, 20).Draw(t, "width")
		got, cut := Options{}.cut(s, w)
		switch {
		case cut != (width(s) > w):
			t.Fatalf("cut(%q, %d) = %q, %v, of %d cells", s, w, got, cut, width(s))
		case width(got) > w || cut && width(got) < w-1:
			t.Fatalf("cut(%q, %d) = %q, which is %d cells wide", s, w, got, width(got))
		case !strings.HasPrefix(s, strings.TrimSuffix(got, "…")) && cut:
			t.Fatalf("cut(%q, %d) = %q, which it does not begin with", s, w, got)
		}
	})
}

// closed writes a result, and returns it with what was written.
func closed(t *testing.T, o Options, res result) (string, *Result) {
	t.Helper()
	var b strings.Builder
	p := NewPrinter(&b, o)
	r := p.Result()
	feed(t, r, res, func(r *Result) error { return r.Close() })
	if err := p.Flush(); err != nil {
		t.Fatalf("Flush() = %v", err)
	}
	return b.String(), r
}

func TestTableIsCut(t *testing.T) {
	res := result{
		names: []string{"id", "name", "a column with a name"},
		rows: []provider.Row{
			{"101", "Algebra for those who come later", "x"},
			{"102", "漢字かな漢字かな漢字かな", nil},
		},
	}
	out, r := closed(t, Options{MaxWidth: 40}, res)
	want := `
+-----+----------------+---------------+
| id  | name           | a column wit… |
+-----+----------------+---------------+
| 101 | Algebra for t… | x             |
| 102 | 漢字かな漢字…  | NULL          |
+-----+----------------+---------------+
`
	if diff := cmp.Diff(want, "\n"+out); diff != "" {
		t.Errorf("table of 40 cells (-want +got):\n%s", diff)
	}
	notice := []string{"cut to keep within 40 columns of the screen: name, a column with a name; --max-width 0 or -x shows all"}
	if diff := cmp.Diff(notice, r.Notices()); diff != "" {
		t.Errorf("Notices() (-want +got):\n%s", diff)
	}
	for _, o := range []Options{{MaxWidth: 200}, {}, {Expanded: ExpandedOn, MaxWidth: 10}, {Format: format(t, "csv"), MaxWidth: 10}} {
		out, r := closed(t, o, res)
		if strings.Contains(out, "…") || len(r.Notices()) > 0 {
			t.Errorf("with %+v it is cut, and noted as %q:\n%s", o, r.Notices(), out)
		}
	}
}

func TestNoticeOfManyCutColumns(t *testing.T) {
	res := result{rows: []provider.Row{nil}}
	for range 7 {
		res.names = append(res.names, "wide name")
		res.rows[0] = append(res.rows[0], "x")
	}
	_, r := closed(t, Options{MaxWidth: 20}, res)
	const want = "cut to keep within 20 columns of the screen: wide name, wide name, wide name, wide name, wide name and 2 more; --max-width 0 or -x shows all"
	if got := r.Notices(); len(got) != 1 || got[0] != want {
		t.Errorf("Notices() = %q, want %q", got, want)
	}
}

// TestLateRowsAreCut checks that a cell after the sample widens its row where
// there is room, and is cut where there is none.
func TestLateRowsAreCut(t *testing.T) {
	res := result{names: []string{"a", "b"}}
	for range tableSample {
		res.rows = append(res.rows, provider.Row{"x", "y"})
	}
	res.rows = append(res.rows, provider.Row{"longer", "y"}, provider.Row{"much longer than there is room for", "y"})
	out, r := closed(t, Options{MaxWidth: 20}, res)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if got, want := lines[len(lines)-3:], []string{"| longer | y |", "| … | y |", "+---+---+"}; !slices.Equal(got, want) {
		t.Errorf("the last rows are %q, want %q", got, want)
	}
	if len(r.Notices()) != 1 {
		t.Errorf("Notices() = %q, want one", r.Notices())
	}
}
