package cli

import (
	"context"
	"errors"
	"os"
	"runtime"
	"syscall"
	"testing"
)

// TestTake checks that interrupts go to who takes them, and end the context again
// once they are given back.
func TestTake(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	ctx, signals, stop := WithSignals(context.Background())
	defer stop()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	interrupts, release := signals.Take()
	for range 2 {
		if err := self.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		<-interrupts
	}
	if ctx.Err() != nil {
		t.Fatalf("the context has ended: %v", context.Cause(ctx))
	}
	release()
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if cause := context.Cause(ctx); !errors.Is(cause, signaled{os.Interrupt}) {
		t.Errorf("the context ended with %v", cause)
	}
}

// TestTakeLeavesSIGTERM checks that SIGTERM ends the context whoever has taken
// interrupts.
func TestTakeLeavesSIGTERM(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	ctx, signals, stop := WithSignals(context.Background())
	defer stop()
	_, release := signals.Take()
	defer release()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if cause := context.Cause(ctx); !errors.Is(cause, signaled{syscall.SIGTERM}) {
		t.Errorf("the context ended with %v", cause)
	}
}

func TestTakeOfNone(t *testing.T) {
	var none *Signals
	interrupts, release := none.Take()
	release()
	if interrupts != nil {
		t.Error("there is a channel without signals")
	}
}
