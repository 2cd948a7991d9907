package syntax

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what comes out into the golden files")

// golden runs f on every case of a file in testdata. A case is some lines of
// input, a line "----", and the lines that f makes of it; a line of "====" ends
// it. Lines before the first input that begin with # are for people.
func golden(t *testing.T, file string, f func(in string) string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, c := range strings.SplitAfter(string(data), "\n====\n") {
		if strings.TrimSpace(c) == "" {
			continue
		}
		in, want, _ := strings.Cut(strings.TrimSuffix(c, "\n====\n")+"\n", "\n----\n")
		want = strings.TrimSuffix(want, "\n")
		comment := ""
		for strings.HasPrefix(in, "#") {
			line, rest, _ := strings.Cut(in, "\n")
			comment, in = comment+line+"\n", rest
		}
		got := strings.TrimRight(f(in), "\n")
		fmt.Fprintf(&out, "%s%s\n----\n%s\n====\n", comment, in, got)
		if !*update {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s\n(-want +got)\n%s", file, in, diff)
			}
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// showError writes an error as a terminal does.
func showError(err error) string {
	e := err.(*Error)
	s := fmt.Sprintf("%v (%s)\n  %s\n  %s\n", e, e.Code, e.Excerpt, strings.Repeat(" ", e.Column-1)+strings.Repeat("^", e.Length))
	if e.Hint != "" {
		s += "  hint: " + e.Hint + "\n"
	}
	return s
}

// showStatement writes the parts that a statement has, a line each.
func showStatement(s *Statement) string {
	var b strings.Builder
	text := s.Source.String()
	part := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %s: %s\n", name, value)
		}
	}
	span := func(name string, span Span) { part(name, span.Of(text)) }
	flag := func(name string, is bool) {
		if is {
			part(name, "true")
		}
	}
	fmt.Fprintf(&b, "%v %s\n", s.Kind, s.Verb)
	part("hints", strings.Join(s.Hints, " "))
	part("what", s.What)
	flag("extended", s.Extended)
	flag("ignore", s.Ignore)
	span("with", s.With)
	part("target", strings.Join(s.Target.Parts, " | "))
	part("alias", s.Alias)
	for _, c := range s.Columns {
		part("column", c.Name+" = "+c.Span.Of(text))
	}
	for _, a := range s.Args {
		switch {
		case a.JSON:
			part("json", a.Value.Of(text))
		case a.List.Present():
			part("arg", a.Name+" in "+a.List.Of(text))
		default:
			part("arg", a.Name+" = "+a.Value.Of(text))
		}
	}
	span("rows", s.Rows)
	part("like", s.Like)
	span("where", s.Where)
	span("returning", s.Returning)
	if s.LocalOnly != nil {
		part("local only", s.LocalOnly.Error()+"; "+s.LocalOnly.Hint)
	}
	if s.Tree != nil {
		part("tree", fmt.Sprintf("%T", s.Tree))
	}
	if s.Explained != nil {
		part("explained", strings.ReplaceAll(strings.TrimSpace(showStatement(s.Explained)), "\n", "\n  "))
	}
	return b.String()
}

func TestScan(t *testing.T) {
	golden(t, "scan.txt", func(in string) string {
		var b strings.Builder
		for tok := range Scan(in) {
			if tok.Kind != Space {
				fmt.Fprintf(&b, "%v %s\n", tok.Kind, tok.Text)
			}
		}
		return b.String()
	})
}

func TestSplit(t *testing.T) {
	golden(t, "split.txt", func(in string) string {
		var b strings.Builder
		stmts, rest := Split("", in)
		for _, s := range stmts {
			fmt.Fprintf(&b, "[%s]\n", s)
		}
		fmt.Fprintf(&b, "rest [%s]\n", rest)
		return b.String()
	})
}

func TestParse(t *testing.T) {
	for _, file := range []string{"select.txt", "dml.txt", "command.txt", "errors.txt"} {
		golden(t, file, func(in string) string {
			s, err := Parse(Text(in))
			if err != nil {
				return showError(err)
			}
			return showStatement(s)
		})
	}
}

func TestLower(t *testing.T) {
	golden(t, "lower.txt", func(in string) string {
		s, err := Parse(Text(in))
		if err != nil {
			return showError(err)
		}
		lowered := s.lower(Span{s.With.End, s.All().End})
		if treeOf(lowered) == nil {
			lowered += "\n(no tree)"
		}
		return lowered
	})
}

func TestSQLite(t *testing.T) {
	golden(t, "sqlite.txt", func(in string) string {
		s, err := Parse(Text(in))
		if err != nil {
			return showError(err)
		}
		text, _ := s.SQLite(s.All(), classroom{})
		return text
	})
}

func TestTerms(t *testing.T) {
	golden(t, "terms.txt", func(in string) string {
		s, err := Parse(Text(in))
		if err != nil {
			return showError(err)
		}
		var b strings.Builder
		for _, table := range s.Tables() {
			fmt.Fprintf(&b, "table %s", strings.Join(table.Parts, " | "))
			if table.Alias != "" {
				fmt.Fprintf(&b, " as %s", table.Alias)
			}
			if table.Function {
				b.WriteString(" (function)")
			}
			b.WriteString("\n")
		}
		for _, term := range s.Terms() {
			fmt.Fprintf(&b, "term %s . %s %s %q %s other=%v\n", term.Qualifier, term.Column, term.Op, term.Literals, term.Right, term.Other)
		}
		for _, span := range s.WhereSpans() {
			fmt.Fprintf(&b, "where %s\n", span.Of(in))
			for _, c := range Conjuncts(s.Tokens, span) {
				fmt.Fprintf(&b, "  and %s\n", c.Of(in))
			}
		}
		return b.String()
	})
}

// classroom is the Names of a service with a few tables and columns.
type classroom struct{}

func (classroom) Service(parts []string) (string, bool) {
	switch strings.ToLower(strings.Join(parts, ".")) {
	case "classroom", "googleworkspace_classroom":
		return "googleworkspace_classroom", true
	}
	return "", false
}

func (classroom) Table(schema, name string) (string, bool) {
	name = strings.ToLower(name)
	return name, name == "invitations" || name == "courses" || name == "students"
}

func (classroom) Column(snake string) (string, bool) {
	column, ok := map[string]string{"course_id": "courseId", "user_id": "userId"}[strings.ToLower(snake)]
	return column, ok
}
