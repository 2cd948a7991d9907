package output

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider"
)

// mappings writes yaml: a sequence of mappings, their keys in the order of the
// columns.
type mappings struct {
	keys []string // each with what stands before it
	rows int
}

func newYAML(Options) encoder { return &mappings{} }

func (m *mappings) head(b []byte, names []string) []byte {
	m.keys = make([]string, len(names))
	for i, name := range names {
		indent := "  "
		if i == 0 {
			indent = "- "
		}
		m.keys[i] = indent + string(appendYAML(nil, name)) + ": "
	}
	return b
}

func (m *mappings) row(b []byte, row provider.Row) []byte {
	m.rows++
	for i, v := range row {
		b = append(b, m.keys[i]...)
		b = appendYAML(b, v)
		b = append(b, '\n')
	}
	return b
}

func (m *mappings) tail(b []byte, complete bool) []byte {
	if complete && m.rows == 0 {
		return append(b, "[]\n"...)
	}
	return b
}

// appendYAML appends a value. Text has quotes unless every version of YAML
// reads it as text without; in quotes, JSON is YAML.
func appendYAML(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		if plainYAML(v) {
			return append(b, v...)
		}
	case float64:
		return append(b, yamlFloat(v)...)
	}
	return appendJSON(b, v)
}

// yamlWords are what some version of YAML reads as something else than text.
var yamlWords = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

// plainYAML reports whether s is a word that begins with a letter and has
// letters, digits and _ - . @ in it.
func plainYAML(s string) bool {
	letter := func(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
	if s == "" || !letter(s[0]) || slices.Contains(yamlWords, strings.ToLower(s)) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !letter(c) && (c < '0' || c > '9') && !strings.ContainsRune("_-.@", rune(c)) {
			return false
		}
	}
	return true
}

// yamlFloat returns a number as every version of YAML reads it: one with an exponent
// has a point too, without which it is text to YAML 1.1.
func yamlFloat(f float64) string {
	switch s := float(f); {
	case s == "Inf":
		return ".inf"
	case s == "-Inf":
		return "-.inf"
	case s == "NaN":
		return ".nan"
	case !strings.Contains(s, "."):
		return strings.Replace(s, "e", ".0e", 1)
	default:
		return s
	}
}
