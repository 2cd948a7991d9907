package syntax

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// seed adds the statements of the test data to a fuzz target.
func seed(f *testing.F) {
	for _, file := range []string{"stackql-statements.iql", "select.txt", "dml.txt", "command.txt", "errors.txt", "lower.txt", "sqlite.txt", "terms.txt"} {
		data, err := os.ReadFile("testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		stmts, _ := Split("", string(data))
		for _, s := range stmts {
			f.Add(s.String())
		}
		for _, c := range strings.Split(string(data), "\n====\n") {
			in, _, _ := strings.Cut(c, "\n----\n")
			f.Add(in)
		}
	}
}

func FuzzScan(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		end := 0
		for tok := range Scan(text) {
			if tok.Start != end || tok.End <= tok.Start || tok.Text != text[tok.Start:tok.End] {
				t.Fatalf("Scan(%q) gave %+v after %d", text, tok, end)
			}
			if name := tok.Name(); len(name) > len(tok.Text) {
				t.Fatalf("Name() of %q = %q", tok.Text, name)
			}
			end = tok.End
		}
		if end != len(text) {
			t.Errorf("Scan(%q) stopped at %d", text, end)
		}
	})
}

func FuzzSplit(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		stmts, rest := Split("", text)
		end := 0
		for _, s := range append(stmts, rest) {
			if s.Start < end || s.End < s.Start {
				t.Fatalf("Split(%q) gave [%d:%d] after %d", text, s.Start, s.End, end)
			}
			for tok := range Scan(text[end:s.Start]) {
				if !tok.blank() && tok.Kind != Semicolon {
					t.Errorf("Split(%q) lost %q", text, tok.Text)
				}
			}
			end = s.End
		}
	})
}

func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(Text(text))
		if err != nil {
			checkPlace(t, text, err.(*Error))
			return
		}
		if s.LocalOnly != nil {
			checkPlace(t, text, s.LocalOnly)
		}
		checkParts(t, s)
		for _, span := range s.WhereSpans() {
			inside(t, s, span)
			for _, c := range Conjuncts(s.Tokens, span) {
				inside(t, s, c)
			}
		}
		s.Tables()
		s.Terms()
		out, back := s.SQLite(s.All(), classroom{})
		last := 0
		for i := range len(out) + 1 {
			at := back(i)
			if at < last || at > len(text) {
				t.Fatalf("back(%d) of %q = %d after %d", i, out, at, last)
			}
			last = at
		}
		if out, _ := s.SQLite(s.All(), strangers{}); !strings.Contains(text, "(") && out != text {
			t.Errorf("SQLite(%q) = %q, and it knows no names", text, out)
		}
		for i := range s.Tokens {
			Misspelt(s.Tokens, i)
		}
	})
}

// checkPlace checks that an error's place is in the text.
func checkPlace(t *testing.T, text string, e *Error) {
	t.Helper()
	lines := strings.Split(text, "\n")
	if e.Line < 1 || e.Line > len(lines) || e.Msg == "" {
		t.Fatalf("Parse(%q) = %+v", text, e)
	}
	line := strings.TrimSuffix(lines[e.Line-1], "\r")
	n := utf8.RuneCountInString(line)
	if e.Excerpt != line || e.Column < 1 || e.Length < 1 || e.Column-1 > n+1 || e.Token != "" && e.Column-1+e.Length > n {
		t.Errorf("Parse(%q) = %+v", text, e)
	}
	if _, at := e.Window(20); at < 1 {
		t.Errorf("Window(20) of %+v gave the column %d", e, at)
	}
}

// checkParts checks that the parts of a statement are in its text, in order.
func checkParts(t *testing.T, s *Statement) {
	t.Helper()
	last := 0
	spans := []Span{s.With, s.Target.Span}
	for _, c := range s.Columns {
		spans = append(spans, c.Span)
	}
	for _, a := range s.Args {
		spans = append(spans, a.NameSpan, a.Value, a.List)
	}
	for _, span := range append(spans, s.Rows, s.LikeSpan, s.Where, s.Returning) {
		if !span.Present() {
			continue
		}
		inside(t, s, span)
		if span.Start < last {
			t.Errorf("Parse(%q) has %q before offset %d", s.Source, span.Of(s.Source.String()), last)
		}
		last = span.End
	}
	if s.Explained != nil {
		checkParts(t, s.Explained)
	}
}

func inside(t *testing.T, s *Statement, span Span) {
	t.Helper()
	if span.Start < 0 || span.End <= span.Start || span.End > s.All().End {
		t.Fatalf("Parse(%q) has the span %v", s.Source, span)
	}
}

// strangers is Names that knows none.
type strangers struct{}

func (strangers) Service([]string) (string, bool)     { return "", false }
func (strangers) Table(string, string) (string, bool) { return "", false }
func (strangers) Column(string) (string, bool)        { return "", false }

// FuzzLower checks that lowering leaves out tokens and rewrites words, but keeps
// every value: the strings and numbers of the lowered text are those of the
// statement, in order.
func FuzzLower(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(Text(text))
		if err != nil || len(s.shape.roles) != len(s.Tokens) {
			return
		}
		lowered := lower(s.Tokens, s.shape.roles)
		treeOf(lowered)
		i := 0
		for tok := range Scan(lowered) {
			switch tok.Kind {
			case Bad, Comment, Hint:
				if tok.Text == "^" {
					break
				}
				t.Fatalf("lower(%q) = %q, with %v", text, lowered, tok)
			case String, Number, Blob:
				for i < len(s.Tokens) && value(s.Tokens[i]) != loweredValue(tok) {
					i++
				}
				if i == len(s.Tokens) {
					t.Fatalf("lower(%q) = %q, where %v is not from", text, lowered, tok)
				}
				i++
			}
		}
	})
}

func value(tok Token) string {
	if tok.Kind == Number {
		return strings.ReplaceAll(tok.Text, "_", "")
	}
	return tok.Name()
}

func loweredValue(tok Token) string {
	if tok.Kind == String {
		return strings.ReplaceAll(tok.Name(), `\\`, `\`)
	}
	return tok.Text
}
