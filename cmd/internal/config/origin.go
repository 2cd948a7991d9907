package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Origin says where a value comes from.
type Origin struct {
	Source string // "flag", a variable, "profile NAME", "defaults", "config file" or "built in"
	File   string // "" unless it is of the configuration file
	Line   int
}

var (
	fromFlag = Origin{Source: "flag"}
	builtIn  = Origin{Source: "built in"}
)

// String returns "profile district (/home/ann/.config/iql/config.toml:8)".
func (o Origin) String() string {
	if o.File == "" {
		return o.Source
	}
	return fmt.Sprintf("%s (%s:%d)", o.Source, o.File, o.Line)
}

// Origin returns where the value of a flag comes from.
func (c *Config) Origin(flag string) Origin {
	if c.Given(flag) {
		return fromFlag
	}
	if from, ok := c.origins[flag]; ok {
		return from
	}
	return builtIn
}

// BuiltIn reports whether nothing has set a flag.
func (c *Config) BuiltIn(flag string) bool { return c.Origin(flag) == builtIn }

// Setting is a value that is in force.
type Setting struct {
	Key    string // as the configuration file has it
	Value  string // without secrets
	Origin Origin
}

// Settings returns the profile and all that the configuration file may set, in
// the order of their keys. A list is divided by commas.
func (c *Config) Settings() []Setting {
	settings := []Setting{{"profile", c.Profile, c.Origin("profile")}}
	for _, key := range Keys() {
		f := c.flags.Lookup(key.Flag)
		if f == nil {
			continue
		}
		settings = append(settings, Setting{key.Name, c.shown(f), c.Origin(f.Name)})
	}
	return settings
}

// shown returns the value of a flag without secrets.
func (c *Config) shown(f *pflag.Flag) string {
	switch f.Name {
	case "auth":
		return shownAuth(c.Live.Auth, c.Origin("auth"))
	case "credentials":
		return shownCredentials(c.Live.Credentials)
	case "endpoint":
		return shownURL(c.Live.Endpoint)
	case "output":
		return c.Rows.Format.Name
	}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return strings.Join(list.GetSlice(), ",")
	}
	return f.Value.String()
}

// Key is what the configuration file may set.
type Key struct {
	Name  string // error_format
	Flag  string // error-format
	About string
}

// Keys returns the keys of [defaults] and of each profile, in order: the flags
// of the commands that run statements, but for those that are of one call.
func Keys() []Key {
	var keys []Key
	every(new(Config)).VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && !slices.Contains(ofOneCall, f.Name) {
			_, about := pflag.UnquoteUsage(f)
			keys = append(keys, Key{keyOf(f.Name), f.Name, about})
		}
	})
	return keys
}

// ofOneCall are the flags that a configuration file cannot set.
var ofOneCall = []string{"command", "configfile", "env.file", "expect", "infile", "iqldata", "outfile", "param", "profile", "var"}

// keyOf returns the key that stands for a flag.
func keyOf(flag string) string { return keyMarks.Replace(flag) }

var keyMarks = strings.NewReplacer("-", "_", ".", "_")

// every registers all flags, for c.
func every(c *Config) *pflag.FlagSet {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	c.Common(fs)
	c.Query(fs)
	c.Input(fs)
	c.Shell(fs)
	return fs
}
