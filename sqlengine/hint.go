package sqlengine

import (
	"fmt"
	"strings"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/sqlengine/plan"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// hint says what to write in the place of what SQLite refuses, "" if nothing is near.
// The words are those that could stand there.
func (r *run) hint(e *vtab.Error, words []string) string {
	inQuotes, quoted := strings.CutPrefix(e.Name, `"`)
	inQuotes = strings.TrimSuffix(inQuotes, `"`)
	name := e.Name[strings.LastIndexByte(e.Name, '.')+1:]
	if quoted {
		name = inQuotes
	}
	switch e.Kind {
	case vtab.Unasked:
		return r.otherNameHint(e.Name)
	case vtab.UnknownFunction:
		if instead, ok := elsewhere[strings.ToLower(name)]; ok {
			return "write " + instead
		}
	case vtab.UnknownTable:
		if hint := plan.FileHint(e.Name); hint != "" {
			return hint
		}
	}
	near, ok := provider.Nearest(name, words)
	switch ok = ok && !strings.EqualFold(near, name); {
	case ok && e.Kind == vtab.UnknownColumn:
		return "did you mean " + plan.Spelled(near) + "?"
	case ok:
		return "did you mean " + near + "?"
	case quoted && e.Kind == vtab.UnknownColumn:
		return "a text stands in single quotes: " + asText(inQuotes)
	}
	return fileColumns(e)
}

// asText is a text as a statement has it.
func asText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// otherNameHint says what to write where another name met what rows show.
func (r *run) otherNameHint(name string) string {
	for _, t := range r.plan.Statement.Tokens {
		if t.Is("UNION") {
			return "in a UNION, write column || '' for one that is only shown"
		}
	}
	_, literal := r.literal(name)
	key := r.session.opts.Registry.KeyNamed(name)
	switch {
	case key == nil:
		return "use what rows show here; such a name is found by = or IN on a parameter of the method (SHOW EXTENDED METHODS), as a condition that every row must meet"
	case literal:
		return fmt.Sprintf("write (SELECT %s FROM %s WHERE %[1]s = %[3]s) in its place", key.Key[0], key.Name, asText(name))
	}
	return fmt.Sprintf("rows show %s of %s here: join that, and compare what it shows", key.Key[0], key.Name)
}

// elsewhere has functions of other databases, and what SQLite has in their place.
var elsewhere = map[string]string{
	"array_agg":    "json_group_array(value)",
	"char_length":  "length(text)",
	"charindex":    "instr(text, part)",
	"curdate":      "date('now')",
	"date_format":  "strftime('%Y-%m-%d', time)",
	"datediff":     "julianday(later) - julianday(earlier)",
	"getdate":      "datetime('now')",
	"greatest":     "max(a, b)",
	"lcase":        "lower(text)",
	"least":        "min(a, b)",
	"left":         "substr(text, 1, n)",
	"len":          "length(text)",
	"now":          "datetime('now')",
	"nvl":          "ifnull(value, other)",
	"right":        "substr(text, -n)",
	"strpos":       "instr(text, part)",
	"sysdate":      "datetime('now')",
	"to_char":      "strftime('%Y-%m-%d', time)",
	"to_date":      "date(time)",
	"to_timestamp": "datetime(time)",
	"today":        "date('now')",
	"ucase":        "upper(text)",
	"version":      "sqlite_version()",
	"year":         "strftime('%Y', time)",
}
