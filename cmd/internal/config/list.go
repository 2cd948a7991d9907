package config

import "strings"

// list is the value of a flag that may be given several times, or takes words which
// commas divide. Those of package pflag make a writer of CSV for each of the commands
// that have the flag, which was the most that their flags took.
type list struct {
	words *[]string
	whole bool // commas divide nothing
	given bool
}

// Set adds words; the first time they replace what is built in.
func (l *list) Set(text string) error {
	if !l.given {
		*l.words, l.given = nil, true
	}
	if l.whole {
		return l.Append(text)
	}
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			*l.words = append(*l.words, word)
		}
	}
	return nil
}

// String returns the words with commas between.
func (l *list) String() string {
	if l.words == nil { // as package flag makes it
		return ""
	}
	return strings.Join(*l.words, ",")
}

// Type says what the flag takes.
func (l *list) Type() string { return "list" }

// Append adds a word.
func (l *list) Append(word string) error {
	*l.words = append(*l.words, word)
	return nil
}

// Replace sets the words.
func (l *list) Replace(words []string) error {
	*l.words = words
	return nil
}

// GetSlice returns the words.
func (l *list) GetSlice() []string { return *l.words }
