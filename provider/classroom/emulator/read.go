package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxSchool bounds the text of a school.
const maxSchool = 64 << 20

// ReadSchool reads a school from YAML and checks it. The keys are those of
// [School] and what is in it; an unknown key, a name that nobody has, and
// whatever else is wrong is an error that begins with the name and the line,
// "seed.yaml:12: ", and says what was probably meant.
func ReadSchool(name string, r io.Reader) (*School, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSchool+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(text) > maxSchool {
		return nil, fmt.Errorf("%s: a school of more than %d MB", name, maxSchool>>20)
	}
	var s School
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err = decoder.Decode(&s)
	if err == nil && !errors.Is(decoder.Decode(new(yaml.Node)), io.EOF) {
		err = errors.New("more than one document")
	}
	if err == nil || errors.Is(err, io.EOF) { // an empty text is an empty school
		_, err = s.settle()
	}
	if err != nil {
		return nil, at(name, err)
	}
	return &s, nil
}

// at puts the name and the line first.
func at(name string, err error) error {
	if types, ok := errors.AsType[*yaml.TypeError](err); ok && len(types.Errors) > 0 {
		err = errors.New(types.Errors[0])
	}
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		return fmt.Errorf("%s:%s", name, rest)
	}
	return fmt.Errorf("%s: %s", name, text)
}

// UnmarshalYAML implements [yaml.Unmarshaler].
func (s *School) UnmarshalYAML(n *yaml.Node) error {
	type plain School
	return strict(n, (*plain)(s))
}

// UnmarshalYAML implements [yaml.Unmarshaler].
func (d *Domain) UnmarshalYAML(n *yaml.Node) error {
	type plain Domain
	d.line = n.Line
	return strict(n, (*plain)(d))
}

// UnmarshalYAML implements [yaml.Unmarshaler].
func (u *SeedUser) UnmarshalYAML(n *yaml.Node) error {
	type plain SeedUser
	u.line = n.Line
	return strict(n, (*plain)(u))
}

// UnmarshalYAML implements [yaml.Unmarshaler].
func (c *SeedCourse) UnmarshalYAML(n *yaml.Node) error {
	type plain SeedCourse
	c.line = n.Line
	return strict(n, (*plain)(c))
}

// UnmarshalYAML implements [yaml.Unmarshaler].
func (i *SeedInvitation) UnmarshalYAML(n *yaml.Node) error {
	type plain SeedInvitation
	i.line = n.Line
	return strict(n, (*plain)(i))
}

// UnmarshalYAML implements [yaml.Unmarshaler].
func (l *Limits) UnmarshalYAML(n *yaml.Node) error {
	type plain Limits
	return strict(n, (*plain)(l))
}

// strict decodes a mapping into a struct that has a field for each of its
// keys.
func strict(n *yaml.Node, into any) error {
	if n.Kind != yaml.MappingNode {
		return wrong(n.Line, "here stands %q where keys and values should", n.Value)
	}
	var known []string
	for field := range reflect.TypeOf(into).Elem().Fields() {
		if key := field.Tag.Get("yaml"); key != "" {
			known = append(known, key)
		}
	}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if !slices.Contains(known, key.Value) {
			return wrong(key.Line, "unknown key %q%s", key.Value, meant(key.Value, known...))
		}
	}
	return n.Decode(into)
}
