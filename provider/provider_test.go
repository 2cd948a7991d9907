package provider_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/iql-lang/iql/provider"
)

func TestArgsString(t *testing.T) {
	args := provider.Args{"userId": "me", "courseId": "101"}
	if got, want := args.String(), "courseId=101 userId=me"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	if got := (provider.Args{}).String(); got != "" {
		t.Errorf("String() of no arguments = %q, want nothing", got)
	}
}

// The names and numbers are those of google.rpc.Code, the statuses those of its
// comments.
func TestCodes(t *testing.T) {
	tests := []struct {
		code provider.Code
		name string
		http int
	}{
		{provider.OK, "OK", 200},
		{provider.InvalidArgument, "INVALID_ARGUMENT", 400},
		{provider.NotFound, "NOT_FOUND", 404},
		{provider.AlreadyExists, "ALREADY_EXISTS", 409},
		{provider.PermissionDenied, "PERMISSION_DENIED", 403},
		{provider.ResourceExhausted, "RESOURCE_EXHAUSTED", 429},
		{provider.FailedPrecondition, "FAILED_PRECONDITION", 400},
		{provider.Unimplemented, "UNIMPLEMENTED", 501},
		{provider.Internal, "INTERNAL", 500},
		{provider.Unavailable, "UNAVAILABLE", 503},
		{provider.Unauthenticated, "UNAUTHENTICATED", 401},
		{provider.Code(99), "CODE_99", 500},
		{provider.Code(-1), "CODE_-1", 500},
	}
	for _, test := range tests {
		if got := test.code.String(); got != test.name {
			t.Errorf("Code(%d).String() = %q, want %q", int(test.code), got, test.name)
		}
		if got := test.code.HTTP(); got != test.http {
			t.Errorf("%v.HTTP() = %d, want %d", test.code, got, test.http)
		}
	}
	for c := provider.OK; c <= provider.Unauthenticated; c++ {
		if got, ok := provider.ParseCode(c.String()); got != c || !ok {
			t.Errorf("ParseCode(%q) = %v, %v, want %v, true", c.String(), got, ok, c)
		}
	}
	if got, ok := provider.ParseCode("NOPE"); ok {
		t.Errorf("ParseCode(NOPE) = %v, true, want false", got)
	}
}

func TestError(t *testing.T) {
	plain := provider.Errorf(provider.NotFound, "no course %q", "9")
	if got, want := plain.Error(), `NOT_FOUND: no course "9"`; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	reason := &provider.Error{Code: provider.FailedPrecondition, Reason: "IneligibleOwner", Message: "Only a co-teacher."}
	if got, want := reason.Error(), "FAILED_PRECONDITION: @IneligibleOwner Only a co-teacher."; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	cause := provider.Errorf(provider.Unavailable, "read the answer: %w", io.ErrUnexpectedEOF)
	if !errors.Is(cause, io.ErrUnexpectedEOF) {
		t.Errorf("%v does not wrap its cause", cause)
	}
	for err, want := range map[error]provider.Code{
		nil:                               provider.OK,
		io.EOF:                            provider.Unknown,
		fmt.Errorf("invite x: %w", plain): provider.NotFound,
	} {
		if got := provider.CodeOf(err); got != want {
			t.Errorf("CodeOf(%v) = %v, want %v", err, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	columns := []string{"id", "courseId", "userId", "role"}
	tests := []struct{ word, want string }{
		{"couseId", "courseId"},
		{"COURSEID", "courseId"},
		{"coruseId", "courseId"}, // neighbours swapped
		{"rol", "role"},
		{"idd", "id"},
		{"usrId", "userId"},
		{"course_id", "courseId"}, // underscores do not count
		{"user", "userId"},
		{"email", ""},
		{"di", ""},
		{"", ""},
		{"x", ""},
		{strings.Repeat("a", 1<<20), ""},
	}
	for _, test := range tests {
		got, ok := provider.Nearest(test.word, columns)
		if got != test.want || ok != (test.want != "") {
			t.Errorf("Nearest(%.20q) = %q, %v, want %q", test.word, got, ok, test.want)
		}
	}
}

// A known word is nearest to itself, and to itself with one letter dropped
// where it has enough letters.
func TestNearestIsNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		known := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{4,12}`), 1, 8, rapid.ID).Draw(t, "known")
		word := rapid.SampledFrom(known).Draw(t, "word")
		if got, ok := provider.Nearest(word, known); !ok || got != word {
			t.Fatalf("Nearest(%q, %q) = %q, %v, want the word itself", word, known, got, ok)
		}
		at := rapid.IntRange(0, len(word)-1).Draw(t, "at")
		if _, ok := provider.Nearest(word[:at]+word[at+1:], known); !ok {
			t.Fatalf("Nearest(%q, %q) found nothing", word[:at]+word[at+1:], known)
		}
	})
}
