package cli

import (
	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/provider/classroom/live"
)

// complete says which words a flag takes. A word may be followed by a tab and
// a description.
func complete(cmd *cobra.Command, flag string, words ...string) {
	completions := make([]cobra.Completion, len(words))
	copy(completions, words)
	completeFunc(cmd, flag, cobra.FixedCompletions(completions, cobra.ShellCompDirectiveNoFileComp))
}

func completeFunc(cmd *cobra.Command, flag string, f cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // the flag does not exist
	}
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
	completeTemplates(cmd)
	complete(cmd, "pager", "less", "more")
	complete(cmd, "param")
	complete(cmd, "on-error", config.Stop+"\tthe rest is not run", config.Continue+"\tthe rest is run, and the exit code tells of the failure")
	complete(cmd, "expect", "none\tno row", "some\ta row or more")
}

// completeTemplates says what the flags take that fill templates.
func completeTemplates(cmd *cobra.Command) {
	completeFunc(cmd, "iqldata", cobra.FixedCompletions([]cobra.Completion{"json", "jsonnet"}, cobra.ShellCompDirectiveFilterFileExt))
	complete(cmd, "var")
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
