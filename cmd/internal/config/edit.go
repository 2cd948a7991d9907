package config

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
	"github.com/spf13/pflag"

	"github.com/iql-lang/iql/provider"
)

// place is where a value stands in the text of a file.
type place struct{ start, end int }

// bareName is the name of a profile that needs no quotes in a dotted key.
var bareName = regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString

// Set returns the text of a configuration file with another value for a key: "profile",
// a key of [defaults], or profiles.NAME.KEY. What else is in the text, comments too, stays
// as it is. path is for errors, and names of files in it are of its folder; home stands
// for ~. The error is a [*UsageError]: the text is wrong, or the key does not take the
// value.
func Set(path, home string, text []byte, key, value string) ([]byte, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	r, err := read(path, home, text)
	if err != nil {
		return nil, err
	}
	section, name, err := r.split(key)
	if err != nil {
		return nil, err
	}
	if err := r.takes(section, name, value); err != nil {
		return nil, err
	}
	changed := r.with(section, name, encoded(r.keys[name], value))
	if _, err := read(path, home, changed); err != nil {
		return nil, err // what was not thought of is not written
	}
	return changed, nil
}

// takes checks that a key takes a value, and that the text can have it.
func (r *fileReader) takes(section, name, value string) error {
	profile, isProfile := strings.CutPrefix(section, profilesKey+".")
	of := r.defaults
	if isProfile {
		of = r.profiles[profile]
	}
	_, heading := r.headings[section]
	before, known := of[r.keys[name]]
	switch {
	case section == "" && r.profiles[value] == nil:
		return unknown("profile", value, r.names)
	case section == "":
		return nil
	case known && before.list:
		return &UsageError{Message: name + " is a list in the file", Hint: "iql config edit changes it"}
	case !known && !heading && len(of) > 0:
		return &UsageError{Message: "the file has no heading [" + section + "]", Hint: "iql config edit adds to it"}
	}
	s := setting{values: []string{value}}
	if wrong := r.try(r.keys[name], &s, unstable.String); wrong != nil {
		return &UsageError{Message: name + wrong.Message, Hint: wrong.Hint}
	}
	return nil
}

// split returns the section of a key, "" for none, and its name there.
func (r *fileReader) split(key string) (section, name string, err error) {
	parts := strings.Split(key, ".")
	switch {
	case key == profileKey:
		return "", key, nil
	case len(parts) == 1:
		section = defaultsKey
	case len(parts) == 3 && parts[0] == profilesKey && bareName(parts[1]):
		section = profilesKey + "." + parts[1]
	default:
		return "", "", &UsageError{Message: fmt.Sprintf("there is no key %q", key), Hint: "write KEY for [defaults], or profiles.NAME.KEY"}
	}
	name = parts[len(parts)-1]
	if r.keys[name] != "" {
		return section, name, nil
	}
	hint := "iql docs configuration lists the keys"
	if near, ok := provider.Nearest(name, append(slices.Sorted(maps.Keys(r.keys)), profileKey)); ok {
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	return "", "", &UsageError{Message: fmt.Sprintf("there is no key %q", name), Hint: hint}
}

// with returns the text with a value for a key: in the place of the value that it has,
// else below the heading of its section, which is added if there is none.
func (r *fileReader) with(section, name, literal string) []byte {
	line := name + " = " + literal + "\n"
	if at, ok := r.values[strings.TrimPrefix(section+"."+name, ".")]; ok {
		return slices.Concat(r.data[:at.start], []byte(literal), r.data[at.end:])
	}
	if section == "" {
		return slices.Concat([]byte(line+"\n"), r.data)
	}
	if at, ok := r.headings[section]; ok {
		if end := bytes.IndexByte(r.data[at:], '\n'); end >= 0 {
			at += end + 1
			return slices.Concat(r.data[:at], []byte(line), r.data[at:])
		}
		return slices.Concat(r.data, []byte("\n"+line))
	}
	before := ""
	if len(r.data) > 0 {
		before = "\n"
		if r.data[len(r.data)-1] != '\n' {
			before = "\n\n"
		}
	}
	return slices.Concat(r.data, []byte(before+"["+section+"]\n"+line))
}

// encoded is a value as TOML has it: bare where the flag takes a number or a yes, a list
// where it takes several, which are divided by commas.
func encoded(flag, value string) string {
	f := every(new(Config)).Lookup(flag)
	if f == nil {
		return quotedValue(value)
	}
	if _, list := f.Value.(pflag.SliceValue); list {
		var all []string
		for part := range strings.SplitSeq(value, ",") {
			all = append(all, quotedValue(strings.TrimSpace(part)))
		}
		return "[" + strings.Join(all, ", ") + "]"
	}
	if kind := f.Value.Type(); (kind == "bool" || kind == "int") && f.Value.Set(value) == nil {
		return f.Value.String()
	}
	return quotedValue(value)
}

// quotedValue is a text as TOML has it.
func quotedValue(text string) string {
	out, err := toml.Marshal(map[string]string{"v": text})
	if err != nil {
		panic(err) // a text
	}
	return strings.TrimSpace(strings.TrimPrefix(string(out), "v ="))
}
