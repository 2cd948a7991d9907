package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
)

func (a *app) configGet() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "get KEY",
		Short: "Print a value that is in force",
		Long: `get prints the value of a key as config show does, and nothing else. Secrets are not
shown.`,
		Example: `  iql config get backend
  iql config get as --profile test`,
		Args:              words("KEY"),
		ValidArgsFunction: completeKey,
		RunE: func(_ *cobra.Command, args []string) error {
			var keys []string
			for _, s := range a.config.Settings() {
				if s.Key == args[0] {
					return a.print(s.Value + "\n")
				}
				keys = append(keys, s.Key)
			}
			return &config.UsageError{Message: fmt.Sprintf("there is no key %q", args[0]), Hint: nearKey(args[0], keys)}
		},
	}
	a.config.Query(cmd.Flags())
	a.config.Shell(cmd.Flags())
	completeQuery(cmd)
	completeShell(cmd)
	return cmd
}

func (a *app) configSet() *cobra.Command {
	return &cobra.Command{
		Use:   "set KEY VALUE",
		Short: "Change a value of the configuration file",
		Long: `set writes a value into the configuration file: KEY for [defaults], profiles.NAME.KEY
for a profile, and profile for the one that is in force. What else is in the file, comments
too, stays as it is; a file that is not there is made. The values of a list are divided by
commas. iql config edit changes what set does not.`,
		Example: `  iql config set output csv
  iql config set profiles.test.as admin@example.edu
  iql config set profile test`,
		Args:              words("KEY", "VALUE"),
		ValidArgsFunction: completeKey,
		RunE: func(_ *cobra.Command, args []string) error {
			path, err := a.configFile()
			if err != nil {
				return err
			}
			return a.setInFile(path, args[0], args[1])
		},
	}
}

// setInFile sets a key of the configuration file.
func (a *app) setInFile(path, key, value string) error {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &config.UsageError{Message: err.Error()}
	}
	text, err = config.Set(path, config.HomeDir(a.Getenv), text, key, value)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return &config.UsageError{Message: err.Error()}
	}
	out, err := createOutput(path, 0o600)
	if err != nil {
		return &failure{err: err, output: true}
	}
	_, err = out.Write(text)
	if err := errors.Join(err, out.close(err == nil)); err != nil {
		return &failure{err: fmt.Errorf("write to %s: %w", path, err), output: true}
	}
	a.reporter().note("%s is set in %s", key, path)
	return nil
}

// words is the argument check of commands that take these words and no others.
func words(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return &config.UsageError{Message: cmd.CommandPath() + " needs " + names[len(args)], Hint: "usage: " + cmd.UseLine()}
		}
		return atMost(len(names))(cmd, args)
	}
}

// nearKey says which key was meant.
func nearKey(key string, keys []string) string {
	if hint := config.DidYouMean(key, keys); len(hint) < 60 {
		return hint
	}
	return "iql config show lists the keys"
}

// completeKey completes the keys of the configuration file.
func completeKey(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	keys := []cobra.Completion{cobra.CompletionWithDesc("profile", "the profile that is in force")}
	for _, key := range config.Keys() {
		keys = append(keys, cobra.CompletionWithDesc(key.Name, key.About))
	}
	return keys, cobra.ShellCompDirectiveNoFileComp
}
