package plan

import (
	"slices"
	"strings"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// other plans the statements of StackQL that have little to do here: REGISTRY,
// since providers are built in, and USE, since names are found without it.
func (b *builder) other() error {
	switch b.stmt.Verb {
	case "REGISTRY":
		return b.registry()
	case "USE":
		return b.use()
	case "CREATE", "DROP":
		return b.define()
	}
	return b.errorf(b.span(0), "there is SELECT, INSERT, UPDATE, DELETE, EXEC, SHOW, DESCRIBE and EXPLAIN", "%s is not a statement that iql runs", b.stmt.Verb)
}

// span returns the span of a token, or of the end of the statement.
func (b *builder) span(token int) syntax.Span {
	if token >= len(b.stmt.Tokens) {
		end := b.stmt.All().End
		return syntax.Span{Start: end, End: end}
	}
	t := b.stmt.Tokens[token]
	return syntax.Span{Start: t.Start, End: t.End}
}

func (b *builder) registry() error {
	toks := b.stmt.Tokens
	verb := ""
	if len(toks) > 1 {
		verb = strings.ToUpper(toks[1].Text)
	}
	name := syntax.Name{}
	if len(toks) > 2 && toks[2].Kind != syntax.Semicolon {
		name = syntax.Name{Parts: []string{toks[2].Name()}, Span: b.span(2), Spans: []syntax.Span{b.span(2)}}
	}
	switch verb {
	case "LIST":
		return b.registryList(name)
	case "PULL":
		p, err := b.provider(name)
		if err != nil {
			return err
		}
		b.plan.Notices = append(b.plan.Notices, p.Name+" "+p.Version+" is built in: there is nothing to pull")
		return nil
	}
	return b.errorf(b.span(1), "there is REGISTRY LIST and REGISTRY PULL; providers are built in", "there is no REGISTRY %s", verb)
}

func (b *builder) registryList(name syntax.Name) error {
	t := registry.Table{Columns: []string{"provider", "version"}}
	if len(name.Parts) > 0 {
		t.Columns = []string{"provider", "versions"}
		p, err := b.provider(name)
		if err != nil {
			return err
		}
		t.Rows = append(t.Rows, []any{p.Name, p.Version})
		return b.table("provider", t)
	}
	for _, p := range b.reg.Providers {
		t.Rows = append(t.Rows, []any{p.Name, p.Version})
	}
	return b.table("provider", t)
}

func (b *builder) use() error {
	if len(b.stmt.Tokens) < 2 {
		return b.errorf(b.span(1), "", "USE needs the name of a provider")
	}
	at := b.span(1)
	_, err := b.provider(syntax.Name{Parts: []string{b.stmt.Tokens[1].Name()}, Span: at, Spans: []syntax.Span{at}})
	return err
}

// isLocal reports whether the target of a change is no resource but, as a bare
// name, may be a table of the session's own.
func (b *builder) isLocal() bool {
	parts := b.stmt.Target.Parts
	if len(parts) == 2 && ownSchema(parts[0]) {
		return true
	}
	_, err := b.reg.FindResource(parts)
	return len(parts) == 1 && err != nil
}

// local plans a statement about tables of the session's own: SQLite does it.
func (b *builder) local() error {
	b.plan.Local = true
	b.splice(&b.plan.Query, b.stmt.All())
	return nil
}

// define plans CREATE and DROP of tables of the session's own, and of views.
func (b *builder) define() error {
	i, temp := 1, false
	toks := append(slices.Clone(b.stmt.Tokens), syntax.Token{}, syntax.Token{})
	if toks[i].Is("TEMP") || toks[i].Is("TEMPORARY") {
		i, temp = 2, true
	}
	switch {
	case toks[i].Is("VIEW") && b.stmt.Verb == "CREATE" && !temp:
		return b.errorf(b.span(i), "write CREATE TEMP VIEW", "a view lasts as long as the session, and needs TEMP")
	case !toks[i].Is("TABLE") && !toks[i].Is("VIEW"):
		return b.errorf(b.span(i), "there is "+b.stmt.Verb+" TABLE and "+b.stmt.Verb+" TEMP VIEW, which last as long as the session",
			"iql cannot %s this", strings.ToLower(b.stmt.Verb))
	}
	if toks[i].Is("VIEW") && len(b.stmt.Files) > 0 {
		return b.errorf(b.stmt.Files[0].Span, "write CREATE TABLE ... AS SELECT, which keeps the rows", "a view cannot read a file")
	}
	if toks[i].Is("VIEW") && len(b.stmt.Parameters) > 0 {
		return b.errorf(b.stmt.Parameters[0].Span, "write the value, or CREATE TABLE ... AS SELECT, which keeps the rows", "a view cannot have a parameter")
	}
	for i++; toks[i].Is("IF") || toks[i].Is("NOT") || toks[i].Is("EXISTS"); {
		i++
	}
	if i >= len(b.stmt.Tokens) {
		return b.errorf(b.span(i), "", "the statement ends too early")
	}
	if toks[i+1].Kind == syntax.Dot && i+2 < len(b.stmt.Tokens) {
		i += 2 // main.name, temp.name
	}
	if res, err := b.reg.FindResource([]string{toks[i].Name()}); err == nil {
		return b.errorf(b.span(i), "", "%s is a resource: a table of the session needs another name", res.ID)
	}
	return b.local()
}
