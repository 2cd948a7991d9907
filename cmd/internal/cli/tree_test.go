package cli

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// anyFile are the flags that take the name of any file, which shells complete by
// themselves.
var anyFile = []string{"env.file", "outfile", "http-log"}

// TestTree checks that each command tells of itself: what it is for, with an
// example that calls it, and what its flags and arguments are.
func TestTree(t *testing.T) {
	for _, sentence := range unexplained(Tree()) {
		t.Error(sentence)
	}
}

func TestUnexplained(t *testing.T) {
	root := &cobra.Command{Use: "iql", Short: "SQL", Example: "iqlx", Run: func(*cobra.Command, []string) {}}
	bad := &cobra.Command{Use: "bad", Example: "iql good", Run: func(*cobra.Command, []string) {}}
	bad.Flags().String("word", "", "")
	bad.Flags().Bool("yes", false, "agree")
	bad.Flags().String("outfile", "", "write to `FILE`")
	good := &cobra.Command{Use: "good", Short: "Do good", Example: "  iql good --word one", Run: func(*cobra.Command, []string) {}, ValidArgsFunction: cobra.NoFileCompletions}
	good.Flags().String("word", "", "`WORD` to say")
	complete(good, "word", "one")
	root.AddCommand(bad, good)
	want := []string{
		"iql: no example calls it",
		"iql bad: it is not said what it does",
		"iql bad: no example calls it",
		"iql bad: its arguments have no completion",
		"iql bad --word: it is not said what it is for",
		"iql bad --word: its values have no completion",
	}
	if diff := cmp.Diff(want, unexplained(root)); diff != "" {
		t.Errorf("unexplained (-want +got):\n%s", diff)
	}
}

// unexplained returns a sentence for each thing that a command or one below it
// leaves unsaid.
func unexplained(cmd *cobra.Command) []string {
	var missing []string
	say := func(what, sentence string) {
		missing = append(missing, strings.TrimSpace(cmd.CommandPath()+" "+what)+": "+sentence)
	}
	if cmd.Short == "" {
		say("", "it is not said what it does")
	}
	if !regexp.MustCompile(`\b` + cmd.CommandPath() + `\b`).MatchString(cmd.Example) {
		say("", "no example calls it")
	}
	if cmd.ValidArgsFunction == nil && cmd.HasParent() {
		say("", "its arguments have no completion")
	}
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return // it is there for those who know it
		}
		if f.Usage == "" {
			say("--"+f.Name, "it is not said what it is for")
		}
		_, completes := cmd.GetFlagCompletionFunc(f.Name)
		if f.Value.Type() != "bool" && !completes && !slices.Contains(anyFile, f.Name) {
			say("--"+f.Name, "its values have no completion")
		}
	})
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			missing = append(missing, unexplained(c)...)
		}
	}
	return missing
}

func TestTopics(t *testing.T) {
	seen := map[string]bool{}
	for _, topic := range Topics() {
		if topic.Name == "" || topic.About == "" || seen[topic.Name] {
			t.Errorf("topic %q (%q) has no name of its own, or no description", topic.Name, topic.About)
		}
		seen[topic.Name] = true
		if !strings.HasPrefix(topic.Page, "# ") || !strings.HasSuffix(topic.Page, "\n") {
			t.Errorf("the page of %s does not begin with a title and end with a line break: %.40q", topic.Name, topic.Page)
		}
	}
}
