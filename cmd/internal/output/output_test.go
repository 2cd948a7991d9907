package output

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-runewidth"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

var update = flag.Bool("update", false, "write the golden files")

func TestMain(m *testing.M) {
	runewidth.DefaultCondition.EastAsianWidth = false // whatever the locale says
	goleak.VerifyTestMain(m)
}

type result struct {
	names []string
	rows  []provider.Row
}

// write returns what a Printer makes of results.
func write(tb rapid.TB, o Options, results ...result) string {
	tb.Helper()
	var b bytes.Buffer
	p := NewPrinter(&b, o)
	for _, res := range results {
		feed(tb, p.Result(), res, func(r *Result) error { return r.Close() })
	}
	if err := p.Flush(); err != nil {
		tb.Fatalf("Flush() = %v", err)
	}
	return b.String()
}

func feed(tb rapid.TB, r *Result, res result, end func(*Result) error) {
	tb.Helper()
	if err := r.Columns(columns(res.names)); err != nil {
		tb.Fatalf("Columns(%q) = %v", res.names, err)
	}
	for _, row := range res.rows {
		if err := r.Row(row); err != nil {
			tb.Fatalf("Row(%v) = %v", row, err)
		}
	}
	if err := end(r); err != nil {
		tb.Fatalf("end of result = %v", err)
	}
}

func columns(names []string) []sqlengine.Column {
	out := make([]sqlengine.Column, len(names))
	for i, name := range names {
		out[i].Name = name
	}
	return out
}

func format(tb rapid.TB, name string) *Format {
	tb.Helper()
	f, ok := ParseFormat(name)
	if !ok {
		tb.Fatalf("ParseFormat(%q): there is none", name)
	}
	return f
}

// edges are results that formats get wrong.
var edges = []struct {
	name string
	result
}{
	{"empty", result{names: []string{"id", "courseId"}}},
	{"plain", result{
		names: []string{"id", "courseId", "userId", "role"},
		rows: []provider.Row{
			{"NjIwMDE1MTIz", "620015", "112233445566778899001", "STUDENT"},
			{"NjIwMDE1MTI1", "620015", nil, "TEACHER"},
		},
	}},
	{"numbers", result{
		names: []string{"n", "x", "yes", "id"},
		rows: []provider.Row{
			{int64(1), 1.5, true, "007"},
			{int64(math.MinInt64), 1e100, false, "42"},
			{int64(math.MaxInt64), math.Inf(-1), nil, "1e3"},
			{nil, 2.0, true, "true"},
			{int64(0), 0.30000000000000004, false, "null"},
			{int64(-7), 1e-7, true, "~"},
		},
	}},
	{"absent", result{
		names: []string{"a"},
		rows:  []provider.Row{{nil}, {""}, {"NULL"}, {"null"}, {" "}, {"-"}},
	}},
	{"marks", result{
		names: []string{`na"me`, "a,b", "p|q", "<t>"},
		rows: []provider.Row{
			{`say "hi"`, "one,two", "a|b", "<b>&amp;</b>"},
			{`back\slash`, "*bold* _it_ `code`", "[link](x)", "~~gone~~"},
			{"  led", "trailed  ", "'single'", "- item: # no"},
		},
	}},
	{"lines", result{
		names: []string{"text", "after"},
		rows:  []provider.Row{{"one\ntwo", "x"}, {"one\r\ntwo", "x"}, {"tab\there", "x"}, {"cr\rover", "x"}, {"end\n", "x"}, {"\u2028sep\u2029", "x"}},
	}},
	{"hostile", result{
		names: []string{"text\x1b[2J", "after"},
		rows: []provider.Row{
			{"\x1b[31mred\x1b[0m", "x"},
			{"\x1b]0;title\x07", "x"},
			{"a\u202egnp.exe", "x"},
			{"iso\u2066late\u2069", "x"},
			{"nul\x00 bs\x08 del\x7f c1\u009b2J", "x"},
			{"bad \xff\xfe utf-8", "x"},
		},
	}},
	{"wide", result{
		names: []string{"名前", "after"},
		rows: []provider.Row{
			{"漢字かな", "x"},
			{"한국어", "x"},
			{"Zoë", "x"},
			{"Zoe\u0308", "x"},
			{"👩‍🏫 teacher", "x"},
			{"👨‍👩‍👧‍👦", "x"},
			{"🇩🇪🇫🇷", "x"},
			{"नमस्ते", "x"},
			{"שלום", "x"},
			{"e\u200bzero", "x"},
		},
	}},
	{"long", result{
		names: []string{"short", "long"},
		rows:  []provider.Row{{"x", strings.Repeat("0123456789", 20)}, {"y", "z"}},
	}},
	{"label and number", result{
		names: []string{"role", "n"},
		rows:  []provider.Row{{"STUDENT", int64(950)}, {"TEACHER", 49.5}, {"OWNER", nil}, {nil, int64(0)}, {"漢字\x1b", int64(1)}, {"lost", int64(-300)}},
	}},
	{"twice", result{
		names: []string{"id", "id", "id_2", "id"},
		rows:  []provider.Row{{"a", "b", "c", "d"}},
	}},
}

