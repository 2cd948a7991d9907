package sqlengine_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// The groups of the corpus that run as they stand. The others need what iql
// does not have: views that last, transactions.
var corpusGroups = "ABCDEFGIJK"

// refusedInCorpus begins the statements that are refused with a reason: there is
// no method that changes an invitation.
const refusedInCorpus = "replace "

// TestCorpus runs what users of StackQL type, group by group, against the demo
// school, and compares what comes with testdata/stackql-answers.txt.
func TestCorpus(t *testing.T) {
	text, err := os.ReadFile("testdata/stackql-statements.iql")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	var answers strings.Builder
	for _, section := range strings.Split(string(text), "-- ===== ")[1:] {
		title, body, _ := strings.Cut(section, "\n")
		if !strings.Contains(corpusGroups, title[:1]) {
			continue
		}
		title = strings.TrimSuffix(title, " =====")
		t.Run(title, func(t *testing.T) {
			s := demo(t)
			if _, err := s.Run(t.Context(), syntax.Text("CREATE TABLE roster(courseId text, userId text, role text)"), &table{}); err != nil {
				t.Fatal(err) // which the statements of a group that is left out would make
			}
			stmts, _ := syntax.Split(title, body)
			if len(stmts) == 0 {
				t.Fatal("no statements")
			}
			for _, src := range stmts {
				ran++
				var rows table
				sum, err := s.Run(t.Context(), src, &rows)
				if p := sqlengine.Describe(err); err != nil && !strings.HasPrefix(src.String(), refusedInCorpus) {
					t.Errorf("%s\n\t%s (%s, exit %d)", src, p.Message, p.Hint, p.Exit)
				}
				fmt.Fprintf(&answers, "%s;\n  %s, %d rows, %d changed\n  %q\n", src, sum.Verb, sum.Rows, sum.Changed, rows.columns)
				for _, row := range rows.rows[:min(len(rows.rows), 3)] {
					fmt.Fprintf(&answers, "  %q\n", fmt.Sprint(row...))
				}
			}
		})
	}
	if ran < 70 {
		t.Errorf("ran %d statements, want more than 70", ran)
	}
	const golden = "testdata/stackql-answers.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(answers.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), answers.String()); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}
