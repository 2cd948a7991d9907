// Package sqlengine runs SQL statements over the resources of a registry.
//
// A [Session] reads a statement ([syntax.Bind]), turns it into a plan
// ([plan.Build]: a query, and a method to call for each of its rows), runs the
// query on SQLite over virtual tables that call the provider's methods
// (package vtab), makes the calls, and hands the rows to a [RowWriter].
//
//	s, err := sqlengine.Open(ctx, sqlengine.Options{
//		Registry: registry.Embedded(),
//		Backend:  func(context.Context) (provider.Methods, error) { return classroom.Methods(caller), nil },
//	})
//	summary, err := s.Run(ctx, syntax.Text("SELECT 1"), w)
//
// Every error can be shown to a person by way of [Describe].
package sqlengine

import (
	"context"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/filetab"
	"github.com/iql-lang/iql/sqlengine/journal"
)

// Options are what a session works on.
type Options struct {
	Registry *registry.Registry
	// Backend returns the methods to call. It is called once, at the first
	// statement that needs one; its error is the error of that statement.
	Backend func(ctx context.Context) (provider.Methods, error)
	// Local are the methods that need no backend, such as those that read the journal.
	Local provider.Methods
	// Identity says who asks, for SHOW AUTH.
	Identity func(ctx context.Context) (Identity, error)
	// Build is what SHOW VERSION shows.
	Build Build

	// Parallel is how many calls may be under way at once; 0 is
	// [vtab.DefaultParallel].
	Parallel int
	// ParallelChanges is how many calls of one change may be under way at once; 0 is
	// one, for a backend that makes one change after the other anyway.
	ParallelChanges int
	// Rate is how many calls the backend takes in a second, for telling how long a
	// change takes; 0 is not known.
	Rate float64
	// StopAtFailure has a change make one call after the other, and no more once one
	// was refused.
	StopAtFailure bool
	// MaxCalls is how many calls the reading of a statement may make; 0 is no
	// limit.
	MaxCalls int
	// MaxPages is how many pages of a list are read; a list that has more is told of in
	// the notices, and by Summary.Cut. 0 is all.
	MaxPages int
	// TooMany is asked before a statement is run that seems to make more calls than
	// MaxCalls: about is how many, as EXPLAIN says it. Its error, a [*ConsentError],
	// ends the statement; after nil the statement runs, up to MaxCalls. Nil asks
	// nobody.
	TooMany func(ctx context.Context, about int) error
	// Consent is asked before a change is made. Its error, a [*ConsentError], ends
	// the statement. Nil asks nobody.
	Consent func(ctx context.Context, c Change) error
	// ReadOnly refuses all changes with a [*ConsentError], but for those of a dry run.
	ReadOnly bool
	// DryRun has changes read their rows and show, as EXPLAIN does, what they would
	// do.
	DryRun bool
	// Explain shows the plans of statements that read or change resources, as EXPLAIN
	// does, and runs the others.
	Explain bool
	// Journal returns where changes are recorded, and who makes them. It is called
	// before the first call of each; its error is that of the statement. Nil
	// records nothing.
	Journal func(ctx context.Context) (*journal.Store, journal.Identity, error)
	// Changes returns what can be told about the methods that change something. It
	// is called before the first call of each change. Nil tells nothing.
	Changes func(ctx context.Context) (map[string]provider.Change, error)
	// ScoutAfter is how long a statement waits for a call before calls that it
	// will need are made ahead; 0 is [vtab.DefaultScoutAfter], negative at once.
	ScoutAfter time.Duration

	// Files opens the files that statements read, such as csv('roster.csv'). Nil
	// lets them read none.
	Files filetab.Opener
}

// Column describes a column of a result.
type Column struct {
	Name string // as the statement names it
}

// RowWriter receives the result of a statement: Columns once, if the statement
// has a result, before any row; then Row for each. A row may be kept. An error
// ends the statement and is returned by [Session.Run].
type RowWriter interface {
	Columns([]Column) error
	Row(provider.Row) error
}

// Summary says what a statement did.
type Summary struct {
	Verb    string         // "SELECT", "INSERT", ...
	Columns int            // of the result; 0 for none
	Rows    int            // rows written
	Changed int            // calls of a change that were done
	Already int            // calls of a change that found the row there, where that is no failure
	Planned int            // calls of a change that a dry run did not make
	Failed  int            // calls of a change that were refused
	Unknown int            // calls of a change of which it is not known whether they were done
	Untried int            // rows of a change for which no call was made
	Calls   int            // all calls, reads included
	Methods map[string]int // those by the identifier of the method
	Cut     int            // lists of which pages were left out, by MaxPages
	Notices []string       // what the person should know besides the rows
	Run     string         // the change in the journal; "" if it is not recorded
	Again   int            // rows of it for which a call should be made again, or at all
	Elapsed time.Duration  // from text to last row
}
