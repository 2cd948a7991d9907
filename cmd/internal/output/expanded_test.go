package output

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/provider"
)

// TestExpandedAuto checks on which side of the terminal's width rows become
// lines, and that nothing is cut then.
func TestExpandedAuto(t *testing.T) {
	res := result{names: []string{"id", "name"}, rows: []provider.Row{{"1", "abcdefghij"}}}
	table, lines := write(t, Options{}, res), write(t, Options{Format: format(t, "line")}, res)
	const wide = 19 // of the table
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"as wide", Options{Expanded: ExpandedAuto, Width: wide}, table},
		{"wider", Options{Expanded: ExpandedAuto, Width: wide - 1}, lines},
		{"not cut", Options{Expanded: ExpandedAuto, Width: wide - 1, MaxWidth: wide - 1}, lines},
		{"unknown width", Options{Expanded: ExpandedAuto}, table},
		{"on", Options{Expanded: ExpandedOn, Width: 200}, lines},
		{"off", Options{Expanded: ExpandedOff, Width: 1}, table},
		{"box", Options{Expanded: ExpandedAuto, Width: wide - 1, Format: format(t, "box")}, lines},
		{"box as wide", Options{Expanded: ExpandedAuto, Width: wide, Format: format(t, "box")}, write(t, Options{Format: format(t, "box")}, res)},
		{"no table", Options{Expanded: ExpandedOn, Format: format(t, "csv")}, "id,name\n1,abcdefghij\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, write(t, tt.o, res)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestExpandedAutoIsOneOfBoth checks that whatever the rows, auto writes what
// one of its two ways does.
func TestExpandedAutoIsOneOfBoth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		res := results().Draw(t, "result")
		o := Options{Width: rapid.IntRange(1, 60).Draw(t, "width"), Color: rapid.Bool().Draw(t, "color")}
		table := write(t, o, res)
		o.Expanded = ExpandedOn
		lines := write(t, o, res)
		o.Expanded = ExpandedAuto
		want := table
		first, _, _ := strings.Cut(table, "\n")
		if width(first) > o.Width {
			want = lines
		}
		if diff := cmp.Diff(want, write(t, o, res)); diff != "" {
			t.Fatalf("auto in %d cells (-want +got):\n%s", o.Width, diff)
		}
	})
}

// TestExpandedAutoDividesResults checks the line between results of both ways.
func TestExpandedAutoDividesResults(t *testing.T) {
	narrow := result{names: []string{"a"}, rows: []provider.Row{{"x"}}}
	wide := result{names: []string{"a"}, rows: []provider.Row{{"a long cell"}}}
	const (
		table = "+---+\n| a |\n+---+\n| x |\n+---+\n"
		lines = "-[ row 1 ]------------------------------\na | a long cell\n"
	)
	got := write(t, Options{Expanded: ExpandedAuto, Width: 10}, wide, narrow, wide)
	if diff := cmp.Diff(lines+table+"\n"+lines, got); diff != "" {
		t.Errorf("three results (-want +got):\n%s", diff)
	}
}

// TestExpandedAutoOfManyRows checks that what was kept back and what comes after
// are all there, in order.
func TestExpandedAutoOfManyRows(t *testing.T) {
	res := result{names: []string{"n"}}
	for i := range tableSample + 5 {
		res.rows = append(res.rows, provider.Row{int64(i)})
	}
	for _, width := range []int{5, 80} {
		want := write(t, Options{Expanded: map[bool]Expanded{true: ExpandedOn}[width == 5]}, res)
		if got := write(t, Options{Expanded: ExpandedAuto, Width: width}, res); got != want {
			t.Errorf("in %d cells there are %d bytes, want %d", width, len(got), len(want))
		}
	}
}

func TestParseExpanded(t *testing.T) {
	for text, want := range map[string]Expanded{"on": ExpandedOn, "off": ExpandedOff, "auto": ExpandedAuto, "true": ExpandedOn, "0": ExpandedOff, "yes": "", "": ""} {
		got, ok := ParseExpanded(text)
		if ok != (want != "") || ok && got != want {
			t.Errorf("ParseExpanded(%q) = %q, %v, want %q", text, got, ok, want)
		}
	}
}

// TestSet checks that options change between results, and that a result that was
// kept can be written again otherwise.
func TestSet(t *testing.T) {
	kept := result{names: []string{"a", "b"}, rows: []provider.Row{{"x", nil}}}
	var b strings.Builder
	p := NewPrinter(&b, Options{Format: format(t, "csv")})
	end := func(r *Result) error { return r.Close() }
	r := p.Result()
	p.Set(Options{Format: format(t, "json")}) // of the results that follow
	feed(t, r, kept, end)
	feed(t, p.Result(), kept, end)
	p.Set(Options{Expanded: ExpandedOn})
	feed(t, p.Result(), kept, end)
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "a,b\nx,\n[\n{\"a\":\"x\",\"b\":null}\n]\n\n-[ row 1 ]------------------------------\na | x\nb | NULL\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("three results (-want +got):\n%s", diff)
	}
}
