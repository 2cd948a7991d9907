package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider/classroom/live"
)

// consoles are the files whose console blocks are run: each block is what a
// person types after "$ " and what a terminal then shows.
var consoles = []string{"README.md", "docs/bulk.md", "docs/scripting.md", "docs/shell.md"}

// TestConsole runs the commands that the documentation shows, those of a file
// one after the other in a home folder of their own, and compares what they
// print. With -update it writes that into the file.
func TestConsole(t *testing.T) {
	for _, name := range consoles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("..", "..", name)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			home := t.TempDir()
			got := rerun(t, string(text), func(command string) string { return shell(t, home, command) })
			golden(t, path, string(text), got)
		})
	}
}

// rerun returns a text with what its commands print now.
func rerun(t *testing.T, text string, run func(command string) string) string {
	t.Helper()
	ran := 0
	got := block.ReplaceAllStringFunc(text, func(b string) string {
		var out strings.Builder
		out.WriteString("```console\n")
		for _, command := range commands(b) {
			ran++
			out.WriteString("$ " + command + "\n" + runID.ReplaceAllString(run(command), "${1}k3f9"))
		}
		return out.String() + "```\n"
	})
	if ran == 0 {
		t.Fatal("there are no commands")
	}
	return got
}

// TestLiveConsole does for docs/live.md what TestConsole does, with iql emulate in
// the place of Google, and the configuration that the page shows.
func TestLiveConsole(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "live.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if scopes := strings.Join(live.Scopes(), ","); !strings.Contains(string(text), "\n"+scopes+"\n") {
		t.Errorf("%s does not show the scopes %s", path, scopes)
	}
	endpoint, stop := emulate(t)
	defer stop(os.Interrupt)
	home := t.TempDir()
	dir := filepath.Join(home, ".config", "iql")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeJSON(filepath.Join(dir, "key.json"), serviceAccount(endpoint)); err != nil {
		t.Fatal(err)
	}
	file := tomlBlock.FindStringSubmatch(string(text))
	if file == nil {
		t.Fatalf("%s shows no configuration", path)
	}
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(file[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	shown := strings.NewReplacer(endpoint, live.Google, home, "/home/ann")
	golden(t, path, string(text), rerun(t, string(text), func(command string) string {
		return shown.Replace(shell(t, home, command, "IQL_ENDPOINT="+endpoint, "IQL_KEYRING=off"))
	}))
}

// runID finds the identifier of a change, which is another each time.
var runID = regexp.MustCompile(`(iql journal retry )[a-z0-9]{4}\b`)

var tomlBlock = regexp.MustCompile("(?ms)^```toml\n(.*?)^```\n")

var block = regexp.MustCompile("(?ms)^```console\n.*?^```\n")

// commands returns what a block types: the lines after "$ ", each with those
// that follow while a double quote is open.
func commands(block string) []string {
	var out []string
	open := false
	for line := range strings.Lines(block) {
		line = strings.TrimSuffix(line, "\n")
		command, ok := strings.CutPrefix(line, "$ ")
		switch {
		case open:
			out[len(out)-1] += "\n" + line
		case ok:
			out = append(out, command)
		default:
			continue
		}
		open = strings.Count(out[len(out)-1], `"`)%2 == 1
	}
	return out
}

// TestExamples runs examples/*.iql and examples/tasks/*.iql, each against a new
// demo school and with the flags that its first line says, and compares what it
// prints with the file of the same name that ends in .out.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*.iql")
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := filepath.Glob("../../examples/tasks/*.iql")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 || len(tasks) != 20 {
		t.Fatalf("there are %d examples, and %d tasks where 20 are known", len(files), len(tasks))
	}
	for _, file := range append(files, tasks...) {
		name := strings.TrimPrefix(filepath.ToSlash(file), "../../examples/")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			command := exampleCommand.FindSubmatch(text)
			if command == nil {
				t.Fatalf("%s does not say in its first line how it is run, such as -- iql exec --yes", file)
			}
			out := strings.TrimSuffix(file, ".iql") + ".out"
			want, err := os.ReadFile(out)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			got := shell(t, t.TempDir(), "cd "+filepath.Dir("examples/"+name)+" && "+
				string(command[1])+" --backend mock:memory -i "+filepath.Base(name))
			golden(t, out, string(want), got)
		})
	}
}

// exampleCommand finds the command in the first line of an example.
var exampleCommand = regexp.MustCompile(`\A-- (iql exec(?: --?[a-z].*)?)\n`)

// shell returns what a command prints on both streams, and its exit code if
// that is not 0.
func shell(t *testing.T, home, command string, env ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
	cmd.Dir = filepath.Join("..", "..") // where the files that commands name are
	cmd.Env = append([]string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.Getenv("TMPDIR")}, env...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String() + "(exit code " + exit.String()[len("exit status "):] + ")\n"
	}
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return out.String()
}

// golden compares a text with the one that a file has, or writes it there.
func golden(t *testing.T, path, want, got string) {
	t.Helper()
	if *update && want != got {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s does not show what is printed (-want +got); go test ./cmd/iql -update writes it:\n%s", path, diff)
	}
}
