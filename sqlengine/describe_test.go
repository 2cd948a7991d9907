package sqlengine_test

import (
	"strings"
	"testing"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

// TestHintOfScopes keeps what a backend says about a scope that is missing.
func TestHintOfScopes(t *testing.T) {
	e := &provider.Error{Code: provider.PermissionDenied, Message: "no", Scopes: []string{"a", "b"}}
	if p := sqlengine.Describe(e); p.Exit != sqlengine.ExitAuth || !strings.Contains(p.Hint, "scope") {
		t.Errorf("without a hint: %+v", p)
	}
	e.Hint = "ask the head"
	if p := sqlengine.Describe(e); p.Exit != sqlengine.ExitAuth || p.Hint != e.Hint {
		t.Errorf("with a hint: %+v", p)
	}
}
