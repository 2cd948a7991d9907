package cli

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/provider/classroom/live"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
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

// completeOutput says what the flags of commands that print rows take.
func completeOutput(cmd *cobra.Command) {
	var formats []string
	for _, f := range output.Formats() {
		formats = append(formats, f.Name+"\t"+f.About)
	}
	complete(cmd, "output", formats...)
	complete(cmd, "table-style", output.Styles()...)
	complete(cmd, "expanded", "on", "off", "auto\twhere the table is wider than the terminal")
	complete(cmd, "max-width", "auto\tas wide as the terminal", "0\tcut nothing")
	complete(cmd, "delimiter")
	complete(cmd, "null")
}

// completeQuery says what the flags of commands that run statements take.
func completeQuery(cmd *cobra.Command) {
	completeOutput(cmd)
	completeChanges(cmd)
	completeFunc(cmd, "seed", cobra.FixedCompletions([]cobra.Completion{
		"demo\ta school of three hundred", "empty\ta school with an admin and nothing else",
	}, cobra.ShellCompDirectiveDefault)) // or a file
	complete(cmd, "max-calls")
	complete(cmd, "http.response.pageLimit")
	completeFunc(cmd, "iqldata", cobra.FixedCompletions([]cobra.Completion{"json", "jsonnet"}, cobra.ShellCompDirectiveFilterFileExt))
	complete(cmd, "var")
	complete(cmd, "pager", "less", "more")
	complete(cmd, "param")
	complete(cmd, "on-error", config.Stop+"\tthe rest is not run", config.Continue+"\tthe rest is run, and the exit code tells of the failure")
	complete(cmd, "expect", "none\tno row", "some\ta row or more")
}

// scriptSuffixes are those of files of statements.
var scriptSuffixes = []cobra.Completion{"iql", "sql"}

// completeScripts says that a flag takes a file of statements.
func completeScripts(cmd *cobra.Command, flag string) {
	completeFunc(cmd, flag, cobra.FixedCompletions(scriptSuffixes, cobra.ShellCompDirectiveFilterFileExt))
}

// completeChanges says what the flags of commands that make changes take.
func completeChanges(cmd *cobra.Command) {
	completeAccess(cmd)
	completeFunc(cmd, "failed-rows", cobra.FixedCompletions([]cobra.Completion{"csv"}, cobra.ShellCompDirectiveFilterFileExt))
	complete(cmd, "progress", "auto\ta line on a terminal, elsewhere one every ten seconds", "plain\ta line now and then", "json\tan object now and then", "off")
	complete(cmd, "timing", "off", "on", "verbose")
	complete(cmd, "dry-run", "off", "plan\tchanges are planned", "render\ttemplates are printed")
	complete(cmd, "row-errors", config.Collect+"\tgo on with the other rows", config.Stop+"\tsend no more")
	for _, flag := range []string{"timeout", "concurrency", "max-changes"} {
		complete(cmd, flag)
	}
}

// completeAccess says what the flags of commands that ask a backend take.
func completeAccess(cmd *cobra.Command) {
	completeCredentials(cmd)
	complete(cmd, "backend", "mock\ta school in the data folder", "mock:memory\ta school that ends with the command", "live\tGoogle Classroom, or --endpoint")
	for _, flag := range []string{"endpoint", "rate", "retries", "apirequesttimeout"} {
		complete(cmd, flag)
	}
}

// completeCredentials says what the flags of commands that look for credentials
// take.
func completeCredentials(cmd *cobra.Command) {
	completePerson(cmd)
	completeFunc(cmd, "auth", cobra.FixedCompletions([]cobra.Completion{
		"none\tthe address of --as, for iql emulate", "adc\tapplication default credentials",
		"login\tthe sign-in of iql auth login", "token\tthe access token in GOOGLE_OAUTH_ACCESS_TOKEN",
	}, cobra.ShellCompDirectiveDefault)) // or a file
	completeJSON(cmd, "credentials")
}

// completePerson says what the flags take that say who somebody is.
func completePerson(cmd *cobra.Command) {
	complete(cmd, "as")
	complete(cmd, "scopes", shortScopes(live.Scopes())...)
}

// completeJSON says that a flag takes a file of JSON.
func completeJSON(cmd *cobra.Command, flag string) {
	completeFunc(cmd, flag, cobra.FixedCompletions([]cobra.Completion{"json"}, cobra.ShellCompDirectiveFilterFileExt))
}

// session opens a session over a backend, which reads files; nil is none.
func (a *app) session(ctx context.Context, b *backend, files *dataFiles) (*sqlengine.Session, error) {
	return sqlengine.Open(ctx, a.engineOptions(b, files))
}

// engineOptions returns what a session works on.
func (a *app) engineOptions(b *backend, files *dataFiles) sqlengine.Options {
	opts := sqlengine.Options{
		Registry: registry.Embedded(),
		Backend:  b.methods,
		Identity: b.identity,
		Build:    version().engine(),
		Parallel: a.parallel(),
		MaxCalls: a.config.MaxCalls,
		MaxPages: a.config.MaxPages,

		ParallelChanges: a.parallelChanges(),
		TooMany:         a.tooMany,
		Consent:         a.consent,
		ReadOnly:        a.config.ReadOnly,
		DryRun:          a.config.DryRun,
		Rate:            a.rate(),
		StopAtFailure:   a.config.StopAtFailure,
		Changes:         b.changes,
	}
	if files != nil {
		opts.Files = files
	}
	if !a.config.NoJournal && !a.config.Backend.Memory {
		opts.Journal = b.openJournal
	}
	return opts
}

// rate returns how many calls a second are made of the backend, 0 for as many as it
// takes.
func (a *app) rate() float64 {
	if !a.config.Backend.Live {
		return 0
	}
	return cmp.Or(a.config.Live.Rate, live.DefaultRate)
}
