package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
)

// redirect is where rows go.
type redirect struct {
	io.Writer
	name   string // of the file, or the command with its bar; "" is standard output
	shared bool   // it stays open for further statements
	paged  bool   // somebody reads it, and end waits for them; end may be called twice
	end    func(done bool) error
}

// finish ends the output of a statement, unless further ones go there. done says
// that its rows are all there are.
func (r *redirect) finish(done bool) error {
	if r.shared || r.end == nil {
		return nil
	}
	return r.end(done)
}

// shown waits until the rows have been read, if somebody reads them page by page.
func (r *redirect) shown() error {
	if !r.paged {
		return nil
	}
	return r.end(true)
}

// open opens where the rows of a statement go.
func (s *Shell) open(ctx context.Context, t target) (*redirect, error) {
	switch {
	case t.silent:
		return &redirect{Writer: io.Discard}, nil
	case t.to != "":
		return s.openNamed(ctx, t.to)
	case s.out != nil:
		return s.out, nil
	case s.Pager != nil && s.paged && s.rows.Terminal && !t.unpaged:
		w, err := s.Pager(ctx)
		if err != nil {
			return nil, err
		}
		closed := sync.OnceValue(w.Close)
		return &redirect{Writer: w, paged: true, end: func(bool) error { return closed() }}, nil
	}
	return &redirect{Writer: s.Output}, nil
}

// openNamed opens a file, or a command that reads what is written: "|wc -l".
func (s *Shell) openNamed(ctx context.Context, name string) (*redirect, error) {
	if command, ok := strings.CutPrefix(name, "|"); ok {
		return s.openPipe(ctx, name, command)
	}
	f, err := s.host.Create(name)
	if err != nil {
		return nil, err
	}
	return &redirect{Writer: f, name: name, end: f.Finish}, nil
}

// openPipe starts a command that reads what is written.
func (s *Shell) openPipe(ctx context.Context, name, command string) (*redirect, error) {
	cmd, err := s.program(ctx, command)
	if err != nil {
		return nil, err
	}
	cmd.Stdin = nil
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &redirect{Writer: &pipe{w: in}, name: name, end: func(bool) error {
		err := in.Close()
		if waitErr := cmd.Wait(); waitErr != nil {
			return fmt.Errorf("%s: %w", strings.TrimSpace(command), waitErr)
		}
		return err
	}}, nil
}

// pipe is the standard input of a command, which may end before it has read all.
type pipe struct {
	w    io.Writer
	gone bool
}

// Write writes to the command while it reads.
func (p *pipe) Write(b []byte) (int, error) {
	if p.gone {
		return len(b), nil
	}
	n, err := p.w.Write(b)
	if errors.Is(err, syscall.EPIPE) {
		p.gone = true
		return len(b), nil
	}
	return n, err
}

// program returns a command line as a command, unless nothing may be changed.
func (s *Shell) program(ctx context.Context, line string) (*exec.Cmd, error) {
	if s.host.Who().ReadOnly {
		return nil, refusedf("only reading is allowed, so no program is run", "leave out --read-only")
	}
	if strings.TrimSpace(line) == "" {
		return nil, usagef("there is no command to run", "")
	}
	shell, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/c"
	}
	// It hears Ctrl-C itself, and an editor or a pager goes on.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), shell, flag, line)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.Stdin, s.Stdout, s.Stderr
	return cmd, nil
}

// redirected ends what \o opened, and opens another; "" is standard output.
func (s *Shell) redirected(ctx context.Context, name string) error {
	var err error
	if s.out != nil {
		err, s.out = s.out.end(true), nil
	}
	if name == "" || err != nil {
		return err
	}
	out, err := s.openNamed(ctx, name)
	if err != nil {
		return err
	}
	out.shared = true
	s.out = out
	return nil
}

// rowSettings are how rows are written.
type rowSettings struct {
	output.Options        // to standard output
	width          string // of a table there: "auto" is that of the terminal, "0" any, or a number
}

// widthOf is the width that options have, as \pset shows it.
func widthOf(of output.Options) string {
	if of.MaxWidth == of.Width {
		return config.Auto
	}
	return strconv.Itoa(of.MaxWidth)
}

// options returns how rows are written to a target. The suffix of a file may
// choose the format, and only standard output is a terminal.
func (s *Shell) options(t target) (output.Options, error) {
	opts := s.rows.Options
	opts.Mark = t.mark
	name := t.to
	if name == "" && s.out != nil {
		name = s.out.name
	}
	if s.Width != nil {
		opts.Width = s.Width()
	}
	opts.MaxWidth = opts.Width
	if n, err := strconv.Atoi(s.rows.width); err == nil {
		opts.MaxWidth = n
	}
	if name != "" {
		opts.Terminal, opts.Color = false, false
	}
	byName, ok := output.FormatOfFile(name)
	switch {
	case t.silent:
		opts.Format, _ = output.ParseFormat("line") // which takes all rows
	case t.format != nil:
		opts.Format = t.format
	case strings.HasPrefix(name, "|"):
	case ok:
		opts.Format = byName
	case output.Unwritten(name) && isTable(opts.Format):
		return opts, config.NoFormat(name)
	}
	switch {
	case t.expanded && isTable(opts.Format):
		opts.Expanded = output.ExpandedOn
	case t.expanded:
		opts.Format, _ = output.ParseFormat("line")
	}
	return opts, nullFits(opts)
}

// nullFits refuses to write what stands for NULL where it would end its cell.
func nullFits(of output.Options) error {
	if of.NullFits() {
		return nil
	}
	return usagef(fmt.Sprintf(`\pset null is %q`, *of.Null), of.Format.Name+" has it without quotes: give a text without the delimiter, quotes and line breaks")
}

// isTable reports whether a format draws rows beside each other.
func isTable(f *output.Format) bool { return f == nil || f.Name == "table" || f.Name == "box" }
