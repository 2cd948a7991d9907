package format_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/sqlengine/format"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

var update = flag.Bool("update", false, "write what comes out into the golden file")

// TestSource lays out the texts of testdata/format.txt. A case is a text, a line
// "----", and how it is laid out; "====" ends it.
func TestSource(t *testing.T) {
	data, err := os.ReadFile("testdata/format.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for c := range strings.SplitSeq(strings.TrimSuffix(string(data), "\n====\n"), "\n====\n") {
		about := ""
		for strings.HasPrefix(c, "#") {
			line, rest, _ := strings.Cut(c, "\n")
			about, c = about+line+"\n", rest
		}
		in, want, _ := strings.Cut(c, "\n----")
		got, err := format.Source("x.iql", in)
		if err != nil {
			got = err.Error() + "\n"
		}
		fmt.Fprintf(&out, "%s%s\n----\n%s====\n", about, in, got)
		if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), strings.TrimSuffix(got, "\n")); diff != "" && !*update {
			t.Errorf("Source(%q) (-want +got):\n%s", in, diff)
		}
		if err == nil {
			check(t, in, got)
		}
	}
	if *update {
		if err := os.WriteFile("testdata/format.txt", []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCorpus lays out all statements that this module has in files.
func TestCorpus(t *testing.T) {
	const root = "../../"
	texts := map[string]string{}
	for _, pattern := range []string{"examples/*.iql", "examples/*/*.iql", "sqlengine/testdata/*.iql", "sqlengine/syntax/testdata/*.iql"} {
		files, err := filepath.Glob(root + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			texts[file] = read(t, file)
		}
	}
	pages, err := filepath.Glob(root + "docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, root+"README.md") {
		for i, block := range sqlBlock.FindAllStringSubmatch(read(t, page), -1) {
			texts[fmt.Sprintf("%s, %d", page, i)] = block[1]
		}
	}
	for name, text := range texts {
		got, err := format.Source(name, text)
		if err != nil {
			t.Errorf("Source(%s): %v", name, err)
			continue
		}
		check(t, text, got)
	}
}

var sqlBlock = regexp.MustCompile("(?ms)^```sql\n(.*?)^```")

// TestExamples checks that the examples are laid out as the command does it.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*.iql")
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := filepath.Glob("../../examples/tasks/*.iql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, tasks...) {
		text := read(t, file)
		got, err := format.Source(file, text)
		if err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(text, got); diff != "" {
			t.Errorf("%s is laid out otherwise: iql fmt -w does it (-is +should be):\n%s", file, diff)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// check checks what holds of any text that was laid out: its words and comments
// are the same, no line ends in a blank that did not, and it would not be laid out otherwise.
func check(t *testing.T, in, out string) {
	t.Helper()
	again, err := format.Source("", out)
	if err != nil {
		t.Errorf("Source(%q) = %q, and that: %v", in, out, err)
	} else if diff := cmp.Diff(out, again); diff != "" {
		t.Errorf("Source(%q) = %q, and that (-once +twice):\n%s", in, out, diff)
	}
	if strings.Contains(in, "<<<") || strings.Contains(in, "{{") || strings.Contains(in, `\`) {
		return // what stands there is not SQL
	}
	if diff := cmp.Diff(wordsOf(in), wordsOf(out)); diff != "" {
		t.Errorf("Source(%q) has other words (-want +got):\n%s", in, diff)
	}
	if got, want := commentsOf(out), commentsOf(in); !cmp.Equal(want, got) {
		t.Errorf("Source(%q) has the comments %q, want %q", in, got, want)
	}
	if endsBlank(out) && !endsBlank(in) { // in a result that is kept
		t.Errorf("Source(%q) = %q: a line ends in a blank", in, out)
	}
}

// endsBlank reports whether a line of a text ends in a blank, comments and texts
// apart.
func endsBlank(text string) bool {
	for tok := range syntax.Scan(text) {
		if tok.Kind == syntax.Space && strings.TrimLeft(tok.Text, " \t\r\f") != tok.Text && strings.Contains(tok.Text, "\n") && !strings.HasPrefix(tok.Text, "\n") {
			return true
		}
	}
	return false
}

// wordsOf returns the tokens of a text that say something, keywords in lower case:
// words that are the same but for that are the same.
func wordsOf(text string) []string {
	var words []string
	for tok := range syntax.Scan(strings.TrimPrefix(text, "\ufeff")) {
		switch tok.Kind {
		case syntax.Space, syntax.Comment, syntax.Hint, syntax.Semicolon:
		case syntax.Word:
			words = append(words, strings.ToLower(tok.Text))
		default:
			words = append(words, tok.Text)
		}
	}
	return words
}

func commentsOf(text string) []string {
	var all []string
	for tok := range syntax.Scan(strings.TrimPrefix(text, "\ufeff")) {
		switch {
		case tok.Kind == syntax.Comment && strings.HasPrefix(tok.Text, "--"):
			all = append(all, strings.TrimRight(tok.Text, " \t\r\f\v"))
		case tok.Kind == syntax.Comment || tok.Kind == syntax.Hint:
			all = append(all, tok.Text)
		}
	}
	return all
}

func TestErrorPlace(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"select 1;\n selct 2;", "a.iql:2:2: unexpected selct"},
		{"select 1;\n\\set x y\nselect (2", "a.iql:3:8: ( is never closed"},
		{"{{range .x}}\nselect 'x", "a.iql:2:8: the string is never closed"},
		{"<<<json {}", "a.iql:1:1: the block of data is never closed"},
		{"select 1 \\g", "a.iql:1:10: unexpected \\"},
	} {
		_, err := format.Source("a.iql", tt.text)
		if wrong, ok := errors.AsType[*syntax.Error](err); !ok || wrong.Error() != tt.want {
			t.Errorf("Source(%q) = %v, want %s", tt.text, err, tt.want)
		}
	}
}

// TestLong lays out texts that take long if the time is not in proportion to
// their length.
func TestLong(t *testing.T) {
	t.Parallel()
	const n = 1 << 20
	for _, tt := range []struct{ name, text string }{
		{"statements", strings.Repeat("select a from t where b = 'c';\n", n/32)},
		{"a list", "select a from t where b in (" + strings.Repeat("'c', ", n/8) + "'d')"},
		{"conditions", "select a from t where " + strings.Repeat("b = 1 and c between 1 and 2 or ", n/64) + "d"},
		{"results", "select " + strings.Repeat("a, ", n/4) + "b"},
		{"parentheses", "select " + strings.Repeat("(a, ", 149) + "b" + strings.Repeat(")", 149) + " as c"},
		{"CASE", "select " + strings.Repeat("case when a and (b or c) then ", 140) + "1" + strings.Repeat(" end", 140) + " as c"},
		{"queries", strings.Repeat("select * from (", 149) + "select 1" + strings.Repeat(")", 149)},
		{"comments", "select a " + strings.Repeat("-- b\n", n/8) + " from t"},
		{"dots", "select a" + strings.Repeat(".b", n/4)},
	} {
		start := time.Now()
		if _, err := format.Source("", tt.text); err != nil {
			t.Errorf("Source of %s: %v", tt.name, err)
		}
		if took := time.Since(start); took > 2*time.Minute {
			t.Errorf("Source of %s took %s", tt.name, took)
		}
		t.Logf("%s: %s", tt.name, time.Since(start))
	}
}

func FuzzSource(f *testing.F) {
	for _, file := range []string{"format.txt", "../../syntax/testdata/select.txt", "../../syntax/testdata/dml.txt", "../../syntax/testdata/command.txt", "../../syntax/testdata/sqlite.txt", "../../syntax/testdata/stackql-statements.iql"} {
		data, err := os.ReadFile("testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		for c := range strings.SplitSeq(string(data), "\n====\n") {
			in, _, _ := strings.Cut(c, "\n----\n")
			f.Add(in)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, err := format.Source("x.iql", text)
		if err != nil {
			wrong, ok := errors.AsType[*syntax.Error](err)
			if !ok || wrong.Line == 0 {
				t.Errorf("Source(%q): %v has no place", text, err)
			} else if strings.Contains(wrong.Msg, "cannot be laid out") {
				t.Errorf("Source(%q): %v", text, err)
			}
			return
		}
		check(t, text, out)
	})
}
