package shell

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iql-lang/iql/cmd/internal/editor"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

// endless is a statement that gives rows until it is stopped.
const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"

// told is a writer that says when something is written first.
type told struct {
	w    io.Writer
	once bool
	c    chan<- struct{}
}

func (w *told) Write(p []byte) (int, error) {
	if !w.once {
		w.once = true
		w.c <- struct{}{}
	}
	return w.w.Write(p)
}

// TestInterruptStopsStatement checks that Ctrl-C ends a statement, and those after
// it of the text, and not the shell.
func TestInterruptStopsStatement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var out bytes.Buffer
	s := w.typed(endless+"; SELECT 2 AS b;\nSELECT 3 AS c;", &out)
	interrupts := make(chan struct{}, 1)
	s.Interrupts, s.Output = interrupts, &told{w: &out, c: interrupts}
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.HasPrefix(got, "i\n1\n") || !strings.HasSuffix(got, "c\n3\n") || strings.Contains(got, "b\n2\n") {
		t.Errorf("standard output ends in %q", got[max(0, len(got)-40):])
	}
	if want := "error: stopped (1 not run)\n"; w.stderr.String() != want {
		t.Errorf("standard error is %q, want %q", w.stderr, want)
	}
}

// TestInterruptTellsWhatIsKnown checks that an interrupted statement's own error is
// told of, which may say what became of a change, and how to go on.
func TestInterruptTellsWhatIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	interrupts := make(chan struct{}, 1)
	w.run = func(ctx context.Context, _ Job) (Outcome, error) {
		interrupts <- struct{}{}
		<-ctx.Done()
		return Outcome{}, fmt.Errorf("%w while 2 calls were under way", context.Cause(ctx))
	}
	var out bytes.Buffer
	s := w.typed("SELECT 1;", &out)
	s.Interrupts = interrupts
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.failed == nil || s.failed.Error() != "stopped while 2 calls were under way" {
		t.Errorf("the error is %v", s.failed)
	}
}

// TestEndOfContext checks that the end of the context ends the shell, whose cause
// it returns.
func TestEndOfContext(t *testing.T) {
	t.Parallel()
	why := errors.New("SIGTERM")
	ctx, cancel := context.WithCancelCause(t.Context())
	w := newWorld(t)
	w.run = func(ctx context.Context, _ Job) (Outcome, error) {
		cancel(why)
		<-ctx.Done()
		return Outcome{}, ctx.Err()
	}
	var out bytes.Buffer
	if _, err := w.typed("SELECT 1;\nSELECT 2;", &out).Run(ctx); !errors.Is(err, why) {
		t.Errorf("Run: %v, want %v", err, why)
	}
	if len(w.jobs) != 1 || w.stderr.Len() > 0 {
		t.Errorf("%d statements were run, and %q was told", len(w.jobs), w.stderr)
	}
}

// TestNotWaitedFor checks that a statement which does not end is waited for, until
// Ctrl-C is pressed twice within two seconds.
func TestNotWaitedFor(t *testing.T) {
	for _, tt := range []struct {
		name      string
		presses   []time.Duration // after the one before
		abandoned bool
	}{
		{"once", []time.Duration{time.Second}, false},
		{"slowly", []time.Duration{time.Second, 3 * time.Second, 3 * time.Second}, false},
		{"twice", []time.Duration{time.Second, time.Second}, true},
		{"slowly, then twice", []time.Duration{time.Second, 3 * time.Second, time.Second}, true},
		{"thrice", []time.Duration{time.Second, time.Second, time.Second}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { notWaitedFor(t, tt.presses, tt.abandoned) })
		})
	}
}

func notWaitedFor(t *testing.T, presses []time.Duration, abandoned bool) {
	w := &world{t: t, stderr: &bytes.Buffer{}}
	interrupts, stuck := make(chan struct{}, 1), make(chan struct{})
	w.run = func(ctx context.Context, job Job) (Outcome, error) {
		if job.Source.String() != "STUCK" {
			return Outcome{}, nil
		}
		<-ctx.Done()
		<-stuck // a call that nothing ends
		rows := job.Printer.Result()
		if err := errors.Join(rows.Columns([]sqlengine.Column{{Name: "late"}}), rows.Close()); err != nil {
			t.Error(err)
		}
		return Outcome{}, errors.Join(job.Printer.Flush(), ctx.Err())
	}
	var out bytes.Buffer
	s := w.typed("STUCK;\nSELECT 2;", &out)
	s.Interrupts = interrupts
	ended := make(chan error, 1)
	go func() {
		_, err := s.Run(t.Context())
		ended <- err
	}()
	for _, after := range presses {
		time.Sleep(after)
		interrupts <- struct{}{}
	}
	synctest.Wait()
	if got := w.abandoned.Load() == 1; got != abandoned {
		t.Errorf("abandoned: %v, want %v", got, abandoned)
	}
	close(stuck)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(w.jobs) != 2 {
		t.Errorf("%d statements were run, want 2", len(w.jobs))
	}
	synctest.Wait()
	if wrote := out.Len() > 0; wrote == abandoned {
		t.Errorf("standard output is %q", out.String())
	}
}

