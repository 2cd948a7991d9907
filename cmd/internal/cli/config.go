package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

// load gathers what iql was told, and notes what is odd about it.
func (a *app) load(cmd *cobra.Command) error {
	switch cmd.Name() {
	case cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd:
		return nil // a person who presses Tab has no use for an error
	}
	if err := a.config.Load(cmd.Flags(), a.Getenv); err != nil {
		return err
	}
	a.Getenv = a.config.Env()
	report := a.reporter()
	for _, warning := range a.config.Warnings() {
		report.note("%s", warning)
	}
	if a.config.Verbose {
		for _, note := range a.config.Ignored() {
			report.note("%s", note)
		}
	}
	if a.config.Verbose && a.Environ != nil {
		for _, note := range strangers(cmd.Root(), a.Environ()) {
			report.note("%s", note)
		}
	}
	return nil
}

// strangers returns a note for each name in environ, of NAME=VALUE, that looks
// like a variable of iql and is none.
func strangers(root *cobra.Command, environ []string) []string {
	known := config.Variables()
	for _, f := range flags(root) {
		known = append(known, config.Variable(f.Name))
	}
	var notes []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "IQL_") || strings.HasPrefix(name, paramVariable) || slices.Contains(known, name) {
			continue
		}
		hint := "iql docs environment lists those that do"
		if near, ok := provider.Nearest(name, known); ok {
			hint = "did you mean " + near + "?"
		}
		notes = append(notes, name+" stands for no flag: "+hint)
	}
	return notes
}

// completeProfile completes the names of the configuration file's profiles.
func (a *app) completeProfile(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	_ = a.config.Load(cmd.Flags(), a.Getenv) // a file that is wrong has no names to offer
	var names []cobra.Completion
	for _, p := range a.config.Profiles() {
		names = append(names, cobra.CompletionWithDesc(p.Name, strings.TrimSpace(p.Backend+" "+p.As)))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeNamed completes the names of the configuration file's queries.
func (a *app) completeNamed(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	_ = a.config.Load(cmd.Flags(), a.Getenv) // a file that is wrong has no names to offer
	var names []cobra.Completion
	for _, q := range a.config.Queries() {
		names = append(names, cobra.CompletionWithDesc(config.NamedSign+q.Name, firstLine(q.SQL)))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// firstLine returns the first line of a text that has something in it.
func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return output.Harmless(strings.TrimSpace(line))
}

// configuration returns the commands that show and change the configuration.
func (a *app) configuration() *cobra.Command {
	return group(&cobra.Command{
		Use:   "config",
		Short: "Show and change the configuration",
		Long: `config shows what iql was told, by flags, by variables and by the configuration
file, and where each came from. iql docs configuration tells what the file may
hold.`,
		Example: `  iql config edit
  iql config show --origin
  iql config set output csv`,
	}, a.configPath(), a.configShow(), a.configGet(), a.configSet(), a.configProfiles(), a.configQueries(), a.configEdit())
}

func (a *app) configPath() *cobra.Command {
	return &cobra.Command{
		Use:               "path",
		Short:             "Print the name of the configuration file",
		Example:           `  less "$(iql config path)"`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			path, err := a.configFile()
			if err != nil {
				return err
			}
			if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
				a.reporter().note("it is not there: iql config edit makes it")
			}
			return a.print(path + "\n")
		},
	}
}

// configFile returns the name of the configuration file, which may not exist.
func (a *app) configFile() (string, error) {
	if a.config.File == "" {
		return "", &config.UsageError{
			Message: "there is no folder for the configuration: neither HOME nor XDG_CONFIG_HOME is set",
			Hint:    "name a file: --configfile FILE",
		}
	}
	return a.config.File, nil
}

func (a *app) configShow() *cobra.Command {
	var origin bool
	cmd := &cobra.Command{
		Use:   "show",
		Short: "Show what is in force",
		Long: `show prints what the commands that run statements would go by, with the flags
that they take. Secrets are not shown.`,
		Example: `  iql config show --origin
  iql config show --profile test -o json`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			columns := []string{"key", "value"}
			if origin {
				columns = append(columns, "origin")
			}
			var rows []provider.Row
			for _, s := range a.config.Settings() {
				rows = append(rows, provider.Row{s.Key, s.Value, s.Origin.String()}[:len(columns)])
			}
			return a.printRows(columns, rows)
		},
	}
	a.config.Query(cmd.Flags())
	a.config.Shell(cmd.Flags())
	completeQuery(cmd)
	completeShell(cmd)
	cmd.Flags().BoolVar(&origin, "origin", false, "show where each value comes from")
	return cmd
}

func (a *app) configProfiles() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "profiles",
		Short: "List the profiles of the configuration file",
		Example: `  iql config profiles
  iql config profiles -o json`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			var rows []provider.Row
			for _, p := range a.config.Profiles() {
				current := ""
				if p.Name == a.config.Profile {
					current = "yes"
				}
				rows = append(rows, provider.Row{p.Name, p.Backend, p.As, current})
			}
			return a.printRows([]string{"name", "backend", "as", "in_force"}, rows)
		},
	}
	a.config.Output(cmd.Flags())
	completeOutput(cmd)
	return cmd
}

