package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/sqlengine/script"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// maxInput is how many bytes are read of a file or a pipe.
const maxInput = 64 << 20

// statements returns the statements that a command was given: those of its
// arguments, else of the files of -i, else of a pipe.
func (a *app) statements(queries []string) ([]syntax.Source, error) {
	switch {
	case len(queries) > 0 && a.config.Given("infile"):
		return nil, &config.UsageError{Message: "there are queries and -i", Hint: "give one of them"}
	case len(queries) > 0:
		return queryStatements(queries)
	case len(a.config.Infiles) > 0:
		return a.fileStatements(a.config.Infiles)
	case isTerminal(a.Stdin):
		return nil, &config.UsageError{
			Message: "there is nothing to run",
			Hint:    `give a query: iql exec "SELECT 1", a file: iql exec -i FILE, or a pipe`,
		}
	}
	return a.fileStatements([]string{config.Stdin})
}

func queryStatements(queries []string) ([]syntax.Source, error) {
	var all []syntax.Source
	for i, query := range queries {
		name := "<arg>"
		if len(queries) > 1 {
			name = fmt.Sprintf("<arg %d>", i+1)
		}
		stmts := script.Statements(name, query)
		if len(stmts) == 0 && strings.TrimSpace(query) == "" {
			return nil, &config.UsageError{Message: name + " is empty", Hint: "is a variable of the shell not set?"}
		}
		all = append(all, stmts...)
	}
	return all, nil
}

func (a *app) fileStatements(files []string) ([]syntax.Source, error) {
	var all []syntax.Source
	for _, file := range files {
		name, text, err := a.read(file)
		if err != nil {
			return nil, err
		}
		all = append(all, script.Statements(name, text)...)
	}
	return all, nil
}

// read returns the text of a file, and what to call it. A byte order mark is
// left out.
func (a *app) read(file string) (name, text string, err error) {
	in := a.Stdin
	if file == config.Stdin || file == "stdin" {
		file, a.stdinRead = "<stdin>", true
	} else {
		f, err := os.Open(file)
		if err != nil {
			return "", "", &config.UsageError{Message: err.Error()}
		}
		defer f.Close()
		in = f
	}
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(in, maxInput+1))
	switch {
	case err != nil:
		return "", "", &config.UsageError{Message: fmt.Sprintf("read %s: %v", file, err)}
	case n > maxInput:
		return "", "", &config.UsageError{
			Message: fmt.Sprintf("%s is longer than %d MB", file, maxInput>>20),
			Hint:    "split it into several files",
		}
	}
	return file, strings.TrimPrefix(b.String(), "\ufeff"), nil
}
