package script_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/sqlengine/script"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

func TestStatements(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"empty", "", nil},
		{"comments", " -- a\n/* b; */ ;", nil},
		{"one", "SELECT 1", []string{"SELECT 1"}},
		{"finished", "SELECT 1;\n", []string{"SELECT 1"}},
		{"several", "SELECT ';'; -- x;\nSELECT 2 -- y", []string{"SELECT ';'", "SELECT 2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, stmt := range script.Statements("a.iql", tt.text) {
				if stmt.File != "a.iql" || stmt.Whole != tt.text {
					t.Errorf("Statements(%q): one is of %q, %q", tt.text, stmt.File, stmt.Whole)
				}
				got = append(got, stmt.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Statements(%q) (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

// files are scripts by their names.
type files map[string]string

// ran is what became of a script: its statements with values in the place of
// parameters, what \echo and \warn said, and what failed.
func (f files) ran(t *testing.T, r *script.Runner, file string) []string {
	t.Helper()
	var got []string
	r.Run = func(_ context.Context, stmt syntax.Source, values map[string]any) error {
		text := stmt.String()
		for name, value := range values {
			text = strings.ReplaceAll(text, ":"+name, fmt.Sprintf("%#v", value))
		}
		got = append(got, text)
		if text == "fail" {
			return stmt.Errorf(0, 4, "", "it fails")
		}
		return nil
	}
	r.Read = func(_ context.Context, name string) (string, error) {
		if text, ok := f[name]; ok {
			return text, nil
		}
		return "", fmt.Errorf("there is no file %s", name)
	}
	r.Say = func(text string, warning bool) {
		got = append(got, map[bool]string{false: "echo ", true: "warn "}[warning]+text)
	}
	s, errs := script.Parse(file, f[file])
	for _, err := range errs {
		got = append(got, "wrong "+err.Error())
	}
	if len(errs) > 0 {
		return got
	}
	if err := r.Exec(t.Context(), s); err != nil {
		got = append(got, "error "+err.Error())
	}
	return got
}

func TestRun(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"statements", "a;\nb; c", []string{"a", "b", "c"}},
		{"stops at the first failure", "a; fail; b", []string{"a", "fail", "error m.iql:1:4: it fails"}},
		{"set", "\\set x 1\nuse :x;\n\\set x 'it''s' so\nuse :x", []string{`use "1"`, `use "it's so"`}},
		{"set nothing", "\\set x\nuse :x", []string{`use ""`}},
		{"set of a type", "\\set x:int 5\n\\set y:bool on\n\\set z:number 1.5\nuse :x :y :z", []string{"use 5 true 1.5"}},
		{"set to another", "\\set x:int 5\n\\set y :x\n\\set z:text :x\nuse :y :z", []string{`use 5 "5"`}},
		{"set to no number", "\\set x:int five", []string{`error m.iql:1:6: "five" is not a whole number`}},
		{"set to what is not finite", "\\set x:number nan", []string{`error m.iql:1:6: "nan" is not a number`}},
		{"set to what has no end", "\\set x:number inf", []string{`error m.iql:1:6: "inf" is not a number`}},
		{"set to no value", "\\set x:int", []string{`error m.iql:1:6: "" is not a whole number`}},
		{"set to what is not there", "\\set x :y", []string{"error m.iql:1:8: there is no value for :y"}},
		{"unset", "\\set x 1\n\\unset x\nuse :x", []string{"use :x"}},
		{"echo", "\\set n:int 3\n\\echo  there are :n 'of  :n'\n\\warn 10:30", []string{"echo there are 3 of  :n", "warn 10:30"}},
		{"a colon that begins no name", "\\echo : :30", []string{"echo : :30"}},
		{"a text begins inside a word", "\\echo a'b  c'd", []string{"echo a b  c d"}},
		{"blanks, line ends of Windows", " \t\\set x 1 \r\nuse :x;\r\n\\echo :x\r\n", []string{`use "1"`, "echo 1"}},
		{"in quotes and comments", "a '\n\\set x 1\n';\n/*\n\\set y 1\n*/ b", []string{"a '\n\\set x 1\n'", "b"}},
		{"no line of its own", "a; \\set x 1", []string{"a", `\set x 1`}},
		{"if", "\\if on\na;\n\\else\nb;\n\\endif\nc", []string{"a", "c"}},
		{"else", "\\if no\na;\n\\else\nb;\n\\endif\nc", []string{"b", "c"}},
		{"elif", "\\set x b\n\\if :x = a\na;\n\\elif :x = 'b'\nb;\n\\elif :x = 'b'\nb2;\n\\else\nc;\n\\endif", []string{"b"}},
		{"not", "\\if not off\na;\n\\endif\n\\if not a <> b\nb;\n\\endif", []string{"a"}},
		{"words in capitals", "\\if YES\na;\n\\endif", []string{"a"}},
		{"not is a text too", "\\set not x\n\\if :not = x\na;\n\\endif\n\\if 'not' = not\nb;\n\\endif\n\\if not\n\\endif", []string{
			"a", "b", `error m.iql:8:5: "not" is neither true nor false`,
		}},
		{"defined", "\\if defined x\na;\n\\endif\n\\set x 1\n\\if defined :x\nb;\n\\endif\n\\if not defined x\nc;\n\\endif", []string{"b"}},
		{"nested", "\\if no\n\\if yes\na;\n\\else\nb;\n\\endif\n\\else\n\\if yes\nc;\n\\endif\n\\endif", []string{"c"}},
		{"a branch that is not taken is not looked at", "\\if no\n\\i nowhere\n\\set x :y\n\\if :y\n\\elif :y\n\\endif\n\\endif\na", []string{"a"}},
		{"neither true nor false", "\\set x maybe\n\\if :x\na;\n\\endif", []string{`error m.iql:2:5: "maybe" is neither true nor false`}},
		{"condition on nothing", "\\if :x\na;\n\\endif", []string{"error m.iql:1:5: there is no value for :x"}},
		{"include", "\\i sub/one.iql\nlast", []string{"two", "one", "last"}},
		{"include by a whole path", "\\i /abs.iql", []string{"abs"}},
		{"include what is not there", "a;\n\\i sub/none.iql", []string{"a", "error m.iql:2:4: there is no file sub/none.iql"}},
		{"include what is wrong", "\\i wrong.iql", []string{`error wrong.iql:2:1: there is no command \sett in a script`}},
		{"include itself", "\\i loop.iql", []string{"error sub/back.iql:1:4: loop.iql reads itself: loop.iql reads sub/back.iql reads loop.iql"}},
		{"include without end", "\\i d/deep.iql", []string{"error " + strings.Repeat("d/", 15) + "deep.iql:1:4: the scripts are nested deeper than 16"}},
		{"failure in another", "\\i fails.iql\nb", []string{"fail", "error fails.iql:1:1: it fails"}},

		{"unknown", "\\sett x 1", []string{`wrong m.iql:1:1: there is no command \sett in a script`}},
		{"no name", "\\ x\n\\", []string{"wrong m.iql:1:1: the command has no name", "wrong m.iql:2:1: the command has no name"}},
		{"inside a statement", "a\n\\set x 1\n;", []string{"wrong m.iql:2:1: a command stands inside a statement"}},
		{"too few words", "\\i\n\\set\n\\if\n\\endif", []string{
			`wrong m.iql:1:1: \i takes one word`, `wrong m.iql:2:1: \set takes a word or more`, `wrong m.iql:3:1: \if takes a word or more`,
		}},
		{"too many words", "\\if on\n\\else x\n\\endif", []string{`wrong m.iql:2:7: \else takes nothing`}},
		{"quote that is not closed", "\\set x 'a", []string{"wrong m.iql:1:8: the text is never closed"}},
		{"no names", "\\set 1x a\n\\set x:date a\n\\unset x:int\n\\set :x a", []string{
			`wrong m.iql:1:6: "1x" is not the name of a parameter`, `wrong m.iql:2:6: there is no type "date"`,
			"wrong m.iql:3:8: a name has no type here", `wrong m.iql:4:6: "" is not the name of a parameter`,
		}},
		{"no condition", "\\if :x == 1\n\\endif", []string{`wrong m.iql:1:11: \if does not take this condition`}},
		{"a wrong \\if has its \\endif", "\\if on\n\\if 'a\n\\else\n\\endif\n\\if a b\n\\elif c d\n\\endif", []string{
			`wrong m.iql:1:1: \if has no \endif`, "wrong m.iql:2:5: the text is never closed",
			`wrong m.iql:5:7: \if does not take this condition`, `wrong m.iql:6:9: \elif does not take this condition`,
		}},
		{"in the order of the line", "\\if 'a", []string{`wrong m.iql:1:1: \if has no \endif`, "wrong m.iql:1:5: the text is never closed"}},
		{"blocks", "\\endif\n\\else\n\\elif on\n\\if on\n\\else\n\\elif on\n\\else\n\\endif\n\\if on", []string{
			`wrong m.iql:1:1: \endif without an \if before it`, `wrong m.iql:2:1: \else without an \if before it`,
			`wrong m.iql:3:1: \elif without an \if before it`, `wrong m.iql:6:1: \elif after \else`, `wrong m.iql:7:1: \else after \else`,
			`wrong m.iql:9:1: \if has no \endif`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			all := files{
				"m.iql": tt.text, "sub/one.iql": "\\ir two.iql\none", "sub/two.iql": "two", "wrong.iql": "a;\n\\sett x",
				"/abs.iql": "abs", "loop.iql": "\\i sub/back.iql", "sub/back.iql": "\\i ../loop.iql", "fails.iql": "fail; a; b",
			}
			for i := range 20 {
				all[strings.Repeat("d/", i)+"deep.iql"] = "\\i d/deep.iql"
			}
			got := all.ran(t, &script.Runner{}, "m.iql")
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("%s (-want +got)\n%s", tt.text, d)
			}
		})
	}
}

func TestGoOn(t *testing.T) {
	t.Parallel()
	var told []string
	r := &script.Runner{GoOn: func(err error) bool {
		told = append(told, err.Error())
		return len(told) < 4
	}}
	all := files{
		"m.iql":   "fail;\n\\if :x\na;\n\\else\nb;\n\\endif\n\\if on\n\\i in.iql\n\\endif\nc; fail; d; e",
		"in.iql":  "\\i bad.iql\nin; fail; in2",
		"bad.iql": "never;\n\\x",
	}
	got := all.ran(t, r, "m.iql")
	want := []string{"fail", "in", "fail", "error in.iql:2:5: it fails"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("ran (-want +got)\n%s", d)
	}
	wantTold := []string{
		"m.iql:1:1: it fails", "m.iql:2:5: there is no value for :x", `bad.iql:2:1: there is no command \x in a script`, "in.iql:2:5: it fails",
	}
	if d := cmp.Diff(wantTold, told); d != "" {
		t.Errorf("told (-want +got)\n%s", d)
	}
	if r.Ran != 3 || r.Left != 5 {
		t.Errorf("ran %d and left %d, want 3 and 5", r.Ran, r.Left)
	}

	// The next script begins anew, outside of the \if in which that one ended.
	told = nil
	got = files{"n.iql": "fail; f"}.ran(t, r, "n.iql")
	if d := cmp.Diff([]string{"fail", "f"}, got); d != "" || len(told) != 1 || r.Branch {
		t.Errorf("then told %q, in a branch: %v, ran (-want +got)\n%s", told, r.Branch, d)
	}
}

// TestValues leaves the values alone that it was given, and says those of a shell.
func TestValues(t *testing.T) {
	t.Parallel()
	given := map[string]any{"null": nil, "blob": []byte("b"), "n": int64(1)}
	r := &script.Runner{Values: given}
	got := files{"m.iql": "\\echo :null :blob :n\n\\unset blob\n\\set n 2\nuse :n"}.ran(t, r, "m.iql")
	if d := cmp.Diff([]string{"echo NULL b 1", `use "2"`}, got); d != "" {
		t.Errorf("ran (-want +got)\n%s", d)
	}
	if d := cmp.Diff(map[string]any{"null": nil, "blob": []byte("b"), "n": int64(1)}, given); d != "" {
		t.Errorf("the values it was given (-want +got)\n%s", d)
	}
}

// TestCheck has a check go through all branches.
func TestCheck(t *testing.T) {
	t.Parallel()
	text := "\\set x 1\n\\if no\na;\n\\unset x\n\\if no\nb;\n\\elif yes\nc;\n\\else\n\\set y 2\nd;\n\\endif\n\\else\ne;\n\\endif\nuse :x :y"
	got := files{"m.iql": text}.ran(t, &script.Runner{Check: true}, "m.iql")
	if d := cmp.Diff([]string{"a", "b", "c", "d", "e", `use "1" "2"`}, got); d != "" {
		t.Errorf("ran (-want +got)\n%s", d)
	}
}

// TestSupposed has a check know what the \if round a statement says is defined, also
// one of the file that reads it.
func TestSupposed(t *testing.T) {
	t.Parallel()
	text := "1;\n\\if defined a\n2;\n\\i in.iql\n\\elif defined b\n4;\n\\elif not defined c\n10;\n\\else\n5;\n\\endif\n" +
		"\\if not defined a\n6;\n\\elif not defined b\n7;\n\\else\n8;\n\\endif\n9"
	s, _ := script.Parse("m.iql", text)
	var got []string
	r := &script.Runner{Check: true}
	r.Run = func(_ context.Context, stmt syntax.Source, _ map[string]any) error {
		got = append(got, fmt.Sprint(stmt.String(), r.Supposed("a"), r.Supposed("b")))
		return nil
	}
	r.Read = func(context.Context, string) (string, error) { return "\\if defined b\n3;\n\\endif", nil }
	if err := r.Exec(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1false false", "2true false", "3true true", "4false true", "10false false", "5false false",
		"6false false", "7true false", "8true true", "9false false",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("supposed (-want +got)\n%s", d)
	}
}

func TestRunStopsWithContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s, _ := script.Parse("", "a; b; c")
	r := &script.Runner{
		Run: func(context.Context, syntax.Source, map[string]any) error {
			cancel()
			return nil
		},
		GoOn: func(error) bool { return true },
	}
	if err := r.Exec(ctx, s); r.Ran != 1 || r.Left != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("Exec() = %v after %d, %d left, want %v after 1, 1 left", err, r.Ran, r.Left, context.Canceled)
	}
}

