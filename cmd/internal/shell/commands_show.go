package shell

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/provider"
)

// showCommands are about what there is to ask.
func showCommands() []Command {
	const group = "What there is"
	return []Command{
		{
			Name: `\?`, Aliases: []string{".help", "help"}, Args: "[COMMAND]", Group: group,
			About: "list the commands, or show one", run: help,
		},
		{
			Name: `\h`, Args: "[STATEMENT]", Group: group, Words: syntaxNames(), whole: true,
			About: "show how a statement is written", run: showSyntax,
		},
		{
			Name: `\d`, Aliases: []string{".tables", ".schema", ".inspect"}, Args: "[NAME]", Group: group,
			About: "list the resources, or the columns of one", run: describe(""),
		},
		{
			Name: `\d+`, Args: "[NAME]", Group: group,
			About: `the same, and more of each`, run: describe("EXTENDED "),
		},
		{
			Name: `\dm`, Args: "NAME", Group: group,
			About: "list the methods of a resource",
			run: func(s *Shell, ctx context.Context, args []string) error {
				return s.about(ctx, "SHOW METHODS IN ", args[0])
			},
		},
		{
			Name: `\l`, Aliases: []string{".databases"}, Group: group,
			About: "list the providers",
			run: func(s *Shell, ctx context.Context, _ []string) error {
				return s.runText(ctx, "SHOW PROVIDERS")
			},
		},
	}
}

// help lists the commands, or shows one.
func help(s *Shell, _ context.Context, args []string) error {
	if len(args) == 0 {
		s.say(Help())
		return nil
	}
	word := args[0]
	if !strings.HasPrefix(word, `\`) && !strings.HasPrefix(word, ".") {
		word = `\` + word
	}
	c, err := find(word)
	if other, oerr := find("." + args[0]); err != nil && oerr == nil {
		c, err = other, nil
	}
	if err != nil {
		return err
	}
	s.say(c.usage())
	s.say("  " + c.About)
	if len(c.Aliases) > 0 {
		s.say("  also " + strings.Join(c.Aliases, ", "))
	}
	return nil
}

// Help is the text of \?: all commands, by what they are about.
func Help() string {
	var b strings.Builder
	group := ""
	for _, c := range Commands() {
		if c.Group != group {
			if group != "" {
				b.WriteByte('\n')
			}
			group = c.Group
			b.WriteString(group + "\n")
		}
		about := c.About
		if len(c.Aliases) > 0 {
			about += " (" + strings.Join(c.Aliases, " ") + ")"
		}
		fmt.Fprintf(&b, "  %-28s %s\n", c.usage(), about)
	}
	b.WriteString(`
A statement runs at its semicolon, or at \g, \gx, \gset or \watch. Ctrl-C drops what is
typed, or stops what runs; Ctrl-D leaves.
`)
	return b.String()
}

// Page is the table of all commands, in Markdown.
func Page() string {
	var b strings.Builder
	b.WriteString("| command | also | does |\n|---|---|---|\n")
	mark := strings.NewReplacer("|", `\|`)
	for _, c := range Commands() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", mark.Replace(c.usage()), strings.Join(c.Aliases, " "), mark.Replace(c.About))
	}
	return b.String()
}

// describe returns the command that lists resources, or describes one.
func describe(extended string) func(*Shell, context.Context, []string) error {
	return func(s *Shell, ctx context.Context, args []string) error {
		if len(args) > 0 {
			return s.about(ctx, "DESCRIBE "+extended, args[0])
		}
		for _, service := range s.host.Services() {
			if err := s.about(ctx, "SHOW "+extended+"RESOURCES IN ", service); err != nil {
				return err
			}
		}
		return s.showOwn(ctx)
	}
}

// showOwn lists the tables of the session, if there are any.
func (s *Shell) showOwn(ctx context.Context) error {
	tables, err := s.host.Tables()
	if err != nil || len(tables) == 0 {
		return err
	}
	t := Table{Columns: []string{"table", "columns"}}
	for _, name := range sortedKeys(tables) {
		t.Rows = append(t.Rows, provider.Row{name, strings.Join(tables[name], ", ")})
	}
	return s.table(ctx, t)
}

// about runs a statement about a name.
func (s *Shell) about(ctx context.Context, statement, name string) error {
	for part := range strings.SplitSeq(name, ".") {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool { return !isName(r) }) {
			return usagef(fmt.Sprintf("%s is no name", output.Harmless(name)), `\d lists the names`)
		}
	}
	return s.runText(ctx, statement+name)
}

func isName(r rune) bool {
	return r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// syntaxes are how statements are written, each with an example.
var syntaxes = []struct{ name, form, example string }{
	{
		"SELECT", "SELECT COLUMN, ... FROM RESOURCE [JOIN ...] WHERE NEEDED = 'VALUE' [GROUP BY ...] [ORDER BY ...] [LIMIT N]",
		"SELECT id, userId, role FROM invitations WHERE courseId = '101'",
	},
	{
		"INSERT", "INSERT INTO RESOURCE (COLUMN, ...) VALUES (...), ... | SELECT ... [ON CONFLICT DO NOTHING] [RETURNING ...]",
		"INSERT INTO invitations (courseId, userId, role) VALUES ('101', 'a@example.edu', 'STUDENT')",
	},
	{
		"UPDATE", "UPDATE RESOURCE SET COLUMN = VALUE, ... WHERE ... [RETURNING ...]",
		"UPDATE invitations SET role = 'TEACHER' WHERE id = 'NjIwMDI1'",
	},
	{
		"DELETE", "DELETE FROM RESOURCE WHERE ... [RETURNING ...]",
		"DELETE FROM invitations WHERE courseId = '101' AND role = 'STUDENT'",
	},
	{
		"EXEC", "EXEC RESOURCE.METHOD @PARAMETER = 'VALUE', ... | @PARAMETER IN (SELECT ...)",
		"EXEC invitations.accept @id = 'NjIwMDE2'",
	},
	{
		"SHOW", "SHOW PROVIDERS | SERVICES IN PROVIDER | RESOURCES IN SERVICE | METHODS IN RESOURCE | AUTH | VERSION",
		"SHOW METHODS IN invitations",
	},
	{"DESCRIBE", "DESCRIBE [EXTENDED] RESOURCE | DESCRIBE METHOD METHOD", "DESCRIBE EXTENDED invitations"},
	{"EXPLAIN", "EXPLAIN STATEMENT", "EXPLAIN SELECT * FROM invitations WHERE userId = 'me'"},
	{
		"CREATE TABLE", "CREATE TABLE NAME AS SELECT ...",
		"CREATE TABLE roster AS SELECT * FROM csv('roster.csv')",
	},
}

func syntaxNames() []string {
	var names []string
	for _, s := range syntaxes {
		names = append(names, s.name)
	}
	return names
}

// showSyntax shows how statements are written.
func showSyntax(s *Shell, _ context.Context, args []string) error {
	if len(args) == 0 {
		s.say(`\h NAME shows how a statement is written: ` + strings.Join(syntaxNames(), ", "))
		return nil
	}
	name := strings.ToUpper(args[0])
	i := slices.IndexFunc(syntaxes, func(of struct{ name, form, example string }) bool {
		return of.name == name || strings.HasPrefix(of.name, name+" ")
	})
	if i < 0 {
		return usagef(fmt.Sprintf("there is no statement %s", output.Harmless(name)), `\h lists them`)
	}
	s.say(syntaxes[i].form)
	s.say("for example:\n  " + syntaxes[i].example + ";")
	return nil
}
