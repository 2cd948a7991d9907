// Package config gathers what iql was told: flags, which win over environment
// variables, which win over a profile of the configuration file, which wins
// over the file's defaults, which win over what is built in.
//
// A command registers the flags that it has ([Config.Common], [Config.Access],
// [Config.Query] and others); after they were parsed, [Config.Load] fills in those that
// were not given from the environment, where --error-format is
// IQL_ERROR_FORMAT, and from the file, where it is error_format, and checks
// all. [Config.Settings] says what came of it and where it came from. Nothing
// else in iql reads those variables or the file.
package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/provider"
)

// Env looks an environment variable up; "" is one that is not set.
type Env func(name string) string

// Config is what iql was told.
type Config struct {
	// Of every command.
	Color       string // auto, always or never
	ErrorFormat string // text or json
	Verbose     bool
	Profile     string // the one in force; "" is none
	File        string // the configuration file, which may not exist; "" if there is no folder for it

	// Of the commands that run statements.
	Backend Backend
	As      string // whose view of the backend; "" is the first admin
	Seed    string // what a new store holds: demo, empty or a file
	Inputs  []Input
	Outfile string // "" and "-" are standard output
	Rows    output.Options
	Timing  bool
	// TimingVerbose says that --timing asked for all there is.
	TimingVerbose bool

	Live    Live
	Timeout time.Duration // of a statement; 0 is none
	// Parallel is how many requests may be under way at once, MaxCalls how many
	// calls the reading of a statement may make; 0 is the usual number, and no
	// limit.
	Parallel, MaxCalls int
	MaxPages           int    // of a list that are read; 0 and below are all
	Strict             bool   // a list that was cut so is a failure
	Progress           string // auto, plain, json or off
	// Data is a file that templates are filled with, "" for none; Vars are the
	// external variables of it and of data in the templates, where it is Jsonnet.
	Data string
	Vars map[string]string
	// DryRun shows what changes would do, Render, with which it is set as well,
	// shows the statements once templates are carried out and runs none of them.
	// Yes agrees to changes whose rows come from
	// a query, MaxChanges is how many rows a change may have (0 is any number), and
	// ReadOnly refuses all.
	DryRun, Render, Yes, ReadOnly bool
	MaxChanges                    int
	FailedRows                    string // a file for rows that failed; "" is none
	NoJournal                     bool   // record no changes
	StopAtFailure                 bool   // a row that is refused stops its change
	// Pager is the command that shows rows that are longer than the screen, "" for
	// the usual one; NoPager says that none does.
	Pager   string
	NoPager bool

	// Of the shell: what its prompt shows, how many texts its history keeps, and
	// whether Tab asks the backend.
	Prompt      string
	HistorySize int
	CompleteIDs bool

	reading reading

	Params  []string // NAME=VALUE, as they were given
	OnError string   // stop or continue
	Expect  Expect

	backend, format, delimiter, null, timing, dryRun, envFile, configfile, rowErrors, expect string // as they were given

	dryrun  bool     // --dryrun
	ignored []string // notes about flags that do nothing
	env     Env      // with the variables of --env.file

	flags    *pflag.FlagSet
	file     *file             // what File says; empty if it is not there
	fileErr  error             // what is wrong with it
	origins  map[string]Origin // of the flags that the command line did not give and something else did
	warnings []string
}

// UsualMaxCalls is the default of --max-calls, and maxParallel the most that
// --concurrency takes.
const (
	UsualMaxCalls = 50_000
	maxParallel   = 1000
)

// Words that flags take.
const (
	Auto   = "auto"
	Always = "always"
	Never  = "never"
	Off    = "off"
	Plain  = "plain"
	Text   = "text"
	JSON   = "json"
	Demo   = "demo"
	Empty  = "empty"
	Stdin  = "-"

	Collect = "collect"
)

// Common registers the flags of every command.
func (c *Config) Common(fs *pflag.FlagSet) {
	fs.StringVar(&c.Color, "color", Auto, "`WHEN` to use colours: auto, always or never")
	fs.StringVar(&c.ErrorFormat, "error-format", Text, "`FORMAT` of errors: text or json")
	fs.BoolVarP(&c.Verbose, "verbose", "v", false, "say what is being done")
	fs.StringVar(&c.Profile, "profile", "", "`NAME` of the profile of the configuration file to use")
	fs.StringVar(&c.configfile, "configfile", "", "read `FILE` as the configuration file (default iql/config.toml in the folder for configuration)")
}

