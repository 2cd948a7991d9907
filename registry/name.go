package registry

import (
	"fmt"
	"slices"
	"strings"
)

// levels are the kinds of thing that the parts of a full name stand for.
var levels = [...]string{"provider", "service", "resource", "method"}

// NameError says that a name fits nothing in a registry, or more than one
// thing.
type NameError struct {
	// What was looked for: "provider", "service", "resource" or "method".
	What string
	// Name is the name as it was written.
	Name string
	// Part is the index of the part that is wrong.
	Part int
	// Known are the names that would fit there, in document order. Of a name
	// that fits more than one thing they are the full names of those.
	Known []string

	text string
}

// Error says which part of the name fits nothing, and where: "there is no
// resource lessons" or "school.timetable has no resource lessons".
func (e *NameError) Error() string { return e.text }

// FindProvider returns the provider with this name, in any letter case. The
// error is a [*NameError], as it is for the other Find methods.
func (r *Registry) FindProvider(parts []string) (*Provider, error) {
	return find(0, r.Providers, func(p *Provider) string { return p.Name }, parts)
}

// FindService returns the service that is named by its provider and itself, or
// by itself if only one provider has a service of that name.
func (r *Registry) FindService(parts []string) (*Service, error) {
	var services []*Service
	for _, p := range r.Providers {
		services = append(services, p.Services...)
	}
	return find(1, services, func(s *Service) string { return s.ID }, parts)
}

// FindResource returns the resource with this name: provider, service and
// resource, or the last two or the last one of these where that fits one
// resource only.
func (r *Registry) FindResource(parts []string) (*Resource, error) {
	return find(2, r.resources, func(res *Resource) string { return res.ID }, parts)
}

// FindMethod returns the method with this name: that of its resource, as
// [Registry.FindResource] takes it, and its own. Known of the error is the
// methods of the resource if that is right, also where it stands alone.
func (r *Registry) FindMethod(parts []string) (*Method, error) {
	last := max(0, len(parts)-1)
	fail := func(known []string, format string, args ...any) (*Method, error) {
		return nil, &NameError{
			What: "method", Name: strings.Join(parts, "."), Part: last,
			Known: known, text: fmt.Sprintf(format, args...),
		}
	}
	res, err := r.FindResource(parts[:last])
	if err == nil {
		if m, ok := res.Method(parts[last]); ok {
			return m, nil
		}
	}
	if alone, err := r.FindResource(parts); err == nil {
		return fail(alone.methodNames(), "%s is a %s, not a method", alone.ID, alone.kind())
	}
	switch {
	case last == 0:
		return fail(nil, "the name of a method has that of its resource before it: resource.method")
	case err != nil:
		return nil, err
	case res.View != "":
		return fail(nil, "%s is a view and has no methods", res.ID)
	default:
		return fail(res.methodNames(), "%s has no method %s", res.ID, parts[last])
	}
}

// find returns the one of all whose full name, which has parts for levels[0] to
// levels[level], ends with parts.
func find[T any](level int, all []T, id func(T) string, parts []string) (T, error) {
	var none T
	what, name := levels[level], strings.Join(parts, ".")
	left := level + 1 - len(parts) // how many parts of the full name are left out
	switch {
	case len(parts) == 0:
		return none, &NameError{What: what, text: fmt.Sprintf("the name of a %s is missing", what)}
	case left < 0:
		text := fmt.Sprintf("%s has too many parts for the name of a %s", name, what)
		return none, &NameError{What: what, Name: name, Part: level + 1, text: text}
	}
	for i, part := range parts {
		var fit []T
		var known []string
		for _, v := range all {
			n := strings.Split(id(v), ".")[left+i]
			if strings.EqualFold(n, part) {
				fit = append(fit, v)
			}
			if !slices.Contains(known, n) {
				known = append(known, n)
			}
		}
		if len(fit) == 0 {
			text := fmt.Sprintf("there is no %s %s", levels[left+i], part)
			if i > 0 {
				text = fmt.Sprintf("%s has no %s %s", strings.Join(parts[:i], "."), levels[left+i], part)
			}
			return none, &NameError{What: what, Name: name, Part: i, Known: known, text: text}
		}
		all = fit
	}
	if len(all) > 1 {
		var ids []string
		for _, v := range all {
			ids = append(ids, id(v))
		}
		text := fmt.Sprintf("the name %s fits more than one %s: %s", name, what, strings.Join(ids, ", "))
		return none, &NameError{What: what, Name: name, Known: ids, text: text}
	}
	return all[0], nil
}

func (res *Resource) methodNames() []string {
	var names []string
	for _, m := range res.Methods {
		names = append(names, m.Name)
	}
	return names
}

// Schema returns the name of the service's schema in SQLite: its identifier with
// "_" for the dots, which SQLite cannot have in the name of a schema everywhere.
func (s *Service) Schema() string { return strings.ReplaceAll(s.ID, ".", "_") }

// Service returns the schema of a service, for a name as
// [Registry.FindService] takes it, for such a name in one pair of quotes, and
// for the schema's own name.
func (r *Registry) Service(parts []string) (schema string, ok bool) {
	if len(parts) == 1 {
		parts = strings.Split(parts[0], ".")
	}
	if s, err := r.FindService(parts); err == nil {
		return s.Schema(), true
	}
	for _, res := range r.resources {
		if len(parts) == 1 && strings.EqualFold(res.Service.Schema(), parts[0]) {
			return res.Service.Schema(), true
		}
	}
	return "", false
}

// Table returns the name of a resource as the registry spells it, given the
// schema of its service, or "" for a resource of any service, and its name in
// any letter case.
func (r *Registry) Table(schema, name string) (canonical string, ok bool) {
	for _, res := range r.resources {
		if strings.EqualFold(res.Name, name) && (schema == "" || strings.EqualFold(res.Service.Schema(), schema)) {
			return res.Name, true
		}
	}
	return "", false
}

// Column returns the column name, as the registry spells it, of which snake is
// the snake_case spelling: courseId for course_id. There is none for a word
// without "_" and for one that is itself the name of a column of any resource.
func (r *Registry) Column(snake string) (canonical string, ok bool) {
	if !strings.Contains(snake, "_") {
		return "", false
	}
	for _, res := range r.resources {
		for _, c := range res.Columns {
			if strings.EqualFold(c.Name, snake) {
				return "", false
			}
			if strings.EqualFold(Snake(c.Name), snake) {
				canonical, ok = c.Name, true
			}
		}
	}
	return canonical, ok
}
