package config

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/iql-lang/iql/provider"
)

// The words at the top of a file.
const (
	profileKey   = "profile"
	defaultsKey  = "defaults"
	profilesKey  = "profiles"
	queriesKey   = "queries"
	sectionsHint = "there is [defaults], [profiles.NAME] and [queries]"
)

// sections are the names of the sections that are not below others.
var sections = []string{defaultsKey, profilesKey, queriesKey}

// fileReader reads a file. Its errors are [*UsageError]s that begin with the
// place, path:line:column, and hold no value that may be a secret.
type fileReader struct {
	file
	path, home string
	data       []byte
	keys       map[string]string // the flag of each

	headings map[string]int   // of sections, by their dotted names: the first byte of the name
	values   map[string]place // of keys, by theirs: those that are no list
}

// word is a part of a dotted key.
type word struct {
	text string
	at   int // its first byte
}

// parseFile reads the text of a configuration file. path is for errors, and
// names in the file are of its folder; home stands for ~.
func parseFile(path, home string, data []byte) (*file, error) {
	r, err := read(path, home, bytes.TrimPrefix(data, []byte("\ufeff")))
	if err != nil {
		return nil, err
	}
	return &r.file, nil
}

// read is parseFile of a text without a byte order mark. What it returns knows where
// everything stands.
func read(path, home string, data []byte) (*fileReader, error) {
	r := &fileReader{path: path, home: home, data: data, keys: make(map[string]string)}
	r.headings, r.values = make(map[string]int), make(map[string]place)
	r.defaults, r.profiles = make(settings), make(map[string]settings)
	for _, key := range Keys() {
		r.keys[key.Name] = key.Flag
	}
	if err := r.wellFormed(); err != nil {
		return nil, err
	}
	if err := r.expressions(); err != nil {
		return nil, err
	}
	if err := r.chosen(); err != nil {
		return nil, err
	}
	return r, nil
}

// chosen checks that the profile in force is there.
func (r *fileReader) chosen() error {
	switch {
	case r.profile.name == "" || r.profiles[r.profile.name] != nil:
		return nil
	case len(r.names) == 0:
		return r.wrong(r.profile.at, "begin a profile with [profiles.NAME]", "there is no profile %q", r.profile.name)
	}
	return r.wrong(r.profile.at, DidYouMean(r.profile.name, r.names), "there is no profile %q", r.profile.name)
}

// wellFormed checks that the text is TOML and sets nothing twice.
func (r *fileReader) wellFormed() error {
	if len(r.data) > maxFile {
		return &UsageError{Message: fmt.Sprintf("%s is longer than %d KB", r.path, maxFile>>10)}
	}
	if at := notUTF8(r.data); at < len(r.data) {
		return r.wrong(at, "save it as UTF-8", "this is not UTF-8")
	}
	var all map[string]any
	err := toml.Unmarshal(r.data, &all)
	at, ok := errors.AsType[*toml.DecodeError](err)
	if !ok {
		return err
	}
	line, column := at.Position()
	return r.wrong(r.offset(line, column), "", "%s", strings.TrimPrefix(at.Error(), "toml: "))
}

// expressions reads the text line by line.
func (r *fileReader) expressions() error {
	var p unstable.Parser
	p.Reset(r.data)
	var section []word
	for p.NextExpression() {
		var err error
		switch e := p.Expression(); e.Kind {
		case unstable.Table:
			section = words(e)
			r.headings[dotted(section)] = section[0].at
			err = r.table(section)
		case unstable.ArrayTable:
			err = r.wrong(words(e)[0].at, sectionsHint, "a section is in one pair of brackets")
		default:
			err = r.keyValue(section, e)
		}
		if err != nil {
			return err
		}
	}
	return p.Error()
}

func words(n *unstable.Node) []word {
	var out []word
	for it := n.Key(); it.Next(); {
		out = append(out, word{string(it.Node().Data), int(it.Node().Raw.Offset)})
	}
	return out
}

// table begins a section, in brackets or in braces.
func (r *fileReader) table(path []word) error {
	first := path[0]
	switch {
	case len(path) == 1 && slices.Contains(sections, first.text):
		return nil
	case first.text == queriesKey:
		return r.wrong(path[1].at, "", "%s takes the text of a query", dotted(path[1:]))
	case first.text == profilesKey && len(path) == 2:
		r.section(path[1].text)
		return nil
	case first.text == defaultsKey:
		return r.noTable(path[1:])
	case first.text == profilesKey:
		return r.noTable(path[2:])
	case first.text == profileKey:
		return r.wrong(first.at, "begin a profile with [profiles.NAME]", "profile is the name of a profile")
	}
	hint := sectionsHint
	if near, ok := provider.Nearest(first.text, sections); ok {
		hint = fmt.Sprintf("did you mean [%s]?", map[string]string{defaultsKey: "defaults", profilesKey: "profiles.NAME", queriesKey: "queries"}[near])
	}
	return r.wrong(first.at, hint, "there is no section %q", first.text)
}

