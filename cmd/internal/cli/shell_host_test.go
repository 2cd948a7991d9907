package cli

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/cmd/internal/shell"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// firstRow says when the first row comes.
type firstRow struct{ came chan struct{} }

func (f firstRow) Columns([]sqlengine.Column) error { return nil }

func (f firstRow) Row(provider.Row) error {
	select {
	case <-f.came:
	default:
		close(f.came)
	}
	return nil
}

// openHost opens a host over a school in memory, which says on a screen what it has
// to say.
func openHost(t *testing.T, w io.Writer) *shellHost {
	t.Helper()
	dir := t.TempDir()
	a := &app{Env: Env{Getenv: func(name string) string {
		return map[string]string{"HOME": dir, "IQL_BACKEND": "mock:memory"}[name]
	}, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard}, screen: &screen{w: w}, tally: &tally{}}
	a.typed = bufio.NewReader(a.Stdin)
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	a.config.Common(flags)
	a.config.Query(flags)
	if err := a.config.Load(flags, a.Getenv); err != nil {
		t.Fatal(err)
	}
	h, err := a.openShellHost(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestAbandonedTooLate gives up a statement that has just ended: the tables of its
// session are gone all the same, and that is told.
func TestAbandonedTooLate(t *testing.T) {
	var told strings.Builder
	h := openHost(t, &told)
	if err := h.Abandon(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(told.String(), "tables of the session are gone") {
		t.Errorf("it told %q", told.String())
	}
	if err := h.close(); err != nil {
		t.Error(err)
	}
}

// TestAbandoned leaves a statement to itself and goes on, by other settings and as
// somebody else: the statement keeps the configuration that it began with.
func TestAbandoned(t *testing.T) {
	h := openHost(t, io.Discard)
	job := func(text string, of shell.Settings) shell.Job {
		none := func() error { return nil }
		return shell.Job{Source: syntax.Text(text), Settings: of, Printer: output.NewPrinter(io.Discard, output.Options{}), Keep: firstRow{make(chan struct{})}, Shown: none}
	}
	ctx, cancel := context.WithCancel(t.Context())
	left := job("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", shell.Settings{})
	over := make(chan error, 1)
	go func() {
		_, err := h.Run(ctx, left)
		over <- err
	}()
	<-left.Keep.(firstRow).came
	before := h.current()
	if err := h.Abandon(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, of := range []shell.Settings{{Timing: "off"}, {Timing: "verbose", DryRun: true, Confirm: true}} {
		if out, err := h.Run(t.Context(), job("SELECT count(*) FROM courses", of)); err != nil || out.Rows != 1 {
			t.Errorf("%+v, %v", out, err)
		}
	}
	if c := before.app.config; c.DryRun || c.TimingVerbose || !c.Yes || c.As != "" {
		t.Errorf("the statement that was left runs by other settings: dry run %v, verbose %v, yes %v", c.DryRun, c.TimingVerbose, c.Yes)
	}
	cancel() // it ends while the configuration is another
	if err := h.Use(t.Context(), "", "admin@example.edu"); err != nil {
		t.Error(err)
	}
	if err := <-over; err == nil {
		t.Error("the statement that was left has ended by itself")
	}
	if err := h.close(); err != nil {
		t.Error(err)
	}
}
