package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/journal"
)

func (a *app) journalRetry() *cobra.Command {
	var failed bool
	cmd := &cobra.Command{
		Use:   "retry ID",
		Short: "Go on with a change",
		Long: `retry makes the calls of a change that were not sent, and again those that were
refused for a reason that passes. Of calls whose answer is not known it looks first
what became of them. It asks the same backend as the same person: give the flags
that the change was made with.

The exit code is 0 if all rows are done, 7 if some may be done later, else 5 or 6:
rows were refused for good.`,
		Example: `  iql journal retry k3f9
  iql journal retry k3f9 --failed
  iql journal retry k3f9 --backend live --as admin@school.example`,
		Args:              oneRun,
		ValidArgsFunction: a.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.resume(cmd.Context(), args[0], func(ctx context.Context, s *sqlengine.Session) error {
				return a.retry(ctx, s, args[0], failed)
			})
		},
	}
	a.config.Changes(cmd.Flags())
	completeChanges(cmd)
	cmd.Flags().BoolVar(&failed, "failed", false, "also make calls again that were refused for good")
	return cmd
}

func (a *app) journalUndo() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "undo ID",
		Short: "Undo a change",
		Long: `undo deletes what a change created, and creates again what it deleted, with new
ids; what UPDATE changed it changes back. It is a change of its own, with a record
of its own. Invitations that were accepted stay so, and e-mails that were sent are
not called back.`,
		Example: `  iql journal undo k3f9
  iql journal undo k3f9 --yes`,
		Args:              oneRun,
		ValidArgsFunction: a.completeRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.resume(cmd.Context(), args[0], func(ctx context.Context, s *sqlengine.Session) error {
				return a.undo(ctx, s, args[0])
			})
		},
	}
	a.config.Changes(cmd.Flags())
	completeChanges(cmd)
	return cmd
}

// resume opens the backend of a run and calls do.
func (a *app) resume(ctx context.Context, id string, do func(context.Context, *sqlengine.Session) error) (err error) {
	run, _, err := a.findRun(ctx, id)
	if err != nil {
		return err
	}
	b := &backend{app: a}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.made(ctx, run); err != nil {
		return err
	}
	session, err := a.session(ctx, b, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	defer a.follow(ctx, session)()
	ctx, cancel := a.timed(ctx)
	defer cancel()
	return do(ctx, session)
}

// made returns an error if another than b makes would have made a run.
func (b *backend) made(ctx context.Context, run journal.Run) error {
	who, err := b.maker(ctx)
	if err != nil {
		return err
	}
	if who != run.Identity {
		return otherMaker(run, who)
	}
	return nil
}

// otherMaker refuses to go on with a run as somebody else, or elsewhere.
func otherMaker(run journal.Run, now journal.Identity) error {
	var differs, flags []string
	differ := func(what, was, is string) {
		if was != is {
			differs = append(differs, fmt.Sprintf("%s was %s and is %s", what, orNone(was), orNone(is)))
		}
	}
	differ("the backend", run.Backend, now.Backend)
	differ("who asks", run.As, now.As)
	differ("the profile", run.Profile, now.Profile)
	differ("--owner-as", fmt.Sprint(run.OwnersAct), fmt.Sprint(now.OwnersAct))
	if run.Profile != "" {
		flags = append(flags, "--profile "+run.Profile)
	}
	flags = append(flags, backendFlags(run.Backend), "--as "+run.As)
	if run.OwnersAct {
		flags = append(flags, "--owner-as")
	}
	hint := "give " + strings.Join(flags, " ")
	if isMock(now.Backend) && !isMock(run.Backend) {
		hint += ", and the credentials of then"
	}
	return &config.UsageError{Message: fmt.Sprintf("%s is a change of another: %s", run.ID, strings.Join(differs, "; ")), Hint: hint}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// isMock reports whether a backend, as the journal names it, is the mock's.
func isMock(name string) bool { return strings.HasPrefix(name, "mock:") }

// backendFlags are the flags that name a backend.
func backendFlags(name string) string {
	if isMock(name) {
		return "--backend " + name
	}
	return "--backend live --endpoint " + name
}

// retry goes on with a run.
func (a *app) retry(ctx context.Context, s *sqlengine.Session, id string, failed bool) error {
	sum, err := s.Retry(ctx, id, failed)
	if sum.Changed+sum.Already+sum.Failed+sum.Planned == 0 && err == nil {
		return a.nothingLeft(ctx, id)
	}
	if err = a.summed(ctx, sum, err); err != nil || sum.Planned > 0 {
		return err
	}
	return a.allDone(ctx, id)
}

// summed reports what a change did, writes the rows of it that failed, and returns
// its error as a failure.
func (a *app) summed(ctx context.Context, sum sqlengine.Summary, err error) error {
	report := a.reporter()
	for _, notice := range sum.Notices {
		report.note("%s", notice)
	}
	report.summary(sum, err != nil)
	if werr := a.writeFailed(ctx, nil, err); werr != nil { // no file is known of them
		report.note("%v", werr)
	}
	if err == nil {
		return nil
	}
	return &failure{err: err, goOn: goOn(sum, err), remains: sum.Again > 0}
}

// nothingLeft says of a run that no call remains to be made.
func (a *app) nothingLeft(ctx context.Context, id string) error {
	run, _, err := a.findRun(ctx, id)
	if err != nil {
		return err
	}
	if run.Counts.Failed == 0 {
		a.reporter().note("%s: there is nothing to go on with: %s", id, reached(run.Counts))
	}
	return a.allDone(ctx, id)
}

// allDone returns an error if a run has rows that are not done.
func (a *app) allDone(ctx context.Context, id string) error {
	run, _, err := a.findRun(ctx, id)
	if err != nil || run.Counts.Failed == 0 {
		return err
	}
	return &partError{
		message: fmt.Sprintf("%s: %s", id, reached(run.Counts)),
		hint:    fmt.Sprintf("what failed was refused for good: iql journal show %s says why, iql journal retry %[1]s --failed tries again", id),
		none:    run.Counts.Done+run.Counts.There == 0,
	}
}

// partError says that rows of a change are not done, which were not tried now.
type partError struct {
	message, hint string
	none          bool // no row is done
}

func (e *partError) Error() string { return e.message }

// undo undoes a run.
func (a *app) undo(ctx context.Context, s *sqlengine.Session, id string) error {
	sum, err := s.Undo(ctx, id)
	if err == nil && sum.Run == "" && sum.Planned == 0 {
		sum.Notices = append(sum.Notices, fmt.Sprintf("%s did nothing that can be undone", id))
	}
	return a.summed(ctx, sum, err)
}

// goOn is the command that goes on with a change that ended with an error; "" for
// none.
func goOn(sum sqlengine.Summary, err error) string {
	if sum.Run == "" {
		return ""
	}
	command := "iql journal retry " + sum.Run
	if sum.Again > 0 {
		return command
	}
	if e, some := errors.AsType[*sqlengine.ChangeError](err); some && sum.Failed > 0 && e.Total > 1 {
		return command + " --failed"
	}
	return ""
}
