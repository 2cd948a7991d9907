package syntax

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// FilesSchema is the schema in which the tables of files are for SQLite.
const FilesSchema = "files"

// FileCall is a file in the place of a table: csv('roster.csv').
type FileCall struct {
	Kind      string // "csv", "json" or "jsonl"
	Name      string // what is in the quotes
	Delimiter rune   // of csv('roster.csv', ';'); 0 where none is given
	Alias     string // what the statement calls the table, Kind if it gives no other name
	Span      Span   // the whole
	NameSpan  Span   // the file's name, with its quotes

	token, end int  // its tokens
	bare       bool // it needs Kind for an alias
	twins      int  // how many before it differ from it in nothing but letter case
}

// Table returns the table's name in [FilesSchema]. It is what was typed, written
// in one way.
func (f FileCall) Table() string {
	args := apostrophes(f.Name)
	if f.Delimiter != 0 {
		args += ", " + apostrophes(string(f.Delimiter))
	}
	if f.twins > 0 { // a name is the same to SQLite in any letter case
		args += " " + strconv.Itoa(f.twins+1)
	}
	return f.Kind + "(" + args + ")"
}

// SQLite returns what SQLite reads in the place of the call.
func (f FileCall) SQLite() string {
	text := FilesSchema + "." + quote(f.Table())
	if f.bare {
		text += " AS " + f.Kind
	}
	return text
}

// apostrophes returns the text as SQL has it.
func apostrophes(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// fileKinds are the functions that read files.
var fileKinds = []string{"csv", "json", "jsonl"}

// findFiles finds the files among the tables of the statement, and what is wrong
// with them.
func (s *Statement) findFiles() *Error {
	for i := range s.Tokens {
		if s.shape.roles[i] != roleTable || at(s.Tokens, i+1).Kind != Open || at(s.Tokens, i-1).Kind == Dot {
			continue
		}
		kind := strings.ToLower(s.Tokens[i].Name())
		ref := slices.IndexFunc(s.shape.tables, func(t TableRef) bool { return t.Span.Start == s.Tokens[i].Start })
		if ref < 0 || !slices.Contains(fileKinds, kind) {
			continue
		}
		if tok := at(s.Tokens, i+2); tok.Kind == Param && tok.Text[0] == ':' {
			continue // it has no value, which the plan says
		}
		f := FileCall{Kind: kind, Alias: s.shape.tables[ref].Alias, token: i}
		if err := s.readFile(&f); err != nil {
			return err
		}
		f.twins = s.twins(f)
		s.Files = append(s.Files, f)
	}
	return nil
}

// twins returns how many of the files so far differ from one in nothing but letter
// case.
func (s *Statement) twins(f FileCall) int {
	names := map[string]bool{}
	for _, other := range s.Files {
		if other.Name == f.Name && other.Kind == f.Kind && other.Delimiter == f.Delimiter {
			return other.twins
		}
		if strings.EqualFold(other.Name, f.Name) && other.Kind == f.Kind && other.Delimiter == f.Delimiter {
			names[other.Name] = true
		}
	}
	return len(names)
}

// readFile reads the arguments of the call that begins at f.token.
func (s *Statement) readFile(f *FileCall) *Error {
	f.end = closing(s.Tokens, f.token+1) + 1
	f.Span = Span{s.Tokens[f.token].Start, s.Tokens[f.end-1].End}
	args := s.Tokens[f.token+2 : f.end-1]
	if len(args) == 0 {
		return s.fileError(f, s.Tokens[f.end-1], "%s needs the name of a file", f.Kind)
	}
	if args[0].Kind != String {
		return s.fileError(f, args[0], "the name of a file is a text in quotes, not %s", shown(args[0]))
	}
	f.Name, f.NameSpan = args[0].Name(), Span{args[0].Start, args[0].End}
	if strings.TrimSpace(f.Name) == "" {
		return s.fileError(f, args[0], "the name of the file is empty")
	}
	next := s.Tokens[f.end-len(args):]
	if f.Kind == "csv" && len(args) == 3 && args[1].Kind == Comma {
		if err := s.delimiter(f, args[2]); err != nil {
			return err
		}
		next = s.Tokens[f.end-1:]
	}
	if next[0].Kind != Close {
		return s.fileError(f, next[0], "unexpected %s", shown(next[0]))
	}
	after := at(s.Tokens, f.end)
	f.bare = f.Alias == "" && !after.Is("AS") && after.Kind != String && !at(s.Tokens, f.token-1).Is("IN")
	if f.Alias == "" {
		f.Alias = f.Kind
	}
	return nil
}

// delimiter reads what divides the values of CSV.
func (s *Statement) delimiter(f *FileCall, tok Token) *Error {
	text := tok.Name()
	if text == `\t` {
		text = "\t"
	}
	r, size := utf8.DecodeRuneInString(text)
	if tok.Kind != String || size != len(text) || strings.ContainsAny(text, "\"\r\n\ufeff\ufffd") || text == "" {
		return s.fileError(f, tok, "the delimiter is one character in quotes, not %s", shown(tok))
	}
	f.Delimiter = r
	return nil
}

func (s *Statement) fileError(f *FileCall, tok Token, format string, args ...any) *Error {
	hint := "write " + f.Kind + "('FILE'), or '-' for standard input"
	if f.Kind == "csv" && f.NameSpan.Present() {
		hint = `write csv('FILE', ';'), or '\t' for a tab; without it the delimiter is sniffed`
	}
	return s.Source.Errorf(tok.Start, len(tok.Text), hint, format, args...)
}

// file writes the table's name for the file that token i begins, and returns the
// end of its tokens, i if there is none.
func (w *rewriter) file(i int) int {
	at := slices.IndexFunc(w.s.Files, func(f FileCall) bool { return f.token == i })
	if at < 0 {
		return i
	}
	f := w.s.Files[at]
	w.edit(f.Span, f.SQLite())
	return f.end
}
