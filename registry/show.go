package registry

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Table is what SHOW and DESCRIBE answer with. A value is string, int64, bool
// or nil.
//
// The columns that StackQL answers with come first, by its names and in its
// order, so that scripts written for it can read the answer; what iql adds
// stands behind them, with EXTENDED only.
type Table struct {
	Columns []string
	Rows    [][]any
}

// add appends a row, less the values that the table has no columns for: those
// of EXTENDED come last.
func (t *Table) add(row ...any) { t.Rows = append(t.Rows, row[:len(t.Columns)]) }

// newTable returns a table with these columns, and with extended the further
// ones.
func newTable(extended bool, columns []string, further ...string) Table {
	if extended {
		columns = append(columns, further...)
	}
	return Table{Columns: columns}
}

// ShowProviders answers SHOW PROVIDERS.
func (r *Registry) ShowProviders(extended bool) Table {
	t := newTable(extended, []string{"name", "version"}, "title", "description")
	for _, p := range r.Providers {
		t.add(p.Name, p.Version, p.Title, p.Description)
	}
	return t
}

// ShowServices answers SHOW SERVICES IN the provider.
func (p *Provider) ShowServices(extended bool) Table {
	t := newTable(extended, []string{"id", "name", "title"}, "description", "version")
	for _, s := range p.Services {
		t.add(s.ID, s.Name, s.Title, s.Description, s.Version)
	}
	return t
}

// ShowResources answers SHOW RESOURCES IN the service.
func (s *Service) ShowResources(extended bool) Table {
	t := newTable(extended, []string{"name", "id"}, "description", "kind", "methods")
	for _, res := range s.Resources {
		t.add(res.Name, res.ID, res.Description, res.kind(), strings.Join(res.methodNames(), ", "))
	}
	return t
}

func (res *Resource) kind() string {
	if res.View != "" {
		return "view"
	}
	return "table"
}

// ShowMethods answers SHOW METHODS IN the resource.
func (res *Resource) ShowMethods(extended bool) Table {
	t := newTable(extended, []string{"MethodName", "RequiredParams", "SQLVerb"},
		"description", "OptionalParams", "http", "scopes")
	for _, m := range res.Methods {
		t.add(m.Name, m.Required(), string(m.Verb),
			m.Description, strings.Join(m.Optional(), ", "), m.HTTP, strings.Join(m.Scopes, " | "))
	}
	return t
}

// ShowInsert answers SHOW INSERT INTO the resource: the template of an INSERT,
// with a jsonnet block for its values, of all parameters or of the required
// ones. The error is a [*RouteError] if nothing can be inserted.
func (res *Resource) ShowInsert(requiredOnly bool) (string, error) {
	i := slices.IndexFunc(res.Methods, func(m *Method) bool { return m.Verb == Insert })
	if i < 0 {
		return "", &RouteError{Resource: res, Verb: Insert}
	}
	params := res.Methods[i].Parameters()
	if requiredOnly {
		params = res.Methods[i].Needs[0]
	}
	var values, columns, row []string
	for _, p := range params {
		values = append(values, fmt.Sprintf("   %s: << %s >>", p, p))
		columns = append(columns, "  "+p)
		row = append(row, fmt.Sprintf("  '{{ .values.%s }}'", p))
	}
	list := func(lines []string) string { return strings.Join(lines, ",\n") }
	return fmt.Sprintf("<<<jsonnet\n{\n%s\n}\n>>>\nINSERT INTO %s(\n%s\n)\nSELECT\n%s\n;",
		list(values), res.ID, list(columns), list(row)), nil
}

// Describe answers DESCRIBE of the resource, a row for each column.
//
// The column null says whether a value may be absent. The column use says
// where a column has a meaning: "read" in what is selected, "filter" in WHERE
// as a parameter of the API (any column may stand in WHERE, but others only
// sort out what was fetched), "insert" and "update" among the values of a
// change, with a star where it cannot be left out.
func (res *Resource) Describe(extended bool) Table {
	t := newTable(extended, []string{"name", "type"}, "description", "null", "use")
	for _, c := range res.Columns {
		null := "no"
		if c.Nullable {
			null = "yes"
		}
		t.add(c.Name, string(c.Type), c.describe(), null, strings.Join(res.uses(c), ", "))
	}
	return t
}

// describe returns the column's description and its values, if they are few.
func (c *Column) describe() string {
	if len(c.Enum) == 0 {
		return c.Description
	}
	return strings.TrimSpace(c.Description + " One of " + strings.Join(c.Enum, ", ") + ".")
}

func (res *Resource) uses(c *Column) []string {
	var uses []string
	if !c.Input {
		uses = append(uses, "read")
	}
	for _, m := range res.Methods {
		use := ""
		switch {
		case !slices.Contains(m.Parameters(), c.Name):
		case m.Verb == Select:
			use = "filter"
		case m.Verb == Insert || m.Verb == Update:
			use = strings.ToLower(string(m.Verb))
			if m.always(c.Name) {
				use += "*"
			}
		}
		if use != "" && !slices.Contains(uses, use) {
			uses = append(uses, use)
		}
	}
	return uses
}

// Describe answers DESCRIBE METHOD: a row for each parameter, for each column
// of the answer, and for each error code that the method documents. Their
// param_type is "input_required" (of this or of another alternative of
// [Method.Needs]), "input_optional", "output" and "error"; shape is a JSON
// schema for values that have a form.
func (m *Method) Describe(extended bool) Table {
	t := newTable(extended, []string{"name", "type", "param_type", "shape"}, "description")
	optional := m.Optional()
	for _, name := range m.Parameters() {
		c, _ := m.Resource.Column(name)
		kind, description := "input_required", c.describe()
		if slices.Contains(optional, name) {
			kind = "input_optional"
		} else if others := m.instead(name); len(others) > 0 {
			description += " Not needed with " + strings.Join(others, " or ") + "."
		}
		t.add(c.Name, string(c.Type), kind, c.shape(), strings.TrimSpace(description))
	}
	if m.Returns {
		for _, c := range m.Resource.Outputs() {
			t.add(c.Name, string(c.Type), "output", c.shape(), c.describe())
		}
	}
	for _, e := range m.Errors {
		t.add(e.Code, "", "error", "", e.describe())
	}
	return t
}

func (c *Column) shape() string {
	if len(c.Enum) == 0 {
		return ""
	}
	b, err := json.Marshal(struct {
		Type Type     `json:"type"`
		Enum []string `json:"enum"`
	}{c.Type, c.Enum})
	if err != nil {
		panic(err) // strings only
	}
	return string(b)
}

func (e ErrorDoc) describe() string {
	if len(e.Reasons) == 0 {
		return e.When
	}
	return fmt.Sprintf("%s (%s)", e.When, strings.Join(e.Reasons, ", "))
}

// Optional returns the names of the parameters that no alternative needs.
func (m *Method) Optional() []string {
	return slices.DeleteFunc(slices.Clone(m.Takes), func(name string) bool {
		return slices.ContainsFunc(m.Needs, func(set []string) bool { return slices.Contains(set, name) })
	})
}

// always reports whether every alternative needs the parameter.
func (m *Method) always(name string) bool {
	return !slices.ContainsFunc(m.Needs, func(set []string) bool { return !slices.Contains(set, name) })
}

// instead returns the alternatives that do without the parameter.
func (m *Method) instead(name string) []string {
	var others []string
	for _, set := range m.Needs {
		if !slices.Contains(set, name) {
			others = append(others, join(set))
		}
	}
	return others
}
