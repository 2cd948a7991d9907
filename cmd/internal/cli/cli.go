// Package cli is the iql command. There is one file for each of its commands;
// [Main] is all that the program calls.
//
// Rows go to standard output and nothing else does; notes, summaries and
// problems go to standard error by way of one reporter.
package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/template"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine"
)

// Env is what the process was given.
type Env struct {
	Args   []string // without the program's name
	Getenv config.Env
	// Environ returns all variables, as NAME=VALUE; nil if they are not known.
	Environ func() []string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Signals *Signals // nil if interrupts are not to be taken
}

// app is one call of iql.
type app struct {
	Env
	config config.Config
	screen *screen       // standard error
	tally  *tally        // of the statement under way
	typed  *bufio.Reader // standard input, for answers to questions

	stdinRead bool // the statements came from standard input

	templates *template.Renderer // nil until the first file is read
	rendered  bool               // a file was a template
	explains  bool               // statements are explained, and not run
	inShell   bool               // requests are always counted, and their log can be switched
	failed    int                // files of failed rows that were written
}

// Main runs iql and returns its exit code, one of the Exit constants of
// sqlengine or [ExitTerminated] or [ExitPipe]. When ctx ends it returns after
// the statement under way has been closed properly.
func Main(ctx context.Context, env Env) int {
	a := &app{Env: env, screen: &screen{w: env.Stderr, width: func() int { return config.ScreenWidth(env.Getenv, terminalWidth(env.Stderr)) }}, tally: &tally{}, typed: bufio.NewReader(env.Stdin)}
	root := a.root()
	root.SetArgs(queryArgs(env.Args))
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return sqlengine.ExitDone
	}
	return a.fail(ctx, err)
}

// queryArgs keeps a query that begins with a comment ("-- all courses") from
// being taken for a flag, by a blank before it.
func queryArgs(args []string) []string {
	out := slices.Clone(args)
	for i, arg := range out {
		if rest, ok := strings.CutPrefix(arg, "--"); ok && strings.TrimLeft(rest, " \t\r\n") != rest {
			out[i] = " " + arg
		}
	}
	return out
}

// root returns the command tree.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "iql",
		Short: "SQL for Google Classroom invitations",
		Long: `iql runs SQL on Google Classroom: invitations, and the courses, rosters and
profiles that they are about. It starts on a school of its own, for trying out.`,
		Example: `  iql exec "SELECT id, name FROM courses"
  iql exec -o csv "SELECT * FROM invitations WHERE userId = 'me'"
  iql docs invitations`,
		Version:       version().Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return a.print(cmd.Long + "\n\nExamples:\n" + cmd.Example + "\n\niql help lists the commands.\n")
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.load(cmd)
		},
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	a.config.Common(root.PersistentFlags())
	complete(root, "color", config.Auto, config.Always, config.Never)
	complete(root, "error-format", config.Text, config.JSON)
	completeFunc(root, "profile", a.completeProfile)
	completeFunc(root, "configfile", cobra.FixedCompletions([]cobra.Completion{"toml"}, cobra.ShellCompDirectiveFilterFileExt))
	root.SetVersionTemplate(version().String() + "\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		a.config.ErrorFormat = errorFormat(a.Env)
		return flagError(cmd, err)
	})
	root.SetHelpCommand(a.help())
	root.AddCommand(a.shell(), a.exec(), a.run(), a.explain(), a.check(), a.fmt(), a.journal(), a.emulate(), a.auth(), a.doctor(), a.configuration(), a.registry(), a.docs(), a.completion(), a.version())
	return root
}

// help returns the command that shows another's help, as --help does.
func (a *app) help() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the flags of a command",
		Args:  cobra.ArbitraryArgs,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			of := cmd.Root()
			if len(args) > 0 {
				found, rest, err := of.Find(args)
				if err != nil || found == of || len(rest) > 0 {
					return nil, cobra.ShellCompDirectiveNoFileComp
				}
				of = found
			}
			return commandNames(of), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			of := cmd.Root()
			for _, name := range args {
				found, _, err := of.Find([]string{name})
				if err != nil || found == of {
					return unknownCommand(of, name)
				}
				of = found
			}
			of.InitDefaultHelpFlag()
			of.InitDefaultVersionFlag()
			return of.Help()
		},
	}
}

func commandNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	return names
}

