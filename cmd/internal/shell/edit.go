package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// edit lets a person edit the last statement or a file, and runs what is whole.
// What is not is the last statement from then on. Who leaves the editor without a
// change wants nothing to run: a change would be made twice.
func edit(s *Shell, ctx context.Context, args []string) error {
	var before, text string
	var err error
	again := `\g runs the statement`
	if len(args) > 0 {
		before, _ = readText(args[0]) // it may be a new one
		again = `\i runs the file`
		if err := s.host.Edit(ctx, args[0]); err != nil {
			return err
		}
		text, err = readText(args[0])
	} else {
		before = s.editable()
		text, err = Edit(ctx, s.host, before)
	}
	if err != nil {
		return err
	}
	if before != "" && strings.TrimRight(text, "\n") == strings.TrimRight(before, "\n") {
		s.host.Note("nothing was edited, so nothing is run: %s", again)
		return nil
	}
	pieces, rest := cut(text)
	if rest != "" && len(pieces) > 0 {
		return usagef("the last statement is not whole: nothing was run", "end it with a semicolon")
	}
	if rest != "" {
		s.last = trimmed(text, len(text)-len(rest), len(text)).String()
		s.host.Note(`no semicolon ends the statement: \g runs it, \e goes on with it`)
		return nil
	}
	if s.Terminal {
		s.say(harmlessLines(text))
	}
	for i, p := range pieces {
		if err := s.piece(ctx, p); err != nil {
			return unfinished(err, len(pieces)-i-1)
		}
		if s.left {
			return nil
		}
	}
	return nil
}

// Edit lets a person edit a text, by way of a file that only they can read. It is
// what Ctrl-X Ctrl-E does.
func Edit(ctx context.Context, host Host, text string) (edited string, err error) {
	f, err := os.CreateTemp("", "iql-*.iql") // 0600
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	_, err = io.WriteString(f, text)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	if err := host.Edit(ctx, f.Name()); err != nil {
		return "", err
	}
	return readText(f.Name())
}

// editable is the last statement as it is edited.
func (s *Shell) editable() string {
	if s.last == "" {
		return ""
	}
	return s.last + ";"
}

// maxText is how many bytes are read of a file that was edited.
const maxText = 16 << 20

// readText reads a file that was edited.
func readText(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", usagef(err.Error(), "")
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxText+1))
	switch {
	case err != nil:
		return "", err
	case len(data) > maxText:
		return "", usagef(fmt.Sprintf("%s is longer than %d MB", name, maxText>>20), `\i runs long files`)
	}
	return string(data), nil
}