// section returns the settings of a profile, which it adds if need be.
func (r *fileReader) section(profile string) settings {
	if r.profiles[profile] == nil {
		r.profiles[profile] = make(settings)
		r.names = append(r.names, profile)
	}
	return r.profiles[profile]
}

// noTable returns the error of a path below a section that is no key, or goes on
// below one.
func (r *fileReader) noTable(path []word) error {
	flag, ok := r.keys[path[0].text]
	switch {
	case !ok:
		return r.noKey(path)
	case flag == "auth" || flag == "credentials":
		return r.wrong(path[0].at, "keep the key in a file of its own, and name that", "%s is a table: a key has no place here", path[0].text)
	}
	return r.wrong(path[0].at, "", "%s is a table", path[0].text)
}

// keyValue reads a line, or a part of an inline table. A parser's nodes are
// good until its next line.
func (r *fileReader) keyValue(section []word, e *unstable.Node) error {
	path, value := append(slices.Clone(section), words(e)...), e.Value()
	if value.Kind != unstable.InlineTable {
		return r.assign(path, value)
	}
	if err := r.table(path); err != nil {
		return err
	}
	for it := value.Children(); it.Next(); {
		if err := r.keyValue(path, it.Node()); err != nil {
			return err
		}
	}
	return nil
}

// assign gives a value to the key that is called path.
func (r *fileReader) assign(path []word, value *unstable.Node) error {
	first, last := path[0], path[len(path)-1]
	if value.Kind != unstable.Array {
		start := int(value.Raw.Offset)
		r.values[dotted(path)] = place{start, start + int(value.Raw.Length)}
	}
	switch {
	case first.text == profileKey && len(path) == 1:
		return r.choose(first, value)
	case first.text == defaultsKey && len(path) > 1:
		return r.set(r.defaults, path[1:], value)
	case first.text == profilesKey && len(path) > 2:
		return r.set(r.section(path[1].text), path[2:], value)
	case first.text == queriesKey && len(path) > 1:
		return r.query(path, value)
	case first.text == defaultsKey, first.text == queriesKey:
		return r.wrong(last.at, "begin it with ["+first.text+"]", "%s is a section", last.text)
	case first.text == profilesKey:
		return r.wrong(last.at, "begin a profile with [profiles.NAME]", "%s is a section", last.text)
	case first.text == profileKey:
		return r.wrong(first.at, "begin a profile with [profiles.NAME]", "profile is the name of a profile")
	case r.keys[dotted(path)] != "":
		return r.wrong(first.at, "write it below [defaults] or [profiles.NAME]", "%s is in no section", dotted(path))
	}
	return r.wrong(first.at, DidYouMean(first.text, append([]string{profileKey}, sections...)), "there is no key %q", dotted(path))
}

// choose reads the name of the profile that is in force.
func (r *fileReader) choose(key word, value *unstable.Node) error {
	name, ok := scalar(value)
	if !ok || value.Kind != unstable.String || name == "" {
		return r.wrong(key.at, "", "profile takes the name of a profile")
	}
	r.profile.name, r.profile.at, r.profile.line = name, key.at, r.line(key.at)
	return nil
}

// noKey returns the error of a key that a section does not have.
func (r *fileReader) noKey(path []word) error {
	name := dotted(path)
	message, hint := fmt.Sprintf("there is no key %q", name), "iql docs configuration lists the keys"
	near, ok := provider.Nearest(name, slices.Sorted(maps.Keys(r.keys)))
	switch {
	case name == profileKey:
		message, hint = "profile is in a section", "write it above the sections"
	case slices.Contains(ofOneCall, name):
		message, hint = name+" is in a file", "it is for the command line alone: --"+name
	case ok:
		hint = fmt.Sprintf("did you mean %s?", near)
	}
	return r.wrong(path[0].at, hint, "%s", message)
}

func dotted(path []word) string {
	var texts []string
	for _, w := range path {
		texts = append(texts, w.text)
	}
	return strings.Join(texts, ".")
}

// wrong returns an error about the text at a byte.
func (r *fileReader) wrong(at int, hint, format string, args ...any) error {
	start := bytes.LastIndexByte(r.data[:at], '\n') + 1
	column := utf8.RuneCount(r.data[start:at]) + 1
	return &UsageError{Message: fmt.Sprintf("%s:%d:%d: ", r.path, r.line(at), column) + fmt.Sprintf(format, args...), Hint: hint}
}

// line returns the number of a byte's line, from 1.
func (r *fileReader) line(at int) int { return bytes.Count(r.data[:at], []byte("\n")) + 1 }

// offset returns the byte at a column, which counts bytes, of a line.
func (r *fileReader) offset(line, column int) int {
	at := 0
	for range line - 1 {
		at += bytes.IndexByte(r.data[at:], '\n') + 1
	}
	at = min(at+column-1, len(r.data))
	for at < len(r.data) && at > 0 && !utf8.RuneStart(r.data[at]) {
		at-- // it may be within a character
	}
	return at
}

// notUTF8 returns where data stops being UTF-8, its length if it does not.
func notUTF8(data []byte) int {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return at
}
