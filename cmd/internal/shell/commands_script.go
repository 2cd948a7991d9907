package shell

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/sqlengine/script"
)

// scriptCommands are about files of statements, programs, and what was typed.
func scriptCommands() []Command {
	const group = "Files, values and programs"
	return []Command{
		{
			Name: `\i`, Aliases: []string{".read"}, Args: "FILE", Group: group,
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
			s.say(fmt.Sprintf("%s = '%s'", name, output.Harmless(fmt.Sprint(s.settings.Variables[name]))))
		}
		return nil
	case 1:
		args = append(args, "")
	}
	name, kind, wrong := script.ParseName(args[0])
	if wrong != nil {
		return usagef(wrong.Error(), wrong.Hint())
	}
	value, wrong := script.ParseValue(kind, args[1])
	if wrong != nil {
		return usagef(wrong.Error(), wrong.Hint())
	}
	// A statement that is not waited for may still read the old ones.
	s.settings.Variables = maps.Clone(s.settings.Variables)
	s.settings.Variables[name] = value
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
