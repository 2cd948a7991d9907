package sqlengine

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/journal"
	"github.com/iql-lang/iql/sqlengine/plan"
)

// A change that was stopped says what is in doubt, and a script does not repeat it
// by itself.
func TestStopped(t *testing.T) {
	for err, exit := range map[error]int{context.Canceled: ExitInterrupted, context.DeadlineExceeded: ExitLater} {
		p := Describe(&stoppedError{err: err, unsure: 3, failed: &ChangeError{}})
		if p.Exit != exit || p.Retryable || !strings.Contains(p.Message, "3 more rows") {
			t.Errorf("Describe = %+v", p)
		}
	}
}

// Rows that cannot all be kept are told of before any is sent.
func TestPendingNotKept(t *testing.T) {
	p := &pending{}
	for i := range maxKept + 1 {
		if err := p.add(changed{number: i + 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.file.Close(); err != nil { // as good as a full disk
		t.Fatal(err)
	}
	if err := p.added(); err == nil || !strings.Contains(err.Error(), "keep the rows") {
		t.Errorf("added = %v", err)
	}
	if err := (&pending{}).added(); err != nil {
		t.Errorf("added of no rows = %v", err)
	}
}

// A row that is kept and cannot be read again is not tried, and said to be.
func TestPendingUnread(t *testing.T) {
	p := &pending{}
	for i := range maxKept + 2 {
		if err := p.add(changed{number: i + 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(p.added(), p.file.Truncate(0)); err != nil {
		t.Fatal(err)
	}
	read := 0
	var failed error
	for _, err := range p.all() {
		if failed = err; err == nil {
			read++
		}
	}
	if read != maxKept || failed == nil {
		t.Errorf("%d rows, %v", read, failed)
	}
	r := &run{session: &Session{checks: true}, sum: &Summary{}, plan: &plan.Plan{Verb: "SELECT", Call: &plan.Call{Method: &registry.Method{Verb: registry.Select}}}}
	if _, err := r.callEach(t.Context(), p); err == nil || r.sum.Untried < 2 {
		t.Errorf("callEach() = %v, %+v", err, r.sum)
	}
	if err := p.close(); err != nil {
		t.Error(err)
	}
}

// TestStateOf has calls end, and says what is recorded and whether it may be repeated.
func TestStateOf(t *testing.T) {
	for _, tt := range []struct {
		err     error
		ignore  bool
		want    journal.State
		remains bool
	}{
		{nil, false, journal.Done, false},
		{provider.Errorf(provider.AlreadyExists, ""), true, journal.There, false},
		{provider.Errorf(provider.AlreadyExists, ""), false, journal.Failed, false},
		{provider.Errorf(provider.NotFound, ""), true, journal.Failed, false},
		{provider.Errorf(provider.Unauthenticated, ""), false, journal.Failed, true},
		{provider.Errorf(provider.ResourceExhausted, ""), false, journal.Failed, true},
		{provider.Errorf(provider.Unavailable, ""), false, journal.Failed, true},
		{provider.Errorf(provider.Internal, ""), false, journal.Failed, true},
		{provider.Errorf(provider.DeadlineExceeded, ""), false, journal.Failed, true},
		{provider.Errorf(provider.Aborted, ""), false, journal.Failed, true},
		{provider.Errorf(provider.Canceled, ""), false, journal.Unknown, true},
		{&provider.Error{Code: provider.AlreadyExists, Doubt: true}, true, journal.Unknown, true},
		{context.Canceled, false, journal.Unknown, true},
	} {
		r := &run{plan: &plan.Plan{Call: &plan.Call{Ignore: tt.ignore}}}
		if got, remains := r.stateOf(tt.err), r.remains(outcome{tried: true, err: tt.err}); got != tt.want || remains != tt.remains {
			t.Errorf("of %v: %s, remains %v, want %s, %v", tt.err, got, remains, tt.want, tt.remains)
		}
	}
}

// TestNotRestored has an UPDATE be refused, and what it deleted too: the row is refused
// for good only where nothing gets it back.
func TestNotRestored(t *testing.T) {
	for _, tt := range []struct {
		refused provider.Code
		again   error
		want    provider.Code
		doubt   bool
	}{
		{provider.Unavailable, provider.Errorf(provider.PermissionDenied, ""), provider.Unavailable, false},
		{provider.FailedPrecondition, provider.Errorf(provider.PermissionDenied, ""), provider.FailedPrecondition, false},
		{provider.FailedPrecondition, provider.Errorf(provider.Unavailable, ""), provider.Unavailable, false},
		{provider.NotFound, provider.Errorf(provider.PermissionDenied, ""), provider.PermissionDenied, false},
		{provider.FailedPrecondition, context.DeadlineExceeded, provider.DeadlineExceeded, true},
		{provider.Unavailable, &provider.Error{Code: provider.Internal, Doubt: true}, provider.Internal, true},
	} {
		err := notRestored(provider.Errorf(tt.refused, "no"), nil, tt.again)
		if got := provider.CodeOf(err); got != tt.want || inDoubt(err) != tt.doubt || !errors.Is(err, errGone) {
			t.Errorf("%v, then %v: %v, in doubt %v, want %v, %v", tt.refused, tt.again, got, inDoubt(err), tt.want, tt.doubt)
		}
	}
}
