// Package registry holds the provider documents, embedded YAML files from
// which everything else about a provider follows: which method answers a
// statement (routing), the table schemas that SQLite sees, the rows of SHOW
// and DESCRIBE, the pages of docs/reference and the words of completion.
//
// A [Registry] is read once ([Embedded]) and never changes; it may be used
// from many goroutines at once.
//
// Identifiers are dotted: provider "googleworkspace", service
// "googleworkspace.classroom", resource "googleworkspace.classroom.invitations",
// method "googleworkspace.classroom.invitations.list". Letter case does not
// matter when a name is looked up.
package registry

import (
	"slices"
	"strings"
)

// Verb is the SQL statement through which a method is reached, the column
// "accessible by" of a resource's method table.
type Verb string

// The verbs. Every method, whatever its verb, can also be called by EXEC.
const (
	Select Verb = "SELECT"
	Insert Verb = "INSERT"
	Delete Verb = "DELETE"
	Update Verb = "UPDATE"
	Exec   Verb = "EXEC"
)

// Registry is a set of providers.
type Registry struct {
	Providers []*Provider

	resources []*Resource // of all services, in document order
}

// Provider is one document.
type Provider struct {
	Name        string
	Version     string
	Title       string
	Description string
	// Local says that it is iql's own: no request is made for its methods, and it is
	// not the one that is meant by a SHOW that names none.
	Local    bool
	Services []*Service
}

// Service is an API of a provider.
type Service struct {
	ID          string // "googleworkspace.classroom"
	Name        string
	Provider    *Provider
	Title       string
	Description string
	Version     string // of the API: "v1"
	Docs        string // address of the API's reference
	Resources   []*Resource
}

// Resource is a table. It has methods, or it is a view over other resources of
// its service and then has View and no methods.
type Resource struct {
	ID          string
	Name        string
	Service     *Service
	Title       string
	Description string
	Docs        string // address of the resource's page in the API's reference
	// Columns are the output columns in the order of a [provider.Row],
	// then the input columns.
	Columns []*Column
	// Key names the columns that identify a row.
	Key     []string
	Methods []*Method
	// View is the SELECT that defines a view, "" for other resources.
	View string
}

// Local reports whether the resource is iql's own.
func (res *Resource) Local() bool { return res.Service.Provider.Local }

// Column is a column of a resource, and a parameter of those methods that name
// it.
type Column struct {
	Name        string
	Type        Type
	Description string
	Example     string   // a value, for the examples in the documentation
	Enum        []string // the values it can have; empty for any
	Nullable    bool     // may be absent in an answer
	// Canonical is set for a column whose rows may be asked for by another name
	// than the value they show, such as a course by its alias. It is the
	// pattern (RE2, anchored) of the values that are shown: an asked value of
	// this form is tested against the rows, one of another form is not.
	Canonical string
	// Others is the pattern (RE2, anchored) of those other names: d:algebra, me.
	Others string
	// Input marks a column that only passes a parameter: it has the value that
	// was asked for and cannot be read otherwise.
	Input bool
	// Hidden columns are left out of SELECT *.
	Hidden bool

	canonical, others func([]byte) bool // report whether a value has the pattern's form
}

// Alias reports whether value, asked of the column, may be another name for
// the value that the rows show.
func (c *Column) Alias(value string) bool {
	return c.canonical != nil && !c.canonical([]byte(value))
}

// OtherName reports whether value has the form of another name for what the
// rows show.
func (c *Column) OtherName(value string) bool {
	return c.others != nil && c.others([]byte(value))
}

// Names reports whether value can name anything of the column: it has the form
// of what rows show, or of another name for it.
func (c *Column) Names(value string) bool {
	return !c.Alias(value) || c.OtherName(value)
}

// Collation names the collation by which SQLite compares the column: "BINARY",
// or one of the column's kind if it has other names for its values.
func (c *Column) Collation() string {
	if c.Canonical == "" {
		return "BINARY"
	}
	return "identifier " + c.Canonical + " " + c.Others
}

// Mixed reports whether one of two values is another name for what rows show and the
// other is not, and returns that name. The second may be anything: where SQLite looks a
// row's value up in a sorted list, it may meet no other member of the list than that.
func (c *Column) Mixed(a, b []byte) (other string, mixed bool) {
	if c.canonical == nil || c.others == nil {
		return "", false
	}
	switch first, second := c.another(a), c.another(b); {
	case first == second:
		return "", false
	case first:
		return string(a), true
	}
	return string(b), true
}

// another reports whether a value is another name for what rows show.
func (c *Column) another(value []byte) bool { return !c.canonical(value) && c.others(value) }

// Type is the type of a column.
type Type string

// The types of columns. A JSON column holds JSON text.
const (
	String  Type = "string"
	Integer Type = "integer"
	Number  Type = "number"
	Boolean Type = "boolean"
	JSON    Type = "json"
)

