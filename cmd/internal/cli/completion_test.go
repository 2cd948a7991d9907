package cli

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// files are the flags that take any file, which shells complete by themselves.
var files = map[string]bool{"outfile": true, "http-log": true, "env.file": true}

// TestCompletion checks that every command says what its arguments can be, and
// every flag with a value what that can be: else a shell offers files.
func TestCompletion(t *testing.T) {
	t.Parallel()
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		if cmd.ValidArgsFunction == nil && cmd.HasParent() {
			t.Errorf("%s does not say what its arguments are", cmd.CommandPath())
		}
		cmd.InheritedFlags() // adds those of its parents
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if _, ok := cmd.GetFlagCompletionFunc(f.Name); !ok && !f.Hidden && f.Value.Type() != "bool" && !files[f.Name] {
				t.Errorf("%s --%s does not say what it takes", cmd.CommandPath(), f.Name)
			}
		})
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check((&app{}).root())
}
