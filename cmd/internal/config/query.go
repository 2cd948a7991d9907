package config

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/pflag"
)

// Query registers the flags of commands that run statements, those of
// [Config.Output], [Config.Templates], [Config.Script] and [Config.Changes] among them.
func (c *Config) Query(fs *pflag.FlagSet) {
	c.Output(fs)
	fs.StringVar(&c.Seed, "seed", "", "`SCHOOL` that a new store holds: demo, empty or a file (default demo)")
	fs.IntVar(&c.MaxCalls, "max-calls", UsualMaxCalls, "`NUMBER` of calls that the reading of a statement may make; 0 is no limit")
	fs.IntVar(&c.MaxPages, "http.response.pageLimit", 0, "read at most `NUMBER` pages of each list, and say where there are more (default all)")
	fs.BoolVar(&c.Strict, "strict", false, "exit with 6 where --http.response.pageLimit has cut a list")
	c.Templates(fs)
	fs.BoolVar(&c.NoJournal, "no-journal", false, "keep no record of changes, by which iql journal goes on with them")
	c.pagerFlags(fs)
	c.Script(fs)
	c.Changes(fs)
	c.habitFlags(fs)
}

// Templates registers the flags that fill the templates of files.
func (c *Config) Templates(fs *pflag.FlagSet) {
	fs.StringVarP(&c.Data, "iqldata", "q", "", "fill the templates of files from `FILE`, of JSON or Jsonnet")
	fs.StringToStringVar(&c.Vars, "var", nil, "`NAME=VALUE` that Jsonnet has by std.extVar")
	fs.Lookup("var").DefValue = "" // not []
}

// Changes registers the flags of commands that make changes, those of
// [Config.Access] among them.
func (c *Config) Changes(fs *pflag.FlagSet) {
	fs.StringVarP(&c.dryRun, "dry-run", "n", "off", "say what changes would do, with what they read, and send none of them; render prints the statements of templates. `HOW`: off, plan or render")
	fs.Lookup("dry-run").NoOptDefVal = plan
	fs.BoolVar(&c.ReadOnly, "read-only", false, "refuse all changes")
	fs.DurationVar(&c.Timeout, "timeout", 0, "`TIME` that a statement may take, such as 90s (default none)")
	fs.IntVarP(&c.Parallel, "concurrency", "j", 0, "`NUMBER` of requests under way at once (default 32, or 8 to Google)")
	fs.BoolVarP(&c.Yes, "yes", "y", false, "make changes whose rows come from a query without asking")
	fs.StringVar(&c.FailedRows, "failed-rows", "", "write the rows of a change that failed to `FILE`, as csv that can be tried again")
	fs.StringVar(&c.rowErrors, "row-errors", Collect, "`WHAT` a refused row of a change does: collect goes on with the others, stop sends no more")
	fs.IntVar(&c.MaxChanges, "max-changes", 0, "refuse a change of more than `NUMBER` rows; 0 is no limit (default 0)")
	fs.StringVar(&c.Progress, "progress", Auto, "`HOW` to say how far a statement has come that takes long: auto, plain, json or off")
	fs.SetNormalizeFunc(stackQLNames)
	c.Access(fs)
	c.Live.changeFlags(fs)
	fs.StringVar(&c.timing, "timing", "off", "say how long each statement took, `HOW`: off, on or verbose")
	fs.Lookup("timing").NoOptDefVal = "on"
}

// stackQLNames gives flags that StackQL calls otherwise their names.
func stackQLNames(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	if name == "execution.concurrency.limit" {
		name = "concurrency"
	}
	return pflag.NormalizedName(name)
}

func (c *Config) checkQuery() error {
	if c.Timeout < 0 {
		return &UsageError{Message: fmt.Sprintf("--timeout is %s", c.Timeout), Hint: "give a time such as 90s, or 0 for none"}
	}
	if c.Parallel < 0 || c.Parallel > maxParallel || c.Parallel == 0 && c.Origin("concurrency") != builtIn {
		return &UsageError{Message: fmt.Sprintf("--concurrency is %d", c.Parallel), Hint: fmt.Sprintf("give a number from 1 to %d", maxParallel)}
	}
	if err := oneOf("progress", c.Progress, Auto, Plain, JSON, Off); err != nil {
		return err
	}
	if err := oneOf("row-errors", c.rowErrors, Collect, Stop); err != nil {
		return err
	}
	c.StopAtFailure = c.rowErrors == Stop
	if c.MaxChanges < 0 {
		return &UsageError{Message: fmt.Sprintf("--max-changes is %d", c.MaxChanges), Hint: "0 is no limit, --read-only refuses all"}
	}
	if c.MaxCalls < 0 {
		return &UsageError{Message: fmt.Sprintf("--max-calls is %d", c.MaxCalls), Hint: "0 is no limit"}
	}
	var err error
	if c.timing, err = switchWord("timing", c.timing, "off", "on", "verbose"); err != nil {
		return err
	}
	c.Timing, c.TimingVerbose = c.timing != "off", c.timing == "verbose"
	return nil
}

// plan and render are what --dry-run takes.
const (
	plan   = "plan"
	render = "render"
)

func (c *Config) checkRun() error {
	if err := c.checkHabits(); err != nil {
		return err
	}
	var err error
	if c.dryRun, err = switchWord("dry-run", c.dryRun, "off", plan, render); err != nil {
		return err
	}
	c.Render = c.dryRun == render || c.dryrun
	c.DryRun = c.dryRun == plan || c.Render // who does not know of Render changes nothing either
	return nil
}

func (c *Config) checkTemplates() error {
	if c.Data == "" && c.Given("iqldata") {
		return &UsageError{Message: "--iqldata is empty", Hint: "is a variable of the shell not set?"}
	}
	return nil
}

// switchWord returns the word of a flag that is one of words, or the first or the
// second for what a switch takes.
func switchWord(flag, s string, words ...string) (string, error) {
	if slices.Contains(words, s) {
		return s, nil
	}
	on, err := strconv.ParseBool(s)
	switch {
	case err != nil:
		return "", oneOf(flag, s, words...)
	case on:
		return words[1], nil
	}
	return words[0], nil
}
