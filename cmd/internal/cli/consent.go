package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/iql-lang/iql/sqlengine"
)

// tooMany asks at a terminal whether a statement may run that seems to make more
// calls than --max-calls; elsewhere it says so. Its error is
// [sqlengine.ErrNoConsent], or the context's.
func (a *app) tooMany(ctx context.Context, about int) error {
	what := fmt.Sprintf("the statement seems to make about %s, and ends after %s (--max-calls)",
		count(about, "call"), thousands(a.config.MaxCalls))
	if !a.shownOn(a.Stderr) || !a.asks() {
		a.reporter().note("%s", what)
		return nil
	}
	yes, err := a.ask(ctx, what+". Run it? [y/N] ")
	if err != nil {
		return err
	}
	if !yes {
		return sqlengine.ErrNoConsent
	}
	return nil
}

// asks reports whether there is somebody to answer.
func (a *app) asks() bool { return a.Getenv("IQL_FORCE_TTY") != "" || isTerminal(a.Stdin) }

// ask asks a question on standard error and reports whether the answer is yes. It
// returns the context's error if that ends first; then nothing more may be read
// from standard input.
func (a *app) ask(ctx context.Context, question string) (yes bool, err error) {
	if _, err := io.WriteString(a.screen, question); err != nil {
		return false, fmt.Errorf("ask on standard error: %w", err)
	}
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(a.Stdin).ReadString('\n') // the end of input is no yes
		answers <- line
	}()
	select {
	case <-ctx.Done():
		return false, context.Cause(ctx)
	case answer := <-answers:
		answer = strings.ToLower(strings.TrimSpace(answer))
		return answer == "y" || answer == "yes", nil
	}
}
