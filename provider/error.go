package provider

import (
	"errors"
	"fmt"
)

// Code says what kind of failure an [Error] is. The codes and their numbers
// are those of google.rpc.Code
// (https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto).
type Code int

// The codes that methods return. Their names are the upper-case words that
// [Code.String] gives, such as NOT_FOUND.
const (
	OK                 Code = 0
	Canceled           Code = 1
	Unknown            Code = 2
	InvalidArgument    Code = 3
	DeadlineExceeded   Code = 4
	NotFound           Code = 5
	AlreadyExists      Code = 6
	PermissionDenied   Code = 7
	ResourceExhausted  Code = 8
	FailedPrecondition Code = 9
	Aborted            Code = 10
	OutOfRange         Code = 11
	Unimplemented      Code = 12
	Internal           Code = 13
	Unavailable        Code = 14
	DataLoss           Code = 15
	Unauthenticated    Code = 16
)

// codes has a row for each Code, in order: its name and the HTTP status that
// Google's front end sends for it.
var codes = [...]struct {
	name string
	http int
}{
	{"OK", 200},
	{"CANCELLED", 499},
	{"UNKNOWN", 500},
	{"INVALID_ARGUMENT", 400},
	{"DEADLINE_EXCEEDED", 504},
	{"NOT_FOUND", 404},
	{"ALREADY_EXISTS", 409},
	{"PERMISSION_DENIED", 403},
	{"RESOURCE_EXHAUSTED", 429},
	{"FAILED_PRECONDITION", 400},
	{"ABORTED", 409},
	{"OUT_OF_RANGE", 400},
	{"UNIMPLEMENTED", 501},
	{"INTERNAL", 500},
	{"UNAVAILABLE", 503},
	{"DATA_LOSS", 500},
	{"UNAUTHENTICATED", 401},
}

// String returns the code's google.rpc name: "NOT_FOUND".
func (c Code) String() string {
	if c < 0 || int(c) >= len(codes) {
		return fmt.Sprintf("CODE_%d", int(c))
	}
	return codes[c].name
}

// HTTP returns the HTTP status that Google sends for the code.
func (c Code) HTTP() int {
	if c < 0 || int(c) >= len(codes) {
		return 500
	}
	return codes[c].http
}

// ParseCode returns the code of a google.rpc name, and whether there is one.
func ParseCode(name string) (Code, bool) {
	for c := range codes {
		if codes[c].name == name {
			return Code(c), true
		}
	}
	return Unknown, false
}

// Error is how a method fails. It is made where the rule is checked and
// reaches the person with its message unchanged.
type Error struct {
	Code Code
	// Reason is Google's word for the rule, without the "@" that the wire puts
	// before it: "IneligibleOwner". Empty where Google names none.
	Reason string
	// Message is the sentence for the person, without the reason.
	Message string
	// Caller is who asked, where the backend asked as one of several.
	Caller string
	// Scopes are those of which the caller's credentials lack one, any one; nil
	// if that is not what is wrong.
	Scopes []string
	// Hint is what to do about it, where the backend knows; else empty.
	Hint string
	// Doubt says that a change may have been done all the same.
	Doubt bool
	// Err is the cause, where there is one below this seam.
	Err error
}

// Errorf returns an Error with a formatted message and no reason. A %w verb
// sets the cause.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Err: errors.Unwrap(err)}
}

// Error returns the code, the reason if there is one, and the message:
// "FAILED_PRECONDITION: @IneligibleOwner Only a co-teacher ...".
func (e *Error) Error() string {
	if e.Reason != "" {
		return fmt.Sprintf("%s: @%s %s", e.Code, e.Reason, e.Message)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Message)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrUnsure says of a change that it was sent, and that nobody waited for its
// answer: whether it was done is not known. It stands beside the error of a
// context.
var ErrUnsure = errors.New("whether it was done is not known")

// CodeOf returns the code of the first [*Error] in err's chain: OK for nil,
// Unknown where there is none.
func CodeOf(err error) Code {
	if err == nil {
		return OK
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Unknown
}
