package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/sqlengine/script"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// maxInput is how many bytes are read of a file or a pipe.
const maxInput = 64 << 20

// stdinName is what a person calls a pipe.
const stdinName = "<stdin>"

// given returns what exec was given to run: its arguments, else what -c and -i say,
// else a pipe.
func (a *app) given(queries []string) ([]config.Input, error) {
	inputs := a.inputs()
	switch {
	case len(queries) > 0 && (a.config.Given("infile") || a.config.Given("command")):
		flag := "-c"
		if a.config.Given("infile") {
			flag = "-i"
		}
		return nil, &config.UsageError{Message: "there are queries and " + flag, Hint: "give one of them"}
	case len(queries) > 0:
		inputs, err := a.arguments(queries)
		return inputs, cmp.Or(err, a.noTemplate())
	case len(inputs) == 0 && isTerminal(a.Stdin):
		return nil, &config.UsageError{
			Message: "there is nothing to run",
			Hint:    `give a query: "SELECT 1", a file: -i FILE, or a pipe`,
		}
	case len(inputs) == 0:
		inputs = []config.Input{{File: config.Stdin}}
	}
	return inputs, nil
}

// arguments returns queries of the command line. One that is @NAME is that of the
// configuration file: no statement begins so.
func (a *app) arguments(queries []string) ([]config.Input, error) {
	inputs := make([]config.Input, len(queries))
	for i, query := range queries {
		inputs[i].SQL = query
		if isScript(query) {
			return nil, &config.UsageError{Message: query + " is a file, not a statement", Hint: "give it with -i: -i " + query}
		}
		name, named := strings.CutPrefix(query, config.NamedSign)
		if !named || strings.ContainsAny(strings.TrimSpace(query), " \t\r\n;") {
			continue
		}
		q, err := a.config.NamedQuery(strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		inputs[i] = config.Input{SQL: q.SQL, Name: config.NamedSign + q.Name}
	}
	return inputs, nil
}

// inputs returns what -c and -i were given; variables stand for neither where the
// other is on the command line.
func (a *app) inputs() []config.Input {
	files, texts := a.config.Given("infile"), a.config.Given("command")
	return slices.DeleteFunc(slices.Clone(a.config.Inputs), func(in config.Input) bool {
		return in.File == "" && files && !texts || in.File != "" && texts && !files
	})
}

// queryScripts returns statements that stand on the command line, or have a name;
// there are no commands in them.
func queryScripts(kind string, queries []config.Input) ([]*script.Script, error) {
	var all []*script.Script
	for i, query := range queries {
		name := cmp.Or(query.Name, "<"+kind+">")
		if len(queries) > 1 && query.Name == "" {
			name = fmt.Sprintf("<%s %d>", kind, i+1)
		}
		stmts := script.Statements(name, query.SQL)
		if len(stmts) == 0 && strings.TrimSpace(query.SQL) == "" {
			return nil, &config.UsageError{Message: name + " is empty", Hint: "is a variable of the shell not set?"}
		}
		s := &script.Script{File: name}
		for _, stmt := range stmts {
			s.Items = append(s.Items, script.Item{Source: stmt})
		}
		all = append(all, s)
	}
	return all, nil
}

// inputScripts returns the scripts of inputs, in their order; kind says what the
// texts among them are. The error is the first of what is wrong with the commands of
// one.
func (a *app) inputScripts(ctx context.Context, kind string, inputs []config.Input) ([]*script.Script, error) {
	var texts []config.Input
	for _, in := range inputs {
		if in.File == "" {
			texts = append(texts, in)
		}
	}
	commands, err := queryScripts(kind, texts)
	if err != nil {
		return nil, err
	}
	var all []*script.Script
	for _, in := range inputs {
		if in.File == "" {
			all, commands = append(all, commands[0]), commands[1:]
			continue
		}
		s, errs, err := a.fileScript(ctx, in.File)
		if err != nil {
			return nil, err
		}
		if len(errs) > 0 {
			return nil, errs[0]
		}
		all = append(all, s)
	}
	return all, a.unusedVars()
}

// fileScript reads the script of a file, "-" for standard input, and what is wrong
// with its commands.
func (a *app) fileScript(ctx context.Context, file string) (*script.Script, []*syntax.Error, error) {
	name, text, err := a.readScript(ctx, file)
	if err != nil {
		return nil, nil, err
	}
	s, errs := script.Parse(name, text)
	return s, errs, nil
}

// read returns the text of a file or, for "-", of standard input, and what to call it.
// It waits for the text until ctx ends.
func (a *app) read(ctx context.Context, file string) (name, text string, err error) {
	if file == config.Stdin || file == "stdin" {
		a.stdinRead = true
		text, err := until(ctx, func() (string, error) { return readText(stdinName, a.Stdin) })
		return stdinName, text, err
	}
	text, err = readFile(ctx, file)
	return file, text, err
}

// readFile returns the text of a file. It waits for it until ctx ends.
func readFile(ctx context.Context, file string) (string, error) {
	return until(ctx, func() (string, error) {
		f, err := os.Open(file)
		if err != nil {
			return "", &config.UsageError{Message: err.Error()}
		}
		defer f.Close()
		return readText(file, f)
	})
}

// readText returns the text of a stream. A byte order mark is left out.
func readText(name string, in io.Reader) (string, error) {
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(in, maxInput+1))
	switch {
	case err != nil:
		return "", &config.UsageError{Message: fmt.Sprintf("read %s: %v", name, err)}
	case n > maxInput:
		return "", &config.UsageError{
			Message: fmt.Sprintf("%s is longer than %d MB", name, maxInput>>20),
			Hint:    "split it into several files",
		}
	}
	return strings.TrimPrefix(b.String(), "\ufeff"), nil
}

// fileInputs returns the files that arguments name, patterns among them: not every
// shell puts the files in the place of *.iql.
func fileInputs(args []string) ([]config.Input, error) {
	if len(args) == 0 {
		return nil, &config.UsageError{Message: "there is no file", Hint: "name the scripts, or - for standard input"}
	}
	var all []config.Input
	for _, arg := range args {
		files := []string{arg}
		if _, err := os.Stat(arg); err != nil && strings.ContainsAny(arg, "*?[") {
			files, err = filepath.Glob(arg)
			if err != nil || len(files) == 0 {
				return nil, &config.UsageError{Message: "no file is like " + arg}
			}
		}
		for _, file := range files {
			all = append(all, config.Input{File: file})
		}
	}
	return all, nil
}
