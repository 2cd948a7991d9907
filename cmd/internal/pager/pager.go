// Package pager shows text that is longer than the screen by a program that
// turns its pages, such as less.
//
//	w, err := pager.Open(ctx, os.Getenv, os.Stdout, "")
//	...
//	fmt.Fprintln(w, text)
//	err = w.Close() // waits for the person
//
// Only what a person's terminal shows is paged: whoever opens a pager has made
// sure of that. Nothing is lost for want of a pager: what cannot be given to one
// is written to the terminal.
package pager

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/term"
)

// maxHeld is how much text is held back, whatever its lines.
const maxHeld = 1 << 20

// usualHeight is that of a screen that does not say.
const usualHeight = 24

// Writer holds text back until it has more lines than the screen, then gives it
// to the pager. Not for use from two goroutines at once.
type Writer struct {
	out    *os.File
	argv   []string
	env    []string
	height int // lines of the screen

	held  bytes.Buffer // until it is known where it goes
	lines int          // in held
	dest  io.Writer    // where text goes; nil until it is known
	cmd   *exec.Cmd    // the pager; nil if none runs
	gone  bool         // it ended before the text did
	stop  func() bool  // ends the wait for the context

	mu    sync.Mutex
	in    io.Closer // guarded by mu, as ended: the pager's input
	ended bool      // the context has
}

// Open returns a Writer to a pager that shows on out, which is a terminal. The
// pager is command, or if that is "" that of $IQL_PAGER, of $PAGER, or less. A
// less that nobody has set $LESS for gets FRSX: it ends by itself if all fits,
// shows colours, moves sideways along long lines and leaves the text on the
// screen. The pager runs on when ctx ends, as a person may be reading, but gets
// no more. An error says that there is no such pager; the Writer can be used all
// the same, and writes to out.
func Open(ctx context.Context, getenv func(string) string, out *os.File, command string) (*Writer, error) {
	w := &Writer{out: out, height: screenHeight(getenv, out), env: environ(getenv)}
	w.stop = context.AfterFunc(ctx, w.end)
	var err error
	if w.argv, err = argv(choose(command, getenv)); err != nil {
		w.dest = out
		return w, fmt.Errorf("pager: %w", err)
	}
	return w, nil
}

// choose returns the command of the pager.
func choose(command string, getenv func(string) string) string {
	for _, c := range []string{command, getenv("IQL_PAGER"), getenv("PAGER")} {
		if strings.TrimSpace(c) != "" {
			return c
		}
	}
	if runtime.GOOS == "windows" {
		return "more"
	}
	return "less"
}

// argv returns the words of a command, as the shell's if there is more in it
// than words. The error says that its program is not there.
func argv(command string) ([]string, error) {
	words := strings.Fields(command)
	program := 0
	for program < len(words)-1 && strings.Contains(words[program], "=") { // A=b less
		program++
	}
	if _, err := exec.LookPath(strings.Trim(words[program], `"'`)); err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && strings.ContainsAny(command, "|&;<>()$`\\\"'*?[#~=%") {
		return []string{"sh", "-c", command}, nil
	}
	return words, nil
}

// environ returns the environment of the pager.
func environ(getenv func(string) string) []string {
	env := os.Environ()
	if getenv("LESS") == "" {
		env = append(env, "LESS=FRSX")
	}
	return env
}

// screenHeight returns the lines of the screen: those of $LINES, or of the
// terminal.
func screenHeight(getenv func(string) string, out *os.File) int {
	if n, err := strconv.Atoi(getenv("LINES")); err == nil && n > 0 {
		return n
	}
	if _, n, err := term.GetSize(int(out.Fd())); err == nil && n > 0 {
		return n
	}
	return usualHeight
}

// Write writes text. A pager that has ended has no use for more: that is no
// error, and the text is dropped.
func (w *Writer) Write(p []byte) (int, error) {
	if w.dest == nil {
		w.held.Write(p)
		w.lines += bytes.Count(p, []byte{'\n'})
		// The last line of the screen is the prompt's that comes back.
		if w.lines < w.height && w.held.Len() < maxHeld {
			return len(p), nil
		}
		return len(p), w.start()
	}
	return len(p), w.send(p)
}

// send writes to where text goes.
func (w *Writer) send(p []byte) error {
	if w.gone {
		return nil
	}
	_, err := w.dest.Write(p)
	if w.cmd != nil && unread(err) {
		w.gone = true
		return nil
	}
	return err
}

// unread reports whether an error of a write says that nobody reads.
func unread(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed)
}

// start runs the pager, and writes what was held back to it, or to the terminal
// if it does not run.
func (w *Writer) start() error {
	w.dest = w.out
	if in := w.run(); in != nil {
		w.dest = in
	}
	err := w.send(w.held.Bytes())
	w.held = bytes.Buffer{}
	return err
}

// run starts the pager and returns its input, nil if it does not run.
func (w *Writer) run() io.Writer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return nil
	}
	cmd := exec.Command(w.argv[0], w.argv[1:]...)
	cmd.Stdout, cmd.Stderr, cmd.Env = w.out, os.Stderr, w.env
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil
	}
	if err := cmd.Start(); err != nil {
		return nil
	}
	w.cmd, w.in = cmd, in
	return in
}

// end ends the text that the pager gets.
func (w *Writer) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.in != nil {
		_ = w.in.Close() // the pager may be gone
	}
}

// Close writes what was held back, and waits until the pager has ended. How it
// ended is its reader's business; the error is that of the terminal.
func (w *Writer) Close() error {
	w.stop()
	w.end()
	if w.cmd != nil {
		_ = w.cmd.Wait()
		return nil
	}
	_, err := w.out.Write(w.held.Bytes())
	w.held = bytes.Buffer{}
	return err
}
