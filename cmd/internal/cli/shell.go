package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/editor"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/cmd/internal/pager"
	"github.com/iql-lang/iql/cmd/internal/shell"
)

// shell returns the command that reads statements and runs them, one after the
// other.
func (a *app) shell() *cobra.Command {
	var plain, errExit bool
	cmd := &cobra.Command{
		Use:   "shell",
		Short: "Type statements",
		Long: `shell reads statements from a terminal, or from a pipe, and runs each as soon as it
is whole. Commands that begin with a backslash say how rows are shown, who asks, and
more: \? lists them, and iql docs shell says all about them.`,
		Example: `  iql shell
  iql shell --profile district --read-only
  echo '\d invitations' | iql shell`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.runShell(cmd.Context(), plain, errExit)
		},
	}
	a.config.Query(cmd.Flags())
	a.config.Shell(cmd.Flags())
	completeQuery(cmd)
	completeShell(cmd)
	for _, flag := range notOfShell {
		cmd.Flags().Lookup(flag).Hidden = true
	}
	cmd.Flags().BoolVar(&plain, "plain", false, "read lines, without a prompt, also from a terminal")
	cmd.Flags().BoolVar(&errExit, "errexit", false, "exit with the code of the last statement; from a pipe, after the first error")
	return cmd
}

// completeShell says what the flags of the shell take.
func completeShell(cmd *cobra.Command) {
	complete(cmd, "prompt")
	complete(cmd, "history-size")
}

// runShell runs a shell until it is left.
func (a *app) runShell(ctx context.Context, plain, errExit bool) (err error) {
	if err := a.noShellFlags(); err != nil {
		return err
	}
	values, err := a.params(ctx)
	if err != nil {
		return err
	}
	a.inShell, a.stdinRead = true, true
	host, err := a.openShellHost(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.close()) }()

	opts := a.shellOptions(errExit)
	opts.Variables = values
	opts.Terminal = !plain && isTerminal(a.Stdin) && isTerminal(a.Stdout)
	if isTerminal(a.Stdin) { // else Ctrl-C is for all that the pipe is made of
		interrupts, release := a.Signals.Take()
		defer release()
		opts.Interrupts, opts.Stdin = interrupts, a.Stdin
	}
	var sh *shell.Shell
	edit := editor.Options{
		Complete:     shell.Complete,
		Lines:        shell.Lines,
		Continuation: shell.Continuation,
		Prompt:       func() string { return sh.Prompt() },
		Edit:         host.editText,
		CursorProbe:  a.Getenv("IQL_CURSOR_PROBE") != "0",
		Getenv:       a.Getenv,
	}
	var end func()
	opts.Editor, end = a.openEditor(&opts, edit)
	defer end()
	defer func() { err = errors.Join(err, opts.Editor.Close()) }()
	sh = shell.New(host, opts)
	opts.Editor.SetCompleter(host.completer(sh))
	if opts.Terminal {
		a.banner()
	}
	code, err := sh.Run(ctx)
	if errors.Is(err, syscall.EPIPE) {
		return &failure{err: err, output: true}
	}
	if err != nil || code == 0 {
		return err
	}
	return &failure{err: errors.New("a statement failed"), told: code}
}

// openEditor returns what reads the statements of a shell: lines of a pipe, lines with a
// prompt where the terminal would show what moves a cursor, or an editor, whose history
// becomes that of opts. end is to be called after the editor was closed.
func (a *app) openEditor(opts *shell.Options, edit editor.Options) (_ editor.Editor, end func()) {
	end = func() {}
	switch {
	case !opts.Terminal:
		return editor.NewPlain(a.typed, edit), end
	case a.Getenv("TERM") == "dumb":
		edit.Prompts = a.screen
		return editor.NewPlain(a.typed, edit), end
	}
	history, err := a.history()
	if err != nil {
		a.reporter().note("there is no history: %v", err)
	} else {
		end = func() { a.noteHistory(history) }
	}
	opts.History, edit.History = history, history
	if opts.Rows.Color {
		edit.Highlight = editor.Highlight
	}
	return editor.New(edit), end
}

// notOfShell are flags of exec that the shell refuses, and that its help leaves out.
var notOfShell = []string{"outfile", "expect", "on-error"}

// noShellFlags refuses flags that say what becomes of a whole script.
func (a *app) noShellFlags() error {
	switch {
	case a.config.Outfile != "":
		return &config.UsageError{Message: "iql shell takes no -f", Hint: `\o FILE writes rows to a file; or iql exec`}
	case a.config.Given("expect"):
		return &config.UsageError{Message: "iql shell takes no --expect", Hint: "iql run - reads a pipe, and does"}
	case a.config.Given("on-error"):
		return &config.UsageError{Message: "iql shell takes no --on-error", Hint: "it goes on after an error, or with --errexit does not"}
	}
	return nil
}

// shellOptions returns what a shell works with, but for its editor.
func (a *app) shellOptions(errExit bool) shell.Options {
	out := &outputStream{Writer: a.Stdout, name: "standard output", terminal: a.shownOn(a.Stdout)}
	opts := shell.Options{
		Stdout:     a.Stdout,
		Stderr:     a.Stderr,
		Messages:   a.screen,
		Rows:       a.rowOptions(out),
		PromptText: a.config.Prompt,
		Home:       config.HomeDir(a.Getenv),
		Timing:     "off",
		ErrExit:    errExit,
	}
	switch {
	case a.config.TimingVerbose:
		opts.Timing = "verbose"
	case a.config.Timing, out.terminal && a.shownOn(a.Stderr) && a.config.BuiltIn("timing"):
		opts.Timing = "on"
	}
	if out.terminal {
		opts.Output = a.screen.beside(a.Stdout)
		opts.Width = func() int { return config.ScreenWidth(a.Getenv, terminalWidth(a.Stdout)) }
		if a.config.BuiltIn("expanded") {
			opts.Rows.Expanded = output.ExpandedAuto
		}
	}
	if screen, ok := a.Stdout.(*os.File); ok && out.terminal && !a.config.NoPager {
		told := false
		opts.Pager = func(ctx context.Context) (io.WriteCloser, error) {
			w, err := pager.Open(ctx, a.Getenv, screen, a.config.Pager)
			if err != nil && !told {
				told = true
				a.reporter().note("%v", err)
			}
			return w, nil
		}
	}
	return opts
}

// banner says to a person at a terminal what this is.
func (a *app) banner() {
	profile := ""
	if a.config.Profile != "" {
		profile = "  profile " + output.Harmless(a.config.Profile)
	}
	_, _ = io.WriteString(a.screen, fmt.Sprintf("iql %s%s  \\? help  \\q quit\n", version().Version, profile))
}

// noteHistory tells whether what was typed could not be kept.
func (a *app) noteHistory(h *editor.History) {
	if err := h.Err(); err != nil {
		a.reporter().note("not all that was typed is kept: %v", err)
	}
}

// history opens the history of what is typed: that of IQL_HISTORY, which may be
// off, or the one in the state folder. One that is not kept lasts as long as the
// shell.
func (a *app) history() (*editor.History, error) {
	path, size := a.Getenv("IQL_HISTORY"), a.config.HistorySize
	switch {
	case path == config.Off, size == 0:
		path, size = "", config.UsualHistory
	case path == "":
		dir, err := config.StateDir(a.Getenv)
		if err != nil {
			return nil, err
		}
		path = filepath.Join(dir, "history")
	}
	return editor.OpenHistory(path, size)
}
