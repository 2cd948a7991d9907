package template

import (
	"regexp"
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// Bounds of what the parser of Jsonnet takes stack for, 50 KB for a bracket.
// A program without stack ends at once, and no error can be caught.
const (
	maxNesting = 500
	maxWords   = 5000 // that others may follow inside: local, if, function
)

// checkNesting returns an error if a text of Jsonnet may take too much stack. What
// stands in strings and comments counts as well: it is seldom that much.
func checkNesting(src syntax.Source, text string) error {
	depth, signs, words, operators := 0, 0, 0, 0
	tooMuch := func(at int) error {
		return problem(src, at, "keep what is long in a file of JSON", "too much, one in another")
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(0, depth-1)
		case '-', '+', '!', '~', '*', '/', '%', '&', '|', '^', '<', '>', '=':
			signs++
			operators++
			if signs <= maxNesting {
				continue // a run of them goes on
			}
		case ' ', '\t', '\r', '\n':
			continue
		default:
			for _, word := range nesting {
				if strings.HasPrefix(text[i:], word) {
					words++
				}
			}
		}
		if depth > maxNesting || signs > maxNesting || words > maxWords || operators > 20*maxWords {
			return tooMuch(i)
		}
		signs = 0
	}
	return nil
}

// nesting are the words that an expression follows.
var nesting = []string{"local", "if", "else", "function", "assert", "error", "import", "for", "in"}

// control finds the actions that others may stand inside, and their ends.
var control = regexp.MustCompile(`\{\{-?\s*(?:(if|with|range|block|define|else\s+(?:if|with))\b|(end)\b)|\(|\{\{|\}\}`)

// checkActions returns an error if a template may take too much stack.
func checkActions(src syntax.Source, text string) error {
	depth, elses, parens, inside := 0, 0, 0, false
	for _, at := range control.FindAllStringSubmatchIndex(text, -1) {
		word := text[at[0]:at[1]]
		switch {
		case word == "}}":
			inside, parens = false, 0
		case word == "(":
			if inside {
				parens++
			}
		case at[2] >= 0 && strings.HasPrefix(text[at[2]:at[3]], "else"):
			elses, inside = elses+1, true
		case at[2] >= 0:
			depth, inside = depth+1, true
		case at[4] >= 0:
			depth, inside = max(0, depth-1), true
		default:
			inside = true
		}
		if depth > maxNesting || elses > maxWords || parens > maxNesting {
			return problem(src, at[0], "", "too much, one in another")
		}
	}
	return nil
}
