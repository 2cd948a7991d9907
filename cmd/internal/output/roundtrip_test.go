package output

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/provider"
)

// cells draws what a result may hold, with more of what formats get wrong than
// chance would bring.
func cells() *rapid.Generator[any] {
	odd := rapid.SampledFrom([]string{
		"", " ", `"`, `""`, ",", "\n", "\r\n", "\r", "\t", `\`, `\N`, `\t`, "|", "NULL", "null", "~", "- a", "a: b", "#", "'", "&", "<br>",
		"\x1b[2J", "\x00", "\u202e", "\u2028", "\u0085", "\ufeff", "\U0001F468\u200d\U0001F469\u200d\U0001F467", "🇩🇪", "e\u0301", "漢", "\u200b",
		"0x1F", "1_000", "012", "1e5", "yes", "2026-01-01", "!!int", "&a", "*a", "%", "@", "`",
	})
	text := rapid.Map(rapid.SliceOfN(rapid.OneOf(odd, rapid.String()), 0, 3), func(parts []string) any { return strings.Join(parts, "") })
	return rapid.OneOf(
		text,
		text,
		rapid.Just[any](nil),
		rapid.Map(rapid.Int64(), func(n int64) any { return n }),
		rapid.Map(rapid.Float64(), func(f float64) any { return f }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
	)
}

func results() *rapid.Generator[result] {
	return rapid.Custom(func(t *rapid.T) result {
		n := rapid.IntRange(1, 5).Draw(t, "columns")
		res := result{names: rapid.SliceOfNDistinct(rapid.StringMatching(`[a-zA-Z_,"| \x{e9}\x{6f22}]{1,8}`), n, n, rapid.ID).Draw(t, "names")}
		row := rapid.SliceOfN(cells(), n, n)
		for range rapid.IntRange(0, 6).Draw(t, "rows") {
			res.rows = append(res.rows, row.Draw(t, "row"))
		}
		return res
	})
}

// TestCSVReadsBack reads what csv writes with encoding/csv. It reads \r\n in
// quotes as \n and cannot tell NULL from an empty string.
func TestCSVReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		res := results().Draw(t, "result")
		o := Options{Format: format(t, "csv"), Delimiter: rapid.SampledFrom([]rune{',', ';', '\t', '|', '→'}).Draw(t, "delimiter")}
		checkCSV(t, o, res)
	})
}

func FuzzCSV(f *testing.F) {
	f.Add("a", "b\r\n\"c\"", " ", ",")
	f.Add("", "", "\r", ";")
	f.Fuzz(func(t *testing.T, a, b, c, delimiter string) {
		d, ok := ParseDelimiter(delimiter)
		if !ok || !utf8.ValidString(a+b+c) {
			t.Skip()
		}
		checkCSV(t, Options{Format: format(t, "csv"), Delimiter: d}, result{
			names: []string{"x", "y", "z"},
			rows:  []provider.Row{{a, b, c}, {nil, a, b}},
		})
	})
}

func checkCSV(t rapid.TB, o Options, res result) {
	out := write(t, o, res)
	reader := csv.NewReader(strings.NewReader(out))
	reader.Comma = o.Delimiter
	got, err := reader.ReadAll()
	if err != nil {
		t.Fatalf("csv %q is read as %v", out, err)
	}
	want := [][]string{res.names}
	for _, row := range res.rows {
		record := make([]string, len(row))
		for i, v := range row {
			if v != nil {
				record[i] = strings.ReplaceAll(text(v), "\r\n", "\n")
			}
		}
		want = append(want, record)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("csv %q is read as (-want +got):\n%s", out, diff)
	}
}

// TestTSVReadsBack splits what tsv writes at tabs and line feeds, undoes the
// escapes, and gets every cell back, NULL told from text by its bare mark.
func TestTSVReadsBack(t *testing.T) {
	null := `\N`
	unescape := strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n", `\r`, "\r")
	rapid.Check(t, func(t *rapid.T) {
		res := results().Draw(t, "result")
		out := write(t, Options{Format: format(t, "tsv"), Null: &null}, res)
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if len(lines) != len(res.rows)+1 {
			t.Fatalf("tsv %q has %d lines for %d rows", out, len(lines), len(res.rows))
		}
		for i, row := range res.rows {
			for j, cell := range strings.Split(lines[i+1], "\t") {
				switch {
				case row[j] == nil && cell != null:
					t.Fatalf("NULL is written as %q", cell)
				case row[j] != nil && (cell == null || unescape.Replace(cell) != text(row[j])):
					t.Fatalf("%q is written as %q", row[j], cell)
				}
			}
		}
	})
}

// TestJSONReadsBack reads what json and jsonl write with encoding/json.
func TestJSONReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		res := results().Draw(t, "result")
		var array []json.RawMessage
		if err := json.Unmarshal([]byte(write(t, Options{Format: format(t, "json")}, res)), &array); err != nil {
			t.Fatalf("json is read as %v", err)
		}
		lines := json.NewDecoder(strings.NewReader(write(t, Options{Format: format(t, "jsonl")}, res)))
		for i, row := range res.rows {
			checkObject(t, array[i], res.names, row)
			var object json.RawMessage
			if err := lines.Decode(&object); err != nil {
				t.Fatalf("line %d of jsonl is read as %v", i+1, err)
			}
			checkObject(t, object, res.names, row)
		}
		if err := lines.Decode(new(any)); err != io.EOF || len(array) != len(res.rows) {
			t.Fatalf("json has %d rows, jsonl ends with %v, want %d rows", len(array), err, len(res.rows))
		}
	})
}

