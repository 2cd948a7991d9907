package editor

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
)

// NewPlain returns an editor that reads lines where nobody is at a terminal, or
// the terminal is one that only has lines. It keeps no history, and shows a prompt
// only if Options.Prompts says where. A line that is being waited for when
// the context ends is the first of the next statement.
func NewPlain(in *bufio.Reader, opts Options) Editor {
	return &plain{in: in, opts: opts}
}

type plain struct {
	in    *bufio.Reader
	opts  Options
	under chan line // a line that is being read, or nil
	ended error     // why there are no more
}

// line is what was read, with its line break if it has one.
type line struct {
	text string
	err  error
}

// ReadStatement reads lines until they are whole. What is left at the end is
// returned even if it is not.
func (p *plain) ReadStatement(ctx context.Context) (string, error) {
	var text strings.Builder
	ends := func(string) bool { return p.opts.whole(strings.TrimSuffix(text.String(), "\n")) }
	if p.opts.Lines != nil {
		ends = p.opts.Lines()
	}
	for p.ended == nil {
		p.prompt(text.String())
		next, err := p.line(ctx)
		if err != nil {
			if p.opts.Prompts != nil {
				_, _ = io.WriteString(p.opts.Prompts, "\n") // after the ^C that the terminal shows
			}
			return text.String(), err
		}
		text.WriteString(next.text)
		p.ended = next.err
		if next.err == nil && ends(next.text) {
			return strings.TrimSuffix(text.String(), "\n"), nil
		}
	}
	if strings.TrimSpace(text.String()) != "" && errors.Is(p.ended, io.EOF) {
		return text.String(), nil
	}
	return "", p.ended
}

// prompt writes what stands before the line after a text. There is nobody to tell if
// it cannot be written.
func (p *plain) prompt(text string) {
	switch {
	case p.opts.Prompts == nil:
	case text == "" && p.opts.Prompt != nil:
		_, _ = io.WriteString(p.opts.Prompts, p.opts.Prompt())
	case text != "" && p.opts.Continuation != nil:
		_, _ = io.WriteString(p.opts.Prompts, p.opts.Continuation(strings.TrimSuffix(text, "\n")))
	}
}

// line waits for the next line, or the end of the context. A read cannot be
// called off, so its goroutine lives as long as the writer is silent.
func (p *plain) line(ctx context.Context) (line, error) {
	if err := ctx.Err(); err != nil {
		return line{}, err
	}
	if p.under == nil {
		under := make(chan line, 1)
		p.under = under
		go func() {
			text, err := p.in.ReadString('\n')
			under <- line{text, err}
		}()
	}
	select {
	case next := <-p.under:
		p.under = nil
		return next, nil
	case <-ctx.Done():
		return line{}, ctx.Err()
	}
}

func (*plain) SetCompleter(func(string, int) ([]Candidate, int)) {}

func (*plain) Close() error { return nil }
