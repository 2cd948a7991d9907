package shell

import (
	"context"
	"io"

	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/script"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Host is what a shell runs on: a session of package sqlengine, the backend under
// it, and the parts of iql that other commands use as well.
type Host interface {
	// Run runs a statement and tells what it did.
	Run(ctx context.Context, job Job) (Outcome, error)
	// Abandon has the host leave the statement under way to itself, and go on with
	// a session anew.
	Abandon(ctx context.Context) error
	// Tell tells of an error, and returns what it told. notRun statements are not run
	// because of it.
	Tell(ctx context.Context, err error, notRun int) sqlengine.Problem
	// Note tells a person something.
	Note(format string, args ...any)

	// Who says as whom the host asks.
	Who() Who
	// Use has the host ask as the profile says, and as a user; "" for both is what
	// the configuration says. What was used before stays where it fails.
	Use(ctx context.Context, profile, user string) error
	// Services are the names of what SHOW RESOURCES can be asked of.
	Services() []string
	// Providers are the names of the providers that are asked as somebody.
	Providers() []string

	// Journal returns the changes on record as rows, or the calls of the one that
	// is named.
	Journal(ctx context.Context, id string) (Table, error)
	// Retry goes on with a change on record; with failed also with the calls that
	// were refused for good.
	Retry(ctx context.Context, id string, failed bool, settings Settings) error
	// Undo makes undone what a change on record did.
	Undo(ctx context.Context, id string, settings Settings) error
	// Tables are the tables and views of the session, each with its columns.
	Tables() (map[string][]string, error)

	// Query returns the statements that the configuration has under a name, and Queries
	// lists them all.
	Query(name string) (text string, err error)
	Queries() Table
	// Ask asks a person a question, or takes the next line of a pipe for the answer.
	// Its error is io.EOF at the end of input.
	Ask(ctx context.Context, question string) (answer string, err error)

	// Script reads the script of a file, and Read the text of one that it names; Say
	// tells what a script says.
	Script(ctx context.Context, file string) (*script.Script, error)
	Read(ctx context.Context, file string) (string, error)
	Say(text string, warning bool)
	// Create returns a file that appears when it is closed as done.
	Create(file string) (File, error)
	// Edit lets a person edit a file.
	Edit(ctx context.Context, file string) error
	// LogHTTP has requests told of: to standard error for "on", not for "off",
	// else to the file of that name.
	LogHTTP(where string) error
}

// Job is a statement to run.
type Job struct {
	Source   syntax.Source
	Settings Settings
	Printer  *output.Printer     // for its rows
	Keep     sqlengine.RowWriter // gets them as well
	// Shown is called when all rows are with the printer. What is told of the
	// statement follows when it returns: somebody may be reading in a pager.
	Shown func() error
}

// Settings are how statements are run.
type Settings struct {
	Timing    string // "off", "on" or "verbose"
	DryRun    bool
	Confirm   bool           // ask before changes whose rows come from a query
	Variables map[string]any // what :name stands for
}

// Outcome is what a statement did.
type Outcome struct {
	sqlengine.Summary
	Requests string // what was sent for it, in a line; "" for nothing
	Whole    bool   // its rows are all there are
}

// Who is as whom statements are run.
type Who struct {
	Profile string // "" for none
	User    string // "" for the backend's usual one
	Writes  bool   // changes reach people
	// What the configuration says: ReadOnly refuses changes and programs, DryRun
	// and Confirm are as in Settings.
	ReadOnly, DryRun, Confirm bool
}

// Table is rows that are no statement's.
type Table struct {
	Columns []string
	Rows    []provider.Row
	Note    string // to be told after them; "" for none
}

// File is a file that is being written.
type File interface {
	io.Writer
	// Finish closes the file; one that is not done leaves what was there before.
	Finish(done bool) error
}