func TestGolden(t *testing.T) {
	for _, f := range Formats() {
		t.Run(f.Name, func(t *testing.T) {
			golden(t, f.Name, writeEdges(t, Options{Format: &f}))
		})
	}
}

// TestGoldenStyles shows the edges in the style that is no format too, and checks
// that the others are as the formats.
func TestGoldenStyles(t *testing.T) {
	golden(t, "style-stackql", writeEdges(t, Options{Style: StyleStackQL}))
	for style, name := range map[Style]string{"": "table", StyleASCII: "table", StyleBox: "box"} {
		want := writeEdges(t, Options{Format: format(t, name)})
		if diff := cmp.Diff(want, writeEdges(t, Options{Style: style})); diff != "" {
			t.Errorf("style %q differs from format %s (-want +got):\n%s", style, name, diff)
		}
	}
}

// writeEdges returns the edges that the format of o can show.
func writeEdges(t *testing.T, o Options) string {
	var b strings.Builder
	for _, e := range edges {
		if out, ok := tryWrite(t, o, e.result); ok {
			b.WriteString("== " + e.name + "\n" + out)
		}
	}
	return b.String()
}

// tryWrite returns what a Printer makes of a result, and whether the format can
// show it.
func tryWrite(tb rapid.TB, o Options, res result) (string, bool) {
	tb.Helper()
	r := NewPrinter(io.Discard, o).Result()
	if errors.Is(r.Columns(columns(res.names)), ErrShape) {
		return "", false
	}
	for _, row := range res.rows {
		if errors.Is(r.Row(row), ErrShape) {
			return "", false
		}
	}
	return write(tb, o, res), true
}

// anyShape returns the formats that show every result.
func anyShape() []Format {
	return slices.DeleteFunc(Formats(), func(f Format) bool { return f.Name == "chart" })
}

// TestGoldenOptions shows each option in the formats that know it.
func TestGoldenOptions(t *testing.T) {
	null := `\N`
	res := result{
		names: []string{"a", "b"},
		rows:  []provider.Row{{nil, "x;y"}, {`\N`, "esc \x1b[31m\u202e"}},
	}
	options := []struct {
		name string
		Options
	}{
		{"hideheaders", Options{HideHeaders: true}},
		{"delimiter", Options{Delimiter: ';'}},
		{"null", Options{Null: &null}},
		{"color", Options{Color: true}},
		{"expanded", Options{Expanded: ExpandedOn}},
		{"narrow", Options{Terminal: true, MaxWidth: 16}},
		{"csv", Options{CSVBOM: true, CSVCRLF: true, CSVSafe: true}},
		{"ascii", Options{Style: StyleBox, ASCII: true, MaxWidth: 16}},
		{"terminal", Options{Terminal: true}},
	}
	for _, o := range options {
		t.Run(o.name, func(t *testing.T) {
			var b strings.Builder
			for _, f := range Formats() {
				o.Format = &f
				if out, ok := tryWrite(t, o.Options, res); ok {
					b.WriteString("== " + f.Name + "\n" + out)
				}
			}
			golden(t, "option-"+o.name, b.String())
		})
	}
}

