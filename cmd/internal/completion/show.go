package completion

import (
	"maps"
	"slices"
	"strings"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// shown adds what may follow in SHOW, DESCRIBE, DROP and ALTER.
func (l *list) shown(f frame) {
	prev := l.before(1)
	switch f.clause {
	case inShow:
		l.show(prev)
	case inDescribe:
		l.describe(prev)
	case inDrop:
		if prev.Is("TABLE") || prev.Is("EXISTS") {
			for _, name := range slices.Sorted(maps.Keys(l.sessionTables())) {
				l.identifier(name, Tables, "of this session")
			}
		}
		if prev.Is("DROP") {
			l.keywords("TABLE", "VIEW", "TABLE IF EXISTS")
		}
		if prev.Is("ALTER") {
			l.keywords("TABLE")
		}
	}
}

// show adds what may follow in SHOW.
func (l *list) show(prev syntax.Token) {
	what := l.what()
	switch {
	case prev.Is("SHOW"), prev.Is("EXTENDED"):
		l.keywords("PROVIDERS", "SERVICES IN", "RESOURCES IN", "METHODS IN", "INSERT INTO", "AUTH", "VERSION")
		if prev.Is("SHOW") {
			l.keywords("EXTENDED")
		}
	case prev.Is("IN") || prev.Is("FROM") || prev.Is("INTO") || prev.Is("AUTH"):
		l.named(what)
	case prev.Is("INSERT"):
		l.keywords("INTO")
	case prev.Is("SERVICES") || prev.Is("RESOURCES") || prev.Is("METHODS"):
		l.keywords("IN", "FROM")
	case what == "INSERT" || what == "AUTH" || what == "VERSION" || prev.Is("LIKE") || prev.Is("WHERE"):
	default:
		l.keywords("LIKE", "WHERE")
	}
}

// what returns the word that says what SHOW shows, in upper case.
func (l *list) what() string {
	for i := range l.cursor {
		if l.toks[i].Is("SHOW") {
			if l.at(i + 1).Is("EXTENDED") {
				i++
			}
			return strings.ToUpper(l.at(i + 1).Text)
		}
	}
	return ""
}

// named adds the names that SHOW can ask of.
func (l *list) named(what string) {
	switch what {
	case "METHODS":
		l.resources(func(res *registry.Resource) bool { return res.View == "" })
	case "INSERT":
		l.resources(func(res *registry.Resource) bool { return changes(res, "INSERT") })
	}
	for _, p := range l.src.Registry.Providers {
		switch what {
		case "SERVICES", "AUTH":
			l.part(p.Name, Tables, p.Description)
		case "RESOURCES":
			for _, s := range p.Services {
				l.part(s.Name, Tables, s.Description)
				l.longer(s.ID, Tables, s.Description)
			}
		}
	}
}

// describe adds what may follow in DESCRIBE.
func (l *list) describe(prev syntax.Token) {
	method := prev.Is("METHOD") || prev.Is("EXTENDED") && l.before(2).Is("METHOD")
	switch {
	case method:
		l.methods()
	case prev.Is("DESCRIBE") || prev.Is("DESC") || prev.Is("EXTENDED"):
		l.resources(func(*registry.Resource) bool { return true })
		l.keywords("METHOD")
		if !prev.Is("EXTENDED") {
			l.keywords("EXTENDED")
		}
	default:
		l.keywords("EXTENDED")
	}
}
