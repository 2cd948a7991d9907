// Package shell is the loop of iql shell: it reads texts from an [editor.Editor],
// runs their statements on a [Host], and knows the commands that begin with a
// backslash.
//
//	s := shell.New(host, shell.Options{Editor: e, Stdout: os.Stdout, Stderr: os.Stderr})
//	exit, err := s.Run(ctx)
//
// What a text is: a line that begins with a backslash or a point, or is one of
// help, clear, exit and quit, is a command ([Commands] has them all); anything
// else is a statement, up to a semicolon or to a command that ends one, such as
// \gx. A text may have many. The first that fails is the last one of it that
// runs; the shell itself goes on.
//
// Rows go to standard output and all else to standard error.
package shell

import (
	"context"
	"errors"
	"io"
	"maps"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/editor"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/sqlengine"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Options are what a shell works with.
type Options struct {
	Editor  editor.Editor
	History *editor.History // nil for none
	// Stdin, Stdout and Stderr are those of the programs that the shell runs.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Rows go to Output, and what is told to Messages; nil is Stdout and Stderr.
	Output, Messages io.Writer
	// Terminal says that a person types: there is a prompt, and hints.
	Terminal bool
	// Rows are how rows are written to Output at first.
	Rows output.Options
	// PromptText is the prompt with signs for what changes, "" the usual one: see
	// [Shell.Prompt].
	PromptText string
	// Width returns how many cells a line of the terminal has now, 0 if that is not
	// known; nil is not known.
	Width func() int
	// Home is what ~ stands for where a command names a file; "" is for nothing.
	Home string
	// Variables are what :name stands for at first.
	Variables map[string]any
	// Timing is "off", "on" or "verbose" at first.
	Timing string
	// ErrExit has Run return the exit code of the last text, and end after the first
	// that fails if nobody types.
	ErrExit bool
	// Interrupts gives a value for each Ctrl-C; nil gives none.
	Interrupts <-chan struct{}
	// Pager returns what rows are written to that may be longer than the screen; nil
	// is Output.
	Pager func(ctx context.Context) (io.WriteCloser, error)
}

// Shell is a shell. It is not for use from two goroutines at once.
type Shell struct {
	Options
	host     Host
	settings Settings
	paged    bool
	rows     rowSettings
	out      *redirect // of \o; nil for standard output
	once     string    // the target of \once; "" for none

	last    string            // the statement that was run last, for \g and \e
	result  *kept             // its rows; nil for none
	outcome Outcome           // what it did
	failed  error             // the last error, for \errverbose
	problem sqlengine.Problem // and what was told of it
	exit    int               // of the last text
	left    bool              // \q was typed
	gone    error             // why nobody reads the rows any more

	giveUp <-chan struct{} // of the text under way: closed when it is not waited for
}

// New returns a shell over a host.
func New(host Host, opts Options) *Shell {
	if opts.Output == nil {
		opts.Output = opts.Stdout
	}
	if opts.Messages == nil {
		opts.Messages = opts.Stderr
	}
	s := &Shell{
		Options:  opts,
		host:     host,
		settings: Settings{Timing: opts.Timing, Variables: maps.Clone(opts.Variables)},
		paged:    true,
		rows:     rowSettings{Options: opts.Rows, width: widthOf(opts.Rows)},
	}
	if s.settings.Variables == nil {
		s.settings.Variables = map[string]any{}
	}
	s.take(host.Who())
	return s
}

// Run reads and runs texts until there are no more, \q is typed or ctx ends,
// whose error it returns, or nobody reads the rows any more. exit is 0, or that of the
// last text if ErrExit says so.
func (s *Shell) Run(ctx context.Context) (exit int, err error) {
	defer func() { err = errors.Join(err, s.redirected(ctx, "")) }()
	for !s.left {
		text, err := s.read(ctx)
		switch {
		case ctx.Err() != nil:
			return 0, context.Cause(ctx)
		case errors.Is(err, editor.ErrInterrupt):
			if text == "" { // who drops a text wants to go on
				s.say(`\q to quit`)
			}
			continue
		case errors.Is(err, io.EOF):
			return s.code(), nil
		case err != nil:
			return 0, err
		}
		s.text(ctx, text)
		switch {
		case ctx.Err() != nil:
			return 0, context.Cause(ctx)
		case s.gone != nil:
			return 0, s.gone
		case s.ErrExit && !s.Terminal && s.exit != sqlengine.ExitDone:
			return s.code(), nil
		}
	}
	return s.code(), nil
}

// code is the exit code of the shell.
func (s *Shell) code() int {
	if s.ErrExit {
		return s.exit
	}
	return sqlengine.ExitDone
}

// take has the shell be as careful as the configuration of who asks, or more if it
// was before.
func (s *Shell) take(who Who) {
	s.settings.DryRun = s.settings.DryRun || who.DryRun
	s.settings.Confirm = s.settings.Confirm || who.Confirm
}

// text runs what was typed, and tells why it failed.
func (s *Shell) text(ctx context.Context, text string) {
	pieces, rest := cut(text)
	if rest != "" { // the end of a pipe is the end of a statement
		pieces = append(pieces, piece{stmt: trimmed(text, len(text)-len(rest), len(text))})
	}
	at := 0
	err := s.turn(ctx, func(ctx context.Context) error {
		for ; at < len(pieces); at++ {
			if err := ctx.Err(); err != nil { // after the one before, which had ended
				return err
			}
			if err := s.piece(ctx, pieces[at]); err != nil || s.left || s.gone != nil {
				return err
			}
			s.exit = sqlengine.ExitDone
		}
		return nil
	})
	if err == nil || ctx.Err() != nil || s.left || s.gone != nil {
		return
	}
	s.fail(ctx, err, len(pieces)-at-1)
}

// fail tells of an error, after which some pieces of the text are not run.
func (s *Shell) fail(ctx context.Context, err error, notRun int) {
	if of, ok := errors.AsType[*unfinishedError](err); ok {
		err, notRun = of.error, notRun+of.left
	}
	if s.Terminal && errors.Is(err, context.Canceled) {
		s.say("") // after the ^C that the terminal shows
	}
	s.failed = err
	s.problem = s.host.Tell(ctx, err, notRun)
	s.exit = s.problem.Exit
}

// piece runs a command or a statement.
func (s *Shell) piece(ctx context.Context, p piece) error {
	if p.command != "" {
		return s.command(ctx, p.command)
	}
	s.last = p.stmt.String()
	if p.then == "" {
		return s.run(ctx, p.stmt, s.target())
	}
	return s.ending(ctx, p)
}

// source returns the statement that was run last.
func (s *Shell) source() (syntax.Source, error) {
	if s.last == "" {
		return syntax.Source{}, usagef("no statement has been run yet", `type one, or \e to write one`)
	}
	src := syntax.Text(s.last)
	src.File = textName
	return src, nil
}

// Variables returns the names of the values that are set.
func (s *Shell) Variables() []string { return sortedKeys(s.settings.Variables) }

// say writes a line to standard error. There is nobody to tell if it cannot be
// written.
func (s *Shell) say(line string) {
	_, _ = io.WriteString(s.Messages, strings.TrimSuffix(line, "\n")+"\n")
}
