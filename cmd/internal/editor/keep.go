package editor

import (
	"regexp"
	"strings"
)

// maxEntry is how long an entry of a history may be. What is longer comes from
// a file, and is there.
const maxEntry = 256 << 10

// secret finds what nobody wants to find in a file later: the options and
// statements that take credentials, and what tokens, keys and the files that
// hold them look like.
var secret = regexp.MustCompile(`(?i)--auth|^\s*auth\b|-----BEGIN|\bBearer\s|\bya29\.|\b1//0[\w-]{8}|\bGOCSPX-|\bAIza[\w-]{30}|` +
	`\beyJ[\w-]{8,}\.|(?:private_key|client_secret|(?:refresh|access|id)_?token|password|passwd)\W{0,8}[:=]`)

// Keep reports whether a history keeps a text: not one that is empty, begins
// with a blank, looks as if it held a secret, repeats the last entry, or is
// longer than 256 KB.
func (h *History) Keep(text string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.keep(text)
}

// keep is Keep. The caller holds mu.
func (h *History) keep(text string) bool {
	switch {
	case strings.TrimSpace(text) == "", len(text) > maxEntry:
		return false
	case strings.ContainsAny(text[:1], " \t\n"):
		return false
	case len(h.entries) > 0 && h.entries[len(h.entries)-1] == text:
		return false
	}
	return !secret.MatchString(text)
}