// Method is something the API does.
type Method struct {
	ID          string
	Name        string
	Resource    *Resource
	Verb        Verb
	Description string
	// Needs lists alternatives, best first: one of these sets of parameters
	// must be there. Every name is a column of the resource.
	Needs [][]string
	// Takes names further parameters.
	Takes []string
	// Returns says whether the method answers with rows of the resource.
	Returns bool
	// HTTP is the request line: "GET /v1/invitations/{id}". It is "" of a local
	// provider.
	HTTP string
	// Scopes are the OAuth scopes, any one of which suffices.
	Scopes []string
	// Errors are the failures that the API documents.
	Errors []ErrorDoc
	// Absent names the error codes of a read by key that may mean that there
	// is no such row.
	Absent []string
	// Listed is the method that lists what this one reads one by one: it needs one
	// parameter less, and whoever may call one may call the other. Nil if there is
	// none of which that is sure.
	Listed *Method
	// Rows is about how many rows a call answers with, for choosing between
	// methods.
	Rows int
	// Daily is how often a caller may call it in a day; 0 is no such limit.
	Daily int
}

// ErrorDoc is a failure that a method documents.
type ErrorDoc struct {
	Code    string   // google.rpc name
	When    string   // a clause: "no room has this number"
	Reasons []string // Google's words for it: "IneligibleOwner"
}

// Parameters returns the names of all parameters of the method, needed ones
// first, each once.
func (m *Method) Parameters() []string {
	var names []string
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, set := range m.Needs {
		for _, name := range set {
			add(name)
		}
	}
	for _, name := range m.Takes {
		add(name)
	}
	return names
}

// Parameter returns the name, as the document spells it, of the parameter that
// is written so, in any letter case or in its snake_case spelling.
func (m *Method) Parameter(name string) (string, bool) {
	for _, p := range m.Parameters() {
		if strings.EqualFold(p, name) || strings.EqualFold(Snake(p), name) {
			return p, true
		}
	}
	return "", false
}

// Required returns the needed parameters as SHOW METHODS prints them:
// alternatives divided by " | ", the names of a set by ", ".
func (m *Method) Required() string {
	sets := make([]string, len(m.Needs))
	for i, set := range m.Needs {
		sets[i] = strings.Join(set, ", ")
	}
	return strings.Join(sets, " | ")
}

// Remote returns the providers that are not local.
func (r *Registry) Remote() []*Provider {
	return slices.DeleteFunc(slices.Clone(r.Providers), func(p *Provider) bool { return p.Local })
}

// KeyNamed returns the resource of whose only key a value is another name, and that can be
// read by it: user_profiles for an e-mail address. It returns nil if there is none.
func (r *Registry) KeyNamed(value string) *Resource {
	for _, res := range r.resources {
		if len(res.Key) != 1 {
			continue
		}
		col, ok := res.Column(res.Key[0])
		read := func(m *Method) bool { return m.Verb == Select && m.Satisfied(res.Key) >= 0 && len(m.Needs[0]) > 0 }
		if ok && col.OtherName(value) && slices.ContainsFunc(res.Methods, read) {
			return res
		}
	}
	return nil
}

// Resources returns every resource of every service, in document order. The
// slice is the registry's own.
func (r *Registry) Resources() []*Resource { return r.resources }

// Resource returns the resource with this identifier, in any letter case.
func (r *Registry) Resource(id string) (*Resource, bool) {
	for _, res := range r.resources {
		if strings.EqualFold(res.ID, id) {
			return res, true
		}
	}
	return nil, false
}

// Method returns the method with this identifier, in any letter case.
func (r *Registry) Method(id string) (*Method, bool) {
	dot := strings.LastIndexByte(id, '.')
	if dot < 0 {
		return nil, false
	}
	res, ok := r.Resource(id[:dot])
	if !ok {
		return nil, false
	}
	return res.Method(id[dot+1:])
}

// Column returns the column with this name, in any letter case or in its
// snake_case spelling (course_id for courseId).
func (res *Resource) Column(name string) (*Column, bool) {
	i := res.Index(name)
	if i < 0 {
		return nil, false
	}
	return res.Columns[i], true
}

// Index returns the place of the column with this name, as [Resource.Column]
// finds it, or -1.
func (res *Resource) Index(name string) int {
	return slices.IndexFunc(res.Columns, func(c *Column) bool {
		return strings.EqualFold(c.Name, name) || strings.EqualFold(Snake(c.Name), name)
	})
}

// Outputs returns the columns that rows have, which are the first ones.
func (res *Resource) Outputs() []*Column {
	for i, c := range res.Columns {
		if c.Input {
			return res.Columns[:i]
		}
	}
	return res.Columns
}

// Method returns the method with this name, in any letter case.
func (res *Resource) Method(name string) (*Method, bool) {
	for _, m := range res.Methods {
		if strings.EqualFold(m.Name, name) {
			return m, true
		}
	}
	return nil, false
}

// Snake returns the snake_case spelling of a camelCase name: course_id for
// courseId, photo_url for photoUrl.
func Snake(name string) string {
	var b strings.Builder
	for _, c := range name {
		if c >= 'A' && c <= 'Z' {
			b.WriteByte('_')
			c += 'a' - 'A'
		}
		b.WriteRune(c)
	}
	return b.String()
}
