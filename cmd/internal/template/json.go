package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// parseJSON returns the data of a text of JSON. Errors have their place in src, of
// which text is a part with the same places, or what Jsonnet made of it.
func parseJSON(src syntax.Source, text string) (any, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var data any
	err := d.Decode(&data)
	if err == nil {
		end := d.InputOffset()
		if _, err := d.Token(); err == io.EOF {
			return plain(data), nil
		}
		return nil, problem(src, after(text, end), "", "there is more after the data")
	}
	at := len(strings.TrimRight(text, " \t\r\n"))
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok && err.Error() != "unexpected end of JSON input" {
		at = int(wrong.Offset) - 1
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, problem(src, at, "", "the data end too early")
	}
	return nil, problem(src, max(at, 0), "", "the data are not JSON: %v", err)
}

// after returns where something stands after an offset.
func after(text string, offset int64) int {
	rest := text[min(int(offset), len(text)):]
	return len(text) - len(strings.TrimLeft(rest, " \t\r\n"))
}

// plain returns data with numbers as a template writes and compares them: whole
// ones as integers, so that 620015 is not 620015.0 or 6.20015e+05.
func plain(data any) any {
	switch v := data.(type) {
	case map[string]any:
		for key, value := range v {
			v[key] = plain(value)
		}
	case []any:
		for i, value := range v {
			v[i] = plain(value)
		}
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n
		}
		if n, err := v.Float64(); err == nil && strings.ContainsAny(v.String(), ".eE") {
			return n
		}
		return v.String() // too long for any number
	}
	return data
}