// FuzzParse has any text cut into items that are its parts, in order, or refused at a
// place in it; and the statements of one without a backslash are those of Statements.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a; b", "\\set x 'y'\na;\n\\if on\n\\endif", "\\i '", "a '\n\\x", "\\if\n\\", "\\echo :x '\u00e9\xff'", "\r\n\\set x:int 5\r\n", "\\if a b\n\\if 1\n\\endif\n\\endif"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, errs := script.Parse("f", text)
		for _, e := range errs {
			if e.Line < 1 || e.Column < 1 || e.Msg == "" {
				t.Fatalf("Parse(%q): %#v has no place", text, e)
			}
		}
		if (s == nil) != (len(errs) > 0) {
			t.Fatalf("Parse(%q) = %v, %v, want one of both", text, s, errs)
		}
		if s == nil {
			if !strings.Contains(text, `\`) {
				t.Fatalf("Parse(%q): %v, want what Statements has", text, errs)
			}
			return
		}
		at := 0
		for _, item := range s.Items {
			if item.Source.Start < at || item.Source.End <= item.Source.Start || item.Source.Whole != text {
				t.Fatalf("Parse(%q): item [%d:%d] after %d", text, item.Source.Start, item.Source.End, at)
			}
			at = item.Source.End
		}
		if !strings.Contains(text, `\`) && len(s.Items) != len(script.Statements("f", text)) {
			t.Fatalf("Parse(%q): %d items, want those of Statements", text, len(s.Items))
		}
		r := script.Runner{
			Run:  func(context.Context, syntax.Source, map[string]any) error { return nil },
			Read: func(context.Context, string) (string, error) { return "", errors.New("no file") },
			GoOn: func(error) bool { return true },
		}
		if err := r.Exec(t.Context(), s); err != nil {
			t.Fatalf("Exec(%q): %v", text, err)
		}
	})
}

// TestLongLine reads a line of many backslashes, none of which begins it: that takes
// minutes if each looks for where the line begins.
func TestLongLine(t *testing.T) {
	t.Parallel()
	const n = 1 << 20
	begin := time.Now()
	s, errs := script.Parse("a.iql", "SELECT "+strings.Repeat(`\`, n)+"\n;\n \t\\echo b\n")
	if len(errs) > 0 || len(s.Items) != 2 || s.Items[1].Command != "echo" {
		t.Errorf("Parse() = %d items, %v", len(s.Items), errs)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("Parse() took %s", took)
	}
}
