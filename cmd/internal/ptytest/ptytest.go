//go:build !windows

package ptytest

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// patience is how long a Wait waits, unless the options say more. It ends what
// hangs: a busy machine may take its time.
const patience = 2 * time.Minute

// What programs write to have pastes marked, and what marks them.
const (
	marksOn    = "\x1b[?2004h"
	marksOff   = "\x1b[?2004l"
	pasteBegin = "\x1b[200~"
	pasteEnd   = "\x1b[201~"
)

// Options say what the terminal is like. The zero value has 80 columns and 24
// rows and answers where its cursor is.
type Options struct {
	Cols, Rows int
	Silent     bool          // it does not answer where its cursor is
	Patience   time.Duration // how long a Wait waits
}

// Terminal is a command in a terminal. Its methods are for the goroutine of the
// test, which they end if something fails.
type Terminal struct {
	tb       testing.TB
	cmd      *exec.Cmd
	device   *os.File
	screen   vt10x.Terminal
	patience time.Duration
	work     sync.WaitGroup

	mu      sync.Mutex // guards the fields below
	changed *sync.Cond // whenever one of them, or the screen, has changed
	changes int        // how often
	input   []byte     // what is yet to be typed
	closed  bool       // nothing more is
	tail    []byte     // the last bytes of the output
	marked  bool       // the program wants pastes marked
	answers int        // how often it was told where the cursor is
	ended   bool       // the program has
}

// Start starts a command in a terminal, and ends both with the test. TERM is
// that of a terminal with colours, unless the command's environment says more.
func Start(tb testing.TB, cmd *exec.Cmd, opts Options) *Terminal {
	tb.Helper()
	if opts.Cols == 0 {
		opts.Cols, opts.Rows = 80, 24
	}
	if opts.Patience == 0 {
		opts.Patience = patience
	}
	t := &Terminal{tb: tb, cmd: cmd, patience: opts.Patience}
	t.changed = sync.NewCond(&t.mu)
	answers := vt10x.WithWriter(typist{t, opts.Silent})
	t.screen = vt10x.New(vt10x.WithSize(opts.Cols, opts.Rows), answers)
	cmd.Env = append([]string{"TERM=xterm-256color"}, cmd.Environ()...)
	device, err := pty.StartWithSize(cmd, window(opts.Cols, opts.Rows))
	if err != nil {
		tb.Fatalf("start %s in a terminal: %v", cmd.Path, err)
	}
	t.device = device
	t.work.Go(t.show)
	t.work.Go(t.typing)
	tb.Cleanup(t.Close)
	return t
}

// window is a size as the system has it.
func window(cols, rows int) *pty.Winsize {
	return &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}
}

// Send types a text: Enter is "\r".
func (t *Terminal) Send(text string) {
	t.tb.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.typed(text)
}

// Paste types a text as a terminal pastes it: between marks, if the program has
// asked for them.
func (t *Terminal) Paste(text string) {
	t.tb.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	text = strings.ReplaceAll(text, "\n", "\r")
	if t.marked {
		text = pasteBegin + text + pasteEnd
	}
	t.typed(text)
}

// Wait waits until the screen is as it should be. Its lines end in no blanks,
// and it ends in no empty lines. While the program hides the cursor, it is
// drawing, and not looked at. ok may call other methods.
func (t *Terminal) Wait(ok func(screen string) bool) {
	t.tb.Helper()
	if !t.until(func(now state) bool { return now.drawn && ok(now.screen) }) {
		t.fatal("the screen did not become as it should be")
	}
}

// WaitFor waits until the screen shows a text.
func (t *Terminal) WaitFor(text string) {
	t.tb.Helper()
	if !t.until(func(now state) bool { return now.drawn && strings.Contains(now.screen, text) }) {
		t.fatal("the screen did not show " + text)
	}
}

// WaitExit waits until the program has ended, and returns its exit code.
func (t *Terminal) WaitExit() int {
	t.tb.Helper()
	if !t.until(func(now state) bool { return now.ended }) {
		t.fatal("the program did not end")
	}
	return t.cmd.ProcessState.ExitCode()
}

// Computed returns for how long the program, which has ended, has had a processor:
// unlike the time that it took, this does not grow where others want them too.
func (t *Terminal) Computed() time.Duration {
	return t.cmd.ProcessState.UserTime() + t.cmd.ProcessState.SystemTime()
}

// Screen returns what the terminal shows now.
func (t *Terminal) Screen() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.shown()
}

// Cursor returns where the cursor is, from 0.
func (t *Terminal) Cursor() (col, row int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.screen.Cursor()
	return at.X, at.Y
}

// Answers returns how often the program was told where the cursor is.
func (t *Terminal) Answers() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.answers
}

