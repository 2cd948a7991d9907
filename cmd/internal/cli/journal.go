package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine/journal"
)

// journal returns the commands about changes that are on record.
func (a *app) journal() *cobra.Command {
	return group(&cobra.Command{
		Use:   "journal",
		Short: "Show, go on with and undo changes",
		Long: `journal is about the changes that statements made. Each of their calls is on record
before it is sent, in a file of the state folder, so that one that was cut short
can be gone on with, and nothing is made twice.`,
		Example: `  iql journal list
  iql journal retry k3f9
  iql journal undo k3f9`,
	}, a.journalList(), a.journalShow(), a.journalRetry(), a.journalUndo(), a.journalRemove())
}

// journalFile returns the name of the journal.
func (a *app) journalFile() (string, error) {
	dir, err := config.StateDir(a.Getenv)
	if usage, ok := errors.AsType[*config.UsageError](err); ok {
		return "", &config.UsageError{Message: usage.Message, Hint: "set one of them; --no-journal makes changes without a record"}
	}
	return filepath.Join(dir, "journal.db"), err
}

// withJournal calls do with the journal. Where there is none yet, an empty one is
// not made, and do is not called.
func (a *app) withJournal(do func(*journal.Store) error) (err error) {
	path, err := a.journalFile()
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	store, err := journal.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return do(store)
}

// runs returns all runs that are on record, the newest first.
func (a *app) runs(ctx context.Context) (runs []journal.Run, err error) {
	err = a.withJournal(func(s *journal.Store) (err error) {
		runs, err = s.List(ctx)
		return err
	})
	return runs, err
}

// noRun says which runs there are, if one is none of them.
func (a *app) noRun(ctx context.Context, id string, err error) error {
	if !errors.Is(err, journal.ErrNoRun) {
		return err
	}
	usage := &config.UsageError{Message: fmt.Sprintf("the journal has no run %q", id), Hint: "iql journal list shows all"}
	if a.inShell {
		usage.Hint = `\journal lists them`
	}
	runs, listErr := a.runs(ctx)
	if listErr != nil {
		return listErr
	}
	var ids []string
	for _, run := range runs {
		ids = append(ids, run.ID)
	}
	if near, ok := provider.Nearest(id, ids); ok {
		usage.Hint = "did you mean " + near + "?"
	}
	return usage
}

// completeRun completes the identifiers of runs.
func (a *app) completeRun(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	runs, err := a.runs(cmd.Context())
	if err != nil || len(args) > 0 && cmd.Name() != "rm" {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var words []cobra.Completion
	for _, run := range runs {
		if !slices.Contains(args, run.ID) {
			words = append(words, cobra.CompletionWithDesc(run.ID, fmt.Sprintf("%s of %s, %s", run.Verb, count(run.Rows, "row"), reached(run.Counts))))
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}

// reached is how far the calls of a run have come: "498 done, 2 failed".
func reached(c journal.Counts) string {
	return strings.Join(amounts([]amount{
		{c.Done, "done"},
		{c.There, "already there"},
		{c.Failed, "failed"},
		{c.Sent, "sent"},
		{c.Unknown, "unknown"},
		{c.Planned, "planned"},
	}), ", ")
}

// oneRun is the argument check of commands about one run.
func oneRun(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	return &config.UsageError{
		Message: fmt.Sprintf("%s takes one run, and got %d", cmd.CommandPath(), len(args)),
		Hint:    "iql journal list shows all; usage: " + cmd.UseLine(),
	}
}

func (a *app) journalList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List changes, the newest first",
		Long: `list shows the changes that are on record. Pending are calls that were not sent, or
of which it is not known what became.`,
		Example: `  iql journal list
  iql journal list -o json`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			runs, err := a.runs(cmd.Context())
			if err != nil {
				return err
			}
			return a.printRows(runColumns, runRows(runs))
		},
	}
	a.config.Output(cmd.Flags())
	completeOutput(cmd)
	return cmd
}

// runColumns are the columns of runRows.
var runColumns = []string{"id", "started", "verb", "rows", "done", "failed", "pending", "source"}

// runRows returns a row for each run.
func runRows(runs []journal.Run) []provider.Row {
	var rows []provider.Row
	for _, run := range runs {
		c := run.Counts
		rows = append(rows, provider.Row{
			run.ID, run.Started.Format(time.DateTime), run.Verb, int64(run.Rows),
			int64(c.Done + c.There), int64(c.Failed), int64(c.Pending()), source(run),
		})
	}
	return rows
}

// source is where the statement of a run stands.
func source(run journal.Run) string {
	switch {
	case run.Undid != "":
		return "undo of " + run.Undid
	case run.File == "":
		return ""
	}
	return fmt.Sprintf("%s:%d", run.File, run.Line)
}

