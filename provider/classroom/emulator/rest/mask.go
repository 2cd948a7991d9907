package rest

import "strings"

// mask says which fields of a message a client wants, by the parameter fields:
// "nextPageToken,invitations(id,role)". A nil mask wants all, one without
// fields none.
// https://developers.google.com/workspace/classroom/performance
type mask struct {
	fields map[string]*mask
}

// has reports whether the mask lets a field through.
func (m *mask) has(name string) bool {
	if m == nil {
		return true
	}
	_, ok := m.fields[name]
	return ok
}

// of is the mask within a field.
func (m *mask) of(name string) *mask {
	if m == nil {
		return nil
	}
	return m.fields[name]
}

// badMask is a mask that fits no answer, with the path that does not.
type badMask struct{ path string }

// maskReader reads a mask from the front of a text.
type maskReader struct {
	rest string
}

// readMask reads the mask of a method's answer. Blanks belong to names, as at
// Google.
func readMask(s string, answer *message) (*mask, *badMask) {
	m := &mask{fields: map[string]*mask{}}
	if s == "" {
		return m, nil
	}
	r := maskReader{s}
	m, bad := r.list(answer, "", m)
	if bad == nil && r.rest != "" {
		bad = &badMask{r.rest}
	}
	return m, bad
}

// list reads items between commas into a mask of the message, up to the end or
// a closing parenthesis. It returns nil, which wants all, if one item does.
func (r *maskReader) list(of *message, path string, into *mask) (*mask, *badMask) {
	for {
		var bad *badMask
		if into, bad = r.item(of, path, into); bad != nil {
			return nil, bad
		}
		if !strings.HasPrefix(r.rest, ",") {
			return into, nil
		}
		r.rest = r.rest[1:]
	}
}

// item reads a name and what is wanted of it. The messages of the API are only
// a few levels deep, and so is this.
func (r *maskReader) item(of *message, path string, into *mask) (*mask, *badMask) {
	end := strings.IndexAny(r.rest, ",/.()")
	if end < 0 {
		end = len(r.rest)
	}
	name := r.rest[:end]
	r.rest = r.rest[end:]
	path = strings.TrimPrefix(path+"."+name, ".")
	if name == "*" {
		return r.star(of, path, into)
	}
	f := find(of.fields, name)
	if f == nil {
		return nil, &badMask{path}
	}
	inner, bad := r.inner(f, path, into)
	if bad != nil {
		return nil, bad
	}
	if into != nil {
		into.fields[f.name] = inner
	}
	return into, nil
}

// star reads what follows a star: nothing, or what is wanted of every field.
func (r *maskReader) star(of *message, path string, into *mask) (*mask, *badMask) {
	if r.rest == "" || r.rest[0] == ',' || r.rest[0] == ')' {
		return nil, nil
	}
	after := *r
	fits := false
	for i := range of.fields {
		f := &of.fields[i]
		each := after
		inner, bad := each.inner(f, path, into)
		if bad != nil {
			continue
		}
		fits = true
		*r = each
		if into != nil {
			into.fields[f.name] = inner
		}
	}
	if !fits {
		return nil, &badMask{path}
	}
	return into, nil
}

// inner reads what is wanted of a field: all, or what follows a slash or
// stands in parentheses.
func (r *maskReader) inner(f *field, path string, outer *mask) (*mask, *badMask) {
	if r.rest == "" || r.rest[0] == ',' || r.rest[0] == ')' {
		return nil, nil
	}
	separator := r.rest[0]
	r.rest = r.rest[1:]
	if f.kind != object {
		return nil, &badMask{path}
	}
	inner := &mask{fields: map[string]*mask{}}
	if outer.has(f.name) { // asked for before: want both
		if before := outer.of(f.name); before == nil {
			inner = nil
		} else {
			inner = before
		}
	}
	if separator != '(' {
		return r.item(f.message, path, inner)
	}
	inner, bad := r.list(f.message, path, inner)
	if bad != nil {
		return nil, bad
	}
	if !strings.HasPrefix(r.rest, ")") {
		return nil, &badMask{path}
	}
	r.rest = r.rest[1:]
	return inner, nil
}
