package output

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/provider"
)

func TestCSVForSpreadsheets(t *testing.T) {
	res := result{
		names: []string{"=name", "b"},
		rows: []provider.Row{
			{"=1+1", "+1"}, {"-1", "@sum"}, {"\tx", "\rx"}, {int64(-1), -1.5}, {nil, ""}, {"a=b", " =x"}, {"'=x", "1"},
		},
	}
	minus := "-"
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"safe", Options{CSVSafe: true}, "'=name,b\n'=1+1,'+1\n'-1,'@sum\n'\tx,\"'\rx\"\n-1,-1.5\n,\"\"\na=b,\" =x\"\n'=x,1\n"},
		{"safe with a NULL of one's own", Options{CSVSafe: true, Null: &minus, HideHeaders: true}, "'=1+1,'+1\n'-1,'@sum\n'\tx,\"'\rx\"\n-1,-1.5\n-,\"\"\na=b,\" =x\"\n'=x,1\n"},
		{"CRLF", Options{CSVCRLF: true}, "=name,b\r\n=1+1,+1\r\n-1,@sum\r\n\"\tx\",\"\rx\"\r\n-1,-1.5\r\n,\"\"\r\na=b,\" =x\"\r\n'=x,1\r\n"},
		{"BOM", Options{CSVBOM: true}, "\ufeff=name,b\n=1+1,+1\n-1,@sum\n\"\tx\",\"\rx\"\n-1,-1.5\n,\"\"\na=b,\" =x\"\n'=x,1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Format = format(t, "csv")
			if diff := cmp.Diff(tt.want, write(t, tt.o, res)); diff != "" {
				t.Errorf("csv (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBOMIsFirst checks that there is one mark for a stream, and none on a
// terminal or in other formats.
func TestBOMIsFirst(t *testing.T) {
	res := result{names: []string{"a"}, rows: []provider.Row{{"x"}}}
	for _, f := range anyShape() {
		got := strings.Count(write(t, Options{Format: &f, CSVBOM: true}, res, res), "\ufeff")
		if want := strings.Count("csv", f.Name); got != want {
			t.Errorf("%s has %d marks, want %d", f.Name, got, want)
		}
	}
	if got, want := write(t, Options{Format: format(t, "csv"), CSVBOM: true, Terminal: true}, res), "a\nx\n"; got != want {
		t.Errorf("csv on a terminal is %q, want %q", got, want)
	}
}

// TestSafeCSVHasNoFormulas reads what --csv-safe writes: no text begins as a
// formula, and without the quote before it each is what it was.
func TestSafeCSVHasNoFormulas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		res := results().Draw(t, "result")
		o := Options{Format: format(t, "csv"), CSVSafe: true, CSVCRLF: rapid.Bool().Draw(t, "crlf")}
		got, err := csv.NewReader(strings.NewReader(write(t, o, res))).ReadAll()
		if err != nil {
			t.Fatalf("csv is read as %v", err)
		}
		for i, row := range res.rows {
			for j, v := range row {
				if v == nil || number(v) {
					continue
				}
				cell, was := got[i+1][j], strings.ReplaceAll(text(v), "\r\n", "\n")
				if cell != "" && strings.ContainsAny(cell[:1], formulas) {
					t.Fatalf("%q is written as the formula %q", v, cell)
				}
				if cell != was && cell != "'"+was {
					t.Fatalf("%q is written as %q", v, cell)
				}
			}
		}
	})
}
