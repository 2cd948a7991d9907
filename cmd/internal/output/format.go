package output

import (
	"path/filepath"
	"slices"
	"strings"
)

// Format is a way to write rows.
type Format struct {
	Name    string
	Aliases []string // other names
	About   string   // a line for the person who chooses
	// Suffixes are the ends of file names that ask for the format.
	Suffixes []string

	encoder func(Options) encoder
	between string // divides a result from the one before
	keyed   bool   // rows are objects: the names of columns must differ
	framed  bool   // a table: rows may be expanded
	marked  bool   // the stream may begin with a byte order mark
}

var formats = []Format{
	{Name: "table", About: "a frame of + - |, as wide as its cells", encoder: newTable, framed: true},
	{Name: "box", About: "a table in the lines that Unicode has for it", encoder: newBox, framed: true},
	{Name: "csv", Suffixes: []string{".csv"}, About: "RFC 4180 with LF; NULL is empty, an empty string is \"\"", encoder: newCSV, marked: true},
	{Name: "tsv", Suffixes: []string{".tsv", ".tab"}, About: `cells divided by tabs; \t \n \r \\ escaped`, encoder: newTSV},
	{Name: "json", Suffixes: []string{".json"}, About: "an array of objects, one array for each statement", encoder: newJSON, keyed: true},
	{Name: "jsonl", Aliases: []string{"ndjson"}, Suffixes: []string{".jsonl", ".ndjson"}, About: "an object for each row, each on a line", encoder: newJSONL, keyed: true},
	{Name: "line", About: "a line for each cell, for rows wider than the screen", encoder: newLine, between: lineBetween},
	{Name: "value", About: "the first column alone, no header: for xargs", encoder: newValue},
	{Name: "text", Suffixes: []string{".txt"}, About: "cells joined by commas, unquoted, as StackQL's text", encoder: newText},
	{Name: "markdown", Aliases: []string{"md"}, Suffixes: []string{".md", ".markdown"}, About: "a GitHub table", encoder: newMarkdown, between: "\n"},
	{Name: "html", Suffixes: []string{".html", ".htm"}, About: "a <table>", encoder: newHTML},
	{Name: "yaml", Suffixes: []string{".yaml", ".yml"}, About: "a sequence of mappings, one document for each statement", encoder: newYAML, between: "---\n", keyed: true},
	{Name: "chart", About: "bars, of two columns: a label and a number", encoder: newChart, between: "\n"},
}

// Formats returns all formats, the usual one first.
func Formats() []Format { return slices.Clone(formats) }

// FormatNames returns the names of all formats, without aliases.
func FormatNames() []string {
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = formats[i].Name
	}
	return names
}

// ParseFormat returns the format with this name or alias, in any letter case,
// and whether there is one.
func ParseFormat(name string) (*Format, bool) {
	return findFormat(func(f *Format) bool {
		return strings.EqualFold(f.Name, name) ||
			slices.ContainsFunc(f.Aliases, func(a string) bool { return strings.EqualFold(a, name) })
	})
}

// FormatOfFile returns the format that a file name ends in, and whether it
// ends in one.
func FormatOfFile(name string) (*Format, bool) {
	suffix := strings.ToLower(filepath.Ext(name))
	return findFormat(func(f *Format) bool { return slices.Contains(f.Suffixes, suffix) })
}

// Unwritten reports whether a file name ends as those of files do that only other
// programs write: rows in another format would not open there.
func Unwritten(name string) bool {
	return slices.Contains([]string{".xlsx", ".xls", ".ods", ".parquet"}, strings.ToLower(filepath.Ext(name)))
}

func findFormat(match func(*Format) bool) (*Format, bool) {
	for i := range formats {
		if match(&formats[i]) {
			return &formats[i], true
		}
	}
	return nil, false
}
