package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/credentials"
	"github.com/iql-lang/iql/sqlengine"
)

// doctor returns the command that tries what --backend live needs.
func (a *app) doctor() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Try what is needed to ask Google, and say what is wrong",
		Long: `doctor goes the way of a statement that asks Google: the configuration, the
credentials, the clock, a token for each scope, a call of the API for each. What
fails, it says how to mend. It changes nothing.

The exit code is 0 if nothing failed, else the largest of 2 (configuration),
4 (credentials), 5 (the API refuses) and 7 (there is no answer).`,
		Example: `  iql doctor --as admin@school.example
  iql doctor --profile district --json
  iql doctor --endpoint http://127.0.0.1:8085/ --auth none --as admin@example.edu`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.examine(cmd.Context(), asJSON)
		},
	}
	a.config.Access(cmd.Flags())
	completeAccess(cmd)
	// What the doctor does where nothing is said: see backend and find.
	cmd.Flags().Lookup("backend").DefValue = "live"
	cmd.Flags().Lookup("retries").DefValue = strconv.Itoa(doctorRetries)
	cmd.Flags().BoolVar(&asJSON, "json", false, "as a JSON array")
	return cmd
}

// examine makes all checks and prints what they find: each as it comes, or all as
// JSON.
func (a *app) examine(ctx context.Context, asJSON bool) (err error) {
	d := &doctor{app: a, denied: make(map[string]bool)}
	if !asJSON {
		color := config.UseColor(a.config.Color, a.shownOn(a.Stdout), a.Getenv)
		d.show = func(f finding) error { return a.print(d.text(f, color)) }
	}
	defer func() { err = errors.Join(err, d.close()) }()
	for _, check := range checks {
		check(d, ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	switch {
	case d.err != nil:
		return d.err
	case asJSON:
		err = a.print(output.JSONLine(d.findings))
	default:
		err = a.print(d.sum() + "\n")
	}
	if exit := d.exit(); err == nil && exit != sqlengine.ExitDone {
		return &failure{err: errors.New(d.sum()), told: exit}
	}
	return err
}

// finding is what a check has found.
type finding struct {
	Check   string `json:"check"`
	About   string `json:"about,omitempty"` // a scope, or a method
	Status  string `json:"status"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"` // what to do
	exit    int
}

// The statuses of findings.
const (
	good    = "ok"
	odd     = "warn"
	bad     = "fail"
	skipped = "skip"
)

// doctor is the checks under way: what they have found, and what those after them
// go by.
type doctor struct {
	app      *app
	findings []finding
	show     func(finding) error // as it comes; nil is not at all
	err      error               // of show

	// ground is why there is nothing to check any more; "" while there is.
	ground string
	source *credentials.Source // nil for --auth none
	who    *actor
	denied map[string]bool // whole scopes of which there is no token
	live   *liveBackend
	me     *classroom.UserProfile // nil if it is not known
}

func (d *doctor) close() error {
	if d.live == nil {
		return nil
	}
	return d.live.close()
}

// ok, warn, fail and skip tell what a check has found, about a scope or a method
// if it is about one.
func (d *doctor) ok(check, about, message string) {
	d.tell(finding{Check: check, About: about, Status: good, Message: message})
}

func (d *doctor) warn(check, about, message, hint string) {
	d.tell(finding{Check: check, About: about, Status: odd, Message: message, Hint: hint})
}

func (d *doctor) skip(check, about, why string) {
	d.tell(finding{Check: check, About: about, Status: skipped, Message: why})
}

// fail tells of an error. hint is for one that does not say what to do.
func (d *doctor) fail(check, about string, err error, hint string) {
	if errors.Is(err, context.Canceled) {
		return // it says nothing about what was checked
	}
	p := describe(&failure{err: err})
	if p.Hint != "" {
		hint = p.Hint
	}
	d.tell(finding{Check: check, About: about, Status: bad, Message: p.Message, Hint: hint, exit: p.Exit})
}

func (d *doctor) tell(f finding) {
	if d.show != nil && d.err == nil {
		d.err = d.show(f)
	}
	d.findings = append(d.findings, f)
}

// exit returns the exit code of what was found.
func (d *doctor) exit() int {
	code := sqlengine.ExitDone
	for _, f := range d.findings {
		code = max(code, f.exit)
	}
	return code
}

// marks stand before the findings of a status.
var marks = map[string]func(color bool) string{
	good:    func(color bool) string { return output.Green("✓", color) },
	odd:     func(color bool) string { return output.Yellow("!", color) },
	bad:     func(color bool) string { return output.Red("✗", color) },
	skipped: func(bool) string { return "-" },
}

// checkWidth is that of the longest name of a check.
const checkWidth = len("administrator")

// text is a finding for a person. A hint that has just been given is left out.
func (d *doctor) text(f finding, color bool) string {
	message := f.Message
	if f.About != "" {
		message = f.About + ": " + message
	}
	text := fmt.Sprintf("%s %-*s  %s\n", marks[f.Status](color), checkWidth, f.Check, output.Harmless(message))
	if f.Hint == "" || len(d.findings) > 0 && d.findings[len(d.findings)-1].Hint == f.Hint {
		return text
	}
	return text + fmt.Sprintf("  %*s  %s\n", checkWidth, "", output.Harmless(f.Hint))
}

// sum returns how many checks went wrong.
func (d *doctor) sum() string {
	of := map[string]int{}
	for _, f := range d.findings {
		of[f.Status]++
	}
	var parts []string
	for _, s := range []struct{ status, noun string }{{bad, "failure"}, {odd, "warning"}} {
		if n := of[s.status]; n > 0 {
			parts = append(parts, count(n, s.noun))
		}
	}
	if parts == nil {
		return "nothing is wrong"
	}
	return strings.Join(parts, ", ")
}
