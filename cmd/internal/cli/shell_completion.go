package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/completion"
	"github.com/iql-lang/iql/cmd/internal/editor"
	"github.com/iql-lang/iql/cmd/internal/shell"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
)

// lookedUp is how many values of a kind are looked up for Tab.
const lookedUp = 1000

// completer returns what Tab offers in a shell.
func (h *shellHost) completer(sh *shell.Shell) func(text string, cursor int) ([]editor.Candidate, int) {
	source := &completion.Source{Registry: registry.Embedded(), Variables: sh.Variables, Files: entries, Tables: h.tables}
	return func(text string, cursor int) ([]editor.Candidate, int) {
		source.Commands, source.Values = h.commands(), h.values // by the configuration, which \c changes
		if !h.app.config.CompleteIDs {
			source.Values = nil
		}
		found, start := source.At(text, cursor)
		candidates := make([]editor.Candidate, len(found))
		for i, c := range found {
			candidates[i] = editor.Candidate(c)
		}
		return candidates, start
	}
}

// tables returns the tables of the session, with their columns.
func (h *shellHost) tables() map[string][]string {
	tables, err := h.current().session.Tables()
	if err != nil {
		return nil // what Tab does not know it does not offer
	}
	return tables
}

// commands are the commands of the shell, and what their arguments can be.
func (h *shellHost) commands() []completion.Command {
	var all []completion.Command
	for _, c := range shell.Commands() {
		args := argsOf(c)
		switch c.Name {
		case `\n`:
			args = []completion.Arg{{Kind: completion.Choice, Words: h.queryNames()}}
		case `\c`:
			args = []completion.Arg{{Kind: completion.Choice, Words: h.profileNames()}}
		}
		for _, name := range append([]string{c.Name}, c.Aliases...) {
			all = append(all, completion.Command{Name: name, About: c.About, Args: args, Ends: c.Ends})
		}
	}
	return all
}

// queryNames are the names of the configuration file's queries.
func (h *shellHost) queryNames() []string {
	var names []string
	for _, q := range h.app.config.Queries() {
		names = append(names, q.Name)
	}
	return names
}

// profileNames are the names of the configuration file's profiles.
func (h *shellHost) profileNames() []string {
	var names []string
	for _, p := range h.app.config.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

// argsOf says what can be the arguments of a command, by its usage.
func argsOf(c shell.Command) []completion.Arg {
	usage := strings.Trim(c.Args, "[]")
	switch {
	case c.Name == `\unset` || c.Name == `\set` || c.Name == `\prompt`:
		return []completion.Arg{{Kind: completion.Variable}}
	case c.Name == `\d` || c.Name == `\d+` || c.Name == `\dm`:
		return []completion.Arg{{Kind: completion.Resource}}
	case c.Name == `\log`:
		return []completion.Arg{{Kind: completion.Choice, Words: c.Words}, {Kind: completion.Choice, Words: []string{"on", "off"}}}
	case len(c.Words) > 0:
		return []completion.Arg{{Kind: completion.Choice, Words: c.Words}}
	case strings.HasPrefix(usage, "FILE"), strings.HasSuffix(usage, "FILE"):
		return []completion.Arg{{Kind: completion.File}}
	case strings.HasPrefix(usage, "FORMAT"):
		return []completion.Arg{{Kind: completion.Format}, {Kind: completion.File}}
	case strings.HasPrefix(usage, "STATEMENT"):
		return []completion.Arg{{Kind: completion.Rest}}
	}
	return nil
}

// entries returns what is in a folder.
func entries(dir string) ([]completion.Entry, error) {
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, err
		}
		dir = home + "/" + rest
	}
	if dir == "" {
		dir = "."
	}
	found, err := os.ReadDir(dir)
	var out []completion.Entry
	for _, e := range found {
		out = append(out, completion.Entry{Name: e.Name(), Dir: e.IsDir()})
	}
	return out, err
}

// values returns the ids of a kind that are known, for Tab.
func (h *shellHost) values(kind completion.Kind) []completion.Value {
	h.mu.Lock()
	if h.cache == nil {
		b := h.runner.backend
		h.cache = completion.NewCache(context.Background(), func(ctx context.Context, kind completion.Kind) ([]completion.Value, error) {
			methods, err := b.methods(ctx)
			if err != nil {
				return nil, err
			}
			return lookUp(ctx, methods, kind)
		})
	}
	cache := h.cache
	h.mu.Unlock()
	return cache.Values(kind)
}

// forget ends the look-ups for Tab, and forgets what they found.
func (h *shellHost) forget() {
	h.mu.Lock()
	cache := h.cache
	h.cache = nil
	h.mu.Unlock()
	if cache != nil {
		cache.Close()
	}
}

// lookUp asks for the ids of a kind: a page or two, and nothing that is changed by
// it.
func lookUp(ctx context.Context, methods provider.Methods, kind completion.Kind) ([]completion.Value, error) {
	switch kind.Of {
	case completion.Courses:
		return listed(ctx, methods, "courses", nil, "id", "name")
	case completion.Users:
		if kind.Course == "" {
			return nil, nil
		}
		args := provider.Args{"courseId": kind.Course}
		students, err := listed(ctx, methods, "students", args, "userId", "emailAddress", "fullName")
		if err != nil {
			return nil, err
		}
		teachers, err := listed(ctx, methods, "teachers", args, "userId", "emailAddress", "fullName")
		return append(teachers, students...), err
	case completion.Invitations:
		args := provider.Args{"courseId": kind.Course}
		if kind.Course == "" {
			args = provider.Args{"userId": "me"}
		}
		return listed(ctx, methods, "invitations", args, "id", "role")
	}
	return nil, nil
}

// listed returns the column id of what a resource lists, and others as its other
// names.
func listed(ctx context.Context, methods provider.Methods, resource string, args provider.Args, id string, others ...string) ([]completion.Value, error) {
	res, err := registry.Embedded().FindResource([]string{resource})
	if err != nil {
		return nil, err
	}
	at := make([]int, 0, 1+len(others)) // of the columns
	for _, name := range append([]string{id}, others...) {
		i := slices.IndexFunc(res.Outputs(), func(c *registry.Column) bool { return c.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("%s has no column %s", res.ID, name)
		}
		at = append(at, i)
	}
	var out []completion.Value
	for row, err := range methods[res.ID+".list"](ctx, args) {
		if err != nil {
			return nil, err
		}
		if row == nil {
			continue // between pages
		}
		var v completion.Value
		v.Text, _ = row[at[0]].(string)
		for _, i := range at[1:] {
			if text, ok := row[i].(string); ok {
				v.Also = append(v.Also, text)
			}
		}
		if out = append(out, v); len(out) == lookedUp {
			break
		}
	}
	return out, nil
}
