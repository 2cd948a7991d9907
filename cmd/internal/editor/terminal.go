package editor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/reeflective/readline"
	"golang.org/x/term"

	"github.com/iql-lang/iql/cmd/internal/output"
)

// terminal is the editor at the terminal of the process.
//
// The library reads in the goroutine that calls it. Each call starts one other,
// which waits for the window to change and ends with the call; what the call
// registers with os/signal for that stays, a channel for each statement.
type terminal struct {
	rl   *readline.Shell
	opts Options
	// ctx is that of the statement being read: the library calls commands
	// without one.
	ctx context.Context
	// cooked is how the terminal was before the first reading; nil until then.
	cooked *term.State
	// dropped is what Ctrl-C has dropped.
	dropped string
	// editing reports whether keys go to the statement, and not to a search or
	// to a copy with a candidate in it.
	editing  func() bool
	abort    func() // the library's own command for Ctrl-C
	next     func() // selects the next candidate of a menu
	list     func() // opens the menu
	complete func(text string, cursor int) ([]Candidate, int)
}

// New returns an editor at the terminal of the process. Its keys are those of
// emacs, or what ~/.inputrc says, which may choose those of vi.
func New(opts Options) Editor {
	t := &terminal{rl: newShell(opts.env), opts: opts, ctx: context.Background()}
	statement := t.rl.Line()
	t.editing = func() bool { return t.rl.Line() == statement }
	t.rl.Prompt.Primary(t.prompt)
	t.rl.SyntaxHighlighter = t.show
	t.rl.PasteTransformer = harmless
	t.rl.AcceptMultiline = func(text []rune) bool { return opts.whole(string(text)) }
	t.rl.History.Add("history", recalled{opts.History})
	t.configure()
	t.bind()
	return t
}

// Close leaves the terminal as ReadStatement left it.
func (t *terminal) Close() error { return nil }

// ReadStatement shows the prompt, and reads until a text is whole.
func (t *terminal) ReadStatement(ctx context.Context) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := t.cook(); err != nil {
		return "", fmt.Errorf("standard input is no terminal: %w", err)
	}
	t.ctx = ctx
	t.rl.Line().Set() // the library does it after the prompt, which looks at it
	stop := context.AfterFunc(ctx, t.rl.Keys.RequestRefresh)
	defer stop()
	text, err := t.rl.Readline()
	switch {
	case errors.Is(err, readline.ErrInterrupt):
		return t.dropped, ErrInterrupt
	case err != nil:
		return "", err
	}
	return text, nil
}

// cook has the terminal be as it was at first. A program that was killed may have
// left it so that it echoes nothing, and Ctrl-C is no signal.
func (t *terminal) cook() (err error) {
	stdin := int(os.Stdin.Fd())
	if t.cooked == nil {
		t.cooked, err = term.GetState(stdin)
		return err
	}
	return term.Restore(stdin, t.cooked)
}

// prompt returns what stands before the first line.
//
// The library asks for it each time before it draws, in the goroutine that
// reads. When the context has ended, the key that leaves is put before those to
// come: the library can only be left by a key.
func (t *terminal) prompt() string {
	if t.ctx.Err() != nil {
		t.rl.Keys.Feed(true, leaveKey)
	}
	t.probe()
	prompt := ""
	if t.opts.Prompt != nil {
		prompt = t.opts.Prompt()
	}
	above, last := cutLast(prompt)
	return above + room(t.rows(last)) + last
}

// probe has the library ask where the cursor is only while a menu or a search
// is open, which it could draw over the prompt otherwise. What is typed is lost
// if it comes in one read with the answer.
func (t *terminal) probe() {
	keymap := t.rl.Keymap.Local()
	_ = t.rl.Config.Set("cursor-position-probe", t.opts.CursorProbe && (keymap == menuKeys || keymap == searchKeys))
}

// cutLast cuts a prompt before its last line.
func cutLast(prompt string) (above, last string) {
	at := strings.LastIndexByte(prompt, '\n') + 1
	return prompt[:at], prompt[at:]
}

// rows returns how many rows of the window the text takes below its first, and
// one more, as the library steps below the text.
func (t *terminal) rows(prompt string) int {
	width, height, err := term.GetSize(int(os.Stderr.Fd())) // as the library does
	if err != nil || width <= 0 || height <= 0 {
		return 1
	}
	rows := 0
	for line := range strings.SplitSeq(string(*t.rl.Line()), "\n") {
		rows += 1 + (cells(prompt)+cells(line))/width
	}
	return min(rows, height-1)
}

// room returns what makes the window scroll until there are so many rows below
// the cursor, which stays where it is in the text. Without asking where the
// cursor is, the library would draw over the last row.
func room(rows int) string {
	if rows < 1 {
		return ""
	}
	return strings.Repeat("\x1bD", rows) + fmt.Sprintf("\x1b[%dA", rows)
}

// leave ends the reading once the context has ended. The key does nothing else.
func (t *terminal) leave() {
	if err := t.ctx.Err(); err != nil {
		t.accept(err)
	}
}

// accept ends the reading with an error.
func (t *terminal) accept(err error) {
	t.rl.Display.AcceptLine()
	t.rl.History.Accept(false, false, err)
}

// interrupt is Ctrl-C: it closes a menu or a search, and otherwise drops the
// text. The library's own would also take the menu for the text, and lose a key
// that came with this one.
func (t *terminal) interrupt() {
	switch {
	case !t.editing():
		t.abort()
	case t.rl.Keymap.Local() == menuKeys:
		t.rl.Display.ResetHelpers()
	default:
		t.rl.Iterations.Reset()
		t.rl.Selection().Reset()
		t.dropped = string(*t.rl.Line())
		if keys := t.rl.Keys.Caller(); len(keys) > 0 && keys[0] == 'C'&0x1f {
			t.rl.Cursor().Set(t.rl.Line().Len())
			t.rl.Cursor().InsertAt('^', 'C') // nobody gets it
			t.rl.Display.Refresh()
		}
		t.accept(readline.ErrInterrupt)
	}
}

// edit has the person change the text elsewhere, and shows it below.
func (t *terminal) edit() {
	if t.opts.Edit == nil || !t.editing() {
		return
	}
	t.rl.History.Save()
	t.rl.Display.AcceptLine()
	text, err := t.elsewhere(string(*t.rl.Line()))
	if err != nil {
		t.rl.Hint.SetTemporary(output.Harmless(err.Error()))
	} else {
		t.rl.Line().Set([]rune(strings.TrimRight(harmless(text), "\n"))...)
		t.rl.Cursor().Set(t.rl.Line().Len())
	}
	t.rl.Display.PrintPrimaryPrompt()
}

// elsewhere calls Options.Edit with the terminal as it was before the editor.
// Ctrl-C is then the other program's.
func (t *terminal) elsewhere(text string) (string, error) {
	stdin := int(os.Stdin.Fd())
	raw, err := term.GetState(stdin)
	if err != nil {
		return "", err
	}
	if err := term.Restore(stdin, t.cooked); err != nil {
		return "", err
	}
	_, _ = os.Stdout.WriteString(pastesAsKeys)
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	text, err = t.opts.Edit(t.ctx, text)
	_, _ = os.Stdout.WriteString(pastesMarked)
	return text, errors.Join(err, term.Restore(stdin, raw))
}