// group makes a command of others, which does nothing by itself.
func group(cmd *cobra.Command, subs ...*cobra.Command) *cobra.Command {
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownCommand(cmd, args[0])
		}
		return cmd.Help()
	}
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	cmd.AddCommand(subs...)
	return cmd
}

func unknownCommand(parent *cobra.Command, name string) error {
	hint := config.DidYouMean(name, commandNames(parent))
	switch {
	case isScript(name):
		hint = "iql run " + name
	case strings.ContainsAny(name, "\r\n"): // which a hint, of one line, cannot show
		hint = "iql exec runs statements: iql exec QUERY"
	case strings.ContainsAny(name, " \t"):
		hint = "iql exec runs a statement: iql exec " + inQuotes(name)
	}
	return &config.UsageError{Message: fmt.Sprintf("%s has no command %q", parent.CommandPath(), name), Hint: hint}
}

// inQuotes is a text as an argument of a command line: as people quote statements, unless
// a shell would read something else in it.
func inQuotes(text string) string {
	if strings.ContainsAny(text, "\"$`\\!") {
		return quoted(text)
	}
	return `"` + text + `"`
}

// isScript reports whether an argument is the name of a script, where there should be
// something else.
func isScript(arg string) bool {
	return strings.HasSuffix(arg, ".iql") && !strings.ContainsAny(arg, " \t\n")
}

// flagError returns what is wrong with the flags of a command, as a usage
// error.
func flagError(cmd *cobra.Command, err error) error {
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok && wanted(invalid.GetFlag()) != "" {
		return &config.UsageError{
			Message: fmt.Sprintf("--%s is %q", invalid.GetFlag().Name, invalid.GetValue()),
			Hint:    wanted(invalid.GetFlag()),
		}
	}
	missing, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return &config.UsageError{Message: err.Error(), Hint: cmd.CommandPath() + " --help lists the flags"}
	}
	list := cmd.CommandPath() + " --help lists the flags"
	if short := missing.GetSpecifiedShortnames(); short != "" {
		return &config.UsageError{Message: fmt.Sprintf("%s has no flag -%s", cmd.CommandPath(), missing.GetSpecifiedName()), Hint: list}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	if near, ok := provider.Nearest("--"+missing.GetSpecifiedName(), names); ok {
		list = fmt.Sprintf("did you mean %s?", near)
	}
	return &config.UsageError{Message: fmt.Sprintf("%s has no flag --%s", cmd.CommandPath(), missing.GetSpecifiedName()), Hint: list}
}

// wanted says what a flag takes whose values package flag reads, "" for other flags.
func wanted(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return "give true or false, or leave it out"
	case "duration":
		return "give a number and its unit, such as 90s"
	case "int", "int64":
		return "give a whole number"
	}
	return ""
}

// errorFormat returns the format of errors for a command line that could not
// be parsed, which may ask for it after the mistake.
func errorFormat(env Env) string {
	var c config.Config
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	fs.ParseErrorsAllowlist.UnknownFlags = true
	fs.Usage = func() {}
	c.Common(fs)
	// What else is wrong has been found already.
	_ = fs.Parse(env.Args)
	_ = c.Load(fs, env.Getenv)
	return c.ErrorFormat
}

// atMost returns an argument check that refuses more than n.
func atMost(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) <= n {
			return nil
		}
		return &config.UsageError{
			Message: fmt.Sprintf("%s does not take %q", cmd.CommandPath(), args[n]),
			Hint:    "usage: " + cmd.UseLine(),
		}
	}
}

// shownOn reports whether an output is a terminal. IQL_FORCE_TTY says that it
// is, for tests and for recording screens.
func (a *app) shownOn(w io.Writer) bool {
	return a.Getenv("IQL_FORCE_TTY") != "" || isTerminal(w)
}

func isTerminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

// count returns "1 row", "2 rows".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%s %ss", thousands(n), noun)
}

// thousands returns n with commas, for people.
func thousands(n int) string {
	s := fmt.Sprint(n)
	var b strings.Builder
	for i, digit := range s {
		if i > 0 && (len(s)-i)%3 == 0 && s[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	return b.String()
}

// print writes text to standard output.
func (a *app) print(text string) error {
	_, err := io.WriteString(a.Stdout, text)
	return a.written(err)
}

// written returns the error of a write to standard output as a failure.
func (a *app) written(err error) error {
	if err == nil {
		return nil
	}
	return &failure{err: fmt.Errorf("write to standard output: %w", err), output: true}
}
