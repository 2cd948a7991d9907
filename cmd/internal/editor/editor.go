// Package editor reads statements from a person at a terminal, or from a pipe.
//
//	ed := editor.New(editor.Options{
//		Prompt:    func() string { return "iql> " },
//		Complete:  whole,
//		Highlight: editor.Highlight,
//		History:   history,
//	})
//	defer ed.Close()
//	for {
//		text, err := ed.ReadStatement(ctx)
//		...
//	}
//
// [New] edits many lines at the terminal of the process, with a [History], a
// menu of candidates for Tab, and colours by [Highlight]. [NewPlain] reads
// lines, and shows nothing but a prompt where it is told to.
//
// The package is the only importer of the line editor, readline, and of the
// file lock.
package editor

import (
	"context"
	"errors"
	"io"
)

// Editor reads statements. It is not for use from two goroutines at once.
type Editor interface {
	// ReadStatement returns what was typed, up to where Options.Complete said
	// that it is whole. It may hold several statements: what was pasted comes
	// as one text. The error is [ErrInterrupt] after Ctrl-C, with the text that
	// is dropped, io.EOF at the end, or the context's.
	ReadStatement(ctx context.Context) (string, error)
	// SetCompleter says what Tab offers for a text with the cursor at the byte
	// offset cursor: candidates that replace text[start:cursor]. One that does
	// not begin with these letters, in upper or lower case, is left out unless
	// it is the only one. nil is for no candidates.
	SetCompleter(func(text string, cursor int) (candidates []Candidate, start int))
	// Close gives back what the editor holds.
	Close() error
}

// ErrInterrupt says that Ctrl-C was pressed. What had been typed is dropped.
var ErrInterrupt = errors.New("interrupted")

// Candidate is a text that can come next.
type Candidate struct {
	Text    string // what is written
	Display string // what the menu shows; "" is Text
	Group   string // candidates of a group stand below its name
	About   string // a few words beside it
}

// Options say how an editor reads.
type Options struct {
	// Prompt returns what stands before the first line. It may hold colours.
	Prompt func() string
	// Continuation returns what stands before the next line, given the text up
	// to there, or "" in a long one. It has the width of the prompt: dots are
	// left out where it is wider. nil is for none.
	Continuation func(text string) string
	// Complete reports whether the text is whole when Enter is pressed, or at
	// the end of a line of a pipe. nil takes each line.
	Complete func(text string) bool
	// Lines is Complete for a pipe, whose texts may be long: it returns what is
	// told of the lines of a text in order, each with its line break, and says
	// whether the text is whole with it. nil is for Complete.
	Lines func() func(line string) bool
	// Prompts is where [NewPlain] writes prompts. nil is for none.
	Prompts io.Writer
	// Highlight adds colours to a text, which end at each line's end. nil is
	// for none.
	Highlight func(text string) string
	// History is what Up and Ctrl-R go through, and where texts are added that
	// are whole. nil is for none.
	History *History
	// CursorProbe says that the terminal answers where its cursor is (ESC [6n):
	// one that does not would stand still. It is asked while a menu or a search
	// is open, so that those fit that are longer than the window.
	CursorProbe bool
	// Edit lets the person change the text in a program of theirs: Ctrl-X
	// Ctrl-E. The terminal is as it was before the editor. nil is for none.
	Edit func(ctx context.Context, text string) (string, error)
	// Getenv looks up the environment, for INPUTRC and HOME. nil finds nothing.
	Getenv func(string) string
}

// whole reports whether a text is whole.
func (o *Options) whole(text string) bool { return o.Complete == nil || o.Complete(text) }

// env returns a variable of the environment.
func (o *Options) env(name string) string {
	if o.Getenv == nil {
		return ""
	}
	return o.Getenv(name)
}
