package shell

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// shape returns the pieces of a text, a line each, and its rest.
func shape(text string) []string {
	pieces, rest := cut(text)
	var out []string
	for _, p := range pieces {
		switch {
		case p.command != "":
			out = append(out, "command "+p.command)
		case p.then != "":
			out = append(out, "statement "+p.stmt.String()+" then "+p.then)
		default:
			out = append(out, "statement "+p.stmt.String())
		}
	}
	if rest != "" {
		out = append(out, "rest "+rest)
	}
	return out
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{" \t\n", nil},
		{";;", nil},
		{"-- a", nil},
		{"/* a */ -- b", nil},
		{"SELECT 1;", []string{"statement SELECT 1"}},
		{"SELECT 1", []string{"rest SELECT 1"}},
		{"SELECT 1; -- a", []string{"statement SELECT 1"}},
		{"SELECT 1; /* a", []string{"statement SELECT 1", "rest /* a"}},
		{"SELECT 1; SELECT", []string{"statement SELECT 1", "rest SELECT"}},
		{"SELECT ';", []string{"rest SELECT ';"}},
		{"SELECT ';';", []string{"statement SELECT ';'"}},
		{"SELECT \"a;\"\"\";", []string{"statement SELECT \"a;\"\"\""}},
		{"SELECT 1 -- ;\n", []string{"rest SELECT 1 -- ;\n"}},
		{"SELECT 1 -- \\g\n;", []string{"statement SELECT 1"}},
		{"SELECT 1 \\g", []string{"statement SELECT 1 then \\g"}},
		{"SELECT 1\\gx a.csv;\nSELECT 2;", []string{"statement SELECT 1 then \\gx a.csv", "statement SELECT 2"}},
		{"SELECT '\\g'", []string{"rest SELECT '\\g'"}},
		{"SELECT 1; \\x on", []string{"statement SELECT 1", "command \\x on"}},
		{"SELECT 1 \\watch 1 c=2", []string{"statement SELECT 1 then \\watch 1 c=2"}},
		{"\\x on\nSELECT 1;", []string{"command \\x on", "statement SELECT 1"}},
		{"\\! echo a; echo b;", []string{"command \\! echo a; echo b;"}},
		{"\\pset delimiter ;", []string{"command \\pset delimiter ;"}},
		{"\\d invitations;", []string{"command \\d invitations"}},
		{".tables", []string{"command .tables"}},
		{".5;", []string{"statement .5"}},
		{"help", []string{"command help"}},
		{"Exit;", []string{"command Exit"}},
		{"exits;", []string{"statement exits"}},
		{"exit now;", []string{"statement exit now"}},
		{"\ufeffSELECT 1;", []string{"statement SELECT 1"}},
		{"SELECT 1;\r\n\\q\r\n", []string{"statement SELECT 1", "command \\q"}},
		{"/*+ AWAIT */ SELECT 1;", []string{"statement /*+ AWAIT */ SELECT 1"}},
		{"SELECT '\x00", []string{"rest SELECT '\x00"}},
	} {
		if diff := cmp.Diff(tt.want, shape(tt.text)); diff != "" {
			t.Errorf("cut(%q) (-want +got):\n%s", tt.text, diff)
		}
	}
}

func TestComplete(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, " \n": true, "SELECT 1": false, "SELECT 1;": true, "SELECT 1\n;\n": true, "SELECT ';": false,
		"SELECT 1 \\g": true, "\\d": true, ".tables": true, "help": true, "quit ;": true, "/* a": false, "-- a": true,
		"SELECT 1; SELECT": false, "-- ;\nSELECT 1": false, "SELECT 1.": false,
	} {
		if got := Complete(text); got != want {
			t.Errorf("Complete(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestContinuation(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELECT":              "...> ",
		"SELECT 'a":           "'...> ",
		"SELECT 'a'":          "...> ",
		"SELECT \"a":          "\"...> ",
		"SELECT `a":           "`...> ",
		"SELECT [a":           "[...> ",
		"SELECT /* '":         "/*..> ",
		"SELECT 1; SELECT 'a": "'...> ",
		"SELECT !":            "...> ",
	} {
		if got := Continuation(text); got != want {
			t.Errorf("Continuation(%q) = %q, want %q", text, got, want)
		}
	}
}

// fragments are what texts of tests are made of: what begins, ends and hides
// statements and commands.
var fragments = []string{
	"SELECT 1", ";", "\n", " ", "'", "''", `"`, "`", "[", "]", "--", "/*", "*/", "/*+", `\g`, `\x on`, `\! a;b`, ".tables",
	".5", "help", "exit;", "\\", "\x00", "\xff", "é", ":a", "|", "\r\n", "\t", "\v",
}

// TestCutKeepsAll checks that nothing but blanks, comments and ends of statements
// is lost between the pieces of a text, in order, and that Complete says the same
// as cut.
func TestCutKeepsAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(fragments), 0, 12).Draw(t, "text"), "")
		checkCut(t, text)
	})
}

func FuzzCut(f *testing.F) {
	for _, text := range fragments {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkCut(t, text) })
}

