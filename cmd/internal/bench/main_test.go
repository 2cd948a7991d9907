package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/iql-lang/iql/cmd/internal/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"bench": main, "iql": iql})
}

// iql is the program that is measured, so that none is built.
func iql() {
	ctx, signals, stop := cli.WithSignals(context.Background())
	code := cli.Main(ctx, cli.Env{
		Args: os.Args[1:], Getenv: os.Getenv, Environ: os.Environ,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Signals: signals,
	})
	stop()
	os.Exit(code)
}

// TestQuick runs every trial once, next to nothing each. It checks that the rows
// and the calls are right, and no time.
func TestQuick(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts some fifty processes")
	}
	cmd := exec.CommandContext(t.Context(), "bench", "-quick", "-runs", "1", "-markdown", "-iql", "iql")
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("bench -quick: %v\n%s", err, out)
	}
	lines := strings.Split(string(out), "\n")
	for _, trial := range trials(quick, false) {
		found := false
		for _, line := range lines {
			cells := strings.Split(line, " | ")
			if cells[0] != "| "+trial.name {
				continue
			}
			found = true
			if len(cells) != len(columns) {
				t.Errorf("%s has %d columns, want %d: %s", trial.name, len(cells), len(columns), line)
			}
			for target := range strings.SplitSeq(line, "; ") {
				if strings.Contains(target, " calls: ") && !strings.Contains(target, ", ok") {
					t.Errorf("%s: %s", trial.name, target)
				}
			}
		}
		if !found {
			t.Errorf("%s is not in the table:\n%s", trial.name, out)
		}
	}
}

// TestBareRefuses checks that a name that bare does not know is an error.
func TestBareRefuses(t *testing.T) {
	for _, args := range [][]string{{"bare"}, {"bare", "lists"}, {"-only", "("}} {
		if err := run(t.Context(), args); err == nil {
			t.Errorf("run(%q) = nil, want an error", args)
		}
	}
}
