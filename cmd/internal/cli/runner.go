package cli

import (
	"cmp"
	"context"
	"errors"

	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom/live"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// runner runs statements, of exec and of the shell: a session, and what is under
// it.
type runner struct {
	app     *app
	backend *backend
	files   *dataFiles
	session *sqlengine.Session
}

// openRunner opens a session.
func (a *app) openRunner(ctx context.Context) (*runner, error) {
	r := &runner{app: a, backend: &backend{app: a}, files: &dataFiles{stdin: a.Stdin, script: a.stdinRead}}
	var err error
	r.session, err = a.session(ctx, r.backend, r.files)
	return r, err
}

// close closes the session, and what is under it.
func (r *runner) close() error {
	return errors.Join(r.session.Close(), r.backend.close(), r.files.Close())
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
		Local:    a.localMethods(),
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
		Explain:         a.explains,
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

// statement is one that is to be run.
type statement struct {
	source  syntax.Source
	values  map[string]any      // of its parameters
	printer *output.Printer     // for its rows
	shown   func() error        // waits until they have been read
	keep    sqlengine.RowWriter // gets them as well; nil for nobody
	report  *reporter           // for the rest
}

// run runs a statement, for as long as --timeout allows.
func (r *runner) run(ctx context.Context, stmt statement) (sqlengine.Summary, error) {
	of, cancel := r.app.timed(ctx)
	defer cancel()
	r.session.Bind(stmt.values)
	r.files.next()
	summary, err := runStatement(of, r.session, stmt)
	if werr := r.app.writeFailed(ctx, r.files, err); werr != nil {
		stmt.report.note("%v", werr)
	}
	if err == nil && summary.Cut > 0 && r.app.config.Strict {
		err = &partError{message: count(summary.Cut, "list") + " of the statement had more pages", hint: "leave out --http.response.pageLimit, or --strict"}
	}
	return summary, err
}

// timed returns a context that ends after --timeout, if there is one.
func (a *app) timed(ctx context.Context) (context.Context, context.CancelFunc) {
	if a.config.Timeout > 0 {
		return context.WithTimeout(ctx, a.config.Timeout)
	}
	return context.WithCancel(ctx)
}

// whole reports whether the rows that came before an error are all there are: a
// change that was done for some rows returns those, and then says which failed; what
// --expect and --strict say of their number does not make them fewer, nor does a statement
// that had none where the others are run all the same.
func whole(err error) bool {
	if f, ok := err.(*failure); ok {
		err = f.err
	}
	switch err := err.(type) { // and nothing else with it
	case nil, *unexpectedError, *partError:
		return true
	case *sqlengine.ChangeError:
		return err.Returned
	case *someError:
		return !err.cut
	}
	return false
}

// runStatement runs one statement: rows to the printer, and the rest to the report
// when they are shown.
func runStatement(ctx context.Context, s *sqlengine.Session, stmt statement) (sqlengine.Summary, error) {
	result, report := stmt.printer.Result(), stmt.report
	var rows sqlengine.RowWriter = result
	if stmt.keep != nil {
		rows = both{stmt.keep, result}
	}
	summary, err := s.Run(ctx, stmt.source, rows)
	end := result.Close
	if !whole(err) {
		end = result.Abort
	}
	outErr := errors.Join(end(), stmt.printer.Flush(), stmt.shown())
	for _, notice := range append(summary.Notices, result.Notices()...) {
		report.note("%s", notice)
	}
	report.summary(summary, err != nil)
	if outErr != nil {
		return summary, outErr
	}
	return summary, err
}

// both writes rows to two writers.
type both [2]sqlengine.RowWriter

// Columns writes the columns to both.
func (b both) Columns(columns []sqlengine.Column) error {
	return errors.Join(b[0].Columns(columns), b[1].Columns(columns))
}

// Row writes a row to both.
func (b both) Row(row provider.Row) error {
	if err := b[0].Row(row); err != nil {
		return err
	}
	return b[1].Row(row)
}