func checkCut(t interface {
	Fatalf(format string, args ...any)
}, text string,
) {
	pieces, rest := cut(text)
	if !strings.HasSuffix(text, rest) {
		t.Fatalf("cut(%q): the rest %q is not its end", text, rest)
	}
	if Complete(text) != (rest == "") {
		t.Fatalf("Complete(%q) = %v, and the rest is %q", text, Complete(text), rest)
	}
	at := 0
	find := func(part string) {
		i := strings.Index(text[at:], part)
		if i < 0 || at+i > len(text)-len(rest) {
			t.Fatalf("cut(%q): %q is not there, or twice", text, part)
		}
		at += i + len(part)
	}
	for _, p := range pieces {
		if p.command != "" {
			find(p.command)
			continue
		}
		if p.stmt.String() == "" {
			t.Fatalf("cut(%q): an empty statement", text)
		}
		if p.stmt.Start < at || p.stmt.Whole != text {
			t.Fatalf("cut(%q): statement %q begins at %d, and the piece before ends at %d", text, p.stmt, p.stmt.Start, at)
		}
		at = p.stmt.End
		find(p.then)
		if plainWord(p.stmt.String()) { // a word for SQLite to refuse
			continue
		}
		if again, left := cut(p.stmt.String()); len(again) > 1 || left == "" {
			t.Fatalf("cut(%q): %q is %d pieces and a rest of %q", text, p.stmt, len(again), left)
		}
	}
}

// TestCutIsLinear checks that twice the text takes about twice the time: a
// quadratic one would not end.
func TestCutIsLinear(t *testing.T) {
	t.Parallel()
	pieces, rest := cut(strings.Repeat("SELECT 1;", 200_000))
	if len(pieces) != 200_000 || rest != "" {
		t.Errorf("%d pieces and %q", len(pieces), rest)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rest string
		want []string
	}{
		{"", nil},
		{"a  b\tc", []string{"a", "b", "c"}},
		{"'a b' c", []string{"a b", "c"}},
		{`"a b"'c'`, []string{"a bc"}},
		{"'it''s'", []string{"it's"}},
		{"''", []string{""}},
		{"| a 'b | c", []string{"| a 'b | c"}},
		{"json |wc -l", []string{"json", "|wc -l"}},
	} {
		got, err := words(tt.rest)
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("words(%q): %v (-want +got):\n%s", tt.rest, err, diff)
		}
	}
	if _, err := words(`a "b`); err == nil {
		t.Error("an open quote is no error")
	}
}

// TestWordsOfQuoted checks that whatever is put in quotes comes back.
func TestWordsOfQuoted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.StringMatching(`[a' "|]{0,6}`), 1, 4).Draw(t, "words")
		quoted := make([]string, len(want))
		for i, w := range want {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", "''") + "'"
		}
		got, err := words(strings.Join(quoted, " "))
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("words(%q): %v\n%s", quoted, err, diff)
		}
	})
}

func TestArity(t *testing.T) {
	t.Parallel()
	for usage, want := range map[string][2]int{
		"": {0, 0}, "NAME": {1, 1}, "[NAME]": {0, 1}, "[on|off]": {0, 1}, "[NAME [VALUE]]": {0, 2}, "FILE||CMD": {1, 1},
		"[SEC] [c=N] [m=ROWS]": {0, 3}, "ID [failed]": {1, 2}, "http on|off|FILE": {2, 2},
	} {
		least, most := arity(usage)
		if got := [2]int{least, most}; got != want {
			t.Errorf("arity(%q) = %v, want %v", usage, got, want)
		}
	}
}

// TestCommandTable checks that each command is found by all its names, and says
// what it is about.
func TestCommandTable(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range Commands() {
		if c.About == "" || c.Group == "" || c.run == nil || !strings.HasPrefix(c.Name, `\`) {
			t.Errorf("%s lacks something", c.Name)
		}
		for _, name := range append([]string{c.Name}, c.Aliases...) {
			if seen[name] {
				t.Errorf("there are two commands %s", name)
			}
			seen[name] = true
			if found, err := find(name); err != nil || found.Name != c.Name {
				t.Errorf("%s is not found: %v", name, err)
			}
			if _, isLong := long[name]; isLong || !isCommand(name) {
				t.Errorf("%s cannot be typed", name)
			}
		}
	}
	for _, name := range strings.Fields(`\? \h \q \d \dm \l \x \f \pset \timing \g \gx \watch \o \once \i \set \unset \e \p \r \s
\last \explain \dry \confirm \journal \retry \c \as \whoami \log \errverbose \stats \!`) {
		if !seen[name] {
			t.Errorf("there is no command %s", name)
		}
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	const name = "testdata/help.golden"
	if *update {
		if err := os.WriteFile(name, []byte(Help()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), Help()); diff != "" {
		t.Errorf("\\? (-want +got); -update writes it:\n%s", diff)
	}
	for line := range strings.Lines(Help()) {
		if len(line) > 100 {
			t.Errorf("a line of \\? is %d characters long: %s", len(line), line)
		}
	}
}
