package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/sqlengine"
)

// When and how often a statement that takes long says how far it has come.
const (
	progressAfter  = time.Second
	progressRedraw = 200 * time.Millisecond
	progressEvery  = 5 * time.Second // where lines stay
)

// screen is standard error, whose last line may be one that is drawn again and
// again. It goes before anything else is written.
type screen struct {
	mu    sync.Mutex
	w     io.Writer
	drawn bool // guarded by mu
}

// Write writes text for good.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	return s.w.Write(p)
}

// draw writes the line that goes again; "" for none. There is nobody to tell if
// it cannot be written.
func (s *screen) draw(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	if line != "" {
		_, _ = io.WriteString(s.w, line)
		s.drawn = true
	}
}

// clear removes the line. The caller holds mu.
func (s *screen) clear() {
	if s.drawn {
		_, _ = io.WriteString(s.w, "\r\x1b[K")
		s.drawn = false
	}
}

// beside returns a writer to the same terminal.
func (s *screen) beside(w io.Writer) io.Writer { return &besideScreen{s, w} }

type besideScreen struct {
	screen *screen
	w      io.Writer
}

// Write removes the screen's line, and writes.
func (b *besideScreen) Write(p []byte) (int, error) {
	b.screen.mu.Lock()
	defer b.screen.mu.Unlock()
	b.screen.clear()
	return b.w.Write(p)
}

// follow says how far the statements of a session have come, if they take long,
// until the function that it returns is called.
func (a *app) follow(ctx context.Context, s *sqlengine.Session) (stop func()) {
	how := a.config.Progress
	if how == config.Auto && a.shownOn(a.Stderr) {
		how = progressLine
	}
	every, ok := map[string]time.Duration{progressLine: progressRedraw, config.Plain: progressEvery, config.JSON: progressEvery}[how]
	if !ok {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
		f := follower{screen: a.screen, progress: s.Progress, how: how}
		ticks := time.NewTicker(min(every, progressAfter))
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				a.screen.draw("")
				return
			case now := <-ticks.C:
				ticks.Reset(every)
				f.tell(now)
			}
		}
	})
	return func() {
		cancel()
		watch.Wait()
	}
}

// progressLine is the way of a terminal: one line, drawn again.
const progressLine = "line"

// follower tells how far statements have come.
type follower struct {
	screen   *screen
	progress func() sqlengine.Progress
	how      string
	since    time.Time // when the statement under way was first seen; zero for none
	last     int       // its calls that were over then
}

// tell tells how far the statement under way has come, unless it has just begun.
func (f *follower) tell(now time.Time) {
	p := f.progress()
	if p.Calls == 0 || p.Over < f.last {
		f.since, f.last = time.Time{}, 0
		f.screen.draw("")
	}
	if p.Calls == 0 {
		return
	}
	f.last = p.Over
	if f.since.IsZero() {
		f.since = now
		return
	}
	took := now.Sub(f.since)
	if took < progressAfter {
		return
	}
	switch f.how {
	case config.JSON:
		line := output.JSONLine(map[string]any{"progress": map[string]any{
			"calls": p.Calls, "over": p.Over, "rows": p.Rows, "elapsed_ms": took.Milliseconds(),
		}})
		_, _ = io.WriteString(f.screen, line)
	case config.Plain:
		_, _ = io.WriteString(f.screen, progressText(p, took)+"\n")
	default:
		f.screen.draw(progressText(p, took))
	}
}

// progressText is how far a statement has come, for a person.
func progressText(p sqlengine.Progress, took time.Duration) string {
	parts := []string{fmt.Sprintf("%s of %s", thousands(p.Over), count(p.Calls, "call"))}
	if p.Rows > 0 {
		parts = append(parts, count(p.Rows, "row"))
	}
	if p.Over > 0 && p.Over < p.Calls {
		left := time.Duration(float64(took) / float64(p.Over) * float64(p.Calls-p.Over))
		parts = append(parts, "about "+max(left, time.Second).Round(time.Second).String()+" left")
	} else {
		parts = append(parts, took.Round(time.Second).String())
	}
	return strings.Join(parts, ", ")
}