// Resize changes the size of the window, which the program is told.
func (t *Terminal) Resize(cols, rows int) {
	t.tb.Helper()
	t.mu.Lock()
	t.screen.Resize(cols, rows)
	t.mu.Unlock()
	if err := pty.Setsize(t.device, window(cols, rows)); err != nil {
		t.tb.Fatalf("resize the terminal: %v", err)
	}
}

// Signal sends the program a signal.
func (t *Terminal) Signal(s os.Signal) {
	t.tb.Helper()
	if err := t.cmd.Process.Signal(s); err != nil {
		t.tb.Fatalf("signal the program: %v", err)
	}
}

// Close ends the program, if it has not ended, and the terminal. It may be
// called twice.
func (t *Terminal) Close() {
	t.mu.Lock()
	t.closed = true
	t.change()
	if !t.ended {
		_ = t.cmd.Process.Kill()
	}
	t.mu.Unlock()
	t.work.Wait()
	_ = t.device.Close()
}

// state is what a wait looks at.
type state struct {
	screen string
	drawn  bool // the cursor is shown
	ended  bool // the program has
}

// until waits until something is so, and reports whether it came to be before
// the deadline and the end of the program.
func (t *Terminal) until(ok func(state) bool) bool {
	late := false
	timer := time.AfterFunc(t.patience, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		late = true
		t.change()
	})
	defer timer.Stop()
	for {
		t.mu.Lock()
		changes, over := t.changes, late || t.ended
		now := state{t.shown(), t.screen.CursorVisible(), t.ended}
		t.mu.Unlock()
		if ok(now) {
			return true
		}
		if over {
			return false
		}
		t.mu.Lock()
		for t.changes == changes {
			t.changed.Wait()
		}
		t.mu.Unlock()
	}
}

// change wakes those that wait. The caller holds mu.
func (t *Terminal) change() {
	t.changes++
	t.changed.Broadcast()
}

// fatal ends the test, and shows the screen.
func (t *Terminal) fatal(what string) {
	t.tb.Helper()
	t.mu.Lock()
	defer t.mu.Unlock()
	state := "runs"
	if t.ended {
		state = "has ended: " + t.cmd.ProcessState.String()
	}
	t.tb.Fatalf("%s; the program %s, and the screen is\n%s", what, state, frame(t.shown()))
}

// frame puts a line beside a screen.
func frame(screen string) string {
	return "| " + strings.ReplaceAll(screen, "\n", "\n| ")
}

// shown returns the screen. The caller holds mu.
func (t *Terminal) shown() string {
	lines := strings.Split(t.screen.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// typed has a text typed. The caller holds mu.
func (t *Terminal) typed(text string) {
	t.input = append(t.input, text...)
	t.change()
}

// typing types what is to be typed. It is apart from what shows the output, as
// a program may not read before its output is taken.
func (t *Terminal) typing() {
	for {
		t.mu.Lock()
		for len(t.input) == 0 && !t.closed && !t.ended {
			t.changed.Wait()
		}
		done := t.closed || t.ended
		input := slices.Clone(t.input)
		t.input = nil
		t.mu.Unlock()
		if done {
			return
		}
		if _, err := t.device.Write(input); err != nil {
			return // the program has ended
		}
	}
}

// show shows the output until the program has ended.
func (t *Terminal) show() {
	chunk := make([]byte, 32<<10)
	var pending []byte // the beginning of a letter
	for {
		n, err := t.device.Read(chunk)
		pending = append(pending, chunk[:n]...)
		whole := wholeLetters(pending)
		t.mu.Lock()
		t.notice(pending[:whole])
		_, _ = t.screen.Write(pending[:whole])
		t.change()
		t.mu.Unlock()
		pending = slices.Delete(pending, 0, whole)
		if err != nil { // Linux has an error for the end
			break
		}
	}
	_ = t.cmd.Wait() // what it says is in ProcessState
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	t.change()
}

// notice sees whether the program wants pastes marked. The caller holds mu.
func (t *Terminal) notice(output []byte) {
	t.tail = append(t.tail, output...)
	on, off := bytes.LastIndex(t.tail, []byte(marksOn)), bytes.LastIndex(t.tail, []byte(marksOff))
	if on != off {
		t.marked = on > off
	}
	t.tail = t.tail[max(0, len(t.tail)-len(marksOn)+1):]
}

// wholeLetters returns how many bytes there are before a letter that is cut.
func wholeLetters(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if last := text[len(text)-n:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return len(text) - n
			}
			break
		}
	}
	return len(text)
}

// typist types what the screen answers. It is called with the lock held, as the
// screen is.
type typist struct {
	t      *Terminal
	silent bool
}

func (w typist) Write(p []byte) (int, error) {
	if !w.silent {
		w.t.answers++
		w.t.typed(string(p))
	}
	return len(p), nil
}
