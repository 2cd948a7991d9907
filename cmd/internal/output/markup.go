package output

import (
	"html"
	"strings"

	"github.com/iql-lang/iql/provider"
)

// markup writes markdown and html: the same cells in other brackets.
type markup struct {
	o    Options
	null string

	begin, end         string // of the table
	rowBegin, rowEnd   string
	cellBegin, cellEnd string
	header             func(m *markup, b []byte, names []string) []byte
	escape             func(cell string) string
}

func newMarkdown(o Options) encoder {
	return &markup{
		o: o, null: markdownText(o.null("")),
		rowBegin: "|", rowEnd: "\n", cellBegin: " ", cellEnd: " |",
		header: markdownHeader, escape: markdownText,
	}
}

func newHTML(o Options) encoder {
	return &markup{
		o: o, null: htmlText(o.null("")),
		begin: "<table>\n", end: "</table>\n",
		rowBegin: "<tr>", rowEnd: "</tr>\n", cellBegin: "<td>", cellEnd: "</td>",
		header: htmlHeader, escape: htmlText,
	}
}

func (m *markup) head(b []byte, names []string) []byte {
	return m.header(m, append(b, m.begin...), names)
}

func (m *markup) row(b []byte, row provider.Row) []byte {
	b = append(b, m.rowBegin...)
	for _, v := range row {
		cell := m.null
		if v != nil {
			cell = m.escape(m.o.safe(text(v)))
		}
		b = append(b, m.cellBegin...)
		b = append(b, cell...)
		b = append(b, m.cellEnd...)
	}
	return append(b, m.rowEnd...)
}

func (m *markup) tail(b []byte, complete bool) []byte {
	if !complete {
		return b
	}
	return append(b, m.end...)
}

// markdownHeader writes the two lines without which it would be no table; with
// hidden headers the names are empty.
func markdownHeader(m *markup, b []byte, names []string) []byte {
	b = append(b, '|')
	for _, name := range names {
		if m.o.HideHeaders {
			name = ""
		}
		b = append(b, ' ')
		b = append(b, markdownText(m.o.safe(name))...)
		b = append(b, " |"...)
	}
	b = append(b, "\n|"...)
	b = append(b, strings.Repeat(" --- |", len(names))...)
	return append(b, '\n')
}

func htmlHeader(m *markup, b []byte, names []string) []byte {
	if m.o.HideHeaders {
		return b
	}
	b = append(b, "<tr>"...)
	for _, name := range names {
		b = append(b, "<th>"...)
		b = append(b, htmlText(m.o.safe(name))...)
		b = append(b, "</th>"...)
	}
	return append(b, "</tr>\n"...)
}

// markdownEscapes makes a cell read as it is: neither as markup, nor as HTML,
// nor as the end of the cell or the row.
var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "~", `\~`, "[", `\[`, "]", `\]`,
	"&", "&amp;", "<", "&lt;", ">", "&gt;",
	"\r\n", "<br>", "\n", "<br>", "\r", "<br>",
)

func markdownText(s string) string { return markdownEscapes.Replace(s) }

var htmlBreaks = strings.NewReplacer("\r\n", "<br>", "\n", "<br>", "\r", "<br>")

func htmlText(s string) string { return htmlBreaks.Replace(html.EscapeString(s)) }
