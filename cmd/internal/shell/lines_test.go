package shell

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLines checks that a text is found whole at the line where Complete finds it
// so, and not before.
func TestLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(append(fragments, "\n", "''", "*/\n", "]]", "quit\n")), 0, 16).Draw(t, "text"), "")
		ends, above := Lines(), ""
		for line := range strings.Lines(text) {
			if !strings.HasSuffix(line, "\n") {
				return // the end of a pipe, of which it is not asked
			}
			above += line
			got, want := ends(line), Complete(strings.TrimSuffix(above, "\n"))
			if got != want {
				t.Fatalf("at the end of %q: whole = %v, want %v", above, got, want)
			}
			if got {
				ends, above = Lines(), ""
			}
		}
	})
}

// TestLinesOfLongTexts checks that a long text is not read again for each of its
// lines: that would take minutes.
func TestLinesOfLongTexts(t *testing.T) {
	t.Parallel()
	const n = 100_000
	for name, in := range map[string]struct{ begin, line, end string }{
		"rows":    {"INSERT INTO t VALUES\n", "('a;b'),\n", "('c');\n"},
		"a text":  {"SELECT '\n", "it''s; \\\n", "';\n"},
		"comment": {"/* a\n", "; \\q\n", "*/ SELECT 1;\n"},
	} {
		begin := time.Now()
		ends := Lines()
		whole := ends(in.begin)
		for range n {
			whole = whole || ends(in.line)
		}
		if whole {
			t.Errorf("%s: whole before its end", name)
		}
		if !ends(in.end) {
			t.Errorf("%s: not whole at its end", name)
		}
		if took := time.Since(begin); took > 30*time.Second {
			t.Errorf("%s: %d lines took %v", name, n, took)
		}
	}
}
