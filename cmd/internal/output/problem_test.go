package output

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/sqlengine"
)

var problems = []struct {
	name string
	sqlengine.Problem
}{
	{"place", sqlengine.Problem{
		Kind: "sql", Code: "unknown_column", Message: "googleworkspace.classroom.invitations has no column course", Hint: "did you mean courseId?",
		File: "invite.iql", Line: 7, Column: 7, Length: 6, Excerpt: "WHERE course = '620015'", Token: "course", Exit: 3,
	}},
	{"no place", sqlengine.Problem{
		Kind: "api", Code: "PERMISSION_DENIED", Message: "the caller does not have permission",
		Details: []sqlengine.Detail{{Label: "as", Text: "admin@school.example"}, {Label: "needs", Text: "classroom.rosters"}},
		HTTP:    403, Exit: 5,
	}},
	{"wide", sqlengine.Problem{
		Message: "no column x", File: "<arg>", Line: 12, Column: 16, Length: 2, Excerpt: "\tSELECT '漢字👩‍🏫' , xy", Exit: 3,
	}},
	{"end", sqlengine.Problem{Message: "the statement ends here", File: "<stdin>", Line: 1, Column: 7, Length: 1, Excerpt: "SELECT", Exit: 3}},
	{"hostile", sqlengine.Problem{
		Message: "no course \x1b[2J\u202e", File: "a\x07.iql", Line: 1, Column: 8, Length: 4, Excerpt: "SELECT '\x1b[m' <b>", Hint: "x\ny", Token: "\u009b", Exit: 3,
	}},
	{"long line", sqlengine.Problem{
		Message: "no column wrong", File: "<arg>", Line: 1, Column: 501, Length: 5,
		Excerpt: strings.Repeat("a, ", 166) + ", wrong" + strings.Repeat(", b", 300), Exit: 3,
	}},
	{"long token", sqlengine.Problem{
		Message: "text has no end", File: "<arg>", Line: 1, Column: 8, Length: 1000, Excerpt: "SELECT '" + strings.Repeat("x", 999), Exit: 3,
	}},
	{"file", sqlengine.Problem{Message: "is too large", File: "big.iql", Exit: 3}},
}

func TestGoldenProblems(t *testing.T) {
	var b strings.Builder
	for _, p := range problems {
		b.WriteString("== " + p.name + "\n" + ProblemText(p.Problem, false) + ProblemJSON(p.Problem, 3))
	}
	golden(t, "problems", b.String())
}

func TestProblemColor(t *testing.T) {
	p := problems[0].Problem
	got := strings.NewReplacer(bold, "<bold>", red, "<red>", cyan, "<cyan>", reset, "<reset>").Replace(ProblemText(p, true))
	want := `invite.iql:7:7: <bold><red>error:<reset> googleworkspace.classroom.invitations has no column course
  7 | WHERE course = '620015'
    |       <bold><red>^^^^^^<reset>
  <cyan>hint:<reset> did you mean courseId?
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ProblemText(%+v, true) (-want +got):\n%s", p, diff)
	}
}

// FuzzCaret checks that a caret has at least one cell, begins on its line and
// ends at most one cell after it, and that the line fits.
func FuzzCaret(f *testing.F) {
	for _, p := range problems {
		f.Add(p.Excerpt, p.Column, p.Length)
	}
	f.Add("🇩🇪", 2, 1)
	f.Add("e\u0301", 2, 1)
	f.Add("\U0001F468\u200d\U0001F469", 2, 2)
	f.Fuzz(func(t *testing.T, line string, column, length int) {
		shown, at, cells := excerpt(line, column, length)
		if w := width(shown); at < 0 || cells < 1 || at+cells > w+1 || w > excerptWidth+1 {
			t.Errorf("excerpt(%q, %d, %d) = %q (%d cells wide), %d, %d", line, column, length, shown, w, at, cells)
		}
		if strings.ContainsAny(shown, "\n\t\x1b") {
			t.Errorf("excerpt(%q, %d, %d) = %q, want it harmless", line, column, length, shown)
		}
	})
}
