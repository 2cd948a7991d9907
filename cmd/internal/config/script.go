package config

import (
	"fmt"
	"strconv"

	"github.com/spf13/pflag"
)

// Input is what statements are read from: a file, or a text.
type Input struct {
	File string // "-" is standard input
	SQL  string // the statements themselves, where File is ""
	Name string // what they are called; "" for where they stand
}

// inputFlag is -i or -c: both add to one list, in the order in which they are given.
type inputFlag struct {
	list *[]Input
	file bool
}

// Set adds an input.
func (f inputFlag) Set(value string) error {
	if f.file {
		*f.list = append(*f.list, Input{File: value})
		return nil
	}
	*f.list = append(*f.list, Input{SQL: value})
	return nil
}

// String returns "": there is no default.
func (f inputFlag) String() string { return "" }

// Type says that the flag may be given more than once.
func (f inputFlag) Type() string { return "stringArray" }

// What becomes of the rest of the statements when one fails.
const (
	Stop     = "stop"
	Continue = "continue"
)

// Expect is how many rows the result is to have.
type Expect struct {
	Given bool
	Some  bool // one or more
	Rows  int  // so many, where Some is not set
}

// Met reports whether a number of rows is what is expected.
func (e Expect) Met(rows int) bool {
	return e.Some && rows > 0 || !e.Some && rows == e.Rows
}

// Script registers the flags of commands that run statements one after the other,
// those of [Config.Parameters] among them.
func (c *Config) Script(fs *pflag.FlagSet) {
	c.Parameters(fs)
	fs.StringVar(&c.OnError, "on-error", Stop, "`WHAT` to do when a statement fails: stop or continue with the next")
	fs.StringVar(&c.expect, "expect", "", "exit with 9 unless the last result has so many rows: `ROWS`, none or some")
}

// Parameters registers the flag that gives parameters their values.
func (c *Config) Parameters(fs *pflag.FlagSet) {
	fs.VarP(&list{words: &c.Params, whole: true}, "param", "p", "`NAME=VALUE` of the parameter :NAME; NAME=@FILE, NAME=env:VARIABLE, NAME:int=5")
}

// Input registers the flags that say where statements come from.
func (c *Config) Input(fs *pflag.FlagSet) {
	fs.VarP(inputFlag{&c.Inputs, true}, "infile", "i", "read statements from `FILE`; - is standard input")
	fs.VarP(inputFlag{&c.Inputs, false}, "command", "c", "run the statements of `SQL`; in order with -i")
}

func (c *Config) checkScript() error {
	if err := oneOf("on-error", c.OnError, Stop, Continue); err != nil {
		return err
	}
	switch c.expect {
	case "":
		return nil
	case "none", "some":
		c.Expect = Expect{Given: true, Some: c.expect == "some"}
		return nil
	}
	n, err := strconv.Atoi(c.expect)
	if err != nil || n < 0 {
		return &UsageError{Message: fmt.Sprintf("--expect is %q", c.expect), Hint: "give a number of rows, none or some"}
	}
	c.Expect = Expect{Given: true, Rows: n}
	return nil
}