// checkObject checks an object's keys in order, and its values.
func checkObject(t rapid.TB, object []byte, names []string, row provider.Row) {
	dec := json.NewDecoder(bytes.NewReader(object))
	dec.UseNumber()
	token := func() any {
		tok, err := dec.Token()
		if err != nil {
			t.Fatalf("object %s: %v", object, err)
		}
		return tok
	}
	token() // {
	for i, name := range names {
		if got := token(); got != name {
			t.Fatalf("key %d of %s is %v, want %q", i, object, got, name)
		}
		got := token()
		if n, ok := got.(json.Number); ok {
			if _, isInt := row[i].(int64); isInt {
				got, _ = n.Int64()
			} else {
				got, _ = n.Float64()
			}
		}
		if got != row[i] {
			t.Fatalf("value of %q in %s is %v, want %v", name, object, got, row[i])
		}
	}
}

// TestYAMLReadsBack reads what yaml writes with the same library.
func TestYAMLReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		res := results().Draw(t, "result")
		out := write(t, Options{Format: format(t, "yaml")}, res)
		var got []map[string]any
		if err := yaml.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("yaml %q is read as %v", out, err)
		}
		want := make([]map[string]any, len(res.rows))
		for i, row := range res.rows {
			want[i] = make(map[string]any)
			for j, v := range row {
				if n, ok := v.(int64); ok {
					v = int(n)
				}
				want[i][res.names[j]] = v
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("yaml %q is read as (-want +got):\n%s", out, diff)
		}
	})
}

// TestTableKeepsItsFrame checks that whatever the cells, the style and the room,
// every line of a table begins and ends with the frame and all are equally wide:
// no wider than the room, unless all columns are as narrow as they may be.
func TestTableKeepsItsFrame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		res := results().Draw(t, "result")
		style, _ := ParseStyle(rapid.SampledFrom(Styles()).Draw(t, "style"))
		o := Options{
			Style: style, HideHeaders: rapid.Bool().Draw(t, "hide headers"),
			MaxWidth: rapid.SampledFrom([]int{0, 1, 10, 20, 30, 60}).Draw(t, "max width"),
		}
		lines := strings.Split(strings.TrimSuffix(write(t, o, res), "\n"), "\n")
		if got, want := len(lines), tableLines(o, len(res.rows)); got != want {
			t.Fatalf("%d rows make %d lines, want %d: %q", len(res.rows), got, want, lines)
		}
		narrowest := frameWidth(len(res.names)) + len(res.names)*minColumn
		for _, line := range lines {
			if got, want := width(line), width(lines[0]); got != want {
				t.Fatalf("line %q is %d cells wide, want %d", line, got, want)
			}
			if o.MaxWidth > 0 && width(line) > max(o.MaxWidth, narrowest) {
				t.Fatalf("line %q is %d cells wide, want %d at most", line, width(line), o.MaxWidth)
			}
			first, _ := utf8.DecodeRuneInString(line)
			last, _ := utf8.DecodeLastRuneInString(line)
			if !strings.Contains("|| ++ ││ ┌┐ ├┤ └┘", string(first)+string(last)) {
				t.Fatalf("line %q has no frame", line)
			}
			if strings.ContainsFunc(line, func(r rune) bool { return steers(r) && r != utf8.RuneError }) {
				t.Fatalf("line %q steers the terminal", line)
			}
		}
	})
}

// tableLines returns how many lines a table of rows has.
func tableLines(o Options, rows int) int {
	lines := rows + len([]string{"top", "header", "rule", "bottom"})
	if o.HideHeaders {
		lines -= len([]string{"header", "rule"})
	}
	if o.Style == StyleStackQL {
		lines += rows - 1 // of rules between rows; without any there is no last one
	}
	return lines
}

// TestColorDoesNotMove checks that colour adds escapes and nothing else.
func TestColorDoesNotMove(t *testing.T) {
	plain := strings.NewReplacer(faint, "", bold, "", reset, "")
	for _, name := range []string{"table", "box", "line"} {
		rapid.Check(t, func(t *rapid.T) {
			res := results().Draw(t, "result")
			want := write(t, Options{Format: format(t, name)}, res)
			got := plain.Replace(write(t, Options{Format: format(t, name), Color: true}, res))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s with colour (-without +with):\n%s", name, diff)
			}
		})
	}
}

func TestFloat(t *testing.T) {
	tests := []struct {
		f    float64
		want string
	}{
		{0, "0.0"},
		{1, "1.0"},
		{-1.5, "-1.5"},
		{0.1, "0.1"},
		{1e6, "1000000.0"},
		{1e15, "1e+15"},
		{1e-6, "0.000001"},
		{1e-7, "1e-07"},
		{math.MaxFloat64, "1.7976931348623157e+308"},
		{math.Inf(1), "Inf"},
		{math.Inf(-1), "-Inf"},
		{math.NaN(), "NaN"},
	}
	for _, tt := range tests {
		if got := float(tt.f); got != tt.want {
			t.Errorf("float(%v) = %q, want %q", tt.f, got, tt.want)
		}
	}
}
