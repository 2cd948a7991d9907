package completion

import (
	"cmp"
	"slices"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/output"
)

// suffixes are the ends of the names of files that a function reads.
var suffixes = map[string][]string{
	"csv": {".csv", ".tsv", ".csv.gz", ".tsv.gz"}, "json": {".json", ".json.gz"}, "jsonl": {".jsonl", ".ndjson", ".jsonl.gz"},
}

// fileOf adds the files that a function may read: csv('. They are put into quotes,
// which a folder leaves open.
func (l *list) fileOf(f frame) {
	if f.item > 0 || strings.HasPrefix(l.prefix, "~") { // a function knows no ~
		return
	}
	for _, name := range l.src.files(l.prefix, suffixes[f.function]) {
		text := "'" + strings.ReplaceAll(name, "'", "''")
		if !l.closed && !strings.HasSuffix(name, "/") {
			text += "'"
		}
		l.add(Candidate{Text: text, Display: base(name), Group: Files})
	}
}

// files returns the files that a path may become, those with one of the ends
// first; folders end in a slash. One that begins with a dot is there only if
// the path says so.
func (s *Source) files(path string, ends []string) []string {
	if s.Files == nil {
		return nil
	}
	dir, begun := path[:strings.LastIndexByte(path, '/')+1], path[strings.LastIndexByte(path, '/')+1:]
	entries, err := s.Files(dir)
	if err != nil {
		return nil // what cannot be read has nothing to offer
	}
	var names []string
	for _, e := range entries {
		hidden := strings.HasPrefix(e.Name, ".") && !strings.HasPrefix(begun, ".")
		if hidden || !hasPrefix(e.Name, begun) || output.Harmless(e.Name) != e.Name {
			continue
		}
		if e.Dir {
			e.Name += "/"
		}
		names = append(names, dir+e.Name)
	}
	other := func(name string) int {
		if slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(strings.ToLower(name), end) }) {
			return 0
		}
		return 1
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(other(a)-other(b), cmp.Compare(a, b)) })
	return names
}

// base returns the last part of a path, with the slash of a folder.
func base(path string) string {
	return path[strings.LastIndexByte(strings.TrimSuffix(path, "/"), '/')+1:]
}
