package script_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/sqlengine/script"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

func TestStatements(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"empty", "", nil},
		{"comments", " -- a\n/* b; */ ;", nil},
		{"one", "SELECT 1", []string{"SELECT 1"}},
		{"finished", "SELECT 1;\n", []string{"SELECT 1"}},
		{"several", "SELECT ';'; -- x;\nSELECT 2 -- y", []string{"SELECT ';'", "SELECT 2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, stmt := range script.Statements("a.iql", tt.text) {
				if stmt.File != "a.iql" || stmt.Whole != tt.text {
					t.Errorf("Statements(%q): one is of %q, %q", tt.text, stmt.File, stmt.Whole)
				}
				got = append(got, stmt.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Statements(%q) (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestRunStopsAtFirstError(t *testing.T) {
	stmts := script.Statements("", "a; b; c")
	wrong := errors.New("wrong")
	var ran []string
	n, err := script.Run(t.Context(), stmts, func(_ context.Context, stmt syntax.Source) error {
		ran = append(ran, stmt.String())
		if stmt.String() == "b" {
			return wrong
		}
		return nil
	})
	if n != 2 || !errors.Is(err, wrong) {
		t.Errorf("Run() = %d, %v, want 2, %v", n, err, wrong)
	}
	if diff := cmp.Diff([]string{"a", "b"}, ran); diff != "" {
		t.Errorf("Run() ran (-want +got):\n%s", diff)
	}
}

func TestRunStopsWithContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	n, err := script.Run(ctx, script.Statements("", "a; b; c"), func(context.Context, syntax.Source) error {
		cancel()
		return nil
	})
	if n != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("Run() = %d, %v, want 1, %v", n, err, context.Canceled)
	}
}

func TestRunAll(t *testing.T) {
	n, err := script.Run(t.Context(), script.Statements("", "a; b"), func(context.Context, syntax.Source) error { return nil })
	if n != 2 || err != nil {
		t.Errorf("Run() = %d, %v, want 2, nil", n, err)
	}
}
