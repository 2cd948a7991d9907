package output

import (
	"strings"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"
)

// How harmless treats line breaks and tabs.
const (
	oneLine    = false // a symbol each: the text stays on its line
	lineBreaks = true  // they stay as they are
)

// Harmless returns s on one line, without anything that steers a terminal:
// control characters become the symbols that Unicode has for them, and what
// changes the direction of text becomes U+FFFD, as do bytes that are no UTF-8.
func Harmless(s string) string { return harmless(s, oneLine) }

// HarmlessLines is Harmless for a text of many lines, which stay.
func HarmlessLines(s string) string { return harmless(s, lineBreaks) }

func harmless(s string, breaks bool) string {
	if !strings.ContainsFunc(s, steers) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i, r := range s {
		switch {
		case breaks && (r == '\n' || r == '\t'):
			b.WriteRune(r)
		case r == '\r' && strings.HasPrefix(s[i:], "\r\n"):
			if breaks {
				b.WriteRune(r)
			}
		case r == '\n', r == '\u2028', r == '\u2029':
			b.WriteRune('⏎')
		case r < ' ':
			b.WriteRune('␀' + r)
		case r == 0x7f:
			b.WriteRune('␡')
		case steers(r):
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// steers reports whether a terminal may do something else with a character
// than show it: the C0 and C1 controls, line and paragraph separators, and
// embeddings, overrides and isolates of the bidirectional algorithm
// (https://www.unicode.org/reports/tr9/). U+FFFD counts, as bytes that are no
// UTF-8 are read as it.
func steers(r rune) bool {
	return r < ' ' || 0x7f <= r && r <= 0x9f ||
		0x2028 <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069 ||
		r == utf8.RuneError
}

// width returns the number of terminal cells that s takes, by user-perceived
// characters: a flag or a family of emoji takes two.
func width(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return runewidth.StringWidth(s)
		}
	}
	return len(s)
}
