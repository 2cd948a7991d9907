package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/pflag"
)

// maxFile is how long a configuration file may be.
const maxFile = 256 << 10

// file is a configuration file. All its values are those that flags take.
type file struct {
	profile struct { // that is in force if nothing else is said
		name     string // "" for none
		at, line int    // of its key
	}
	defaults settings
	profiles map[string]settings
	names    []string // of the profiles, in order
	queries  []NamedQuery
	shared   bool // others can write to it
}

// settings are those of a section, by flag.
type settings map[string]setting

// setting is a key with its value.
type setting struct {
	values []string // one, unless it is a list
	list   bool
	line   int
}

// set gives the value to a flag, whose Changed stays as it is.
func (s setting) set(f *pflag.Flag) error {
	list, ok := f.Value.(pflag.SliceValue)
	if s.list && ok {
		return list.Replace(s.values)
	}
	return f.Value.Set(s.values[0])
}

// value returns what a profile sets a flag to, or the defaults, or what is
// built in.
func (f *file) value(profile, flag string) string {
	for _, section := range []settings{f.profiles[profile], f.defaults} {
		if s, ok := section[flag]; ok {
			return strings.Join(s.values, ",")
		}
	}
	return every(new(Config)).Lookup(flag).DefValue
}

// UsualFile returns the path of the configuration file, as the XDG Base
// Directory Specification has it
// (https://specifications.freedesktop.org/basedir/latest/): config.toml in
// $XDG_CONFIG_HOME/iql, or ~/.config/iql, or %AppData%\iql. It is "" if none of
// them is set, and may not exist.
func UsualFile(env Env) string {
	if dir := env("XDG_CONFIG_HOME"); filepath.IsAbs(dir) { // the specification ignores others
		return filepath.Join(dir, "iql", "config.toml")
	}
	if dir := env("APPDATA"); runtime.GOOS == "windows" && filepath.IsAbs(dir) {
		return filepath.Join(dir, "iql", "config.toml")
	}
	if home := env("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".config", "iql", "config.toml")
	}
	return ""
}

// fromFile reads the configuration file and sets the flags that neither the
// command line nor the environment gave. Their Changed stays false.
func (c *Config) fromFile(env Env) error {
	c.File = cmp.Or(c.configfile, UsualFile(env))
	for _, flag := range []string{"configfile", "profile"} {
		if c.Given(flag) && c.flags.Lookup(flag).Value.String() == "" {
			return &UsageError{Message: "--" + flag + " is empty", Hint: "is a variable of the shell not set?"}
		}
	}
	if err := c.read(env); err != nil {
		return err
	}
	if c.Profile == "" && c.file.profile.name != "" {
		c.Profile = c.file.profile.name
		c.origins["profile"] = Origin{"config file", c.File, c.file.profile.line}
	}
	if c.Profile != "" && c.file.profiles[c.Profile] == nil {
		return c.noProfile()
	}
	c.apply(c.file.profiles[c.Profile], "profile "+c.Profile)
	c.apply(c.file.defaults, "defaults")
	return nil
}

// read reads the configuration file. The usual one may be absent.
func (c *Config) read(env Env) error {
	if c.File == "" {
		return nil
	}
	f, err := readFile(c.File, HomeDir(env))
	if errors.Is(err, fs.ErrNotExist) && c.configfile == "" {
		return nil
	}
	if err != nil {
		return usage(err)
	}
	c.file = f
	if f.shared && c.has("output") {
		c.warnings = append(c.warnings, fmt.Sprintf("%s can be written by others: chmod go-w keeps it yours", c.File))
	}
	return nil
}

func (c *Config) noProfile() error {
	if len(c.file.names) == 0 {
		return &UsageError{
			Message: fmt.Sprintf("there is no profile %q", c.Profile),
			Hint:    "write [profiles.NAME] into the configuration file: iql config edit",
		}
	}
	return unknown("profile", c.Profile, c.file.names)
}

// apply sets flags from a section of the file. A command that neither prints rows
// nor asks as somebody takes those of every command alone: it may have another by
// the same name.
func (c *Config) apply(section settings, source string) {
	flags := c.flags
	if !c.has("output") && !c.has("as") {
		flags = pflag.NewFlagSet("", pflag.ContinueOnError)
		new(Config).Common(flags)
	}
	for name, s := range section {
		f := c.flags.Lookup(name)
		if f == nil || flags.Lookup(name) == nil || c.Origin(name) != builtIn {
			continue
		}
		if err := s.set(f); err != nil {
			panic(fmt.Sprintf("--%s took %q and does not now: %v", name, s.values, err))
		}
		c.origins[name] = Origin{source, c.File, s.line}
	}
}

// Profile is a profile of the configuration file, and what says most of it.
type Profile struct {
	Name    string
	Backend string
	As      string
}

// Profiles returns the profiles of the file that was loaded, in its order.
func (c *Config) Profiles() []Profile {
	var profiles []Profile
	for _, name := range c.file.names {
		profiles = append(profiles, Profile{name, c.file.value(name, "backend"), c.file.value(name, "as")})
	}
	return profiles
}

// CheckFile reads a configuration file and returns what is wrong with it, as a
// [*UsageError].
func CheckFile(path string, env Env) error {
	if _, err := readFile(path, HomeDir(env)); err != nil {
		return usage(err)
	}
	return nil
}

// readFile reads a configuration file. home stands for ~.
func readFile(path, home string) (*file, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	info, err := r.Stat()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, err
	}
	f, err := parseFile(path, home, data)
	if err != nil {
		return nil, err
	}
	f.shared = runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode()&0o022 != 0
	return f, nil
}

// usage returns an error as a mistake of the person who asked.
func usage(err error) error {
	if _, ok := errors.AsType[*UsageError](err); ok {
		return err
	}
	hint := ""
	if errors.Is(err, fs.ErrNotExist) {
		hint = "iql config edit makes it"
	}
	return &UsageError{Message: "configuration: " + err.Error(), Hint: hint}
}

// HomeDir returns the folder that ~ stands for, "" if that is not known.
func HomeDir(env Env) string { return cmp.Or(env("HOME"), env("USERPROFILE")) }
