package editor

import (
	"bufio"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"pgregory.net/rapid"
)

// all reads all statements of an editor.
func all(t rapid.TB, ed Editor) ([]string, error) {
	t.Helper()
	var texts []string
	for {
		text, err := ed.ReadStatement(context.Background())
		if err != nil {
			if text != "" {
				t.Errorf("ReadStatement() = %q beside the error %v", text, err)
			}
			return texts, err
		}
		texts = append(texts, text)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"none", "", nil},
		{"blanks", "\n \n", nil},
		{"one", "SELECT 1;\n", []string{"SELECT 1;"}},
		{"lines", "SELECT\n1;\n\\q\n", []string{"SELECT\n1;", `\q`}},
		{"two on a line", "SELECT 1; SELECT 2;\n", []string{"SELECT 1; SELECT 2;"}},
		{"in a string", "SELECT 'a;\nb';\n", []string{"SELECT 'a;\nb';"}},
		{"no end", "SELECT 1;\nSELECT 2", []string{"SELECT 1;", "SELECT 2"}},
		{"Windows", "SELECT\r\n1;\r\n", []string{"SELECT\r\n1;\r"}},
	} {
		ed := NewPlain(bufio.NewReader(iotest.OneByteReader(strings.NewReader(tt.in))), Options{Complete: whole})
		if got, err := all(t, ed); !slices.Equal(got, tt.want) || !errors.Is(err, io.EOF) {
			t.Errorf("%s: %q gives %q, %v, want %q", tt.name, tt.in, got, err, tt.want)
		}
	}
}

// TestPlainPrompts shows prompts where it is told to.
func TestPlainPrompts(t *testing.T) {
	t.Parallel()
	var shown strings.Builder
	ed := NewPlain(bufio.NewReader(strings.NewReader("SELECT 1;\nSELECT\n'a\nb';\n")), Options{
		Complete: whole, Prompts: &shown,
		Prompt:       func() string { return "iql> " },
		Continuation: func(text string) string { return "<" + text + "> " },
	})
	if _, err := all(t, ed); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if want := "iql> iql> <SELECT> <SELECT\n'a> iql> "; shown.String() != want {
		t.Errorf("prompts are %q, want %q", shown.String(), want)
	}
}

// TestPlainKeeps checks that nothing is lost but line breaks between texts, and
// blanks at the end.
func TestPlainKeeps(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := pieces().Draw(t, "in")
		got, err := all(t, NewPlain(bufio.NewReader(strings.NewReader(in)), Options{Complete: whole}))
		if !errors.Is(err, io.EOF) {
			t.Errorf("%q ends in %v", in, err)
		}
		if got, want := strings.TrimRight(strings.Join(got, "\n"), " \t\r\n\v\f\u0085\u00a0"), in; !strings.HasPrefix(want, got) || strings.TrimSpace(want[len(got):]) != "" {
			t.Errorf("%q gives %q", want, got)
		}
	})
}

// TestPlainFailure has a reader fail in the middle of a text.
func TestPlainFailure(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	ed := NewPlain(bufio.NewReader(io.MultiReader(strings.NewReader("SELECT 1;\nSELECT"), iotest.ErrReader(broken))), Options{Complete: whole})
	got, err := all(t, ed)
	if !slices.Equal(got, []string{"SELECT 1;"}) || !errors.Is(err, broken) {
		t.Errorf("%q, %v, want one text and the error", got, err)
	}
}

// TestPlainContext has the context end while a line is waited for. The line is
// the next statement's.
func TestPlainContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		in, out := io.Pipe()
		ed := NewPlain(bufio.NewReader(in), Options{Complete: whole})
		for range 2 {
			ctx, cancel := context.WithCancel(context.Background())
			ended := make(chan error)
			go func() {
				_, err := ed.ReadStatement(ctx)
				ended <- err
			}()
			synctest.Wait() // it waits for a line
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Errorf("ReadStatement() of a context that ended = %v", err)
			}
			if _, err := ed.ReadStatement(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("ReadStatement() of an ended context = %v", err)
			}
		}
		go func() {
			_, _ = io.WriteString(out, "SELECT 1;\n")
			_ = out.Close()
		}()
		if got, err := all(t, ed); !slices.Equal(got, []string{"SELECT 1;"}) || !errors.Is(err, io.EOF) {
			t.Errorf("then %q, %v", got, err)
		}
		if err := ed.Close(); err != nil {
			t.Error(err)
		}
	})
}