// Output registers the flags of commands that print rows.
func (c *Config) Output(fs *pflag.FlagSet) {
	fs.StringVarP(&c.format, "output", "o", "table", "`FORMAT` of rows: "+strings.Join(output.FormatNames(), ", "))
	fs.StringVarP(&c.Outfile, "outfile", "f", "", "write rows to `FILE`, which appears when all is done; its suffix chooses the format")
	fs.BoolVarP(&c.Rows.HideHeaders, "hideheaders", "H", false, "leave out the names of columns")
	fs.StringVarP(&c.delimiter, "delimiter", "d", ",", "`CHARACTER` between the cells of csv and text")
	fs.StringVar(&c.null, "null", "", "`TEXT` that stands for NULL (default depends on the format)")
	c.rowFlags(fs)
}

// Person registers the flags that say who somebody is, and what they may do.
func (c *Config) Person(fs *pflag.FlagSet) {
	fs.StringVar(&c.As, "as", "", "`USER` who asks: e-mail or number (default the first admin)")
	c.Live.scopeFlags(fs)
}

// Credentials registers the flags of commands that look for credentials, those
// of [Config.Person] among them.
func (c *Config) Credentials(fs *pflag.FlagSet) {
	c.Person(fs)
	c.Live.credentialFlags(fs)
	fs.StringVar(&c.envFile, "env.file", "", "take variables from `FILE` before those of the environment: NAME=VALUE, a line each")
}

// Access registers the flags of commands that ask a backend, those of
// [Config.Credentials] among them.
func (c *Config) Access(fs *pflag.FlagSet) {
	c.Credentials(fs)
	fs.StringVar(&c.backend, "backend", "mock", "`BACKEND` that answers: mock, mock:FILE, mock:memory or live")
	c.Live.wireFlags(fs)
}

// Load takes the flags of fs that were not given from the environment, then
// from the configuration file, and checks all values. For a command that prints
// no rows a file that is wrong is as one that is not there, so that it can say
// how to mend it: see [Config.FileError]. The error is a [*UsageError].
func (c *Config) Load(fs *pflag.FlagSet, env Env) error {
	c.flags, c.origins, c.file, c.warnings = fs, make(map[string]Origin), &file{}, nil
	env, err := c.withFile(env)
	if err != nil {
		return err
	}
	c.env = env
	if err := c.fromEnv(env); err != nil {
		return err
	}
	c.fileErr = c.fromFile(env)
	if c.fileErr != nil && c.has("output") {
		return c.fileErr
	}
	return c.check()
}

// Env returns the environment that was loaded: a variable of the file of --env.file,
// or that of the process.
func (c *Config) Env() Env { return c.env }

// FileError returns what is wrong with the configuration file, a [*UsageError],
// for commands that go on without it; nil if nothing is.
func (c *Config) FileError() error { return c.fileErr }

// FileShared reports whether others can write to the configuration file.
func (c *Config) FileShared() bool { return c.file.shared }

// has reports whether the command has a flag.
func (c *Config) has(flag string) bool { return c.flags.Lookup(flag) != nil }

