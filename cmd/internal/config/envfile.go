package config

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// withFile returns the variables of the environment with those of the file of
// --env.file, which win.
func (c *Config) withFile(env Env) (Env, error) {
	f := c.flags.Lookup("env.file")
	if f == nil {
		return env, nil
	}
	name := f.Value.String()
	if value := env(Variable(f.Name)); !f.Changed && value != "" {
		name = value
	}
	if name == "" {
		if f.Changed {
			return nil, &UsageError{Message: "--env.file is empty", Hint: "is a variable of the shell not set?"}
		}
		return env, nil
	}
	vars, err := readEnvFile(name)
	if err != nil {
		return nil, err
	}
	return func(name string) string {
		if value, ok := vars[name]; ok {
			return value
		}
		return env(name)
	}, nil
}

func readEnvFile(name string) (map[string]string, error) {
	r, err := os.Open(name)
	if err != nil {
		return nil, &UsageError{Message: "--env.file: " + err.Error()}
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, &UsageError{Message: "--env.file: " + err.Error()}
	}
	if len(text) > maxFile {
		return nil, &UsageError{Message: fmt.Sprintf("%s is longer than %d KB", name, maxFile>>10)}
	}
	return parseEnvFile(name, string(text))
}

// parseEnvFile returns the variables of a text: NAME=VALUE, a line each, where
// "export" may come first, the value may stand in quotes of either kind, and # begins
// a comment. Nothing is expanded. Errors do not show values, which may be secrets.
func parseEnvFile(file, text string) (map[string]string, error) {
	vars := map[string]string{}
	line := 0
	for s := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line++
		s = strings.TrimSpace(s)
		if s == "" || s[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(strings.TrimPrefix(s, "export "), "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.ContainsAny(name, " \t\"'") {
			return nil, envFileError(file, line, "this is no variable")
		}
		if value, ok = unquoted(strings.TrimSpace(value)); !ok {
			return nil, envFileError(file, line, name+" has a quote that is never closed, or more after it")
		}
		vars[name] = value
	}
	return vars, nil
}

func envFileError(file string, line int, message string) error {
	return &UsageError{Message: fmt.Sprintf("%s:%d: %s", file, line, message), Hint: "write NAME=VALUE, a line each"}
}

// unquoted returns a value without its quotes and the comment after it.
func unquoted(s string) (string, bool) {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		if at := strings.Index(s, " #"); at >= 0 {
			s = strings.TrimSpace(s[:at])
		}
		return s, true
	}
	value, rest, ok := strings.Cut(s[1:], s[:1])
	rest = strings.TrimSpace(rest)
	return value, ok && (rest == "" || rest[0] == '#')
}
