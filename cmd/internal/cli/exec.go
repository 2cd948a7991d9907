package cli

import (
	"context"

	"github.com/spf13/cobra"
)

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
		RunE:              func(cmd *cobra.Command, args []string) error { return a.runGiven(cmd.Context(), args) },
		ValidArgsFunction: a.completeNamed,
	}
	return a.takesStatements(cmd)
}

// explain returns the command that shows what statements would do.
func (a *app) explain() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [QUERY...]",
		Short: "Show what statements would read and call",
		Long: `explain takes what exec takes, and shows the plan of each statement as EXPLAIN does:
what is read by which method, about how many calls that takes, and the call made for each
row. Nothing is sent, but by SHOW AUTH and what makes tables of the session, which are
run: the statements after it may read them.`,
		Example: `  iql explain "SELECT i.id FROM courses c JOIN invitations i ON i.courseId = c.id"
  iql explain -i invite.iql -p course=620015
  iql explain @stale`,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.explains = true
			return a.runGiven(cmd.Context(), args)
		},
		ValidArgsFunction: a.completeNamed,
	}
	return a.takesStatements(cmd)
}

// runGiven runs the statements that a command was given.
func (a *app) runGiven(ctx context.Context, args []string) error {
	inputs, err := a.given(args)
	if err != nil {
		return err
	}
	if a.config.Render {
		return a.printRendered(ctx, inputs)
	}
	kind := "command"
	if len(args) > 0 {
		kind = "arg"
	}
	scripts, err := a.inputScripts(ctx, kind, inputs)
	if err != nil {
		return err
	}
	return a.runScripts(ctx, scripts)
}

// takesStatements gives a command the flags of those that run statements.
func (a *app) takesStatements(cmd *cobra.Command) *cobra.Command {
	a.config.Query(cmd.Flags())
	a.config.Input(cmd.Flags())
	completeQuery(cmd)
	completeScripts(cmd, "infile")
	complete(cmd, "command")
	return cmd
}
