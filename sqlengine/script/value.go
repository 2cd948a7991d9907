package script

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The types of values, as they are written after a parameter's name: n:int.
const (
	Text   = "text"
	Int    = "int"
	Number = "number"
	Bool   = "bool"
)

// ValueError says what is wrong with the name or the value of a parameter.
type ValueError struct{ msg, hint string }

// Error returns the message.
func (e *ValueError) Error() string { return e.msg }

// Hint says what to do about it, or "".
func (e *ValueError) Hint() string { return e.hint }

// ParseName reads the name of a parameter, and the type after it: "n" and "text" of
// "n", "n" and "int" of "n:int".
func ParseName(text string) (name, kind string, err *ValueError) {
	name, kind, typed := strings.Cut(text, ":")
	if !isName(name) {
		return "", "", &ValueError{
			fmt.Sprintf("%q is not the name of a parameter", name), "a name has letters, digits and _, and begins with no digit",
		}
	}
	switch {
	case !typed:
		kind = Text
	case kind != Text && kind != Int && kind != Number && kind != Bool:
		return "", "", &ValueError{fmt.Sprintf("there is no type %q", kind), "it is text, int, number or bool: " + name + ":int"}
	}
	return name, kind, nil
}

// isName reports whether a text may be the name of a parameter.
func isName(text string) bool {
	for i, r := range text {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return text != ""
}

// ParseValue reads a value of a type: a string, int64, float64 or bool.
func ParseValue(kind, text string) (any, *ValueError) {
	switch kind {
	case Int:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
		return nil, &ValueError{fmt.Sprintf("%q is not a whole number", short(text)), "an identifier is text, which needs no type"}
	case Number:
		if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f, nil
		}
		return nil, &ValueError{fmt.Sprintf("%q is not a number", short(text)), "write it as 1.5 or 2e3"}
	case Bool:
		if truth, ok := truths[strings.ToLower(text)]; ok {
			return truth, nil
		}
		return nil, &ValueError{fmt.Sprintf("%q is neither true nor false", short(text)), "write true or false"}
	}
	return text, nil
}

// truths are the words that are true or false, in lower case.
var truths = map[string]bool{
	"true": true, "t": true, "yes": true, "y": true, "on": true, "1": true,
	"false": false, "f": false, "no": false, "n": false, "off": false, "0": false,
}

// short returns so much of a text as an error shows.
func short(text string) string {
	const most = 40
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "..."
	}
	return text
}

// Shown returns a value as \echo writes it.
func Shown(value any) string {
	switch v := value.(type) {
	case nil:
		return "NULL"
	case []byte:
		return string(v)
	}
	return fmt.Sprint(value)
}
