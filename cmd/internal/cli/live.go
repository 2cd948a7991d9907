package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/live"
	"github.com/iql-lang/iql/sqlengine"
)

// liveBackend is the live backend, opened.
type liveBackend struct {
	client   *live.Client
	acting   classroom.Backend
	identity sqlengine.Identity
	log      *httpLog // nil for none
}

// openLive opens the live backend. It sends nothing yet, unless the credentials
// are those of this machine.
func (a *app) openLive(ctx context.Context) (*liveBackend, error) {
	who, err := a.openCredentials(ctx)
	if err != nil {
		return nil, err
	}
	b, err := a.connect(who)
	if err != nil {
		return nil, err
	}
	if a.config.Verbose {
		a.reporter().note("the live backend is %s, as %s", b.client.Endpoint(), who.name())
	}
	return b, nil
}

// connect returns the live backend as somebody sees it. It sends nothing.
func (a *app) connect(who *actor) (_ *liveBackend, err error) {
	c := &a.config
	opts := live.Options{
		Endpoint:  c.Live.Endpoint,
		Tokens:    who.tokens,
		Rate:      c.Live.Rate,
		Retries:   c.Live.Retries,
		Timeout:   c.Live.Timeout,
		UserAgent: "iql/" + version().Version,
		InFlight:  a.requests(),
	}
	if opts.Retries == 0 {
		opts.Retries = -1
	}
	if c.Live.NoBatch {
		opts.Batch = -1
	}
	b := &liveBackend{}
	if b.log, err = a.openHTTPLog(); err != nil {
		return nil, err
	}
	opts.Trace = a.tracer(b.log)
	if b.client, err = live.New(opts); err != nil {
		return nil, errors.Join(&config.UsageError{Message: "--" + err.Error()}, b.log.close())
	}
	b.acting = b.as(who, c.Live.OwnerAs)
	b.identity = sqlengine.Identity{Principal: who.name(), Type: who.kind, Source: cmp.Or(who.origin, b.client.Endpoint())}
	return b, nil
}

// tracer returns what is told of requests, nil for nothing.
func (a *app) tracer(log *httpLog) func(live.Event) {
	counted := a.config.TimingVerbose || a.inShell
	switch {
	case counted && log != nil:
		return func(e live.Event) { a.tally.event(e); log.event(e) }
	case counted:
		return a.tally.event
	case log != nil:
		return log.event
	}
	return nil
}

// as returns the backend as somebody sees it, who acts for others if they can.
func (b *liveBackend) as(who *actor, ownersAct bool) classroom.Backend {
	asker := b.client.As(who.subject)
	if !who.delegates {
		return asker
	}
	return classroom.Acting(classroom.People{
		Asker:     asker,
		As:        func(address string) (classroom.Backend, error) { return b.client.As(address), nil },
		OwnersAct: ownersAct,
	})
}

func (b *liveBackend) close() error { return errors.Join(b.client.Close(), b.log.close()) }

// httpLog is where requests are told of.
type httpLog struct {
	mu     sync.Mutex
	lines  io.Writer // guarded by mu; JSON, nil for none
	file   *os.File  // what lines is, if it is to be closed
	err    error     // guarded by mu: the first of writing
	report *reporter // guarded by mu
	notes  bool      // report each request
	curl   bool      // report it as a command
}

// openHTTPLog opens what --http-log, --http.log.enabled and --curl ask for, nil
// for none of them.
func (a *app) openHTTPLog() (*httpLog, error) {
	name := a.config.Live.HTTPLog
	l := &httpLog{report: a.reporter(), notes: a.config.Live.LogHTTP, curl: a.config.Live.Curl}
	if name == "" && !l.notes && !l.curl && !a.inShell {
		return nil, nil
	}
	switch name {
	case "":
	case config.Stdin: // "-"
		l.lines = a.Stderr
	default:
		// It says who was invited where.
		f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, &config.UsageError{Message: fmt.Sprintf("--http-log: %v", err)}
		}
		l.file, l.lines = f, f
	}
	return l, nil
}

// event tells of a request.
func (l *httpLog) event(e live.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.notes {
		l.report.note("%s", httpLine(e))
	}
	if l.curl {
		l.report.note("%s", curlLine(e))
	}
	if l.lines == nil {
		return
	}
	entry := map[string]any{
		"time": e.Start.UTC().Format(time.RFC3339Nano), "call": e.Method, "as": e.Subject,
		"method": e.Verb, "url": e.URL, "headers": e.Header, "status": e.Status, "batch": e.Batch,
		"ms": float64(e.Duration.Microseconds()) / 1000, "waited_ms": float64(e.Waited.Microseconds()) / 1000, "retry": e.Retry,
		"bytes": e.Answered,
	}
	if e.Body != "" {
		entry["body"] = e.Body
	}
	if e.Err != nil {
		entry["error"] = e.Err.Error()
	}
	if _, err := io.WriteString(l.lines, output.JSONLine(entry)); err != nil && l.err == nil {
		l.err = fmt.Errorf("write to the log of requests: %w", err)
	}
}

// httpLine is a request in one line, for a person.
func httpLine(e live.Event) string {
	came := "no answer"
	if e.Status != 0 {
		came = fmt.Sprint(e.Status)
	}
	line := fmt.Sprintf("%s %s as %s: %s, %s", e.Verb, e.URL, e.Subject, came, duration(e.Duration))
	if e.Retry > 0 {
		line += fmt.Sprintf(", retry %d", e.Retry)
	}
	if e.Err != nil {
		line += fmt.Sprintf(" (%v)", e.Err)
	}
	return line
}

// curlLine is a request as a command for a shell, in which $TOKEN is the access
// token.
func curlLine(e live.Event) string {
	var b strings.Builder
	b.WriteString("curl -X " + e.Verb + ` -H "Authorization: Bearer $TOKEN"`)
	if e.Body != "" {
		b.WriteString(" -H 'Content-Type: application/json' -d " + quoted(e.Body))
	}
	return b.String() + " " + quoted(e.URL)
}

// quoted is a word for a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// become has the log tell of requests as another does, which is not used any more.
func (l *httpLog) become(other *httpLog) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.err
	if l.file != nil {
		err = errors.Join(err, l.file.Close())
	}
	l.lines, l.file, l.err, l.report, l.notes, l.curl = other.lines, other.file, nil, other.report, other.notes, other.curl
	return err
}

// close closes the log. It returns the first error of writing to it.
func (l *httpLog) close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return l.err
	}
	return errors.Join(l.err, l.file.Close())
}
