package cli

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/sqlengine"
)

// When and how often a statement that takes long says how far it has come.
const (
	progressAfter  = time.Second
	progressRedraw = 200 * time.Millisecond
	progressEvery  = 5 * time.Second  // where lines stay
	progressSeldom = 10 * time.Second // where they stay, and nobody asked for them
)

// screen is standard error, whose last line may be one that is drawn again and
// again. It goes before anything else is written.
type screen struct {
	mu    sync.Mutex
	w     io.Writer
	width func() int // of its lines in cells, 0 if that is not known; nil is not known
	drawn bool       // guarded by mu
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
	if s.width != nil {
		if cells := s.width(); cells > 0 {
			line = runewidth.Truncate(line, cells-1, "…") // one that breaks does not go again
		}
	}
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
	f := follower{screen: a.screen, progress: s.Progress, repeated: a.tally.repeated, how: a.config.Progress, after: progressAfter}
	every := progressEvery
	switch {
	case f.how == config.Off:
		return func() {}
	case f.how == config.Auto && a.shownOn(a.Stderr):
		f.how, every = progressLine, progressRedraw
	case f.how == config.Auto:
		f.how, every, f.after = config.Plain, progressSeldom, progressSeldom
		if a.config.ErrorFormat == config.JSON {
			f.how = config.JSON
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() {
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
	repeated func() int // calls that were sent again, of all statements
	how      string
	after    time.Duration // how long a statement takes of which nothing is told
	since    time.Time     // when the statement under way was first seen; zero for none
	last     int           // its calls that were over then
	before   int           // calls sent again before it
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
		f.since, f.before = now, f.repeated()
		return
	}
	took := now.Sub(f.since)
	if took < f.after {
		return
	}
	way := course{Progress: p, took: took, again: f.repeated() - f.before}
	switch f.how {
	case config.JSON:
		_, _ = io.WriteString(f.screen, output.JSONLine(map[string]any{"progress": way.fields()}))
	case config.Plain:
		_, _ = io.WriteString(f.screen, way.text()+"\n")
	default:
		f.screen.draw(way.bar() + way.text())
	}
}

// course is how far a statement has come, and in what time.
type course struct {
	sqlengine.Progress
	took  time.Duration
	again int // calls that were sent again
}

// rate returns how many calls were over in a second.
func (c course) rate() float64 { return float64(c.Over) / c.took.Seconds() }

// left returns how long the calls that are known take yet; false if that cannot be
// told.
func (c course) left() (time.Duration, bool) {
	if c.Over == 0 || c.Over >= c.Calls {
		return 0, false
	}
	left := time.Duration(float64(c.took) / float64(c.Over) * float64(c.Calls-c.Over))
	return max(left, time.Second).Round(time.Second), true
}

// fields returns what a program is told.
func (c course) fields() map[string]any {
	all := map[string]any{"calls": c.Calls, "over": c.Over, "rows": c.Rows, "elapsed_ms": c.took.Milliseconds()}
	if c.Verb == "" {
		return all
	}
	all["verb"], all["done"], all["already"], all["failed"], all["sent_again"] = c.Verb, c.Done, c.Already, c.Failed, c.again
	all["per_second"] = math.Round(c.rate()*10) / 10
	if left, ok := c.left(); ok {
		all["left_ms"] = left.Milliseconds()
	}
	return all
}

// bars are how many cells the bar of a change has.
const bars = 20

// bar returns the bar of a change for a terminal, "" for what reads.
func (c course) bar() string {
	if c.Verb == "" {
		return ""
	}
	full := min(c.Over*bars/max(c.Calls, 1), bars)
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", bars-full) + "] "
}

// text returns what a person is told.
func (c course) text() string {
	var parts []string
	if c.Verb == "" {
		parts = append(parts, fmt.Sprintf("%s of %s", thousands(c.Over), count(c.Calls, "call")))
	} else {
		parts = append(parts, fmt.Sprintf("%s: %s of %s", c.Verb, thousands(c.Over), count(c.Calls, "row")))
		parts = append(parts, fmt.Sprintf("%.1f/s", c.rate()))
		parts = append(parts, amounts([]amount{
			{c.Done, "done"}, {c.Already, "already there"}, {c.Failed, "failed"}, {c.again, "sent again"},
		})...)
	}
	if c.Rows > 0 {
		parts = append(parts, count(c.Rows, "row"))
	}
	if left, ok := c.left(); ok {
		parts = append(parts, "about "+left.String()+" left")
	} else {
		parts = append(parts, c.took.Round(time.Second).String())
	}
	return strings.Join(parts, ", ")
}
