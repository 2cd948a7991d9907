package editor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/term"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// echoing makes the test binary a shell that says what it was given, as its
// value says: see echo.
const echoing = "IQL_TEST_ECHO"

func TestMain(m *testing.M) {
	if how, ok := os.LookupEnv(echoing); ok {
		os.Exit(echo(strings.Fields(how)))
	}
	goleak.VerifyTestMain(m)
}

// whole reports whether a text ends a statement, or is a command.
func whole(text string) bool {
	last := syntax.Space
	for token := range syntax.Scan(text) {
		if token.Kind != syntax.Space && token.Kind != syntax.Comment {
			last = token.Kind
		}
	}
	return last == syntax.Semicolon || strings.HasPrefix(text, `\`)
}

// continuation says whether a string is open.
func continuation(text string) string {
	if strings.Count(text, "'")%2 == 1 {
		return "'...> "
	}
	return "...> "
}

// offered are the candidates of the echoing shell.
func offered(text string, cursor int) ([]Candidate, int) {
	start := cursor
	for start > 0 && text[start-1] != ' ' && text[start-1] != '\n' && text[start-1] != '(' {
		start--
	}
	var candidates []Candidate
	for _, c := range []Candidate{
		{Text: "courseId", Group: "columns", About: "required"},
		{Text: "courseName", Group: "columns", About: "a \x1b[7mname"},
		{Text: "classId", Group: "columns", About: "required"},
		{Text: "role", Group: "columns"},
		{Text: "COUNT", Group: "functions", Display: "COUNT(x)"},
		{Text: "'Übung-1'", Group: "values"},
		{Text: "'Übung-2'", Group: "values"},
	} {
		if beginsWith(c.Text, text[start:cursor]) {
			candidates = append(candidates, c)
		}
	}
	return candidates, start
}

// echo reads statements from the terminal and says what they are. Its words
// are settings.
func echo(words []string) int {
	opts := Options{
		Prompt:       func() string { return "\x1b[1miql> \x1b[0m" },
		Continuation: continuation,
		Complete:     whole,
		Getenv:       os.Getenv,
	}
	ctx := context.Background()
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "probe":
			opts.CursorProbe = true
		case "color":
			opts.Highlight = Highlight
		case "history":
			history, err := OpenHistory(value, 100)
			if err != nil {
				fmt.Println(err)
			}
			opts.History = history
		case "edit":
			opts.Edit = func(_ context.Context, text string) (string, error) {
				fmt.Printf("editing %q\n", text)
				answer, err := bufio.NewReader(os.Stdin).ReadString('\n') // as the terminal is cooked
				if answer == "fail\n" {
					return "", errors.New("no \x1b[7meditor")
				}
				return strings.Replace(text, "1", strings.TrimSpace(answer), 1) + "\n", err
			}
		case "stoppable":
			var stop context.CancelFunc
			ctx, stop = signal.NotifyContext(ctx, syscall.SIGTERM)
			defer stop()
		}
	}
	ed := New(opts)
	defer ed.Close()
	ed.SetCompleter(offered)
	for {
		text, err := ed.ReadStatement(ctx)
		switch {
		case errors.Is(err, ErrInterrupt):
			fmt.Println("interrupted")
		case errors.Is(err, io.EOF):
			fmt.Println("end")
			if err := goleak.Find(); err != nil {
				fmt.Println(err)
			}
			return 0
		case err != nil:
			fmt.Println("error:", err)
			return 1
		case len(text) > 1000:
			fmt.Printf("got %d lines, %d bytes\n", strings.Count(text, "\n")+1, len(text))
		default:
			fmt.Printf("got %+q\n", text)
			if text == "raw;" { // as a program that was killed leaves it
				if _, err := term.MakeRaw(int(os.Stdin.Fd())); err != nil {
					fmt.Println(err)
				}
			}
		}
	}
}
