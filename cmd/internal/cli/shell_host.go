package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/iql-lang/iql/cmd/internal/completion"
	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/shell"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/script"
)

// shellHost is what iql shell runs on. It is a [shell.Host].
type shellHost struct {
	app *app

	mu     sync.Mutex
	runner *runner           // guarded by mu
	busy   *runner           // guarded by mu: the one whose statement is under way; nil for none
	cache  *completion.Cache // guarded by mu: of what is looked up for Tab; nil until the first
}

func (a *app) openShellHost(ctx context.Context) (*shellHost, error) {
	r, err := a.openRunner(ctx)
	if err != nil {
		return nil, err
	}
	return &shellHost{app: a, runner: r}, nil
}

// close closes the session, unless a statement is under way that nobody waits for:
// it goes with the process.
func (h *shellHost) close() error {
	h.forget()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.busy == h.runner {
		return nil
	}
	return h.runner.close()
}

// Run runs a statement and tells what it did.
func (h *shellHost) Run(ctx context.Context, job shell.Job) (shell.Outcome, error) {
	r := h.begin()
	a := r.app
	r.set(job.Settings)
	a.tally.anew()
	stop := a.follow(ctx, r.session)
	summary, err := r.run(ctx, statement{source: job.Source, values: job.Settings.Variables, printer: job.Printer, keep: job.Keep, shown: job.Shown, report: a.reporter()})
	stop()
	outcome := shell.Outcome{Summary: summary, Requests: a.tally.last(), Whole: whole(err)}
	if closeErr := h.end(r); closeErr != nil {
		return outcome, closeErr
	}
	switch {
	case job.Printer.Err() != nil:
		return outcome, &failure{err: fmt.Errorf("write the rows: %w", job.Printer.Err()), output: true}
	case err != nil:
		return outcome, &failure{err: err, goOn: inShell(goOn(summary, err))}
	}
	return outcome, nil
}

// set has the next statement run by the settings of the shell.
func (r *runner) set(of shell.Settings) {
	c := &r.app.config
	c.Yes, c.DryRun = !of.Confirm, of.DryRun
	c.Timing, c.TimingVerbose = of.Timing != "off", of.Timing == "verbose"
	r.session.SetDryRun(of.DryRun)
}

// current is what the next statement runs on.
func (h *shellHost) current() *runner {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.runner
}

// begin notes that a statement is under way.
func (h *shellHost) begin() *runner {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.busy = h.runner
	return h.runner
}

// end notes that the statement is over. If nobody waits for it any more, it closes
// what it ran on.
func (h *shellHost) end(r *runner) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.runner != r {
		return r.close()
	}
	h.busy = nil
	return nil
}

// Abandon goes on with a session anew, and leaves the statement under way to
// itself.
func (h *shellHost) Abandon(ctx context.Context) error {
	h.forget()
	next := *h.app // the statement that is left reads the configuration as it was
	next.tally = &tally{}
	r, err := next.openRunner(ctx)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	old := h.runner
	h.app, h.runner = &next, r
	h.Note("a new session was begun: tables of the session are gone")
	if h.busy != old { // it has ended meanwhile
		return old.close()
	}
	h.busy = nil
	return nil
}

// inShell is a text with what to type in the shell in the place of commands of iql.
func inShell(text string) string {
	text, retry, found := strings.Cut(text, "iql journal retry")
	if found {
		text += `\retry` + strings.Replace(retry, " --failed", " failed", 1)
	}
	return strings.Replace(text, "iql journal show", `\journal`, 1)
}

// Tell tells of an error.
func (h *shellHost) Tell(ctx context.Context, err error, notRun int) sqlengine.Problem {
	f, ok := errors.AsType[*failure](err)
	if !ok {
		f = &failure{err: err}
	}
	f.notRun = notRun
	return h.app.tell(ctx, f)
}

// Note tells a person something.
func (h *shellHost) Note(format string, args ...any) { h.app.reporter().note(format, args...) }

// Who says as whom the host asks.
func (h *shellHost) Who() shell.Who {
	c := &h.app.config
	return shell.Who{
		Profile: c.Profile, User: c.As, Writes: h.app.asksGoogle() && !c.ReadOnly,
		ReadOnly: c.ReadOnly, DryRun: c.DryRun, Confirm: !c.Yes,
	}
}

// Use goes on with another profile, or as another user.
func (h *shellHost) Use(ctx context.Context, profile, user string) error {
	a := h.app
	next, err := a.config.Again(a.Getenv, profile, user)
	if err != nil {
		return err
	}
	h.forget() // what is looked up for Tab reads the configuration, and opens the backend
	before, r := a.config, h.current()
	a.config = *next
	b := &backend{app: a}
	if next.Backend == before.Backend && !next.Backend.Live {
		b.store = r.backend.store // which may be in memory
	}
	if err := b.open(ctx); err != nil {
		a.config = before
		if b.store == r.backend.store {
			b.store = nil
		}
		return errors.Join(err, b.close())
	}
	old := r.backend
	if b.store == old.store {
		old.store = nil
	}
	h.mu.Lock()
	r.backend = b
	h.mu.Unlock()
	r.session.Use(a.engineOptions(b, r.files))
	return old.close()
}

