package output

import (
	"strings"
	"unicode/utf8"

	"github.com/iql-lang/iql/provider"
)

// separated writes csv, tsv and text: a line for each row, its cells divided
// by a delimiter.
type separated struct {
	o         Options
	null      string
	delimiter string
	quote     func(cell string) string // nil writes cells as they are
	// blank stands for a row that would otherwise be an empty line, which
	// readers skip.
	blank string
	end   string // of a line
	// guard is what a cell must not begin with: a quote is written before it.
	guard string
}

// formulas are what a spreadsheet takes for the beginning of a formula
// (https://owasp.org/www-community/attacks/CSV_Injection).
const formulas = "=+-@\t\r"

// newCSV follows RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180) but ends
// lines with LF, unless CRLF is asked for. Only a cell that needs them has
// quotes: also the empty string and the text that stands for NULL, which is
// written bare.
func newCSV(o Options) encoder {
	null, delimiter := o.null(""), string(o.Delimiter)
	// By their first byte. One of a delimiter of several begins other
	// characters too.
	special := [256]bool{'"': true, '\r': true, '\n': true}
	special[delimiter[0]] = true
	plain := func(cell string) bool {
		for i := range len(cell) {
			if special[cell[i]] && (cell[i] < utf8.RuneSelf || strings.HasPrefix(cell[i:], delimiter)) {
				return false
			}
		}
		return strings.TrimSpace(cell) == cell
	}
	end, guard := "\n", ""
	if o.CSVCRLF {
		end = "\r\n"
	}
	if o.CSVSafe {
		guard = formulas
	}
	return &separated{o: o, null: null, delimiter: delimiter, blank: `""`, end: end, guard: guard, quote: func(cell string) string {
		if cell != "" && cell != null && plain(cell) {
			return cell
		}
		return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
	}}
}

var tsvEscapes = strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

func newTSV(o Options) encoder {
	return &separated{o: o, null: o.null(""), delimiter: "\t", end: "\n", quote: tsvEscapes.Replace}
}

func newText(o Options) encoder {
	return &separated{o: o, null: o.null("null"), delimiter: string(o.Delimiter), end: "\n"}
}

func (s *separated) head(b []byte, names []string) []byte {
	if s.o.HideHeaders {
		return b
	}
	for i, name := range names {
		if i > 0 {
			b = append(b, s.delimiter...)
		}
		b = append(b, s.cell(name)...)
	}
	return append(b, s.end...)
}

func (s *separated) row(b []byte, row provider.Row) []byte {
	start := len(b)
	for i, v := range row {
		if i > 0 {
			b = append(b, s.delimiter...)
		}
		switch {
		case v == nil:
			b = append(b, s.null...)
		case number(v): // a minus before it makes no formula
			b = append(b, s.quoted(s.o.safe(text(v)))...)
		default:
			b = append(b, s.cell(text(v))...)
		}
	}
	if len(b) == start {
		b = append(b, s.blank...)
	}
	return append(b, s.end...)
}

func (s *separated) tail(b []byte, _ bool) []byte { return b }

// cell returns a text as a cell.
func (s *separated) cell(cell string) string {
	cell = s.o.safe(cell)
	if cell != "" && strings.IndexByte(s.guard, cell[0]) >= 0 {
		cell = "'" + cell
	}
	return s.quoted(cell)
}

func (s *separated) quoted(cell string) string {
	if s.quote == nil {
		return cell
	}
	return s.quote(cell)
}

// ParseDelimiter returns the delimiter that a person asked for: a character,
// or \t. It reports false for text that csv could not be divided by.
func ParseDelimiter(s string) (rune, bool) {
	if s == `\t` {
		return '\t', true
	}
	r, size := utf8.DecodeRuneInString(s)
	if size != len(s) || r == utf8.RuneError || strings.ContainsRune("\"\r\n\x00", r) {
		return 0, false
	}
	return r, true
}

// value writes the first column, one cell on a line.
type value struct {
	o    Options
	null string
}

func newValue(o Options) encoder { return &value{o: o, null: o.null("")} }

func (v *value) head(b []byte, _ []string) []byte { return b }

func (v *value) row(b []byte, row provider.Row) []byte {
	if len(row) > 0 {
		b = append(b, v.o.text(row[0], v.null)...)
	}
	return append(b, '\n')
}

func (v *value) tail(b []byte, _ bool) []byte { return b }