func (a *app) journalShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show the calls of a change",
		Long: `show prints a row for each call of a change: how far it has come, why it was
refused, and its arguments.`,
		Example: `  iql journal show k3f9
  iql journal show k3f9 -o csv -f calls.csv`,
		Args:              oneRun,
		ValidArgsFunction: a.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.showRun(cmd.Context(), args[0])
		},
	}
	a.config.Output(cmd.Flags())
	completeOutput(cmd)
	return cmd
}

func (a *app) showRun(ctx context.Context, id string) error {
	run, calls, err := a.findRun(ctx, id)
	if err != nil {
		return err
	}
	if err := a.printRows(callColumns, callRows(calls)); err != nil {
		return err
	}
	a.reporter().note("%s", runNote(run))
	return nil
}

// callColumns are the columns of callRows.
var callColumns = []string{"row", "state", "code", "reason", "message", "arguments"}

// callRows returns a row for each call of a run.
func callRows(calls []journal.Call) []provider.Row {
	rows := make([]provider.Row, len(calls))
	for i, c := range calls {
		rows[i] = provider.Row{int64(c.Row), string(c.State), word(c.Code), word(c.Reason), word(c.Message), c.Args.String()}
	}
	return rows
}

// runNote says what a run was, and how far it has come.
func runNote(run journal.Run) string {
	return fmt.Sprintf("%s %s of %s by %s, %s: %s", run.ID, run.Verb, run.Started.Format(time.DateTime), run.As, run.Backend, reached(run.Counts))
}

// word is a text as a value, NULL for none.
func word(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// findRun returns a run and its calls. The error is a [*config.UsageError] if there
// is none.
func (a *app) findRun(ctx context.Context, id string) (run journal.Run, calls []journal.Call, err error) {
	opened := false
	err = a.withJournal(func(s *journal.Store) (err error) {
		opened = true
		run, calls, err = s.Show(ctx, id)
		return err
	})
	if err == nil && !opened {
		err = journal.ErrNoRun // there is no journal yet
	}
	return run, calls, a.noRun(ctx, id, err)
}

func (a *app) journalRemove() *cobra.Command {
	var done bool
	var before string
	cmd := &cobra.Command{
		Use:   "rm [ID...]",
		Short: "Remove changes from the journal",
		Long: `rm removes changes from the journal; what they did stays. Those of which all rows
are done are also removed by themselves, after 90 days or a thousand later ones.`,
		Example: `  iql journal rm k3f9
  iql journal rm --done
  iql journal rm --done --before 30d`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: a.completeRun,
		RunE: func(cmd *cobra.Command, ids []string) error {
			return a.removeRuns(cmd.Context(), ids, done, before)
		},
	}
	cmd.Flags().BoolVar(&done, "done", false, "all of which every row is done")
	cmd.Flags().StringVar(&before, "before", "", "all that were begun longer than `TIME` ago, such as 30d or 12h")
	complete(cmd, "before")
	return cmd
}

func (a *app) removeRuns(ctx context.Context, ids []string, done bool, before string) error {
	age, err := parseAge(before)
	if err != nil {
		return err
	}
	if many := done || before != ""; many == (len(ids) > 0) {
		return &config.UsageError{Message: "iql journal rm takes runs, or --done, --before or both", Hint: "iql journal list shows all"}
	}
	runs, err := a.runs(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(runs, func(run journal.Run) bool { return run.ID == id }) {
			return a.noRun(ctx, id, journal.ErrNoRun)
		}
	}
	if len(ids) == 0 {
		for _, run := range runs {
			if (!done || run.Complete) && time.Since(run.Started) >= age {
				ids = append(ids, run.ID)
			}
		}
	}
	if err := a.withJournal(func(s *journal.Store) error { return s.Remove(ctx, ids...) }); err != nil {
		return err
	}
	a.reporter().note("%s removed", count(len(ids), "run"))
	return nil
}

// parseAge reads 30d, 12h or "", which is none.
func parseAge(s string) (time.Duration, error) {
	days, isDays := strings.CutSuffix(s, "d")
	if s == "" {
		return 0, nil
	}
	if n, err := strconv.Atoi(days); isDays && err == nil && n >= 0 && n < 1e5 {
		return time.Duration(n) * 24 * time.Hour, nil
	}
	if age, err := time.ParseDuration(s); err == nil && age >= 0 {
		return age, nil
	}
	return 0, &config.UsageError{Message: fmt.Sprintf("--before is %q", s), Hint: "write 30d, or 12h"}
}