// Services are the names of the services that there are.
func (h *shellHost) Services() []string {
	var names []string
	for _, p := range registry.Embedded().Providers {
		for _, service := range p.Services {
			names = append(names, service.ID)
		}
	}
	return names
}

// Providers are the names of the providers that are asked as somebody.
func (h *shellHost) Providers() []string {
	var names []string
	for _, p := range registry.Embedded().Remote() {
		names = append(names, p.Name)
	}
	return names
}

// Journal returns the changes on record, or the calls of one.
func (h *shellHost) Journal(ctx context.Context, id string) (shell.Table, error) {
	if id == "" {
		runs, err := h.app.runs(ctx)
		return shell.Table{Columns: runColumns, Rows: runRows(runs)}, err
	}
	run, calls, err := h.app.findRun(ctx, id)
	if err != nil {
		return shell.Table{}, err
	}
	return shell.Table{Columns: callColumns, Rows: callRows(calls), Note: runNote(run)}, nil
}

// Retry goes on with a change on record.
func (h *shellHost) Retry(ctx context.Context, id string, failed bool, of shell.Settings) error {
	return h.resume(ctx, id, of, func(ctx context.Context, s *sqlengine.Session) error {
		return h.app.retry(ctx, s, id, failed)
	})
}

// Undo makes undone what a change on record did.
func (h *shellHost) Undo(ctx context.Context, id string, of shell.Settings) error {
	return h.resume(ctx, id, of, func(ctx context.Context, s *sqlengine.Session) error {
		return h.app.undo(ctx, s, id)
	})
}

// Tables are the tables and views of the session, each with its columns.
func (h *shellHost) Tables() (map[string][]string, error) { return h.current().session.Tables() }

// resume calls do with the session, for a change on record that it could have made.
func (h *shellHost) resume(ctx context.Context, id string, of shell.Settings, do func(context.Context, *sqlengine.Session) error) (err error) {
	run, _, err := h.app.findRun(ctx, id)
	if err != nil {
		return err
	}
	r := h.begin()
	defer func() { err = errors.Join(err, h.end(r)) }()
	if err := r.backend.made(ctx, run); err != nil {
		return err
	}
	r.set(of)
	defer h.app.follow(ctx, r.session)()
	ctx, cancel := h.app.timed(ctx)
	defer cancel()
	err = do(ctx, r.session)
	if f, ok := errors.AsType[*failure](err); ok {
		f.goOn = inShell(f.goOn)
	}
	return err
}

// Script reads the script of a file.
func (h *shellHost) Script(ctx context.Context, file string) (*script.Script, error) {
	if file == config.Stdin {
		return nil, &config.UsageError{Message: "standard input has the shell's own statements", Hint: `\i takes the name of a file`}
	}
	s, errs, err := h.app.fileScript(ctx, file)
	if err == nil && len(errs) > 0 {
		err = errs[0]
	}
	return s, err
}

// Read returns the text of a file that a script reads.
func (h *shellHost) Read(ctx context.Context, file string) (string, error) {
	return readFile(ctx, file)
}

// Say tells what a script says.
func (h *shellHost) Say(text string, warning bool) { h.app.reporter().say(text, warning) }

// Create opens a file for rows.
func (h *shellHost) Create(file string) (shell.File, error) {
	out, err := createOutput(file, 0o666) // as a shell's > does
	if err != nil {
		return nil, &failure{err: err, output: true}
	}
	return out, nil
}

// Query returns the statements of the configuration file's query that is called so.
func (h *shellHost) Query(name string) (text string, err error) {
	q, err := h.app.config.NamedQuery(name)
	return q.SQL, err
}

// Queries returns the configuration file's queries.
func (h *shellHost) Queries() shell.Table {
	table := shell.Table{Columns: []string{"name", "query"}}
	for _, q := range h.app.config.Queries() {
		table.Rows = append(table.Rows, provider.Row{q.Name, q.SQL})
	}
	return table
}

// Ask asks a person a question, or takes the next line of a pipe for the answer.
func (h *shellHost) Ask(ctx context.Context, question string) (string, error) {
	return h.app.ask(ctx, question)
}

// Edit lets a person edit a file.
func (h *shellHost) Edit(_ context.Context, file string) error { return h.app.editFile(file) }

// editText lets a person edit a text.
func (h *shellHost) editText(ctx context.Context, text string) (string, error) {
	return shell.Edit(ctx, h, text)
}

// LogHTTP has requests told of.
func (h *shellHost) LogHTTP(where string) error {
	a := h.app
	of := &a.config.Live
	before := *of
	switch strings.ToLower(where) {
	case "on":
		of.LogHTTP = true
	case config.Off:
		of.LogHTTP, of.HTTPLog, of.Curl = false, "", false
	default:
		of.HTTPLog = where
	}
	log, err := a.openHTTPLog()
	if err != nil {
		*of = before
		return err
	}
	if open := h.current().backend.live; open != nil {
		err = open.log.become(log)
	} else {
		err = log.close() // it is opened again with the backend
	}
	if !a.config.Backend.Live {
		h.Note("%s", noRequests)
	}
	return err
}
