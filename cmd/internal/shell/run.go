package shell

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"syscall"

	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine/script"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// target is where the rows of a statement go, and how.
type target struct {
	to       string         // a file, or a bar and a command; "" is standard output, or what \o says
	expanded bool           // a line for each cell, whatever the format
	format   *output.Format // nil is that of the file's suffix, else the usual one
	unpaged  bool
	silent   bool                    // they are kept, and not shown
	mark     func(provider.Row) bool // which get a mark; nil for none
}

// target returns where the rows of the next statement go, and forgets \once.
func (s *Shell) target() target {
	t := target{to: s.once}
	s.once = ""
	return t
}

// run runs a statement.
func (s *Shell) run(ctx context.Context, src syntax.Source, t target) error {
	opts, err := s.options(t)
	if err != nil {
		return err
	}
	out, err := s.open(ctx, t)
	if err != nil {
		return err
	}
	rows := &kept{}
	quiet := new(atomic.Bool)
	printer := output.NewPrinter(&stoppable{out, quiet}, opts)
	job := Job{Source: src, Settings: s.settings, Printer: printer, Keep: rows, Shown: out.shown}
	outcome, err := s.start(ctx, job, quiet)
	s.outcome = outcome
	s.unread(out, printer)
	if !quiet.Load() && rows.columns != nil {
		s.result = rows
	}
	if closeErr := out.finish(outcome.Whole); err == nil {
		err = closeErr
	}
	return err
}

// unread notes that nobody reads standard output any more, if so, or that a file it
// goes to takes no more. The command of \o may have ended as well, by itself or by the
// Ctrl-C of another statement.
func (s *Shell) unread(out *redirect, p *output.Printer) {
	err := p.Err()
	if err != nil && out.name == "" && (!s.Terminal || errors.Is(err, syscall.EPIPE)) {
		s.gone = err
	}
	if in, ok := out.Writer.(*pipe); ok && in.gone && out.shared {
		s.host.Note(`%s has ended, and takes no more rows: \o shows them here again`, output.Harmless(out.name))
	}
}

// runText runs a statement that is not the person's own.
func (s *Shell) runText(ctx context.Context, text string) error {
	src := syntax.Text(text)
	src.File = textName
	return s.run(ctx, src, s.target())
}

// runScript runs a script up to the first statement that fails. What it sets stays.
func (s *Shell) runScript(ctx context.Context, of *script.Script) error {
	r := script.Runner{Values: s.settings.Variables, Read: s.host.Read, Say: s.host.Say}
	r.Run = func(ctx context.Context, stmt syntax.Source, values map[string]any) error {
		s.settings.Variables = values
		return s.run(ctx, stmt, target{})
	}
	err := r.Exec(ctx, of)
	s.settings.Variables = r.Values
	if err != nil {
		return unfinished(err, r.Left)
	}
	return nil
}

// unfinished returns an error with how much was not run because of it, beside what it
// says of a file.
func unfinished(err error, left int) error {
	if of, ok := errors.AsType[*unfinishedError](err); ok {
		err, left = of.error, left+of.left
	}
	if left == 0 {
		return err
	}
	return &unfinishedError{err, left}
}

// unfinishedError is an error because of which statements of a file were not run.
type unfinishedError struct {
	error
	left int
}

// Unwrap returns the error.
func (e *unfinishedError) Unwrap() error { return e.error }

// stoppable is a writer until it is to be quiet.
type stoppable struct {
	w     io.Writer
	quiet *atomic.Bool
}

// Write writes, or does nothing.
func (w *stoppable) Write(p []byte) (int, error) {
	if w.quiet.Load() {
		return len(p), nil
	}
	return w.w.Write(p)
}
