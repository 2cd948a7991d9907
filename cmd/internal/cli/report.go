package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/sqlengine"
)

// reporter writes to standard error what is not rows: lines for a person, or
// JSON objects for a program.
type reporter struct {
	w      io.Writer
	json   bool
	color  bool
	footer bool   // say of every statement what it took
	tally  *tally // and what was sent for it; nil says nothing
}

func (a *app) reporter() *reporter {
	tty := a.shownOn(a.Stderr)
	r := &reporter{
		w:      a.screen,
		json:   a.config.ErrorFormat == config.JSON,
		color:  config.UseColor(a.config.Color, tty, a.Getenv),
		footer: a.config.Timing || a.config.Verbose || tty && a.shownOn(a.Stdout) && !a.inShell, // which has \timing
	}
	if a.config.TimingVerbose {
		r.tally = a.tally
	}
	return r
}

func (r *reporter) problem(p sqlengine.Problem, statement int) {
	if r.json {
		r.write(output.ProblemJSON(p, statement))
		return
	}
	r.write(output.ProblemText(p, r.color))
}

func (r *reporter) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if r.json {
		r.write(output.JSONLine(map[string]string{"note": text}))
		return
	}
	r.write("note: " + output.Harmless(text) + "\n")
}

// say shows what a script says by \echo or, as a warning, by \warn.
func (r *reporter) say(text string, warning bool) {
	label := "echo"
	if warning {
		label = "warning"
	}
	switch {
	case r.json:
		r.write(output.JSONLine(map[string]string{label: text}))
	case warning:
		r.write("warning: " + output.Harmless(text) + "\n")
	default:
		r.write(output.Harmless(text) + "\n")
	}
}

// address tells of a page to open, on a line of its own.
func (r *reporter) address(what, address string) {
	if r.json {
		r.write(output.JSONLine(map[string]string{"note": what, "address": address}))
		return
	}
	r.note("%s", what)
	r.write(output.Harmless(address) + "\n")
}

// changes are the verbs of statements that change something, and what was
// done to a row of each.
var changes = map[string]string{"INSERT": "created", "UPDATE": "updated", "DELETE": "deleted", "EXEC": "done"}

// summary says what a statement did: always of a change that changed
// something, of other statements to a person at a terminal or who asks. Of a
// statement that failed and changed nothing, its problem says enough.
func (r *reporter) summary(s sqlengine.Summary, failed bool) {
	done, change := changes[s.Verb]
	some := s.Changed+s.Already > 0
	change = change && (some || s.Rows == 0)
	if r.tally != nil {
		defer r.sent(s)
	}
	if s.Planned > 0 && !failed {
		r.planned(s)
		return
	}
	if failed && !some || !change && !r.footer {
		return
	}
	if r.json {
		r.write(output.JSONLine(map[string]any{"summary": map[string]any{
			"verb": s.Verb, "rows": s.Rows, "changed": s.Changed, "already": s.Already, "failed": s.Failed,
			"unknown": s.Unknown, "not_tried": s.Untried, "calls": s.Calls,
			"elapsed_ms": s.Elapsed.Milliseconds(), "methods": s.Methods,
		}}))
		return
	}
	var parts []string
	if change {
		parts = append(parts, fmt.Sprintf("%s: %s %s", s.Verb, thousands(s.Changed), done))
	}
	parts = append(parts, amounts([]amount{
		{s.Already, "already there"}, {s.Failed, "refused"}, {s.Unknown, "not known"}, {s.Untried, "not tried"},
	})...)
	if !change {
		parts = append(parts, count(s.Rows, "row"))
	}
	if r.footer {
		parts = append(parts, count(s.Calls, "call"), duration(s.Elapsed))
	}
	r.write(strings.Join(parts, ", ") + "\n")
}

// planned says what a dry run did not do.
func (r *reporter) planned(s sqlengine.Summary) {
	if r.json {
		r.write(output.JSONLine(map[string]any{"summary": map[string]any{
			"verb": s.Verb, "planned": s.Planned, "calls": s.Calls, "elapsed_ms": s.Elapsed.Milliseconds(), "methods": s.Methods,
		}}))
		return
	}
	r.write(fmt.Sprintf("%s: a dry run: %s would be %s, and nothing was changed\n", s.Verb, count(s.Planned, "row"), changes[s.Verb]))
}

// sent says which methods were called, and what was sent for them.
func (r *reporter) sent(s sqlengine.Summary) {
	for _, of := range []struct{ label, text string }{{"calls", methodCalls(s)}, {"requests", r.tally.take()}} {
		switch {
		case of.text == "":
		case r.json:
			r.write(output.JSONLine(map[string]string{of.label: of.text}))
		default:
			r.write(fmt.Sprintf("  %-8s  %s\n", of.label, of.text))
		}
	}
}

// amount is how many things are in a state.
type amount struct {
	n     int
	state string
}

// amounts says how many things are in each state, but for those of which there are
// none: "498 done", "2 failed".
func amounts(all []amount) []string {
	var parts []string
	for _, of := range all {
		if of.n > 0 {
			parts = append(parts, thousands(of.n)+" "+of.state)
		}
	}
	return parts
}

// duration returns a time as people say it: "143 ms", "1.2 s", "1m8s".
func duration(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// write writes a line. There is nobody to tell if it cannot be written.
func (r *reporter) write(line string) { _, _ = io.WriteString(r.w, line) }
