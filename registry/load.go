package registry

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed providers/*.yaml
var documents embed.FS

// Embedded returns the registry of the documents that iql is built with. It
// panics if one of them is wrong, which a test would have found.
var Embedded = sync.OnceValue(func() *Registry {
	names, err := fs.Glob(documents, "providers/*.yaml")
	if err != nil {
		panic(err)
	}
	r := new(Registry)
	for _, name := range names {
		f, err := documents.Open(name)
		if err != nil {
			panic(err)
		}
		if err := r.load(name, f); err != nil {
			panic(err)
		}
	}
	return r
})

// Load reads one provider document. All that is wrong with it is in the error,
// a line of text for each thing, which begins with the document's name and the
// number of the line: "school.yaml:12: resource pupils: column age: no type int".
func Load(name string, in io.Reader) (*Registry, error) {
	r := new(Registry)
	if err := r.load(name, in); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Registry) load(name string, in io.Reader) error {
	dec := yaml.NewDecoder(in)
	dec.KnownFields(true)
	var doc document
	if err := dec.Decode(&doc); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := dec.Decode(new(yaml.Node)); err != io.EOF {
		return fmt.Errorf("%s: more than one document", name)
	}
	l := &loader{file: name}
	check := l.names("provider", word{line: 1})
	for _, p := range r.Providers {
		check(word{text: p.Name})
	}
	check(doc.Name)
	p := l.provider(doc)
	if err := errors.Join(l.errs...); err != nil {
		return err
	}
	r.Providers = append(r.Providers, p)
	for _, s := range p.Services {
		r.resources = append(r.resources, s.Resources...)
	}
	return nil
}

// The document as it is written; a Registry is made from it.
type (
	document struct {
		Name        word           `yaml:"name"`
		Version     string         `yaml:"version"`
		Title       string         `yaml:"title"`
		Description string         `yaml:"description"`
		Local       bool           `yaml:"local"`
		Services    []serviceBlock `yaml:"services"`
	}
	serviceBlock struct {
		Name        word            `yaml:"name"`
		Title       string          `yaml:"title"`
		Description string          `yaml:"description"`
		Version     string          `yaml:"version"`
		Docs        string          `yaml:"docs"`
		ScopePrefix string          `yaml:"scopePrefix"`
		Resources   []resourceBlock `yaml:"resources"`
	}
	resourceBlock struct {
		Name        word          `yaml:"name"`
		Title       string        `yaml:"title"`
		Description string        `yaml:"description"`
		Docs        string        `yaml:"docs"`
		Key         []word        `yaml:"key"`
		Columns     []columnBlock `yaml:"columns"`
		Methods     []methodBlock `yaml:"methods"`
		View        string        `yaml:"view"`
	}
	columnBlock struct {
		Name        word     `yaml:"name"`
		Type        word     `yaml:"type"`
		Description string   `yaml:"description"`
		Example     string   `yaml:"example"`
		Enum        []string `yaml:"enum"`
		Nullable    bool     `yaml:"nullable"`
		Canonical   word     `yaml:"canonical"`
		Others      word     `yaml:"others"`
		Input       bool     `yaml:"input"`
		Hidden      bool     `yaml:"hidden"`
	}
	methodBlock struct {
		Name        word         `yaml:"name"`
		Verb        word         `yaml:"verb"`
		Description string       `yaml:"description"`
		Needs       [][]word     `yaml:"needs"`
		Takes       []word       `yaml:"takes"`
		Returns     bool         `yaml:"returns"`
		HTTP        word         `yaml:"http"`
		Scopes      []string     `yaml:"scopes"`
		Errors      []errorBlock `yaml:"errors"`
		Absent      []word       `yaml:"absent"`
		Listed      word         `yaml:"listed"`
		Rows        int          `yaml:"rows"`
		Daily       int          `yaml:"daily"`
	}
	errorBlock struct {
		Code    word     `yaml:"code"`
		When    string   `yaml:"when"`
		Reasons []string `yaml:"reasons"`
	}
)

// word is a scalar that knows its line, for errors that only become apparent
// when the document has been read.
type word struct {
	text string
	line int
}

// UnmarshalYAML implements [yaml.Unmarshaler]. A text is taken as it is: to decode it
// would make a decoder for each.
func (w *word) UnmarshalYAML(n *yaml.Node) error {
	w.line = n.Line
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		w.text = n.Value
		return nil
	}
	return n.Decode(&w.text)
}

func texts(words []word) []string {
	var ss []string
	for _, w := range words {
		ss = append(ss, w.text)
	}
	return ss
}

// loader turns the blocks of a document into what a Registry is made of, and
// collects what is wrong with them.
type loader struct {
	file string
	errs []error
}

func (l *loader) wrong(at word, format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("%s:%d: %s", l.file, at.line, fmt.Sprintf(format, args...)))
}

var (
	identifier  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`).MatchString
	requestLine = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) /\S*$`).MatchString
	placeholder = regexp.MustCompile(`\{(.*?)\}`)
)

// names returns a check of the names of one kind of thing inside parent: each
// must be an identifier, and none the same as another in any of the spellings
// that it can be looked up by.
func (l *loader) names(kind string, parent word) func(name word) {
	seen := map[string]bool{}
	return func(name word) {
		lower, snake := strings.ToLower(name.text), strings.ToLower(Snake(name.text))
		switch {
		case name.text == "":
			l.wrong(parent, "%s without a name", kind)
		case !identifier(name.text):
			l.wrong(name, "%s %s: a name is letters, digits and _, a letter first", kind, name.text)
		case seen[lower] || seen[snake]:
			l.wrong(name, "%s %s: there is another of this name", kind, name.text)
		}
		seen[lower], seen[snake] = true, true
	}
}

func (l *loader) provider(b document) *Provider {
	p := &Provider{Name: b.Name.text, Version: b.Version, Title: b.Title, Description: b.Description, Local: b.Local}
	check := l.names("service", b.Name)
	for _, sb := range b.Services {
		check(sb.Name)
		p.Services = append(p.Services, l.service(p, sb))
	}
	return p
}

func (l *loader) service(p *Provider, b serviceBlock) *Service {
	s := &Service{
		ID: p.Name + "." + b.Name.text, Name: b.Name.text, Provider: p, Title: b.Title,
		Description: b.Description, Version: b.Version, Docs: b.Docs,
	}
	check := l.names("resource", b.Name)
	for _, rb := range b.Resources {
		check(rb.Name)
		s.Resources = append(s.Resources, l.resource(s, rb, b.ScopePrefix))
	}
	return s
}

func (l *loader) resource(s *Service, b resourceBlock, scopePrefix string) *Resource {
	res := &Resource{
		ID: s.ID + "." + b.Name.text, Name: b.Name.text, Service: s, Title: b.Title,
		Description: b.Description, Docs: b.Docs, Key: texts(b.Key), View: b.View,
	}
	if (b.View == "") == (len(b.Methods) == 0) {
		l.wrong(b.Name, "resource %s: needs either methods or a view", b.Name.text)
	}
	check, input := l.names("column", b.Name), false
	for _, cb := range b.Columns {
		check(cb.Name)
		if input && !cb.Input {
			l.wrong(cb.Name, "column %s: stands after an input column", cb.Name.text)
		}
		input = cb.Input
		res.Columns = append(res.Columns, l.column(cb))
	}
	l.columns(res, "key of resource "+res.Name, b.Key)
	check = l.names("method", b.Name)
	for _, mb := range b.Methods {
		check(mb.Name)
		res.Methods = append(res.Methods, l.method(res, mb, scopePrefix))
	}
	for i, mb := range b.Methods {
		l.listed(res.Methods[i], mb.Listed)
	}
	return res
}

// listed finds the method that lists what another one reads one by one.
func (l *loader) listed(m *Method, name word) {
	if name.text == "" {
		return
	}
	for _, other := range m.Resource.Methods {
		if other.Name != name.text {
			continue
		}
		one := len(m.Needs) == 1 && len(other.Needs) == 1 && other.Verb == Select &&
			len(other.Needs[0]) == len(m.Needs[0])-1 &&
			!slices.ContainsFunc(other.Needs[0], func(p string) bool { return !slices.Contains(m.Needs[0], p) })
		if !one {
			l.wrong(name, "method %s: %s does not need the same but one", m.Name, other.Name)
		}
		m.Listed = other
		return
	}
	l.wrong(name, "method %s: listed by %s, which is no method", m.Name, name.text)
}

func (l *loader) column(b columnBlock) *Column {
	c := &Column{
		Name: b.Name.text, Type: Type(b.Type.text), Description: b.Description, Example: b.Example, Enum: b.Enum,
		Nullable: b.Nullable, Canonical: b.Canonical.text, Others: b.Others.text, Input: b.Input, Hidden: b.Hidden || b.Input,
	}
	if !slices.Contains([]Type{String, Integer, Number, Boolean, JSON}, c.Type) {
		l.wrong(b.at(b.Type), "column %s: no type %q", c.Name, c.Type)
	}
	if c.Hidden && c.Canonical != "" { // SQLite would forget how to compare it
		l.wrong(b.Canonical, "column %s: a hidden column cannot have canonical", c.Name)
	}
	if c.Others != "" && c.Canonical == "" {
		l.wrong(b.Others, "column %s: others stands without canonical", c.Name)
	}
	c.canonical = l.pattern(c.Name, b.Canonical)
	c.others = l.pattern(c.Name, b.Others)
	return c
}

// pattern returns what reports whether a value has a pattern's form; nil for
// no pattern.
func (l *loader) pattern(column string, pattern word) func([]byte) bool {
	switch pattern.text {
	case "":
		return nil
	case "[0-9]+": // which is tested for every row that is sorted
		return digits
	}
	re, err := regexp.Compile("^(?:" + pattern.text + ")$")
	if err != nil {
		l.wrong(pattern, "column %s: %v", column, err)
		return nil
	}
	return re.Match
}

func digits(value []byte) bool {
	for _, c := range value {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(value) > 0
}

func (l *loader) method(res *Resource, b methodBlock, scopePrefix string) *Method {
	m := &Method{
		ID: res.ID + "." + b.Name.text, Name: b.Name.text, Resource: res, Verb: Verb(b.Verb.text),
		Description: b.Description, Takes: texts(b.Takes), Returns: b.Returns,
		HTTP: b.HTTP.text, Absent: texts(b.Absent), Rows: b.Rows, Daily: b.Daily,
	}
	what := "method " + m.Name
	for _, set := range b.Needs {
		l.columns(res, what, set)
		m.Needs = append(m.Needs, texts(set))
	}
	if len(m.Needs) == 0 {
		m.Needs = [][]string{{}}
	}
	l.columns(res, what, b.Takes)
	for _, s := range b.Scopes {
		m.Scopes = append(m.Scopes, scopePrefix+s)
	}
	var codes []string
	for _, eb := range b.Errors {
		if slices.Contains(codes, eb.Code.text) {
			l.wrong(eb.Code, "%s: a second error %s", what, eb.Code.text)
		}
		codes = append(codes, eb.Code.text)
		m.Errors = append(m.Errors, ErrorDoc{Code: eb.Code.text, When: eb.When, Reasons: eb.Reasons})
	}
	for _, code := range b.Absent {
		if !slices.Contains(codes, code.text) {
			l.wrong(code, "%s: absent %s is not among its errors", what, code.text)
		}
	}
	if !slices.Contains([]Verb{Select, Insert, Delete, Update, Exec}, m.Verb) {
		l.wrong(b.at(b.Verb), "%s: no verb %q", what, m.Verb)
	}
	if m.Verb == Select && !m.Returns {
		l.wrong(b.at(b.Verb), "%s: SELECT returns nothing", what)
	}
	switch {
	case res.Local() && m.HTTP != "":
		l.wrong(b.HTTP, "%s: http stands in the document of a local provider", what)
	case !res.Local() && !requestLine(m.HTTP):
		l.wrong(b.at(b.HTTP), "%s: http is %q, want a method and a path", what, m.HTTP)
	}
	for _, hole := range placeholder.FindAllStringSubmatch(m.HTTP, -1) {
		if !slices.Contains(m.Parameters(), hole[1]) {
			l.wrong(b.HTTP, "%s: the path has %s, which is no parameter", what, hole[0])
		}
	}
	return m
}

// columns checks that the words are names of columns, spelled as these are.
func (l *loader) columns(res *Resource, what string, words []word) {
	for _, w := range words {
		if c, ok := res.Column(w.text); !ok || c.Name != w.text {
			l.wrong(w, "%s: no column %s", what, w.text)
		}
	}
}

// at returns the place to name in an error about w, which may be missing.
func (b columnBlock) at(w word) word { return cmp.Or(w, b.Name) }
func (b methodBlock) at(w word) word { return cmp.Or(w, b.Name) }