// TestGoldenSeveral shows how results follow one another, one without rows and
// one without columns among them.
func TestGoldenSeveral(t *testing.T) {
	one := result{names: []string{"a"}, rows: []provider.Row{{int64(1)}, {int64(2)}}}
	two := result{names: []string{"b", "c"}, rows: []provider.Row{{"x", nil}}}
	var b strings.Builder
	for _, f := range anyShape() {
		var out bytes.Buffer
		p := NewPrinter(&out, Options{Format: &f})
		for _, res := range []result{one, {names: []string{"none"}}, two} {
			feed(t, p.Result(), res, func(r *Result) error { return r.Close() })
			if err := p.Result().Close(); err != nil {
				t.Fatalf("Close() of a result without columns = %v", err)
			}
		}
		if err := p.Flush(); err != nil {
			t.Fatalf("Flush() = %v", err)
		}
		b.WriteString("== " + f.Name + "\n" + out.String())
	}
	golden(t, "several", b.String())
}

// TestGoldenAbort shows what a statement that fails after two rows leaves, and
// that one that fails before the first leaves nothing.
func TestGoldenAbort(t *testing.T) {
	abort := func(r *Result) error { return r.Abort() }
	var b strings.Builder
	for _, f := range anyShape() {
		var out bytes.Buffer
		p := NewPrinter(&out, Options{Format: &f})
		feed(t, p.Result(), result{names: []string{"a", "b"}}, abort)
		if err := p.Flush(); err != nil || out.Len() > 0 {
			t.Errorf("%s: a result aborted before its first row wrote %q, %v", f.Name, out.String(), err)
		}
		res := result{names: []string{"a", "b"}, rows: []provider.Row{{"x", "y"}, {"z", nil}}}
		if f.Name == "table" {
			res.rows = append(res.rows, provider.Row{"last", int64(3)})
		}
		feed(t, p.Result(), res, abort)
		if err := p.Flush(); err != nil {
			t.Fatalf("Flush() = %v", err)
		}
		b.WriteString("== " + f.Name + "\n" + out.String())
	}
	golden(t, "abort", b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestParseFormat(t *testing.T) {
	tests := []struct{ name, want string }{
		{"table", "table"}, {"NDJSON", "jsonl"}, {"md", "markdown"}, {"xml", ""}, {"", ""},
	}
	for _, tt := range tests {
		got := ""
		if f, ok := ParseFormat(tt.name); ok {
			got = f.Name
		}
		if got != tt.want {
			t.Errorf("ParseFormat(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestFormatOfFile(t *testing.T) {
	tests := []struct{ file, want string }{
		{"a.csv", "csv"},
		{"dir.json/A.CSV", "csv"},
		{"x.ndjson", "jsonl"},
		{"x.md", "markdown"},
		{"x", ""},
		{"", ""},
		{"x.db", ""},
		{".yaml", "yaml"},
	}
	for _, tt := range tests {
		got := ""
		if f, ok := FormatOfFile(tt.file); ok {
			got = f.Name
		}
		if got != tt.want {
			t.Errorf("FormatOfFile(%q) = %q, want %q", tt.file, got, tt.want)
		}
	}
}

func TestParseDelimiter(t *testing.T) {
	tests := []struct {
		text string
		want rune
		ok   bool
	}{
		{"|", '|', true},
		{"\t", '\t', true},
		{`\t`, '\t', true},
		{"→", '→', true},
		{" ", ' ', true},
		{"", 0, false},
		{"ab", 0, false},
		{`"`, 0, false},
		{"\n", 0, false},
		{"\xff", 0, false},
	}
	for _, tt := range tests {
		if got, ok := ParseDelimiter(tt.text); got != tt.want || ok != tt.ok {
			t.Errorf("ParseDelimiter(%q) = %q, %v, want %q, %v", tt.text, got, ok, tt.want, tt.ok)
		}
	}
}

func TestNoticesNameRenamedColumns(t *testing.T) {
	var b bytes.Buffer
	r := NewPrinter(&b, Options{Format: format(t, "json")}).Result()
	if err := r.Columns(columns([]string{"id", "id", "id_2"})); err != nil {
		t.Fatal(err)
	}
	want := []string{"there is more than one column id; this one is written as id_3"}
	if diff := cmp.Diff(want, r.Notices()); diff != "" {
		t.Errorf("Notices() (-want +got):\n%s", diff)
	}
}

// syncBuffer is a buffer that is written by a timer's goroutine.
type syncBuffer struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestStreams checks that rows leave while the statement is still running: a
// row at a time after a moment, and a table's after the sample.
func TestStreams(t *testing.T) {
	for _, name := range []string{"csv", "tsv", "json", "jsonl", "line", "value", "text", "markdown", "html", "yaml"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out syncBuffer
				r := NewPrinter(&out, Options{Format: format(t, name)}).Result()
				feed(t, r, result{names: []string{"a"}, rows: []provider.Row{{"first"}}}, func(*Result) error { return nil })
				if got := out.String(); got != "" {
					t.Errorf("%q was written at once", got)
				}
				time.Sleep(lazyDelay) // of the bubble's clock
				synctest.Wait()
				if got := out.String(); !strings.Contains(got, "first") {
					t.Errorf("after %v there is %q, want the row", lazyDelay, got)
				}
			})
		})
	}
}

func TestTableStreamsAfterSample(t *testing.T) {
	var out bytes.Buffer
	p := NewPrinter(&out, Options{})
	r := p.Result()
	res := result{names: []string{"n", "text"}}
	for i := range tableSample {
		res.rows = append(res.rows, provider.Row{int64(i), "abc"})
	}
	feed(t, r, res, func(*Result) error { return p.Flush() })
	if got := strings.Count(out.String(), "\n"); got != tableSample+3 {
		t.Fatalf("after %d rows there are %d lines, want %d", tableSample, got, tableSample+3)
	}
	out.Reset()
	feed(t, r, result{names: res.names, rows: []provider.Row{
		{int64(5), "abc"}, {"longer than a number", "a cell that is wider than its column"}, {nil, ""},
	}}, func(r *Result) error { return errors.Join(r.Close(), p.Flush()) })
	want := `
|   5 | abc  |
| longer than a number | a cell that is wider than its column |
| NULL |      |
+-----+------+
`
	if diff := cmp.Diff(want, "\n"+out.String()); diff != "" {
		t.Errorf("rows after the sample (-want +got):\n%s", diff)
	}
}

// brokenWriter fails after some bytes.
type brokenWriter struct{ left int }

var errBroken = errors.New("no space left")

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errBroken
	}
	return len(p), nil
}

