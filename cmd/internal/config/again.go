package config

import (
	"strings"

	"github.com/spf13/pflag"
)

// Again returns the configuration of the same command for another profile, as a
// user; "" is no profile, and who the profile says. The file is read anew. Of the
// command line all holds but --profile and --as and, for another profile, the
// flags that say which backend is asked, and how.
//
// Its flags are those of [Config.Common] and [Config.Query].
func (c *Config) Again(env Env, profile, user string) (*Config, error) {
	next := new(Config)
	flags, access := every(next), pflag.NewFlagSet("", pflag.ContinueOnError)
	new(Config).Access(access)
	for name, value := range map[string]string{"profile": profile, "as": user} {
		if value == "" {
			continue
		}
		if err := flags.Set(name, value); err != nil {
			return nil, err
		}
	}
	var err error
	c.flags.Visit(func(f *pflag.Flag) {
		other := profile != c.Profile && access.Lookup(f.Name) != nil
		if err == nil && f.Name != "profile" && f.Name != "as" && flags.Lookup(f.Name) != nil && !other {
			err = give(flags, f)
		}
	})
	if err != nil {
		return nil, err
	}
	return next, next.Load(flags, env)
}

// give gives a flag of another set the value of f, as the command line would.
func give(flags *pflag.FlagSet, f *pflag.Flag) error {
	list, ok := f.Value.(pflag.SliceValue)
	switch {
	case f.Value.Type() == "stringToString":
		return flags.Set(f.Name, strings.Trim(f.Value.String(), "[]"))
	case !ok:
		return flags.Set(f.Name, f.Value.String())
	}
	for _, value := range list.GetSlice() {
		if err := flags.Set(f.Name, value); err != nil {
			return err
		}
	}
	return nil
}
