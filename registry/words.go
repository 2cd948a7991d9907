package registry

// Word is something that may be typed in a statement.
type Word struct {
	Text string
	// Kind is "provider", "service", "resource", "column", "method" or "value".
	Kind        string
	Description string
}

// Words returns what can be completed from the registry, in document order:
// the full names of providers, services, resources and methods, the short
// names of services, resources and methods (invitations, invitations.accept),
// the columns and the values of columns that have few, without quotes. A text
// is there once for each kind; the first description wins.
func (r *Registry) Words() []Word {
	var words []Word
	type key struct{ text, kind string }
	seen := map[key]bool{}
	add := func(text, kind, description string) {
		if k := (key{text, kind}); !seen[k] {
			seen[k] = true
			words = append(words, Word{text, kind, description})
		}
	}
	for _, p := range r.Providers {
		add(p.Name, "provider", p.Description)
		for _, s := range p.Services {
			add(s.ID, "service", s.Description)
			add(s.Name, "service", s.Description)
		}
	}
	for _, res := range r.resources {
		add(res.ID, "resource", res.Description)
		add(res.Name, "resource", res.Description)
		for _, m := range res.Methods {
			add(m.ID, "method", m.Description)
			add(res.Name+"."+m.Name, "method", m.Description)
		}
		for _, c := range res.Columns {
			add(c.Name, "column", c.Description)
			for _, v := range c.Enum {
				add(v, "value", c.Name+" of "+res.Name)
			}
		}
	}
	return words
}
