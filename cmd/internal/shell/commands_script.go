package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/sqlengine/script"
)

// scriptCommands are about files of statements, programs, and what was typed.
func scriptCommands() []Command {
	const group = "Files, values and programs"
	return []Command{
		{
			Name: `\i`, Aliases: []string{`\ir`, ".read"}, Args: "FILE", Group: group,
			About: "run the statements of a file",
			run: func(s *Shell, ctx context.Context, args []string) error {
				of, err := s.host.Script(ctx, args[0])
				if err != nil {
					return err
				}
				return s.runScript(ctx, of)
			},
		},
		{
			Name: `\set`, Aliases: []string{".parameter"}, Args: "[NAME [VALUE]]", Group: group,
			About: "list the values that :NAME stands for, or set one", run: setVariable,
		},
		{
			Name: `\unset`, Args: "NAME", Group: group, About: "forget a value",
			run: func(s *Shell, _ context.Context, args []string) error {
				if _, ok := s.settings.Variables[args[0]]; !ok {
					return usagef(fmt.Sprintf("there is no value %q", args[0]), `\set lists them`)
				}
				s.settings.Variables = without(s.settings.Variables, args[0])
				return nil
			},
		},
		{
			Name: `\prompt`, Args: "NAME [TEXT...]", Group: group,
			About: "ask for a value, after a text", run: promptFor,
		},
		{
			Name: `\echo`, Args: "[TEXT...]", Group: group,
			About: "say a text, with the values of :NAME", run: say(false),
		},
		{
			Name: `\warn`, Args: "[TEXT...]", Group: group,
			About: "the same, as a warning", run: say(true),
		},
		{
			Name: `\n`, Args: "[NAME]", Group: group,
			About: "list the queries of the configuration file, or run one", run: named,
		},
		{
			Name: `\s`, Args: "[N|FILE]", Group: group,
			About: "show what was typed, the last N texts of it, or write it to a file", run: showHistory,
		},
		{
			Name: `\!`, Args: "COMMAND", Group: group, whole: true,
			About: "run a program",
			run: func(s *Shell, ctx context.Context, args []string) error {
				cmd, err := s.program(ctx, args[0])
				if err != nil {
					return err
				}
				if err := cmd.Run(); err != nil {
					return fmt.Errorf("%s: %w", args[0], err)
				}
				return nil
			},
		},
	}
}

// setVariable lists the values that :name stands for, or sets one.
func setVariable(s *Shell, _ context.Context, args []string) error {
	switch len(args) {
	case 0:
		for _, name := range sortedKeys(s.settings.Variables) {
			s.say(name + " = " + output.Harmless(valueText(s.settings.Variables[name])))
		}
		return nil
	case 1:
		args = append(args, "")
	}
	return s.assign(args[0], args[1])
}

// assign gives a value to a name, which may say its type: "n:int".
func (s *Shell) assign(name, text string) error {
	name, kind, wrong := script.ParseName(name)
	if wrong != nil {
		return usagef(wrong.Error(), wrong.Hint())
	}
	value, wrong := script.ParseValue(kind, text)
	if wrong != nil {
		return usagef(wrong.Error(), wrong.Hint())
	}
	s.setAll(map[string]any{name: value})
	return nil
}

// setAll sets values. A statement that is not waited for may still read the old ones.
func (s *Shell) setAll(values map[string]any) {
	s.settings.Variables = maps.Clone(s.settings.Variables)
	maps.Copy(s.settings.Variables, values)
}

// valueText is a value as \set lists it: as SQL has it.
func valueText(value any) string {
	switch v := value.(type) {
	case nil:
		return "NULL"
	case string:
		return "'" + strings.ReplaceAll(v, "'", "''") + "'"
	}
	return fmt.Sprint(value)
}

// promptFor asks for a value. One that is not given leaves the old one.
func promptFor(s *Shell, ctx context.Context, args []string) error {
	if _, _, wrong := script.ParseName(args[0]); wrong != nil {
		return usagef(wrong.Error(), wrong.Hint())
	}
	question := strings.TrimSpace(output.Harmless(strings.Join(args[1:], " ")))
	if question == "" {
		question = output.Harmless(args[0])
	}
	if !strings.HasSuffix(question, ":") && !strings.HasSuffix(question, "?") {
		question += ":"
	}
	answer, err := s.host.Ask(ctx, question+" ")
	if errors.Is(err, io.EOF) {
		return refusedf(fmt.Sprintf("nothing was answered: %s is as it was", args[0]), "")
	}
	if err != nil {
		return err
	}
	return s.assign(args[0], answer)
}

// say returns the command that says a text. A word of it that is :NAME is its value.
func say(warning bool) func(*Shell, context.Context, []string) error {
	return func(s *Shell, _ context.Context, args []string) error {
		for i, word := range args {
			name, ok := strings.CutPrefix(word, ":")
			if !ok {
				continue
			}
			if value, ok := s.settings.Variables[name]; ok {
				args[i] = script.Shown(value)
			}
		}
		s.host.Say(strings.Join(args, " "), warning)
		return nil
	}
}

// named lists the queries of the configuration file, or runs one, which is the last
// statement then.
func named(s *Shell, ctx context.Context, args []string) error {
	if len(args) == 0 {
		return s.table(ctx, s.host.Queries())
	}
	text, err := s.host.Query(args[0])
	if err != nil {
		return err
	}
	stmts := script.Statements(config.NamedSign+args[0], text)
	for i, stmt := range stmts {
		s.last = stmt.String()
		if err := s.run(ctx, stmt, s.target()); err != nil {
			return unfinished(err, len(stmts)-i-1)
		}
	}
	return nil
}

// without returns a map without a key.
func without(m map[string]any, key string) map[string]any {
	m = maps.Clone(m)
	delete(m, key)
	return m
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// showHistory shows what was typed, or writes it to a file.
func showHistory(s *Shell, _ context.Context, args []string) error {
	if s.History == nil {
		return usagef("there is no history", "it is kept of what is typed at a terminal")
	}
	all := s.History.All()
	if len(args) == 0 {
		return s.typed(all)
	}
	if n, err := strconv.Atoi(args[0]); err == nil && n >= 0 {
		return s.typed(all[max(0, len(all)-n):])
	}
	text := strings.Join(all, "\n")
	if text != "" {
		text += "\n"
	}
	// It says who was invited where.
	if err := os.WriteFile(args[0], []byte(text), 0o600); err != nil {
		return usagef(err.Error(), "")
	}
	return nil
}

func (s *Shell) typed(texts []string) error {
	for _, text := range texts {
		s.say(harmlessLines(text))
	}
	return nil
}