func (a *app) configQueries() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "queries",
		Short: "List the queries of the configuration file",
		Long: `queries prints the section [queries] of the configuration file: iql exec @NAME runs
one, and so does \n NAME in the shell.`,
		Example: `  iql config queries
  iql config queries -o json`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			var rows []provider.Row
			for _, q := range a.config.Queries() {
				rows = append(rows, provider.Row{q.Name, q.SQL})
			}
			return a.printRows([]string{"name", "query"}, rows)
		},
	}
	a.config.Output(cmd.Flags())
	completeOutput(cmd)
	return cmd
}

// printRows writes rows that are no statement's to where the flags say.
func (a *app) printRows(columns []string, rows []provider.Row) (err error) {
	out, err := a.openOutput()
	if err != nil {
		return &failure{err: err, output: true}
	}
	printer := output.NewPrinter(out, a.rowOptions(out))
	result := printer.Result()
	of := make([]sqlengine.Column, len(columns))
	for i, name := range columns {
		of[i].Name = name
	}
	err = result.Columns(of)
	for i := 0; err == nil && i < len(rows); i++ {
		err = result.Row(rows[i])
	}
	end := result.Close
	if err != nil {
		end = result.Abort
	}
	err = errors.Join(err, end(), printer.Flush())
	for _, notice := range result.Notices() {
		a.reporter().note("%s", notice)
	}
	if err := errors.Join(printer.Err(), out.close(err == nil)); err != nil {
		return &failure{err: fmt.Errorf("write to %s: %w", out.name, err), output: true}
	}
	return err
}

// starter is the text of a new configuration file.
const starter = `# What iql goes by where no flag and no variable says otherwise:
# flag > IQL_... > profile > [defaults] > built in.
# iql docs configuration lists the keys, iql config show --origin what is in force.

# profile = "school"

[defaults]
# output = "table"
# rate = "18/s"

# [profiles.school]
# backend = "live"
# credentials = "~/.config/iql/key.json"
# as = "admin@school.example"

# [profiles.test]
# backend = "live"
# endpoint = "http://127.0.0.1:8085/"
# auth = "none"
# as = "admin@example.edu"

# [queries]
# waiting = "SELECT courseId, count(*) AS n FROM pending_invitations GROUP BY courseId"
`

func (a *app) configEdit() *cobra.Command {
	return &cobra.Command{
		Use:   "edit",
		Short: "Edit the configuration file",
		Long: `edit opens the configuration file in an editor, that of IQL_EDITOR, VISUAL or
EDITOR, and checks it afterwards. A file that is not there is made.`,
		Example: `  iql config edit
  EDITOR=nano iql config edit`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			path, err := a.configFile()
			if err != nil {
				return err
			}
			return a.edit(path)
		},
	}
}

// edit lets a person edit the configuration file, and checks it.
func (a *app) edit(path string) error {
	if _, err := a.editor(path); err != nil {
		return err // before there is a file
	}
	if err := writeStarter(path); err != nil {
		return &config.UsageError{Message: err.Error()}
	}
	if err := a.editFile(path); err != nil {
		return err
	}
	return config.CheckFile(path, a.Getenv)
}

// editFile lets a person edit a file.
func (a *app) editFile(path string) error {
	editor, err := a.editor(path)
	if err != nil {
		return err
	}
	// Interrupts are for the editor, however many they are.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	cmd := exec.Command(editor[0], append(editor[1:], path)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.Stdin, a.Stdout, a.Stderr
	if err := cmd.Run(); err != nil {
		return &config.UsageError{Message: fmt.Sprintf("%s: %v", editor[0], err), Hint: "IQL_EDITOR names another editor"}
	}
	return nil
}

// editor returns the command that edits a file, and its arguments.
func (a *app) editor(path string) ([]string, error) {
	for _, name := range []string{"IQL_EDITOR", "VISUAL", "EDITOR"} {
		value := a.Getenv(name)
		if _, err := exec.LookPath(value); err == nil {
			return []string{value}, nil // its folder may have a blank in its name
		}
		if words := strings.Fields(value); len(words) > 0 {
			return words, nil
		}
	}
	return nil, &config.UsageError{
		Message: "there is no editor: none of IQL_EDITOR, VISUAL and EDITOR is set",
		Hint:    "edit " + path,
	}
}

// writeStarter makes the configuration file and its folder, unless it is there.
func writeStarter(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(starter)
	return errors.Join(err, f.Close())
}

// flags returns the flags of all commands, each name once, and not those that
// every command of every program has or that no help shows.
func flags(root *cobra.Command) []*pflag.Flag {
	var all []*pflag.Flag
	seen := map[string]bool{"help": true, "version": true}
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		cmd.NonInheritedFlags().VisitAll(func(f *pflag.Flag) {
			if !seen[f.Name] && !f.Hidden {
				seen[f.Name] = true
				all = append(all, f)
			}
		})
		for _, c := range cmd.Commands() {
			visit(c)
		}
	}
	visit(root)
	return all
}