// TestInterruptThrice presses Ctrl-C again after it was said not to wait.
func TestInterruptThrice(t *testing.T) {
	t.Parallel()
	interrupts := make(chan struct{})
	s := &Shell{Options: Options{Interrupts: interrupts}}
	if err := s.turn(t.Context(), func(context.Context) error {
		for range 3 {
			interrupts <- struct{}{}
		}
		<-s.giveUp
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// TestInterruptBefore has a text be read after a Ctrl-C when there was nothing to stop.
func TestInterruptBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var out bytes.Buffer
	s := w.typed("SELECT 1 AS a;", &out)
	interrupts := make(chan struct{}, 1)
	interrupts <- struct{}{}
	s.Interrupts = interrupts
	if _, err := s.Run(t.Context()); err != nil || out.String() != "a\n1\n" || w.stderr.Len() > 0 {
		t.Errorf("Run: %v, %q, %q", err, out.String(), w.stderr)
	}
}

// TestWatchWaits checks how long \watch takes, and that Ctrl-C ends it while it
// waits.
func TestWatchWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, stderr: &bytes.Buffer{}}
		w.run = func(context.Context, Job) (Outcome, error) {
			return Outcome{Summary: sqlengine.Summary{Rows: 1}}, nil
		}
		var out bytes.Buffer
		s := w.typed("SELECT 1 \\watch c=4\nSELECT 2 \\watch 60 m=1\n", &out)
		interrupts := make(chan struct{}, 1)
		s.Interrupts = interrupts
		start := time.Now()
		go func() {
			time.Sleep(6*time.Second + 90*time.Second)
			interrupts <- struct{}{}
		}()
		if _, err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 96*time.Second || len(w.jobs) != 4+2 {
			t.Errorf("%d statements in %s, want 6 in 1m36s", len(w.jobs), took)
		}
		if want := "error: stopped\n"; w.stderr.String() != want {
			t.Errorf("standard error is %q, want %q", w.stderr, want)
		}
	})
}

// TestWatchHasNoPager shows what \watch shows without waiting for somebody to read it.
func TestWatchHasNoPager(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var out bytes.Buffer
	s := w.typed("SELECT 1 AS a \\watch c=1\n", &out)
	s.paged, s.rows.Terminal = true, true
	s.Pager = func(context.Context) (io.WriteCloser, error) { return nil, errors.New("a pager") }
	if _, err := s.Run(t.Context()); err != nil || out.String() != "a\n1\n" || w.stderr.Len() > 0 {
		t.Errorf("Run: %v, %q, %q", err, out.String(), w.stderr)
	}
}

// pressed is an editor in which Ctrl-C is pressed, and then a text is typed.
type pressed struct {
	editor.Editor
	times int
}

func (p *pressed) ReadStatement(ctx context.Context) (string, error) {
	if p.times--; p.times >= 0 {
		return "", editor.ErrInterrupt
	}
	return p.Editor.ReadStatement(ctx)
}

func TestInterruptDoesNotLeave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var out bytes.Buffer
	s := w.typed("SELECT 1 AS a;", &out)
	s.Editor = &pressed{s.Editor, 2}
	if _, err := s.Run(t.Context()); err != nil || out.String() != "a\n1\n" {
		t.Errorf("Run: %v, %q", err, out.String())
	}
	if want := "\\q to quit\n\\q to quit\n"; w.stderr.String() != want {
		t.Errorf("standard error is %q, want %q", w.stderr, want)
	}
}

