// Package config gathers what iql was told: flags, which win over environment
// variables, which win over what is built in.
//
// A command registers the flags that it has ([Config.Common], [Config.Query]);
// after they were parsed, [Config.Load] fills in those that were not given from
// the environment, where --error-format is IQL_ERROR_FORMAT, and checks all.
// Nothing else in iql reads flags or variables.
package config

import (
	"fmt"
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

	// Of the commands that run statements.
	Backend Backend
	As      string // whose view of the backend; "" is the first admin
	Seed    string // what a new store holds: demo, empty or a file
	Infiles []string
	Outfile string // "" and "-" are standard output
	Rows    output.Options
	Timing  bool

	Live    Live
	Timeout time.Duration // of a statement; 0 is none

	backend, format, delimiter, null string // as they were given

	flags *pflag.FlagSet
}

// Words that flags take.
const (
	Auto   = "auto"
	Always = "always"
	Never  = "never"
	Text   = "text"
	JSON   = "json"
	Demo   = "demo"
	Empty  = "empty"
	Stdin  = "-"
)

// Common registers the flags of every command.
func (c *Config) Common(fs *pflag.FlagSet) {
	fs.StringVar(&c.Color, "color", Auto, "`WHEN` to use colours: auto, always or never")
	fs.StringVar(&c.ErrorFormat, "error-format", Text, "`FORMAT` of errors: text or json")
	fs.BoolVarP(&c.Verbose, "verbose", "v", false, "say what is being done")
}

// Query registers the flags of commands that run statements.
func (c *Config) Query(fs *pflag.FlagSet) {
	fs.StringVarP(&c.format, "output", "o", "table", "`FORMAT` of rows: "+strings.Join(output.FormatNames(), ", "))
	fs.StringVarP(&c.Outfile, "outfile", "f", "", "write rows to `FILE`, which appears when all is done; its suffix chooses the format")
	fs.StringArrayVarP(&c.Infiles, "infile", "i", nil, "read statements from `FILE`; - is standard input")
	fs.BoolVarP(&c.Rows.HideHeaders, "hideheaders", "H", false, "leave out the names of columns")
	fs.StringVarP(&c.delimiter, "delimiter", "d", ",", "`CHARACTER` between the cells of csv and text")
	fs.StringVar(&c.null, "null", "", "`TEXT` that stands for NULL (default depends on the format)")
	fs.StringVar(&c.backend, "backend", "mock", "`BACKEND` that answers: mock, mock:FILE, mock:memory or live")
	fs.StringVar(&c.As, "as", "", "`USER` who asks: e-mail or number (default the first admin)")
	fs.StringVar(&c.Seed, "seed", "", "`SCHOOL` that a new store holds: demo, empty or a file (default demo)")
	fs.DurationVar(&c.Timeout, "timeout", 0, "`TIME` that a statement may take, such as 90s (default none)")
	c.Live.flags(fs)
	fs.BoolVar(&c.Timing, "timing", false, "say how long each statement took")
}

// Load takes the flags of fs that were not given from the environment and
// checks all values. The error is a [*UsageError].
func (c *Config) Load(fs *pflag.FlagSet, env Env) error {
	c.flags = fs
	if err := fromEnv(fs, env); err != nil {
		return err
	}
	if err := oneOf("color", c.Color, Auto, Always, Never); err != nil {
		return err
	}
	if err := oneOf("error-format", c.ErrorFormat, Text, JSON); err != nil {
		return err
	}
	if fs.Lookup("output") == nil {
		return nil
	}
	return c.loadQuery()
}

func (c *Config) loadQuery() error {
	format, ok := output.ParseFormat(c.format)
	if !ok {
		return unknown("output format", c.format, output.FormatNames())
	}
	if byName, ok := output.FormatOfFile(c.Outfile); ok && !c.Given("output") {
		format = byName
	}
	c.Rows.Format = format
	if c.Rows.Delimiter, ok = output.ParseDelimiter(c.delimiter); !ok {
		return &UsageError{
			Message: fmt.Sprintf("--delimiter is %q", c.delimiter),
			Hint:    `give one character that is no quote and no line break, or \t`,
		}
	}
	if c.null != "" || c.Given("null") {
		c.Rows.Null = &c.null
	}
	if c.As == "" && c.Given("as") {
		return &UsageError{Message: "--as is empty", Hint: "is a variable of the shell not set?"}
	}
	if c.Timeout < 0 {
		return &UsageError{Message: fmt.Sprintf("--timeout is %s", c.Timeout), Hint: "give a time such as 90s, or 0 for none"}
	}
	var err error
	if c.Backend, err = parseBackend(c.backend); err != nil {
		return err
	}
	return c.Live.check()
}

// Given reports whether a flag is on the command line; its value may be of the
// environment otherwise.
func (c *Config) Given(flag string) bool { return c.flags.Changed(flag) }

// Variable returns the environment variable that stands for a flag.
func Variable(flag string) string {
	return "IQL_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(flag))
}

// fromEnv sets the flags that were not given and whose variable is not empty.
// Their Changed stays false.
func fromEnv(fs *pflag.FlagSet, env Env) error {
	var err error
	fs.VisitAll(func(f *pflag.Flag) {
		value := env(Variable(f.Name))
		if err != nil || f.Changed || value == "" || f.Name == "help" || f.Name == "version" {
			return
		}
		if f.Value.Set(value) != nil {
			err = &UsageError{Message: fmt.Sprintf("%s is %q, which --%s does not take", Variable(f.Name), value, f.Name)}
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
