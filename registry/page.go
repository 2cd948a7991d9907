package registry

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"
)

//go:embed templates/*.md
var templates embed.FS

// pages holds the templates of the reference. In them, code sets words as
// Markdown code, alternatives does so with [Method.Needs], and cell makes any
// text fit a cell of a table.
var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"about":        (*Column).describe,
	"alternatives": alternatives,
	"cell":         cell,
	"code":         code,
	"codes":        codes,
	"examples":     (*Method).examples,
	"join":         strings.Join,
	"kind":         (*Resource).kind,
	"lower":        strings.ToLower,
	"methods":      (*Resource).methodNames,
	"path":         (*Resource).path,
	"uses":         (*Resource).uses,
}).ParseFS(templates, "templates/*.md"))

// Page returns the resource's page of the reference, in Markdown: its columns,
// its methods, what each of these needs and returns, and statements to begin
// with.
func Page(res *Resource) string { return render("resource.md", res) }

// Pages returns the files of the reference by their paths below its folder
// (divided by slashes): README.md, which lists the resources, and the page of
// each.
func Pages(r *Registry) map[string]string {
	const note = "\n<!-- Made from registry/providers by go generate: change it there. -->\n"
	files := map[string]string{"README.md": render("index.md", r) + note}
	for _, res := range r.resources {
		files[res.path()] = Page(res) + note
	}
	return files
}

// path returns the path of the resource's page.
func (res *Resource) path() string { return strings.ReplaceAll(res.ID, ".", "/") + ".md" }

func render(name string, data any) string {
	var b strings.Builder
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		panic(err) // of the template, not of the data
	}
	return b.String()
}

func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

func code(word string) string { return "`" + word + "`" }

func codes(words []string) string {
	marked := make([]string, len(words))
	for i, w := range words {
		marked[i] = code(w)
	}
	return strings.Join(marked, ", ")
}

func alternatives(sets [][]string) string {
	marked := make([]string, len(sets))
	for i, set := range sets {
		marked[i] = codes(set)
	}
	return strings.Join(marked, " or ")
}

// examples returns statements that reach the method, one for each alternative
// of what it needs, and one with an optional parameter if it has any.
func (m *Method) examples() []string {
	var statements []string
	for _, set := range m.Needs {
		statements = append(statements, m.statement(set))
	}
	if optional := m.Optional(); len(optional) > 0 {
		statements = append(statements, m.statement(append(slices.Clone(m.Needs[0]), optional[0])))
	}
	return statements
}

// statement returns the statement that calls the method with these parameters.
func (m *Method) statement(params []string) string {
	var names, values, terms, args []string
	for _, name := range params {
		c, _ := m.Resource.Column(name)
		names = append(names, name)
		values = append(values, c.literal())
		terms = append(terms, name+" = "+c.literal())
		args = append(args, "@"+name+" = "+c.literal())
	}
	where := ""
	if len(terms) > 0 {
		where = "\nWHERE " + strings.Join(terms, " AND ")
	}
	id := m.Resource.ID
	switch m.Verb {
	case Select:
		return fmt.Sprintf("SELECT *\nFROM %s%s;", id, where)
	case Insert:
		return fmt.Sprintf("INSERT INTO %s (%s)\nVALUES (%s);", id, strings.Join(names, ", "), strings.Join(values, ", "))
	case Delete:
		return fmt.Sprintf("DELETE FROM %s%s;", id, where)
	default:
		return strings.TrimSpace(fmt.Sprintf("EXEC %s %s", m.ID, strings.Join(args, ", "))) + ";"
	}
}

// literal returns a value of the column as SQL has it.
func (c *Column) literal() string {
	value := "..."
	switch {
	case c.Example != "":
		value = c.Example
	case len(c.Enum) > 0:
		value = c.Enum[0]
	}
	if c.Type == String || c.Type == JSON {
		return "'" + strings.ReplaceAll(value, "'", "''") + "'"
	}
	return value
}
