package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/sqlengine/script"
)

// paramVariable is what the names of variables that are parameters begin with.
const paramVariable = "IQL_PARAM_"

// params returns the values of parameters: those of the environment, and those of
// --param, which win.
func (a *app) params(ctx context.Context) (map[string]any, error) {
	values := map[string]any{}
	if a.Environ != nil {
		for _, entry := range a.Environ() {
			variable, value, _ := strings.Cut(entry, "=")
			if name, ok := strings.CutPrefix(variable, paramVariable); ok && name != "" && value != "" {
				values[name] = value
			}
		}
	}
	for _, given := range a.config.Params {
		name, value, err := a.param(ctx, given)
		if err != nil {
			return nil, err
		}
		values[name] = value
	}
	return values, nil
}

// param reads NAME=VALUE.
func (a *app) param(ctx context.Context, given string) (string, any, error) {
	left, text, ok := strings.Cut(given, "=")
	if !ok {
		return "", nil, &config.UsageError{Message: fmt.Sprintf("--param %s has no value", left), Hint: "write --param NAME=VALUE"}
	}
	name, kind, wrong := script.ParseName(left)
	if wrong != nil {
		return "", nil, &config.UsageError{Message: "--param: " + wrong.Error(), Hint: wrong.Hint()}
	}
	text, err := a.paramText(ctx, name, text)
	if err != nil {
		return "", nil, err
	}
	value, wrong := script.ParseValue(kind, text)
	if wrong != nil {
		return "", nil, &config.UsageError{Message: fmt.Sprintf("--param %s: %v", name, wrong), Hint: wrong.Hint()}
	}
	return name, value, nil
}

// paramText returns the text that a value stands for: of a file after @, without the
// line break at its end, of a variable after env:, or itself. @@ is an @.
func (a *app) paramText(ctx context.Context, name, text string) (string, error) {
	if file, ok := strings.CutPrefix(text, "@"); ok {
		if strings.HasPrefix(file, "@") {
			return file, nil
		}
		text, err := readFile(ctx, file)
		return strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r"), err
	}
	variable, ok := strings.CutPrefix(text, "env:")
	if !ok {
		return text, nil
	}
	if value := a.Getenv(variable); value != "" {
		return value, nil
	}
	return "", &config.UsageError{Message: fmt.Sprintf("--param %s: the variable %s is not set", name, variable)}
}
