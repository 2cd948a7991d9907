package output

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/provider"
)

func TestChart(t *testing.T) {
	tests := []struct {
		name string
		o    Options
		rows []provider.Row
		want string
	}{
		{"scaled", Options{Width: 30}, []provider.Row{{"a", int64(8)}, {"b", int64(4)}, {"c", int64(0)}, {"d", 0.001}}, `
label      n
a          8  ████████████████
b          4  ████████
c          0
d      0.001  ▏
`},
		{"negative", Options{Width: 30}, []provider.Row{{"a", int64(10)}, {"b", int64(-5)}, {"c", nil}}, `
label     n
a        10       │███████████
b        -5  █████│
c      NULL       │
`},
		{"all negative", Options{Width: 30}, []provider.Row{{"a", int64(-10)}, {"b", int64(-5)}}, `
label    n
a      -10  █████████████████│
b       -5          █████████│
`},
		{"ascii", Options{Width: 30, ASCII: true}, []provider.Row{{"a", int64(10)}, {"b", int64(-5)}, {"c", 0.1}}, `
label    n
a       10        |###########
b       -5  ######|
c      0.1        |#
`},
		{"long labels", Options{MaxWidth: 30}, []provider.Row{{"a label that is too long", int64(1)}}, `
label         n
a label tha…  1  █████████████
`},
		{"labels off a terminal", Options{}, []provider.Row{{strings.Repeat("x", 70), int64(1)}}, `
label                                                                   n
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx  1  ██████████
`},
		{"no header", Options{Width: 20, HideHeaders: true}, nil, "\n"},
		{"wide label", Options{Width: 20, HideHeaders: true}, []provider.Row{{"漢\n", int64(2)}, {nil, int64(1)}}, `
漢⏎   2  ███████████
NULL  1  █████▌
`},
		{"endless", Options{Width: 20, HideHeaders: true}, []provider.Row{{"a", math.Inf(1)}, {"b", 1e300}, {"c", math.Inf(-1)}}, `
a     Inf       │████
b  1e+300       │▏
c    -Inf  █████│
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Format = format(t, "chart")
			got := write(t, tt.o, result{names: []string{"label", "n"}, rows: tt.rows})
			if diff := cmp.Diff(tt.want, "\n"+got); diff != "" {
				t.Errorf("chart (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWideDrawings has a locale in which what boxes and bars are drawn of is two
// cells wide.
func TestWideDrawings(t *testing.T) {
	runewidth.DefaultCondition.EastAsianWidth = true
	t.Cleanup(func() { runewidth.DefaultCondition.EastAsianWidth = false })
	res := result{names: []string{"a", "n"}, rows: []provider.Row{{"x", int64(1)}}}
	if got, want := write(t, Options{Style: StyleBox}, res), write(t, Options{}, res); got != want {
		t.Errorf("a box is\n%s, want\n%s", got, want)
	}
	if got := write(t, Options{Format: format(t, "chart")}, res); !strings.Contains(got, "###") {
		t.Errorf("a chart is\n%s, want bars of #", got)
	}
}

// TestChartOfManyRows checks that rows beyond those that are drawn are counted,
// and not kept.
func TestChartOfManyRows(t *testing.T) {
	res := result{names: []string{"label", "n"}}
	for i := range chartRows + 25 {
		res.rows = append(res.rows, provider.Row{"a", int64(i)})
	}
	out, r := closed(t, Options{Format: format(t, "chart")}, res)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if got, want := len(lines), 1+chartRows+1; got != want {
		t.Fatalf("there are %d lines, want %d", got, want)
	}
	if got, want := lines[len(lines)-1], "and 25 more rows, which chart does not draw"; got != want {
		t.Errorf("the last line is %q, want %q", got, want)
	}
	if kept := r.enc.(*chart).bars; len(kept) != chartRows {
		t.Errorf("%d rows are kept, want %d", len(kept), chartRows)
	}
}

func TestChartOfOtherShapes(t *testing.T) {
	tests := []struct {
		name string
		result
		want string
	}{
		{"one column", result{names: []string{"n"}}, "chart draws two columns, a label and a number; this result has 1: select two, or choose another format"},
		{"three columns", result{names: []string{"a", "b", "c"}}, "chart draws two columns, a label and a number; this result has 3: select two, or choose another format"},
		{
			"text",
			result{names: []string{"a", "n\x1b"}, rows: []provider.Row{{"x", int64(1)}, {"y", "12\x1b"}}},
			`chart draws two columns, a label and a number; n␛ of row 2 is "12␛", which is none: CAST(... AS REAL) makes a number of text, a comparison or iif() of true and false`,
		},
		{
			"bool",
			result{names: []string{"a", "n"}, rows: []provider.Row{{"x", true}}},
			`chart draws two columns, a label and a number; n of row 1 is "true", which is none: CAST(... AS REAL) makes a number of text, a comparison or iif() of true and false`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			p := NewPrinter(&out, Options{Format: format(t, "chart")})
			r := p.Result()
			err := r.Columns(columns(tt.names))
			for i := 0; err == nil && i < len(tt.rows); i++ {
				err = r.Row(tt.rows[i])
			}
			if !errors.Is(err, ErrShape) || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			// A change that was done closes its result all the same.
			if err := errors.Join(r.Close(), r.Abort(), p.Flush()); err != nil || out.Len() > 0 {
				t.Errorf("the end = %v, and %q was written", err, out.String())
			}
		})
	}
}

// TestChartFits checks that whatever the numbers, lines are no wider than they
// may be, bars of a side are as long as their numbers are large, and a number
// that is not 0 has a bar.
func TestChartFits(t *testing.T) {
	number := rapid.OneOf(
		rapid.Map(rapid.Int64(), func(n int64) any { return n }),
		rapid.Map(rapid.Float64(), func(f float64) any { return f }),
		rapid.Map(rapid.IntRange(-5, 5), func(n int) any { return int64(n) }),
		rapid.Just[any](nil),
	)
	rapid.Check(t, func(t *rapid.T) {
		o := Options{Format: format(t, "chart"), MaxWidth: rapid.IntRange(64, 100).Draw(t, "width"), ASCII: rapid.Bool().Draw(t, "ascii"), HideHeaders: true}
		numbers := rapid.SliceOfN(number, 1, 8).Draw(t, "numbers")
		var rows []provider.Row
		for _, n := range numbers {
			rows = append(rows, provider.Row{cells().Draw(t, "label"), n})
		}
		lines := strings.Split(strings.TrimSuffix(write(t, o, result{names: []string{"a", "b"}, rows: rows}), "\n"), "\n")
		if len(lines) != len(rows) {
			t.Fatalf("%d rows make %d lines: %q", len(rows), len(lines), lines)
		}
		for _, line := range lines {
			if width(line) > o.MaxWidth {
				t.Fatalf("line %q is %d cells wide, want %d at most", line, width(line), o.MaxWidth)
			}
		}
		var bars []bar
		for _, n := range numbers {
			bars = append(bars, bar{length: length(n)})
		}
		s := newScale(bars, 40, o)
		for _, a := range bars {
			drawn := strings.ContainsAny(s.bar(a.length), "#█▏▎▍▌▋▊▉")
			if drawn != (a.length != 0) {
				t.Fatalf("bar(%g) = %q", a.length, s.bar(a.length))
			}
			for _, b := range bars {
				if a.length > b.length && b.length > 0 && s.eighths(a.length) < s.eighths(b.length) {
					t.Fatalf("%g has %d eighths, %g has %d", a.length, s.eighths(a.length), b.length, s.eighths(b.length))
				}
			}
			if width(s.bar(a.length)) > 40 {
				t.Fatalf("bar(%g) = %q is wider than 40 cells", a.length, s.bar(a.length))
			}
		}
	})
}
