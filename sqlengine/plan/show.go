package plan

import (
	"strings"

	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/syntax"
)

// show plans SHOW: the registry has the rows, and SQLite tests LIKE and WHERE
// on them.
func (b *builder) show() error {
	b.plan.Verb = "SHOW"
	s := b.stmt
	switch s.What {
	case "PROVIDERS":
		return b.table("name", b.reg.ShowProviders(s.Extended))
	case "SERVICES":
		p, err := b.provider(s.Target)
		if err != nil {
			return err
		}
		return b.table("name", p.ShowServices(s.Extended))
	case "RESOURCES":
		svc, err := b.service(s.Target)
		if err != nil {
			return err
		}
		return b.table("name", svc.ShowResources(s.Extended))
	case "METHODS":
		res, err := b.reg.FindResource(s.Target.Parts)
		if err != nil {
			return b.nameError(s.Target, err)
		}
		return b.table("MethodName", res.ShowMethods(s.Extended))
	case "INSERT":
		return b.showInsert()
	case "VERSION":
		b.plan.Fact = Version
		if s.Extended {
			b.plan.Fact = ExtendedVersion
		}
		return nil
	case "AUTH":
		b.plan.Fact = Auth
		p, err := b.provider(s.Target)
		if err == nil && p.Local {
			err = b.errorf(s.Target.Span, b.asked(), "nobody asks %s as anybody", p.Name)
		}
		return err
	}
	if s.What == "TABLES" {
		return b.errorf(s.All(), "tables are resources here: SHOW RESOURCES", "there is no SHOW TABLES")
	}
	return b.errorf(s.All(), "there is SHOW PROVIDERS, SERVICES, RESOURCES, METHODS and INSERT INTO", "there is no SHOW %s", s.What)
}

// provider returns the named provider, or the only one that is not local if none is
// named.
func (b *builder) provider(n syntax.Name) (*registry.Provider, error) {
	if all := b.reg.Remote(); len(n.Parts) == 0 && len(all) == 1 {
		return all[0], nil
	}
	p, err := b.reg.FindProvider(n.Parts)
	if err != nil {
		return nil, b.nameError(n, err)
	}
	return p, nil
}

// asked is a hint of the providers that are asked as somebody.
func (b *builder) asked() string {
	var names []string
	for _, p := range b.reg.Remote() {
		names = append(names, p.Name)
	}
	return "SHOW AUTH is for " + Join(names, "and")
}

// service returns the named service, or the only one that is not local if none is named.
func (b *builder) service(n syntax.Name) (*registry.Service, error) {
	if all := b.reg.Remote(); len(n.Parts) == 0 && len(all) == 1 && len(all[0].Services) == 1 {
		return all[0].Services[0], nil
	}
	svc, err := b.reg.FindService(n.Parts)
	if err != nil {
		return nil, b.nameError(n, err)
	}
	return svc, nil
}

func (b *builder) showInsert() error {
	res, err := b.reg.FindResource(b.stmt.Target.Parts)
	if err != nil {
		return b.nameError(b.stmt.Target, err)
	}
	required := false
	for _, h := range b.stmt.Hints {
		required = required || h == "REQUIRED"
	}
	text, err := res.ShowInsert(required)
	if err != nil {
		return err
	}
	return b.table("insert_statement", registry.Table{Columns: []string{"insert_statement"}, Rows: [][]any{{text}}})
}

// table plans a query over rows of the registry; LIKE is about the named column.
func (b *builder) table(name string, t registry.Table) error {
	q := &b.plan.Query
	q.list(strings.ToLower(b.plan.Verb), t.Columns, t.Rows)
	joint := " WHERE "
	if b.stmt.LikeSpan.Present() {
		q.write(joint, quote(name), " LIKE ", literal(b.stmt.Like))
		joint = " AND "
	}
	if b.stmt.Where.Present() {
		q.write(joint, "(")
		b.splice(q, b.stmt.Where)
		q.write(")")
	}
	return nil
}

func (b *builder) describe() error {
	b.plan.Verb = "DESCRIBE"
	res, err := b.reg.FindResource(b.stmt.Target.Parts)
	if m, merr := b.reg.FindMethod(b.stmt.Target.Parts); err != nil && merr == nil {
		name := b.stmt.Target.Span.Of(b.stmt.Source.String())
		return b.errorf(b.stmt.Target.Span, "write DESCRIBE METHOD "+name, "%s is a method, not a resource", m.ID)
	}
	if err != nil {
		return b.nameError(b.stmt.Target, err)
	}
	return b.table("name", res.Describe(b.stmt.Extended))
}

func (b *builder) describeMethod() error {
	b.plan.Verb = "DESCRIBE METHOD"
	m, err := b.reg.FindMethod(b.stmt.Target.Parts)
	if err != nil {
		return b.nameError(b.stmt.Target, err)
	}
	return b.table("name", m.Describe(b.stmt.Extended))
}
