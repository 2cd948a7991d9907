package output

import (
	"math"
	"unicode/utf8"

	"github.com/iql-lang/iql/provider"
)

// objects writes json and jsonl: an object for each row, its keys in the order
// of the columns.
type objects struct {
	array bool     // json: in an array
	keys  [][]byte // each with its colon
	rows  int
}

func newJSON(Options) encoder  { return &objects{array: true} }
func newJSONL(Options) encoder { return &objects{} }

func (o *objects) head(b []byte, names []string) []byte {
	o.keys = make([][]byte, len(names))
	for i, name := range names {
		o.keys[i] = append(appendJSONString(nil, name), ':')
	}
	return b
}

func (o *objects) row(b []byte, row provider.Row) []byte {
	o.rows++
	switch {
	case o.array && o.rows == 1:
		b = append(b, "[\n"...)
	case o.array:
		b = append(b, ",\n"...)
	}
	b = append(b, '{')
	for i, v := range row {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, o.keys[i]...)
		b = appendJSON(b, v)
	}
	b = append(b, '}')
	if !o.array {
		b = append(b, '\n')
	}
	return b
}

func (o *objects) tail(b []byte, complete bool) []byte {
	switch {
	case !o.array:
		return b
	case !complete:
		return append(b, '\n')
	case o.rows == 0:
		return append(b, "[]\n"...)
	}
	return append(b, "\n]\n"...)
}

// appendJSON appends a value. An infinite number, for which JSON has no word,
// is one that no reader has room for, as sqlite3 writes it.
func appendJSON(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case int64, bool:
		return append(b, text(v)...)
	case float64:
		switch {
		case math.IsNaN(v):
			return append(b, "null"...)
		case math.IsInf(v, 1):
			return append(b, "9e999"...)
		case math.IsInf(v, -1):
			return append(b, "-9e999"...)
		}
		return append(b, float(v)...)
	}
	return appendJSONString(b, text(v))
}

// appendJSONString appends s in quotes, as JSON and YAML read it. It escapes
// what they say must be and what would steer a terminal; bytes that are no
// UTF-8 become U+FFFD.
func appendJSONString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\r':
			b = append(b, '\\', 'r')
		case r == '\t':
			b = append(b, '\\', 't')
		case r != utf8.RuneError && steers(r), r == 0xfffe, r == 0xffff, r == 0xfeff:
			b = append(b, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
