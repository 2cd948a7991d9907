package completion

import "strings"

// function is a function of SQLite's or iql's.
type function struct {
	name, takes, about string
}

// functions are those that are worth offering, in alphabetical order: iql's own
// and SQLite's (https://sqlite.org/lang_corefunc.html and its neighbours).
var functions = []function{
	{"abs", "x", "x without its sign"},
	{"avg", "x", "average of the group"},
	{"ceil", "x", "next whole number up"},
	{"char", "x, ...", "text of code points"},
	{"coalesce", "x, y, ...", "first that is not NULL"},
	{"concat", "x, ...", "texts joined"},
	{"concat_ws", "separator, x, ...", "texts joined by a separator"},
	{"count", "x", "rows of the group in which x is not NULL; * counts all"},
	{"date", "time, modifier, ...", "day as YYYY-MM-DD"},
	{"datetime", "time, modifier, ...", "time as YYYY-MM-DD HH:MM:SS"},
	{"dense_rank", "", "rank in the window without gaps"},
	{"first_value", "x", "x of the window's first row"},
	{"floor", "x", "next whole number down"},
	{"format", "format, x, ...", "text as printf makes it"},
	{"glob", "pattern, text", "whether the text has the pattern"},
	{"group_concat", "x, separator", "texts of the group joined"},
	{"hex", "x", "bytes in hexadecimal"},
	{"ifnull", "x, y", "y if x is NULL"},
	{"iif", "condition, x, y", "x if the condition holds, else y"},
	{"instr", "text, part", "where the part begins, from 1 on"},
	{"json", "x", "JSON text, checked"},
	{"json_array", "x, ...", "JSON array"},
	{"json_array_length", "json, path", "length of a JSON array"},
	{"json_equal", "x, y", "whether two JSON texts say the same"},
	{"json_extract", "json, path, ...", "part of a JSON text"},
	{"json_group_array", "x", "JSON array of the group"},
	{"json_group_object", "name, x", "JSON object of the group"},
	{"json_object", "name, x, ...", "JSON object"},
	{"json_type", "json, path", "type of a JSON value"},
	{"json_valid", "x", "whether x is JSON"},
	{"julianday", "time, modifier, ...", "time in days"},
	{"lag", "x, n, default", "x of a row before in the window"},
	{"last_value", "x", "x of the window's last row"},
	{"lead", "x, n, default", "x of a row after in the window"},
	{"length", "x", "number of characters"},
	{"like", "pattern, text", "whether the text has the pattern"},
	{"lower", "x", "text in lower case"},
	{"ltrim", "x, characters", "text without what it begins with"},
	{"max", "x, ...", "greatest"},
	{"min", "x, ...", "least"},
	{"ntile", "n", "which of n parts of the window"},
	{"nullif", "x, y", "NULL if x is y"},
	{"printf", "format, x, ...", "text by a format"},
	{"quote", "x", "x as SQL has it"},
	{"random", "", "whole number by chance"},
	{"rank", "", "rank in the window"},
	{"regexp_like", "text, pattern", "whether the text matches"},
	{"replace", "x, old, new", "text with a part for another"},
	{"round", "x, digits", "x with fewer digits"},
	{"row_number", "", "number of the row in the window"},
	{"rtrim", "x, characters", "text without what it ends with"},
	{"sign", "x", "-1, 0 or 1"},
	{"split_part", "text, separator, n", "n-th part of a text"},
	{"strftime", "format, time, ...", "time by a format"},
	{"string_agg", "x, separator", "texts of the group joined"},
	{"substr", "x, from, length", "part of a text"},
	{"sum", "x", "sum of the group; NULL if there is none"},
	{"time", "time, modifier, ...", "time as HH:MM:SS"},
	{"timediff", "x, y", "time between two times"},
	{"total", "x", "sum of the group, 0.0 if there is none"},
	{"trim", "x, characters", "text without blanks round it"},
	{"typeof", "x", "type of x"},
	{"unicode", "x", "code point of the first character"},
	{"unixepoch", "time, modifier, ...", "time in seconds since 1970"},
	{"upper", "x", "text in upper case"},
}

// functions adds the functions that what is typed may become, none where nothing
// is. They are written in lower case unless it is all in upper case.
func (l *list) functions() {
	if l.quote != 0 || l.prefix == "" {
		return // all of them would bury the rest
	}
	upper := l.prefix != strings.ToLower(l.prefix) && l.prefix == strings.ToUpper(l.prefix)
	for _, f := range functions {
		if !hasPrefix(f.name, l.prefix) {
			continue
		}
		text := f.name
		if upper {
			text = strings.ToUpper(text)
		}
		display := text + "(" + f.takes + ")"
		switch {
		case l.call:
		case f.takes == "":
			text += "()"
		default:
			text += "("
		}
		l.add(Candidate{Text: text, Display: display, Group: Functions, About: f.about})
	}
}
