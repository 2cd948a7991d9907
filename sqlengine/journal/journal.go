// Package journal keeps a record of changes: each run of a statement that changes
// something, and each of its calls before it is sent and after it was answered,
// in an SQLite file. A run that was cut short, by whatever, can be gone on with:
// what is recorded as planned was not sent, and what is recorded as sent may have
// been done or not.
//
//	rec, err := store.Begin(ctx, run, calls)   // all calls are planned
//	err = rec.Sending(ctx, row, before)        // on the disk when it returns
//	rec.Ended(row, outcome)                    // on the disk with the next Sending, or Flush
//	err = rec.Close()
//
// [Store.Resume] claims a run that nobody is working on, to go on with it.
//
// There are no credentials in it, but there is who was invited where, so the
// file is its owner's only.
package journal

import (
	"errors"
	"fmt"
	"time"

	"github.com/iql-lang/iql/provider"
)

// State is how far a call has come.
type State string

// The states of a call.
const (
	Planned State = "planned" // it was not sent
	Sent    State = "sent"    // it was sent or was about to be, and no answer is on record
	Done    State = "done"    // it was done
	There   State = "there"   // what it would make was there already, which is no failure
	Failed  State = "failed"  // it was refused
	Unknown State = "unknown" // whether it was done cannot be told; Message says why
)

// Over reports whether nothing remains to be done about a call.
func (s State) Over() bool { return s == Done || s == There }

// Run is a change: a method that is called for each of many rows.
type Run struct {
	ID             string // four letters and digits; Begin chooses it
	Started, Ended time.Time
	Verb           string // "INSERT", "DELETE", "UPDATE", "EXEC"
	Method         string // identifier in the registry
	First          string // of the method that is called before it for each row; "" for none
	Ignore         bool   // what is there already is no failure
	Statement      string // as it was typed, at most [MaxStatement] bytes
	File           string // where the statement stands; "" for nowhere
	Line           int
	Identity
	Rows   int
	Roster string // the file that its rows were made of, as a person knows it; "" for none
	Undid  string // the run that this one undoes; "" for none
	// Complete says that the run was closed, and that all of its calls are done or there.
	Complete bool
	Counts   Counts // of its calls, filled in by List and Show
}

// Identity is who made the calls of a run, and of whom.
type Identity struct {
	As        string // who asked, an e-mail address
	Backend   string // "mock:PATH", or the address of a service
	Profile   string // of the configuration; "" for none
	OwnersAct bool   // courses were changed as their owners
}

// Counts are how many calls are in each state.
type Counts struct{ Planned, Sent, Done, There, Failed, Unknown int }

// Pending are the calls of which it is not settled what became.
func (c Counts) Pending() int { return c.Planned + c.Sent + c.Unknown }

// add counts n calls of a state.
func (c *Counts) add(s State, n int) {
	switch s {
	case Planned:
		c.Planned += n
	case Sent:
		c.Sent += n
	case Done:
		c.Done += n
	case There:
		c.There += n
	case Failed:
		c.Failed += n
	case Unknown:
		c.Unknown += n
	}
}

// Call is the call for a row of a run.
type Call struct {
	Row    int // 1-based, in the order of the query
	Line   int // of the run's Roster, that the row was made of; 0 for none
	Args   provider.Args
	Before provider.Row // what the call is about as it was before; nil if that is not known
	Outcome
	Sent, Ended time.Time // zero if it was not
}

// Outcome is what became of a call.
type Outcome struct {
	State           State
	Code            string       // of a refusal, such as "NOT_FOUND"
	Reason, Message string       // of a refusal
	Answer          provider.Row // what the method answered with; nil for nothing
}

// MaxStatement bounds the text of a statement that is kept.
const MaxStatement = 64 << 10

// maxMessage bounds the message of a refusal that is kept.
const maxMessage = 4 << 10

// What [Store.Begin] drops: complete runs beyond this number, or this age.
const (
	keptRuns = 1000
	keptFor  = 90 * 24 * time.Hour
)

// Errors that callers compare.
var (
	ErrNoRun    = errors.New("the journal has no such run")
	ErrUnderWay = errors.New("the run is under way in another process")
)

// Error is a journal that cannot be read or written.
type Error struct {
	Path string
	Hint string // what to do about it; "" for nothing
	Err  error
}

// Error returns the file and the cause.
func (e *Error) Error() string { return fmt.Sprintf("the journal %s: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
