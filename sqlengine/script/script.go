// Package script runs texts of many statements, such as .iql files: in order,
// and not one more after the first that fails.
package script

import (
	"context"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Statements returns the statements of a text. The last one needs no
// semicolon. file is what the person calls the text.
func Statements(file, text string) []syntax.Source {
	stmts, rest := syntax.Split(file, text)
	if rest.Start < rest.End {
		stmts = append(stmts, rest)
	}
	return stmts
}

// Run hands the statements to run, one after another, until one fails or the
// context ends. It returns how many were run, the failed one included.
func Run(ctx context.Context, stmts []syntax.Source, run func(context.Context, syntax.Source) error) (n int, err error) {
	for i, stmt := range stmts {
		if err := ctx.Err(); err != nil {
			return i, err
		}
		if err := run(ctx, stmt); err != nil {
			return i + 1, err
		}
	}
	return len(stmts), nil
}
