package main

import (
	"bufio"
	"errors"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write what commands print into the scripts")

func TestMain(m *testing.M) {
	// Else a process that was built with -race waits a second before it exits.
	if err := os.Setenv("GORACE", "atexit_sleep_ms=0"); err != nil {
		panic(err)
	}
	testscript.Main(tests{m}, map[string]func(){"iql": main})
}

// tests are the tests of this package, which iql, run by them, is none of.
type tests struct{ *testing.M }

// Run runs them without the configuration of who runs them.
func (t tests) Run() int {
	none, err := filepath.Abs("testdata/none")
	if err == nil {
		err = os.Setenv("XDG_CONFIG_HOME", none)
	}
	if err != nil {
		panic(err)
	}
	return t.M.Run()
}

// TestScript runs testdata/script. Each script has a home folder and a store
// of its own, which is the school of testdata/school.yaml.
func TestScript(t *testing.T) {
	school, err := filepath.Abs("testdata/school.yaml")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
			env.Setenv("IQL_BACKEND", "mock:"+filepath.Join(env.WorkDir, "school.db"))
			env.Setenv("IQL_SEED", school)
			env.Setenv("IQL_KEYRING", "off") // no test reaches that of who runs it
			env.Setenv("GORACE", os.Getenv("GORACE"))
			env.Setenv("RUNEWIDTH_EASTASIAN", "0")
			return nil
		},
		Cmds: scriptCmds(),
	})
}

// scriptCmds are the commands that scripts have beside testscript's own.
func scriptCmds() map[string]func(*testscript.TestScript, bool, []string) {
	cmds := map[string]func(*testscript.TestScript, bool, []string){
		"exits": exits,
		"mode":  mode,
		"serve": serve,
		"last":  last,
	}
	maps.Copy(cmds, authCmds)
	return cmds
}

// exits CODE COMMAND... runs a command and checks its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// mode PERMISSIONS FILE checks the permissions of a file, in octal.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode PERMISSIONS FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := strconv.FormatUint(uint64(info.Mode().Perm()), 8); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// serve ARGUMENT... runs iql emulate until the script ends, and sets ENDPOINT to
// its address.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: serve ARGUMENT...")
	}
	cmd := exec.Command("iql", append([]string{"emulate", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Dir = ts.Getenv("WORK")
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	ts.Check(err)
	ts.Setenv("ENDPOINT", strings.TrimSpace(strings.TrimPrefix(line, "listening on ")))
}

// last sets RUN to the change that was begun last, of those on record.
func last(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: last")
	}
	ts.Check(ts.Exec("iql", "journal", "list", "-o", "value"))
	id, _, _ := strings.Cut(ts.ReadFile("stdout"), "\n")
	ts.Setenv("RUN", id)
}
