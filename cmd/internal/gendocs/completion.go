package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/cli"
)

// scripts says by which name each shell finds the script of iql completion.
var scripts = []struct{ shell, file string }{
	{"bash", "iql.bash"},
	{"zsh", "_iql"},
	{"fish", "iql.fish"},
	{"powershell", "iql.ps1"},
}

// completionScripts returns what iql completion prints, by the name of its file.
func completionScripts() (map[string]string, error) {
	files := map[string]string{}
	for _, s := range scripts {
		var script, problems bytes.Buffer
		code := cli.Main(context.Background(), cli.Env{
			Args:   []string{"completion", s.shell},
			Getenv: func(string) string { return "" },
			Stdin:  strings.NewReader(""),
			Stdout: &script,
			Stderr: &problems,
		})
		if code != 0 {
			return nil, fmt.Errorf("iql completion %s ended with exit code %d: %s", s.shell, code, problems.String())
		}
		files[s.file] = script.String()
	}
	return files, nil
}