// TestKept checks that a long result is kept up to a bound, and that \last says so.
func TestKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var out bytes.Buffer
	s := w.typed(strings.Replace(endless, "FROM n)", "FROM n LIMIT 10002)", 1)+";\n\\o |tail -n 1\n\\last json\n", &out)
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.result.rows) != keptRows || s.result.left != 2 {
		t.Errorf("%d rows are kept and %d left out", len(s.result.rows), s.result.left)
	}
	if want := "note: 2 more rows were not kept: run the statement with \\g FILE\n"; w.stderr.String() != want {
		t.Errorf("standard error is %q, want %q", w.stderr, want)
	}
	if rows := out.String(); !strings.HasSuffix(rows, "\n{\"i\":10000}\n") {
		t.Errorf("\\last json ends in %q, as if it were all", rows[max(0, len(rows)-20):])
	}
	long := &kept{}
	for range 3 {
		_ = long.Row([]any{strings.Repeat("x", keptBytes/2)})
	}
	_ = long.Row([]any{"short"}) // there would be room, but not in its place
	if len(long.rows) != 1 || long.left != 3 {
		t.Errorf("%d long rows are kept and %d left out", len(long.rows), long.left)
	}
}

// TestLongRowNotSet checks that \gset takes no value of a row that is too long to keep.
func TestLongRowNotSet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.run = func(_ context.Context, job Job) (Outcome, error) {
		err := job.Keep.Columns([]sqlengine.Column{{Name: "a"}})
		return Outcome{}, errors.Join(err, job.Keep.Row(provider.Row{strings.Repeat("x", keptBytes)}))
	}
	if _, stderr := shellRun(t, w, "\\set a 1\nSELECT 1 \\gset\n\\set\n"); stderr != "error: \\gset keeps 64 MB at most\na = '1'\n" {
		t.Errorf("standard error is %q", stderr)
	}
}

// scripted is an editor that gives texts, and calls late before it returns each.
type scripted struct {
	editor.Editor
	texts []string
	late  func(text string)
}

func (e *scripted) ReadStatement(context.Context) (string, error) {
	if len(e.texts) == 0 {
		return "", io.EOF
	}
	text := e.texts[0]
	e.texts = e.texts[1:]
	e.late(text)
	return text, nil
}

// TestInterruptInBetween presses Ctrl-C where nothing hears it any more: when a
// statement has just ended, and when a text has just been read. It stops what would
// come next.
func TestInterruptInBetween(t *testing.T) {
	for _, tt := range []struct{ after, ran string }{
		{"the statement", "SELECT 1; SELECT 3; "},
		{"the text", "SELECT 3; "},
	} {
		t.Run(tt.after, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{t: t, stderr: &bytes.Buffer{}}
				interrupts := make(chan struct{}, 1)
				press := func(at bool) {
					if at {
						interrupts <- struct{}{}
						synctest.Wait() // it was heard
					}
				}
				ran := ""
				w.run = func(ctx context.Context, job Job) (Outcome, error) {
					ran += job.Source.String() + "; "
					press(tt.after == "the statement" && job.Source.String() == "SELECT 1")
					return Outcome{}, nil
				}
				var out bytes.Buffer
				s := w.typed("", &out)
				s.Interrupts = interrupts
				s.Editor = &scripted{texts: []string{"SELECT 1; SELECT 2;", "SELECT 3;"}, late: func(text string) {
					press(tt.after == "the text" && text != "SELECT 3;")
				}}
				if _, err := s.Run(t.Context()); err != nil || ran != tt.ran {
					t.Errorf("%q was run, %v, want %q", ran, err, tt.ran)
				}
			})
		})
	}
}

// TestNewRows marks a row that there was once where it comes a second time.
func TestNewRows(t *testing.T) {
	t.Parallel()
	isNew := newRows(&kept{rows: []provider.Row{{"a"}, {"a"}, {"b"}, {int64(1)}}})
	marks := ""
	for _, row := range []provider.Row{{"a"}, {"b"}, {"a"}, {"a"}, {"c"}, {"1"}} {
		marks += map[bool]string{false: "-", true: "*"}[isNew(row)]
	}
	if marks != "---***" {
		t.Errorf("marks are %s, want ---***", marks)
	}
}

// TestWatchOfMany marks no row where not all that were there before are kept.
func TestWatchOfMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stdout, stderr := shellRun(t, w, fmt.Sprintf("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT %d) SELECT 'x' AS x FROM n \\watch 0.001 d c=2\n", keptRows+1))
	if want := "note: of more than 10000 rows \\watch d marks none\n"; stderr != want || strings.Contains(stdout, "*") {
		t.Errorf("standard error is %q, want %q; a row is marked: %t", stderr, want, strings.Contains(stdout, "*"))
	}
}
