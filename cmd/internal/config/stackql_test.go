package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestHabits gives each flag of StackQL a value, and checks that it is ignored,
// noted or refused, and that each is told apart from iql's own.
func TestHabits(t *testing.T) {
	taken, refusals := Habits()
	if len(taken) == 0 || len(refusals) == 0 {
		t.Fatalf("Habits() = %d, %d", len(taken), len(refusals))
	}
	for _, h := range taken {
		c, err := load(t, []string{"--" + h.Flag + "=5"}, nil)
		if err != nil || len(c.Ignored())+len(c.Warnings()) != 1 {
			t.Errorf("Load(--%s=5) = %v, %q, %q, want one note", h.Flag, err, c.Ignored(), c.Warnings())
		}
	}
	for _, h := range refusals {
		_, err := load(t, []string{"--" + h.Flag + "=5"}, nil)
		wrong, ok := errors.AsType[*UsageError](err)
		if !ok || h.Instead == "" || !strings.Contains(wrong.Hint, h.Instead) {
			t.Errorf("Load(--%s=5) = %v, want a hint at %q", h.Flag, err, h.Instead)
		}
	}
	for _, key := range Keys() {
		if OfStackQL(key.Flag) {
			continue
		}
		for _, h := range habits {
			if h.Flag == key.Flag {
				t.Errorf("--%s is a flag of iql", h.Flag)
			}
		}
	}
	c, err := load(t, nil, map[string]string{"IQL_ACID": "x", "IQL_HTTP_PROXY_HOST": "x", "IQL_DRYRUN": "1"})
	if err != nil || c.Ignored() != nil || c.Render {
		t.Errorf("Load with variables of habits = %v, %q, %t, want nothing", err, c.Ignored(), c.Render)
	}
}

func TestDryRun(t *testing.T) {
	for _, tt := range []struct {
		args         []string
		env          string
		plan, render bool
	}{
		{nil, "", false, false},
		{[]string{"-n"}, "", true, false},
		{[]string{"-ny"}, "", true, false},
		{[]string{"--dry-run"}, "", true, false},
		{[]string{"--dry-run=false"}, "1", false, false},
		{[]string{"--dry-run=render"}, "", true, true},
		{[]string{"--dryrun"}, "", true, true},
		{nil, "true", true, false},
		{nil, "render", true, true},
	} {
		c, err := load(t, tt.args, map[string]string{"IQL_DRY_RUN": tt.env})
		if err != nil || c.DryRun != tt.plan || c.Render != tt.render {
			t.Errorf("Load(%q, IQL_DRY_RUN=%s) = %t, %t, %v, want %t, %t", tt.args, tt.env, c.DryRun, c.Render, err, tt.plan, tt.render)
		}
	}
	if _, err := load(t, []string{"--dry-run=x"}, nil); err == nil {
		t.Error("Load(--dry-run=x) is no error")
	}
	path := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte("[defaults]\ndry_run = true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := load(t, []string{"--configfile", path}, nil); err != nil || !c.DryRun {
		t.Errorf("Load with dry_run = true: %t, %v", c.DryRun, err)
	}
}

func TestVars(t *testing.T) {
	c, err := load(t, []string{"--var", "a=1,b=2", "--var", "c=x=y"}, nil)
	if diff := cmp.Diff(map[string]string{"a": "1", "b": "2", "c": "x=y"}, c.Vars); diff != "" || err != nil {
		t.Errorf("Load(--var ...) = %v (-want +got):\n%s", err, diff)
	}
}

func TestParseEnvFile(t *testing.T) {
	for _, tt := range []struct {
		text, problem string
		want          map[string]string
	}{
		{"", "", map[string]string{}},
		{"\ufeffA=1\r\n\r\n# B=2\n  export C = c d \n", "", map[string]string{"A": "1", "C": "c d"}},
		{"A=\nB=''\nC=\"# no comment\" # one\nD=x#y # z\nE='a\"b'", "", map[string]string{"A": "", "B": "", "C": "# no comment", "D": "x#y", "E": `a"b`}},
		{"A=a=b", "", map[string]string{"A": "a=b"}},
		{"A=1\nA=2", "", map[string]string{"A": "2"}},
		{"A=1\nsecret", "f:2: this is no variable", nil},
		{"=secret", "f:1: this is no variable", nil},
		{"A B=secret", "f:1: this is no variable", nil},
		{"A='secret", "f:1: A has a quote that is never closed, or more after it", nil},
		{"A='x' secret", "f:1: A has a quote that is never closed, or more after it", nil},
	} {
		got, err := parseEnvFile("f", tt.text)
		problem := ""
		if err != nil {
			problem = err.Error()
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || problem != tt.problem {
			t.Errorf("parseEnvFile(%q): %q, want %q (-want +got):\n%s", tt.text, problem, tt.problem, diff)
		}
	}
}

func FuzzEnvFile(f *testing.F) {
	f.Add("export A='x' # y\nB=2")
	f.Fuzz(func(t *testing.T, text string) {
		vars, err := parseEnvFile("f", text)
		if _, ok := errors.AsType[*UsageError](err); err != nil && !ok {
			t.Errorf("parseEnvFile(%q): %v is no *UsageError", text, err)
		}
		for name := range vars {
			if name == "" || strings.ContainsAny(name, "= \n") {
				t.Errorf("parseEnvFile(%q) has the name %q", text, name)
			}
		}
	})
}
