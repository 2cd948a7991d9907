package cli

import "github.com/spf13/cobra"

// exec returns the command that runs statements and ends.
func (a *app) exec() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exec [QUERY...]",
		Short: "Run statements",
		Long: `exec runs the statements of its arguments, of -c and the files of -i, or of a pipe,
in order. The first one that fails is the last one that runs, but for --on-error
continue. Files and pipes may have commands too: iql docs scripts. @NAME is a query of
the section [queries] of the configuration file.`,
		Example: `  iql exec "SELECT id, name FROM courses"
  iql exec -i invite.iql -f invited.csv
  iql exec -p course=620015 "SELECT id FROM invitations WHERE courseId = :course"
  iql exec @stale
  echo "SHOW METHODS IN invitations" | iql exec -o json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			inputs, err := a.given(args)
			if err != nil {
				return err
			}
			if a.config.Render {
				return a.printRendered(cmd.Context(), inputs)
			}
			kind := "command"
			if len(args) > 0 {
				kind = "arg"
			}
			scripts, err := a.inputScripts(cmd.Context(), kind, inputs)
			if err != nil {
				return err
			}
			return a.runScripts(cmd.Context(), scripts)
		},
		ValidArgsFunction: a.completeNamed,
	}
	a.config.Query(cmd.Flags())
	a.config.Input(cmd.Flags())
	completeQuery(cmd)
	completeScripts(cmd, "infile")
	complete(cmd, "command")
	return cmd
}
