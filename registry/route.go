package registry

import (
	"fmt"
	"slices"
	"strings"
)

// Route returns the method of the resource that a statement with this verb
// reaches, given the parameters that it has (columns with a known value). Among
// the methods of the verb that have all they need, the first in the document's
// order wins. The error is a [*RouteError].
func (res *Resource) Route(v Verb, have []string) (*Method, error) {
	for _, m := range res.Methods {
		if m.Verb == v && m.Satisfied(have) >= 0 {
			return m, nil
		}
	}
	return nil, &RouteError{Resource: res, Verb: v, Have: have}
}

// Satisfied returns the index of the first alternative in Needs of which all
// parameters are in have, -1 if there is none.
func (m *Method) Satisfied(have []string) int {
	return slices.IndexFunc(m.Needs, func(set []string) bool {
		return !slices.ContainsFunc(set, func(name string) bool { return !containsFold(have, name) })
	})
}

func containsFold(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// RouteError says that no method of a resource answers a statement, and what
// the ones that could would need.
type RouteError struct {
	Resource *Resource
	Verb     Verb
	Method   *Method  // the one that was named, by EXEC; nil if any of the verb would do
	Have     []string // the parameters that were given
}

// Error says which methods there are and what each needs: "SELECT on
// googleworkspace.classroom.invitations needs id (get), or courseId or userId
// (list)".
func (e *RouteError) Error() string {
	if e.Method != nil {
		return fmt.Sprintf("%s needs %s", e.Method.ID, needs(e.Method))
	}
	var ways []string
	for _, m := range e.Resource.Methods {
		if m.Verb == e.Verb {
			ways = append(ways, fmt.Sprintf("%s (%s)", needs(m), m.Name))
		}
	}
	if e.Resource.View != "" {
		return fmt.Sprintf("%s is a view: it has no method for %s", e.Resource.ID, e.Verb)
	}
	if len(ways) == 0 {
		return fmt.Sprintf("%s has no method for %s", e.Resource.ID, e.Verb)
	}
	return fmt.Sprintf("%s on %s needs %s", e.Verb, e.Resource.ID, strings.Join(ways, ", or "))
}

// Behind returns the resource that a view reads and whose key, of one column, it has, if
// that has a method for the verb; nil if there is none.
func (res *Resource) Behind(v Verb) *Resource {
	words := strings.Fields(res.View)
	for _, of := range res.Service.Resources {
		keyed := len(of.Key) == 1 && res.Index(of.Key[0]) >= 0
		able := slices.ContainsFunc(of.Methods, func(m *Method) bool { return m.Verb == v })
		if keyed && able && slices.Contains(words, of.Name) {
			return of
		}
	}
	return nil
}

// needs spells a method's alternatives: "courseId or userId".
func needs(m *Method) string {
	if len(m.Needs) == 0 {
		return "nothing"
	}
	sets := make([]string, len(m.Needs))
	for i, set := range m.Needs {
		sets[i] = join(set)
	}
	return strings.Join(sets, " or ")
}

// join spells a set of parameters: "courseId, userId and role".
func join(set []string) string {
	switch n := len(set); n {
	case 0:
		return "nothing"
	case 1:
		return set[0]
	default:
		return strings.Join(set[:n-1], ", ") + " and " + set[n-1]
	}
}
