package vtab

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/registry"
)

// Kind says what kind of failure an [Error] is.
type Kind int

// The kinds of failure of a query.
const (
	Other           Kind = iota // what SQLite says, such as a wrong number of arguments
	Syntax                      // not a query that SQLite understands
	UnknownTable                // Name is no table
	UnknownColumn               // Name is no column
	UnknownFunction             // Name is no function
	Ambiguous                   // Name is a column of several tables
	Denied                      // the statement would do more than read
	Exhausted                   // out of memory, or a limit
	UnreadInput                 // an input column is read, but was not asked for
	Unasked                     // Name is another name that would be compared with what rows show
	TooManyCalls                // more calls than the statement may make
)

// Error is a query that SQLite refused or could not finish. The session gives
// it its place in the person's text.
type Error struct {
	Kind   Kind
	Name   string // the table, column or function, where Kind has one
	Msg    string
	Offset int        // byte of the query's text, -1 if it has no place
	Files  []FileStep // the files that the query reads, with their columns
}

// Error returns the message.
func (e *Error) Error() string { return e.Msg }

// sqliteSays has the beginnings of SQLite's messages that tell kinds of error
// apart: SQLite has one code for all of them. They are those of the pinned
// version, and a test checks each against it.
var sqliteSays = []struct {
	prefix string
	kind   Kind
}{
	{"no such table: ", UnknownTable},
	{"no such column: ", UnknownColumn},
	{"no such function: ", UnknownFunction},
	{"ambiguous column name: ", Ambiguous},
	{"near ", Syntax},
	{"incomplete input", Syntax},
	{"unrecognized token", Syntax},
}

// explainFailure returns the error of a statement that SQLite did not compile
// or finish: the error of a callback itself if there was one, what a table
// would need if no method fitted, and else what SQLite says.
func (db *DB) explainFailure(text string, err error) error {
	if db.failure != nil {
		return db.failure
	}
	if cause := context.Cause(db.ctx); cause != nil {
		return cause
	}
	if err := db.routeError(err); err != nil {
		return err
	}
	serr, ok := errors.AsType[*sqlite3.Error](err)
	if !ok {
		return bare(err)
	}
	e := &Error{Msg: message(serr), Offset: -1, Files: db.fileSteps()}
	if rest := serr.SQL(); rest != "" {
		e.Offset = len(text) - len(rest)
	}
	switch serr.Code() {
	case sqlite3.AUTH:
		e.Kind, e.Msg = Denied, "only rows can be read here: "+e.Msg
	case sqlite3.TOOBIG, sqlite3.NOMEM:
		e.Kind = Exhausted
	default:
		e.classify()
	}
	return e
}

// bare returns the error of a failure for which SQLite has no words but those
// for its code, such as "string or blob too big".
func bare(err error) error {
	code, ok := errors.AsType[sqlite3.ErrorCode](err)
	if !ok {
		return err
	}
	e := &Error{Msg: strings.TrimPrefix(err.Error(), "sqlite3: "), Offset: -1}
	if code == sqlite3.TOOBIG || code == sqlite3.NOMEM {
		e.Kind = Exhausted
	}
	return e
}

// message returns what SQLite says, without the words for its code.
func message(err *sqlite3.Error) string {
	msg := strings.TrimPrefix(err.Error(), err.Code().Error())
	if msg = strings.TrimPrefix(msg, ": "); msg != "" {
		return msg
	}
	return strings.TrimPrefix(err.Error(), "sqlite3: ")
}

// inQuotes is what SQLite adds where a name that is unknown stands in double quotes.
const inQuotes = " - should this be a string literal in single-quotes?"

func (e *Error) classify() {
	for _, says := range sqliteSays {
		name, ok := strings.CutPrefix(e.Msg, says.prefix)
		if !ok {
			continue
		}
		e.Kind = says.kind
		if says.kind != Syntax {
			e.Name, _, _ = strings.Cut(strings.TrimSuffix(name, inQuotes), "()")
		}
		return
	}
}

// routeError returns the error of a table for which no method could be chosen,
// nil if there is none. A table that was refused in every order of the joins
// comes first; one may be offered for one of its places in the statement and
// refused for another.
func (db *DB) routeError(err error) error {
	if len(db.refused) == 0 {
		return nil
	}
	for _, r := range db.refused {
		if !slices.ContainsFunc(db.accesses, func(a *access) bool { return a.table == r.table }) {
			return r.routeError()
		}
	}
	if strings.HasSuffix(err.Error(), noSolution) {
		return db.refused[0].routeError()
	}
	return nil
}

func (r refusal) routeError() error {
	return &registry.RouteError{Resource: r.table.res, Verb: registry.Select, Have: r.have}
}

// noSolution is what SQLite says when every order of the joins was refused.
const noSolution = "no query solution"

// fail keeps the error of a callback and returns it for SQLite.
func (db *DB) fail(err error) error {
	if db.failure == nil {
		db.failure = err
	}
	return err
}

// callFailed says which call failed.
func callFailed(a *answer, err error) error {
	return &CallError{Method: a.method, Args: a.args, Err: err}
}

// Error returns the call and what went wrong: "invitations.list courseId=9:
// NOT_FOUND: ...".
func (e *CallError) Error() string {
	if len(e.Args) == 0 {
		return fmt.Sprintf("%s.%s: %v", e.Method.Resource.Name, e.Method.Name, e.Err)
	}
	return fmt.Sprintf("%s.%s %v: %v", e.Method.Resource.Name, e.Method.Name, e.Args, e.Err)
}

// Unwrap returns the failure.
func (e *CallError) Unwrap() error { return e.Err }
