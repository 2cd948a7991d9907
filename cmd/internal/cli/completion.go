package cli

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
)

// shells are those that completion can be made for.
var shells = []string{"bash", "zsh", "fish", "powershell"}

// completion returns the command that prints a shell's completion script.
func (a *app) completion() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print the completion script of a shell",
		Long: `completion prints what makes Tab complete commands, flags and their values. bash needs
the package bash-completion for it.`,
		Example: `  source <(iql completion bash)
  iql completion zsh > "${fpath[1]}/_iql"
  iql completion fish > ~/.config/fish/completions/iql.fish
  iql completion powershell | Out-String | Invoke-Expression`,
		Args:              atMost(1),
		ValidArgsFunction: cobra.FixedCompletions(shells, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &config.UsageError{Message: "completion needs the name of a shell", Hint: config.DidYouMean("", shells)}
			}
			generate := map[string]func(io.Writer) error{
				"bash":       func(w io.Writer) error { return cmd.Root().GenBashCompletionV2(w, true) },
				"zsh":        cmd.Root().GenZshCompletion,
				"fish":       func(w io.Writer) error { return cmd.Root().GenFishCompletion(w, true) },
				"powershell": cmd.Root().GenPowerShellCompletionWithDesc,
			}[args[0]]
			if generate == nil {
				return &config.UsageError{Message: "there is no completion for " + args[0], Hint: config.DidYouMean(args[0], shells)}
			}
			return a.written(generate(a.Stdout))
		},
	}
}
