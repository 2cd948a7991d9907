package sqlengine

import (
	"context"
	"strings"
	"testing"
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
