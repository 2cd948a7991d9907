package output

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// text returns a value that is not NULL as it stands in text formats.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return float(v)
	case bool:
		return strconv.FormatBool(v)
	}
	return fmt.Sprint(v)
}

// float returns the shortest decimal that reads back as f. It has a point or
// an exponent, as SQLite's has, so that it is not taken for an integer.
func float(f float64) string {
	if math.IsInf(f, 0) {
		return strings.TrimPrefix(strconv.FormatFloat(f, 'f', -1, 64), "+")
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e15) {
		format = 'e'
	}
	s := strconv.FormatFloat(f, format, -1, 64)
	if !strings.ContainsAny(s, ".eN") {
		s += ".0"
	}
	return s
}

// number reports whether a value is aligned as a number. Text that looks like
// one is not: an identifier is no quantity.
func number(v any) bool {
	switch v.(type) {
	case int64, float64:
		return true
	}
	return false
}

// unique returns the names with "_2", "_3" after those that came before, and
// a notice for each name that this happened to.
func unique(names []string) (out, notices []string) {
	taken := make(map[string]bool, len(names))
	for _, name := range names {
		taken[name] = true
	}
	seen := make(map[string]int, len(names))
	out = make([]string, len(names))
	for i, name := range names {
		out[i] = name
		if seen[name]++; seen[name] == 1 {
			continue
		}
		for n := seen[name]; taken[out[i]]; n++ {
			out[i] = name + "_" + strconv.Itoa(n)
		}
		taken[out[i]] = true
		notices = append(notices, fmt.Sprintf("there is more than one column %s; this one is written as %s", name, out[i]))
	}
	return out, notices
}
