//go:build unix

package cli

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"testing"
)

// TestAnswerIsNotStolen checks that a question which is not waited for takes
// nothing of what is typed afterwards.
func TestAnswerIsNotStolen(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	a := &app{Env: Env{Stdin: r}, screen: &screen{w: io.Discard}, typed: bufio.NewReader(r)}
	why := errors.New("Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := a.ask(ctx, "?"); !errors.Is(err, why) {
		t.Fatalf("ask: %v, want %v", err, why)
	}
	if _, err := io.WriteString(w, "one\ntwo\n"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"one", "two"} { // the second one is in the buffer
		if got, err := a.ask(t.Context(), "?"); got != want || err != nil {
			t.Errorf("ask = %q, %v, want %q", got, err, want)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := a.ask(t.Context(), "?"); got != "" || !errors.Is(err, io.EOF) {
		t.Errorf("ask at the end = %q, %v, want io.EOF", got, err)
	}
}
