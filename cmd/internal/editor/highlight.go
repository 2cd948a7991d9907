package editor

import (
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// The colours of a statement: of the sixteen that every theme defines, and not
// blue, which many show on black.
const (
	reset   = "\x1b[0m"
	bold    = "\x1b[1m"
	faint   = "\x1b[2m"
	red     = "\x1b[31m"
	green   = "\x1b[32m"
	gold    = "\x1b[33m"
	magenta = "\x1b[35m"
)

// Highlight returns the text with colours for keywords, strings, numbers,
// parameters, comments, and what SQL cannot read. Without the colours it is the
// same text. They end before each line break.
func Highlight(text string) string {
	var b strings.Builder
	b.Grow(len(text) + len(text)/2)
	after := syntax.Space
	for token := range syntax.Scan(text) {
		paint(&b, token.Text, style(token, after))
		after = token.Kind
	}
	return b.String()
}

// paint writes a token in a style, line by line.
func paint(b *strings.Builder, text, style string) {
	if style == "" {
		b.WriteString(text)
		return
	}
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		if line != "" {
			b.WriteString(style)
			b.WriteString(line)
			b.WriteString(reset)
		}
	}
}

// style returns the style of a token that stands after one of a kind.
func style(token syntax.Token, after syntax.TokenKind) string {
	switch token.Kind {
	case syntax.Word:
		if after != syntax.Dot && (token.Reserved() || keywords[strings.ToUpper(token.Text)]) {
			return bold
		}
	case syntax.String, syntax.Blob:
		return green
	case syntax.Number:
		return magenta
	case syntax.Param:
		return gold
	case syntax.Comment, syntax.Hint:
		return faint
	case syntax.Bad:
		return unfinished(token.Text)
	}
	return ""
}

// unfinished returns the style of what SQL cannot read. A string or a comment
// whose end is not typed yet looks as it will.
func unfinished(text string) string {
	switch {
	case strings.HasPrefix(text, "'"):
		return green
	case strings.HasPrefix(text, "/*"):
		return faint
	case strings.HasPrefix(text, `"`), strings.HasPrefix(text, "`"), strings.HasPrefix(text, "["):
		return ""
	}
	return red
}

// keywords are those that SQLite also takes for names, and iql's own. Words
// that are common as names of columns are not among them.
var keywords = func() map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(`
		ABORT ALWAYS ASC ATTACH BEFORE BEGIN BY CASCADE CAST CONFLICT CROSS CURRENT DESC DESCRIBE DISTINCT DO DROP
		END EXCLUDE EXEC EXECUTE EXPLAIN EXTENDED FALSE FILTER FIRST FOLLOWING FULL GLOB IF IGNORE INNER LAST LEFT LIKE
		MATCH MATERIALIZED METHODS NATURAL NULLS OFFSET OUTER OVER PARTITION PLAN PRAGMA PRECEDING PROVIDERS QUERY RANGE
		RECURSIVE REGEXP REPLACE RESOURCES RIGHT ROWS SERVICES SHOW TEMP TEMPORARY TRUE UNBOUNDED VIEW WINDOW WITH WITHOUT
	`) {
		set[word] = true
	}
	return set
}()