func TestWriteErrorIsKept(t *testing.T) {
	p := NewPrinter(&brokenWriter{left: 10}, Options{Format: format(t, "csv")})
	r := p.Result()
	if err := r.Columns(columns([]string{"a"})); err != nil {
		t.Fatalf("Columns() = %v", err)
	}
	var err error
	for range 100 {
		if err = r.Row(provider.Row{strings.Repeat("x", lazyBytes/4)}); err != nil {
			break
		}
	}
	for name, err := range map[string]error{"Row": err, "Close": r.Close(), "Abort": r.Abort(), "Flush": p.Flush(), "Err": p.Err()} {
		if !errors.Is(err, errBroken) {
			t.Errorf("%s() = %v, want %v", name, err, errBroken)
		}
	}
}

func BenchmarkRow(b *testing.B) {
	row := provider.Row{"NjIwMDE1MTIz", "620015", "112233445566778899001", "STUDENT", int64(7), nil}
	names := []string{"id", "courseId", "userId", "role", "n", "none"}
	for _, f := range anyShape() {
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			r := NewPrinter(io.Discard, Options{Format: &f}).Result()
			if err := r.Columns(columns(names)); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := r.Row(row); err != nil {
					b.Fatal(err)
				}
			}
			if err := r.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// TestDelimiterOfSeveralBytes has a delimiter that begins as other characters
// do: only a cell with all of it has quotes.
func TestDelimiterOfSeveralBytes(t *testing.T) {
	got := write(t, Options{Format: format(t, "csv"), Delimiter: 'é', HideHeaders: true}, result{
		names: []string{"a", "b"},
		rows:  []provider.Row{{"è", "né"}, {"\xc3", "x\xc3\xa9y"}},
	})
	want := "èé\"né\"\n\xc3é\"x\xc3\xa9y\"\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("csv divided by é (-want +got):\n%s", diff)
	}
}
