package config

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
	"github.com/spf13/pflag"
)

// set reads the value of a flag.
func (r *fileReader) set(section settings, path []word, value *unstable.Node) error {
	flag, ok := r.keys[path[0].text]
	if !ok || len(path) > 1 {
		return r.noTable(path)
	}
	key := path[0]
	at := int(cmp.Or(value.Raw.Offset, uint32(key.at)))
	s := setting{list: value.Kind == unstable.Array, line: r.line(key.at)}
	if s.values, ok = texts(value); !ok {
		return r.wrong(at, "", "%s takes text, a number, true, false or a list of texts", key.text)
	}
	if err := r.try(flag, &s, value.Kind); err != nil {
		return r.wrong(at, err.Hint, "%s%s", key.text, err.Message)
	}
	section[flag] = s
	return nil
}

// try finds whether a flag takes a value, and completes the names of files in
// it. The message of its error goes on from the key.
func (r *fileReader) try(flag string, s *setting, kind unstable.Kind) *UsageError {
	if err := guard(flag, s.values); err != nil {
		return err
	}
	var c Config
	c.flags = every(&c)
	f := c.flags.Lookup(flag)
	_, isList := f.Value.(pflag.SliceValue)
	switch {
	case s.list && !isList:
		return &UsageError{Message: " takes one value, not a list"}
	case kind == unstable.Bool && f.Value.Type() == "string" && f.NoOptDefVal == "":
		return &UsageError{Message: " takes text, not true or false"}
	}
	if !s.list {
		s.values[0] = r.completed(flag, s.values[0])
	}
	if err := s.set(f); err != nil {
		return &UsageError{Message: fmt.Sprintf(" is %q, which --%s does not take", strings.Join(s.values, ","), flag)}
	}
	wrong, ok := errors.AsType[*UsageError](c.check())
	if !ok {
		return nil
	}
	message, own := strings.CutPrefix(wrong.Message, "--"+flag)
	if !own {
		message = ": " + message
	}
	return &UsageError{Message: message, Hint: wrong.Hint}
}

// guard refuses keys and tokens, whose place is a file that others do not see.
func guard(flag string, values []string) *UsageError {
	const hint = "keep the key in a file of its own, and name that: credentials = \"FILE\""
	for _, value := range values {
		switch {
		case inline(value), flag == "auth" && secret(value):
			return &UsageError{Message: " holds what may be a secret", Hint: hint}
		case flag == "credentials" && value != "" && !isPath(value):
			return &UsageError{Message: " takes the name of a file", Hint: "begin it with / or ./ or ~/, or end it with .json"}
		}
	}
	return nil
}

// completed returns the value of a flag with the name of a file in it made
// whole: ~ is the home folder, and other names are of the folder of the
// configuration file, whatever folder iql is started in.
func (r *fileReader) completed(flag, value string) string {
	switch flag {
	case "auth":
		if isAuthWord(value) {
			return value
		}
		return r.completedPath(strings.TrimPrefix(value, "@"))
	case "credentials":
		return r.completedPath(value)
	case "seed":
		if value == Demo || value == Empty {
			return value
		}
		return r.completedPath(value)
	case "http-log":
		if value == Stdin {
			return value
		}
		return r.completedPath(value)
	case "backend":
		kind, name, ok := strings.Cut(value, ":")
		if !ok || kind != "mock" || name == "memory" {
			return value
		}
		return kind + ":" + r.completedPath(name)
	}
	return value
}

func (r *fileReader) completedPath(name string) string {
	if rest, ok := strings.CutPrefix(name, "~/"); ok && r.home != "" {
		return filepath.Join(r.home, rest)
	}
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(r.path), name)
}

// texts returns a value as texts that a flag takes.
func texts(value *unstable.Node) ([]string, bool) {
	if value.Kind != unstable.Array {
		text, ok := scalar(value)
		return []string{text}, ok
	}
	all := []string{}
	for it := value.Children(); it.Next(); {
		if it.Node().Kind != unstable.String {
			return nil, false
		}
		all = append(all, string(it.Node().Data))
	}
	return all, true
}

func scalar(value *unstable.Node) (string, bool) {
	text := string(value.Data)
	switch value.Kind {
	case unstable.String, unstable.Bool:
		return text, true
	case unstable.Integer:
		n, err := strconv.ParseInt(text, 0, 64) // 0x10 and 1_000 too
		return strconv.FormatInt(n, 10), err == nil
	case unstable.Float:
		n, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
		return strconv.FormatFloat(n, 'g', -1, 64), err == nil
	}
	return "", false
}
