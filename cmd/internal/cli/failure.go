package cli

import (
	"context"
	"errors"
	"strings"
	"syscall"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/journal"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Exit codes besides those of sqlengine: what a shell makes of a process that
// SIGHUP, SIGPIPE or SIGTERM ended.
const (
	ExitHungUp     = 129
	ExitPipe       = 141
	ExitTerminated = 143
)

// failure is an error with the number of its statement, or one that has its
// own way to be shown.
type failure struct {
	err       error
	statement int           // in all the texts, from 1; 0 if it is of none
	source    syntax.Source // of that statement
	notRun    int           // statements after it
	output    bool
	goOn      string // what to do to go on with a change; "" for nothing
	remains   bool   // of a change that was gone on with, rows that may be done later
	told      int    // the exit code of what has been told already; 0 is not told
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// fail reports an error and returns the exit code.
func (a *app) fail(ctx context.Context, err error) int {
	f, _ := errors.AsType[*failure](err)
	if f == nil {
		f = &failure{err: err}
	}
	if f.told != 0 {
		return f.told
	}
	if f.output && errors.Is(err, syscall.EPIPE) {
		return ExitPipe
	}
	return a.tell(ctx, f).Exit
}

// tell tells of a failure, and returns what it told.
func (a *app) tell(ctx context.Context, f *failure) sqlengine.Problem {
	p := describe(f)
	if a.inShell {
		p.Hint = inShell(p.Hint)
	}
	if a.inShell && p.Code == syntax.CodeUnbound {
		p.Hint = strings.NewReplacer("--param ", `\set `, "=VALUE", " VALUE").Replace(p.Hint)
	}
	if a.inShell && p.Kind == "consent" {
		p.Hint = strings.ReplaceAll(p.Hint, "--dry-run", `\dry on`)
	}
	if s, ok := context.Cause(ctx).(signaled); ok && p.Exit == sqlengine.ExitInterrupted {
		p.Exit = s.exit()
	}
	r := a.reporter()
	r.problem(p, f.statement)
	if wasRendered(f.err) {
		r.note("--dry-run=render prints what the template wrote")
	}
	if f.notRun > 0 {
		verb := "were"
		if f.notRun == 1 {
			verb = "was"
		}
		r.note("%s after it %s not run", count(f.notRun, "statement"), verb)
	}
	if f.goOn != "" {
		r.note("go on with: %s", f.goOn)
	}
	return p
}

func describe(f *failure) sqlengine.Problem {
	if usage, ok := errors.AsType[*config.UsageError](f); ok {
		return sqlengine.Problem{Kind: "usage", Code: "usage", Message: usage.Message, Hint: usage.Hint, Exit: sqlengine.ExitUsage}
	}
	if part, ok := errors.AsType[*partError](f); ok {
		p := sqlengine.Problem{Kind: "partial", Code: "partial", Message: part.message, Hint: part.hint, Exit: sqlengine.ExitPartial}
		if part.none {
			p.Kind, p.Code, p.Exit = "api", "refused", sqlengine.ExitRefused
		}
		return placed(p, f.source)
	}
	if met, ok := errors.AsType[*unexpectedError](f); ok {
		return sqlengine.Problem{Kind: "expect", Code: "not_expected", Message: met.Error(), Exit: sqlengine.ExitExpect}
	}
	if errors.Is(f, journal.ErrUnderWay) {
		return sqlengine.Problem{Kind: "later", Code: "under_way", Message: f.Error(), Retryable: true, Exit: sqlengine.ExitLater}
	}
	if _, done := errors.AsType[*sqlengine.ChangeError](f); !done && errors.Is(f, output.ErrShape) {
		return placed(sqlengine.Problem{Kind: "usage", Code: "format", Message: f.Error(), Exit: sqlengine.ExitUsage}, f.source)
	}
	if f.output && !errors.Is(f, context.Canceled) {
		return sqlengine.Problem{Kind: "internal", Code: "output", Message: f.Error(), Exit: sqlengine.ExitFailed}
	}
	p := placed(sqlengine.Describe(f.err), f.source)
	if f.remains && (p.Exit == sqlengine.ExitPartial || p.Exit == sqlengine.ExitRefused) {
		p.Kind, p.Retryable, p.Exit = "later", true, sqlengine.ExitLater
	}
	return p
}

// placed returns a problem with the place of its statement, where that stands in a
// file or a pipe and the problem has no place: who reads a log is not to count
// statements.
func placed(p sqlengine.Problem, stmt syntax.Source) sqlengine.Problem {
	if p.Line > 0 || p.File != "" || stmt.File == "" || stmt.File[0] == '<' && stmt.File != stdinName {
		return p
	}
	at := stmt.Errorf(0, 0, "", "")
	p.File, p.Line, p.Column = at.File, at.Line, at.Column
	return p
}
