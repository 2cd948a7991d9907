// Package provider holds the words that the SQL side and the resource side of
// iql share: a row, the arguments of a call, a method as a function, and the
// one error type of the seam between them.
//
// A resource package (provider/classroom, say) turns its typed backend into
// [Methods]; sqlengine calls them by the identifier that the registry gives
// them, and knows nothing else about the resource.
//
// The package imports the standard library only.
package provider

import (
	"context"
	"iter"
	"slices"
	"strings"
	"unicode"
)

// Row is one result of a method, its values in the order of the resource's
// output columns in the registry document. A value is nil (absent), string,
// int64, float64 or bool; a nested value is its JSON text.
//
// A row belongs to whoever received it: the method that made it keeps no
// reference.
type Row []any

// Args are the arguments of one call by parameter name, as the registry spells
// it ("courseId"). An absent argument is absent from the map; an empty string
// is an argument that is empty.
type Args map[string]string

// String returns the arguments as a person would write them, sorted by name:
// "courseId=101 userId=me". A value that is empty or has blanks is in quotes.
func (a Args) String() string {
	names := make([]string, 0, len(a))
	for name := range a {
		names = append(names, name)
	}
	slices.Sort(names)
	var b []byte
	for i, name := range names {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(b, name...)
		b = append(b, '=')
		if value := a[name]; value == "" || strings.ContainsFunc(value, unicode.IsSpace) {
			b = append(b, "'"+strings.ReplaceAll(value, "'", "''")+"'"...)
		} else {
			b = append(b, value...)
		}
	}
	return string(b)
}

// Func is one method of a resource. It yields the rows of the answer as they
// arrive, page after page until the last; a method without an answer (delete,
// accept) yields nothing. Between two pages it yields a nil row with a nil
// error: who stops there has caused no request for the next. An error is yielded once, last, with a nil row, and
// is an [*Error] or wraps one unless the context ended. The caller may stop at
// any row; nothing is fetched after that.
//
// A Func may be called from many goroutines at once.
type Func func(ctx context.Context, args Args) iter.Seq2[Row, error]

// Methods are the methods that a provider implements, by their registry
// identifier: "googleworkspace.classroom.invitations.list".
type Methods map[string]Func

// Change is what can be told about a method that changes something, besides
// calling it. A function that is nil can tell nothing. All may be called from
// many goroutines at once.
type Change struct {
	// Recall returns the row that a call would be about, as it is before. It asks
	// for it only where it has not been seen lately. Errors are those of a read.
	Recall func(ctx context.Context, args Args) (Row, error)
	// Settle looks what became of a call whose answer is not known. before is what
	// Recall returned then, nil if it told nothing. The row is what the method
	// would have answered with, if the fate is Done. The error says why, if it is
	// Lost or Unclear, and is nil otherwise.
	Settle func(ctx context.Context, args Args, before Row) (Fate, Row, error)
	// Undo returns the call that makes undone what a call did which answered with
	// a row, nil for none. The error says why there is none.
	Undo func(args Args, before, after Row) (method string, undo Args, err error)
}

// Fate is what became of a call.
type Fate int

// The fates of calls.
const (
	Undone  Fate = iota // it was not done, and may be made again
	Done                // it was done
	Lost                // it was not done, and cannot be any more
	Unclear             // this cannot be told
)