// check checks the values, and reads those that are more than a word.
func (c *Config) check() error {
	if err := oneOf("color", c.Color, Auto, Always, Never); err != nil {
		return err
	}
	if err := oneOf("error-format", c.ErrorFormat, Text, JSON); err != nil {
		return err
	}
	for _, part := range []struct {
		flag  string
		check func() error
	}{{"output", c.checkOutput}, {"as", c.checkPerson}, {"credentials", c.Live.checkCredentials}, {"backend", c.checkAccess}, {"timeout", c.checkQuery}, {"expect", c.checkScript}, {"pager", c.checkPager}, {"dry-run", c.checkRun}, {"iqldata", c.checkTemplates}, {"prompt", c.checkShell}} {
		if !c.has(part.flag) {
			continue
		}
		if err := part.check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkPerson() error {
	if c.As == "" && c.Given("as") {
		return &UsageError{Message: "--as is empty", Hint: "is a variable of the shell not set?"}
	}
	return nil
}

func (c *Config) checkAccess() (err error) {
	if c.Backend, err = parseBackend(c.backend); err != nil {
		return err
	}
	return c.Live.checkWire()
}

func (c *Config) checkOutput() error {
	format, ok := output.ParseFormat(c.format)
	if !ok {
		return unknown("output format", c.format, output.FormatNames())
	}
	if byName, ok := output.FormatOfFile(c.Outfile); ok && !c.Given("output") {
		format = byName
		c.origins["output"] = Origin{Source: "the suffix of --outfile"}
	}
	if !c.Given("output") && output.Unwritten(c.Outfile) {
		return NoFormat(c.Outfile)
	}
	c.Rows.Format = format
	if c.Rows.Delimiter, ok = output.ParseDelimiter(c.delimiter); !ok {
		return &UsageError{
			Message: fmt.Sprintf("--delimiter is %q", c.delimiter),
			Hint:    `give one character that is no quote and no line break, or \t`,
		}
	}
	if c.null != "" || c.Origin("null") != builtIn {
		c.Rows.Null = &c.null
	}
	if err := c.checkNull(); err != nil {
		return err
	}
	return c.checkRows()
}

// checkNull refuses a text for NULL that would end its cell where it is written bare.
func (c *Config) checkNull() error {
	if c.Rows.NullFits() {
		return nil
	}
	return &UsageError{
		Message: fmt.Sprintf("--null is %q", c.null),
		Hint:    c.Rows.Format.Name + " has it without quotes: give a text without the delimiter, quotes and line breaks",
	}
}

// Given reports whether a flag is on the command line; its value may be of the
// environment or of the file otherwise.
func (c *Config) Given(flag string) bool { return c.flags.Changed(flag) }

// Warnings returns what is not wrong but should be known, for notes.
func (c *Config) Warnings() []string { return c.warnings }

// Variable returns the environment variable that stands for a flag.
func Variable(flag string) string {
	return "IQL_" + strings.ToUpper(keyOf(flag))
}

// Variables returns the variables of iql's own that stand for no flag, or for
// one by another name.
func Variables() []string {
	return []string{shortVariable, "IQL_CURSOR_PROBE", "IQL_EDITOR", "IQL_FORCE_TTY", "IQL_HISTORY", "IQL_KEYRING"}
}

// shortVariable is IQL_CONFIGFILE for those who write it often.
const shortVariable = "IQL_CONFIG"

// fromEnv sets the flags that were not given and whose variable is not empty.
// Their Changed stays false.
func (c *Config) fromEnv(env Env) error {
	var err error
	c.flags.VisitAll(func(f *pflag.Flag) {
		name, value := Variable(f.Name), env(Variable(f.Name))
		if f.Name == "configfile" && value == "" {
			name, value = shortVariable, env(shortVariable)
		}
		if err != nil || f.Changed || f.Hidden || value == "" || f.Name == "help" || f.Name == "version" {
			return
		}
		c.origins[f.Name] = Origin{Source: name}
		if f.Value.Set(value) != nil {
			err = &UsageError{Message: fmt.Sprintf("%s is %q, which --%s does not take", name, value, f.Name)}
		}
	})
	return err
}

// UsageError is a mistake in how iql was called: an argument, a flag or a
// variable.
type UsageError struct {
	Message string
	Hint    string // "" for none
}

// Error returns the message.
func (e *UsageError) Error() string { return e.Message }

// NoFormat is the error of a file whose suffix is that of no format.
func NoFormat(name string) error {
	return &UsageError{
		Message: "no format is that of " + name,
		Hint:    "csv is for spreadsheets: " + strings.TrimSuffix(name, filepath.Ext(name)) + ".csv",
	}
}

// oneOf checks the value of a flag.
func oneOf(flag, value string, words ...string) error {
	if slices.Contains(words, value) {
		return nil
	}
	return &UsageError{Message: fmt.Sprintf("--%s is %q", flag, value), Hint: DidYouMean(value, words)}
}

// unknown returns the error of a word that is none of words.
func unknown(what, word string, words []string) error {
	return &UsageError{Message: fmt.Sprintf("there is no %s %q", what, word), Hint: DidYouMean(word, words)}
}

// DidYouMean returns a hint for a word that is none of words: the nearest, or
// all if none is near.
func DidYouMean(word string, words []string) string {
	if near, ok := provider.Nearest(word, words); ok {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "choose from " + strings.Join(words, ", ")
}
