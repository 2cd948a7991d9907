package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/iql-lang/iql/sqlengine"
)

// tooMany asks at a terminal whether a statement may run that seems to make more
// calls than --max-calls; elsewhere it says so. Its error is
// a [*sqlengine.ConsentError], or the context's.
func (a *app) tooMany(ctx context.Context, about int) error {
	what := fmt.Sprintf("the statement seems to make about %s, and ends after %s (--max-calls)",
		count(about, "call"), thousands(a.config.MaxCalls))
	if !a.shownOn(a.Stderr) || !a.asks() {
		a.reporter().note("%s", what)
		return nil
	}
	answer, err := a.ask(ctx, what+". Run it? [y/N] ")
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if answer = strings.ToLower(answer); answer != "y" && answer != "yes" {
		return &sqlengine.ConsentError{Message: "it was not run"}
	}
	return nil
}

// consent agrees to a change, asks a person at a terminal to, or refuses it. Its
// error is a [*sqlengine.ConsentError], or the context's.
func (a *app) consent(ctx context.Context, c sqlengine.Change) error {
	calls := shortMethod(c.Method.ID)
	if c.First != nil {
		calls = shortMethod(c.First.ID) + " and " + calls
	}
	what := fmt.Sprintf("%s would call %s for %s", c.Verb, calls, count(c.Rows, "row"))
	most := a.config.MaxChanges
	switch {
	case most > 0 && c.Rows > most:
		return &sqlengine.ConsentError{
			Message: fmt.Sprintf("%s, and --max-changes is %d", what, most),
			Hint:    "nothing was changed: --dry-run tells more",
		}
	case !c.Queried || a.config.Yes:
		return nil
	case !a.shownOn(a.Stderr) || !a.asks():
		return &sqlengine.ConsentError{
			Message: what,
			Hint:    "nothing was changed: " + a.howToAgree(c),
		}
	}
	answer, err := a.ask(ctx, fmt.Sprintf("%s%s.\nType %d to go on: ", what, takes(c), c.Rows))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if answer != fmt.Sprint(c.Rows) {
		return &sqlengine.ConsentError{Message: "stopped: nothing was changed"}
	}
	return nil
}

// howToAgree says how to agree to a change where nobody can be asked.
func (a *app) howToAgree(c sqlengine.Change) string {
	if a.inShell {
		return `\confirm off asks nobody`
	}
	return fmt.Sprintf("add --yes, or --yes --max-changes %d", c.Rows)
}

// takes says how long a change takes at the pace that is kept, and how much of a
// day's quota; "" for nothing to tell.
func takes(c sqlengine.Change) string {
	var text string
	if c.Takes > 0 {
		text += ", about " + c.Takes.String()
	}
	if n := c.Method.Daily; n > 0 {
		text += fmt.Sprintf("; a person may do so %s times a day", thousands(n))
	}
	return text
}

// shortMethod is a method as people call it: "invitations.create".
func shortMethod(id string) string {
	words := strings.Split(id, ".")
	return strings.Join(words[max(0, len(words)-2):], ".")
}

// asks reports whether there is somebody to answer.
func (a *app) asks() bool { return a.Getenv("IQL_FORCE_TTY") != "" || isTerminal(a.Stdin) }

// ask asks a question on standard error and returns the answer's line, or io.EOF if
// there is none. It returns the context's error if that ends first; then nothing more
// may be read from standard input, unless [readable] can wait for it.
func (a *app) ask(ctx context.Context, question string) (answer string, err error) {
	if _, err := io.WriteString(a.screen, question); err != nil {
		return "", fmt.Errorf("ask on standard error: %w", err)
	}
	if err := a.answerable(ctx); err != nil {
		return "", err
	}
	answers := make(chan string, 1)
	go func() {
		line, _ := a.typed.ReadString('\n')
		answers <- line
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case answer := <-answers:
		if !strings.HasSuffix(answer, "\n") && isTerminal(a.Stdin) {
			_, _ = io.WriteString(a.screen, "\n") // Ctrl-D ends no line
		}
		if answer == "" {
			return "", io.EOF
		}
		return strings.TrimSpace(answer), nil
	}
}

// answerable waits until there is something to be read from standard input, where
// that can be waited for, so that no read is left behind that would take what is
// typed after ctx has ended.
func (a *app) answerable(ctx context.Context) error {
	f, ok := a.Stdin.(*os.File)
	if !ok || a.typed.Buffered() > 0 {
		return nil
	}
	return readable(ctx, f)
}
