package sqlengine_test

import (
	"os"
	"strings"
	"testing"

	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// The groups of the corpus that run as they stand. The others need what iql
// does not have: views that last, transactions.
var corpusGroups = "ABCDEFGIJ"

// TestCorpus runs what users of StackQL type, group by group, against the demo
// school. Nothing of it may fail.
func TestCorpus(t *testing.T) {
	text, err := os.ReadFile("testdata/stackql-statements.iql")
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
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
				if _, err := s.Run(t.Context(), src, &rows); err != nil {
					p := sqlengine.Describe(err)
					t.Errorf("%s\n\t%s (%s, exit %d)", src, p.Message, p.Hint, p.Exit)
				}
			}
		})
	}
	if ran < 70 {
		t.Errorf("ran %d statements, want more than 70", ran)
	}
}
