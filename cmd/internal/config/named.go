package config

import (
	"cmp"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// NamedQuery is an entry of the section [queries] of the configuration file:
// statements that people run by a name.
type NamedQuery struct {
	Name string
	SQL  string
}

// NamedSign is what a name of [queries] has before it where statements are run:
// iql exec @stale.
const NamedSign = "@"

// Queries returns the named queries of the file that was loaded, in its order.
func (c *Config) Queries() []NamedQuery { return c.file.queries }

// NamedQuery returns the query that is called so. The error is a [*UsageError].
func (c *Config) NamedQuery(name string) (NamedQuery, error) {
	var names []string
	for _, q := range c.file.queries {
		if q.Name == name {
			return q, nil
		}
		names = append(names, q.Name)
	}
	if len(names) == 0 {
		return NamedQuery{}, &UsageError{
			Message: "there is no query " + NamedSign + name,
			Hint:    "write " + cmp.Or(name, "NAME") + ` = "SELECT ..." below [queries] of the configuration file: iql config edit`,
		}
	}
	return NamedQuery{}, unknown("query", name, names)
}

// query reads an entry of [queries].
func (r *fileReader) query(path []word, value *unstable.Node) error {
	name := path[1]
	text, ok := scalar(value)
	switch {
	case len(path) > 2 || name.text == "" || strings.ContainsAny(name.text, " \t\r\n"):
		return r.wrong(name.at, "a name is one word", "%q is not the name of a query", dotted(path[1:]))
	case !ok || value.Kind != unstable.String || strings.TrimSpace(text) == "":
		return r.wrong(name.at, "", "%s takes the text of a query", name.text)
	}
	r.queries = append(r.queries, NamedQuery{name.text, text})
	return nil
}
