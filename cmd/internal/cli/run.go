package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/script"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// run returns the command that runs files of statements.
func (a *app) run() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run FILE...",
		Short: "Run the statements of files",
		Long: `run runs files of statements in order, as exec -i does. A file may have commands,
each on a line that begins with a backslash: iql docs scripts lists them.`,
		Example: `  iql run invite.iql --param course=620015
  iql run nightly/*.iql --on-error continue
  iql run stale.iql --expect none`,
		RunE: func(cmd *cobra.Command, args []string) error {
			inputs, err := fileInputs(args)
			if err != nil {
				return err
			}
			if a.config.Render {
				return a.printRendered(cmd.Context(), inputs)
			}
			scripts, err := a.inputScripts(cmd.Context(), "command", inputs)
			if err != nil {
				return err
			}
			return a.runScripts(cmd.Context(), scripts)
		},
		ValidArgsFunction: cobra.FixedCompletions(scriptSuffixes, cobra.ShellCompDirectiveFilterFileExt),
	}
	a.config.Query(cmd.Flags())
	completeQuery(cmd)
	return cmd
}

// runScripts runs scripts and writes their rows to where the flags say.
func (a *app) runScripts(ctx context.Context, scripts []*script.Script) (err error) {
	values, err := a.params(ctx)
	if err != nil {
		return err
	}
	out, err := a.openOutput()
	if err != nil {
		return &failure{err: err, output: true}
	}
	defer func() {
		if closeErr := out.close(whole(err)); closeErr != nil && err == nil {
			err = &failure{err: closeErr, output: true}
		}
	}()
	on, err := a.openRunner(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := on.close(); closeErr != nil {
			err = errors.Join(err, closeErr)
		}
	}()

	b := &batch{app: a, on: on, report: a.reporter()}
	a.page(ctx, out, b.report)
	b.printer, b.pages = output.NewPrinter(out, a.rowOptions(out)), out.pages
	if out.pages == nil { // else a pager has the screen
		defer a.follow(ctx, on.session)()
	}
	err = b.exec(ctx, scripts, values)
	if werr := b.printer.Err(); werr != nil {
		return &failure{err: fmt.Errorf("write to %s: %w", out.name, werr), output: true}
	}
	return err
}

// batch is scripts that are being run.
type batch struct {
	app     *app
	on      *runner
	printer *output.Printer
	pages   *pages // a pager that shows the rows; nil for none
	report  *reporter

	runner script.Runner
	last   sqlengine.Summary // of the statement that ran last
	stmt   syntax.Source     // that statement
	rows   int               // of the last result
	result bool              // there was one
	cut    bool              // a result was cut short by what failed
	failed int               // statements and commands, where the rest is run nevertheless
	wrong  int               // the statements among those
	exit   int               // the largest exit code of those
	texts  []string          // that were read
}

// exec runs the scripts.
func (b *batch) exec(ctx context.Context, scripts []*script.Script, values map[string]any) error {
	b.runner = script.Runner{Values: values, Run: b.statement, Read: b.read, Say: b.report.say}
	if b.app.config.OnError == config.Continue {
		b.runner.GoOn = b.goOn
	}
	var err error
	for _, s := range scripts {
		for _, item := range s.Items {
			b.texts = append(b.texts, item.Source.String())
		}
		if err != nil {
			b.runner.Skip(s)
			continue
		}
		err = b.runner.Exec(ctx, s)
	}
	if err == nil {
		b.unusedParams()
	}
	switch expect := b.app.config.Expect; {
	case err != nil:
		return &failure{err: err, source: b.stmt, statement: b.runner.Ran, notRun: b.runner.Left, goOn: goOn(b.last, err)}
	case b.failed > 0:
		what := fmt.Sprintf("%s of %s", thousands(b.wrong), count(b.runner.Ran, "statement"))
		if n := b.failed - b.wrong; n > 0 {
			what += " and " + count(n, "command")
		}
		b.report.note("%s failed", what)
		return &failure{err: &someError{failed: b.failed, cut: b.cut}, told: b.exit}
	case expect.Given && !(b.result && expect.Met(b.rows)):
		return &unexpectedError{expect: expect, rows: b.rows, result: b.result}
	}
	return nil
}

// read reads a file of \i.
func (b *batch) read(ctx context.Context, file string) (string, error) {
	text, err := readFile(ctx, file)
	b.texts = append(b.texts, text)
	return text, err
}

// unusedParams notes each --param whose name is in no text that was read, which those of
// \i in a branch that was not taken are not: what was meant for another name has no effect,
// and \if defined tells nobody.
func (b *batch) unusedParams() {
	for _, given := range b.app.config.Params {
		left, _, _ := strings.Cut(given, "=")
		name, _, _ := strings.Cut(left, ":")
		if !slices.ContainsFunc(b.texts, func(text string) bool { return hasWord(text, name) }) {
			b.report.note("nothing that was read uses --param %s", name)
		}
	}
}

// hasWord reports whether a name stands in a text, in whatever sense.
func hasWord(text, name string) bool {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if word == name {
			return true
		}
	}
	return false
}

// statement runs a statement.
func (b *batch) statement(ctx context.Context, stmt syntax.Source, values map[string]any) error {
	var err error
	b.stmt = stmt
	b.last, err = b.on.run(ctx, statement{source: stmt, values: values, printer: b.printer, shown: b.pages.turn, report: b.report})
	if b.last.Columns > 0 {
		b.result, b.rows = true, b.last.Rows
		b.cut = b.cut || !whole(err)
	}
	if err != nil {
		b.wrong++
	}
	return err
}

// goOn tells of a failure and reports whether the rest is run: not after one of
// iql's own, and not when somebody stopped it.
func (b *batch) goOn(err error) bool {
	p := describe(&failure{err: err, source: b.stmt})
	if p.Exit < sqlengine.ExitSQL || p.Exit > sqlengine.ExitConsent || b.printer.Err() != nil {
		return false
	}
	b.report.problem(p, b.runner.Ran)
	if again := goOn(b.last, err); again != "" {
		b.report.note("go on with: %s", again)
	}
	b.last = sqlengine.Summary{} // what fails next may be a command
	b.failed++
	b.exit = max(b.exit, p.Exit)
	return true
}

// someError says that statements failed after which the rest was run.
type someError struct {
	failed int
	cut    bool // a result was cut short
}

// Error says how many failed.
func (e *someError) Error() string { return fmt.Sprintf("%d failed", e.failed) }

// unexpectedError says that a result has not the rows of --expect.
type unexpectedError struct {
	expect config.Expect
	rows   int
	result bool
}

// Error says what was expected, and what came.
func (e *unexpectedError) Error() string {
	want := count(e.expect.Rows, "row")
	switch {
	case e.expect.Some:
		want = "rows"
	case e.expect.Rows == 0:
		want = "no rows"
	}
	if !e.result {
		return fmt.Sprintf("expected %s, but no statement has a result", want)
	}
	got := thousands(e.rows)
	if e.rows == 0 {
		got = "none"
	}
	return fmt.Sprintf("expected %s, got %s", want, got)
}
