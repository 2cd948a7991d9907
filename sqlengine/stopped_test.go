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
		p := Describe(&stoppedError{err: err, unsure: 3})
		if p.Exit != exit || p.Retryable || !strings.Contains(p.Message, "3 more rows") {
			t.Errorf("Describe = %+v", p)
		}
	}
}
