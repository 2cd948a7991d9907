package shell

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/sqlengine/script"
)

// statementCommands are about the statement that is typed or was run last.
func statementCommands() []Command {
	const group = "The last statement"
	return []Command{
		{
			Name: `\g`, Ends: true, Args: "[FILE||CMD]", Group: group,
			About: "run it again, or end one with it; rows to a file or a command", run: again(false),
		},
		{
			Name: `\gx`, Ends: true, Args: "[FILE||CMD]", Group: group,
			About: "the same, with a line for each cell", run: again(true),
		},
		{
			Name: `\gset`, Ends: true, Args: "[PREFIX]", Group: group,
			About: "the same, with the values of its only row to :PREFIXcolumn", run: keepValues,
		},
		{
			Name: `\watch`, Ends: true, Args: "[SEC] [c=N] [m=ROWS] [d]", Group: group,
			About: "run it again, N times, while it has ROWS; d marks new rows", run: watch,
		},
		{
			Name: `\e`, Aliases: []string{".edit"}, Args: "[FILE]", Group: group,
			About: "edit it, or a file, in IQL_EDITOR, VISUAL or EDITOR", run: edit,
		},
		{
			Name: `\p`, Group: group, About: "print it",
			run: func(s *Shell, _ context.Context, _ []string) error {
				src, err := s.source()
				if err != nil {
					return err
				}
				s.say(harmlessLines(src.String()) + ";")
				return nil
			},
		},
		{
			Name: `\r`, Group: group, About: "forget it",
			run: func(s *Shell, _ context.Context, _ []string) error {
				s.last = ""
				return nil
			},
		},
		{
			Name: `\explain`, Args: "[STATEMENT]", Group: group, whole: true,
			About: "show its plan, or that of another", run: explain,
		},
		{
			Name: `\last`, Args: "[FORMAT] [FILE||CMD]", Group: group, Words: output.FormatNames(),
			About: "show its rows again", run: showLast,
		},
		{Name: `\errverbose`, Group: group, About: "show all of the last error", run: showError},
		{Name: `\stats`, Group: group, About: "show what it took", run: showStats},
	}
}

// ending runs a statement that ends in a command.
func (s *Shell) ending(ctx context.Context, p piece) error {
	word, _ := commandWord(p.then)
	if c, err := find(word); err == nil && c.Ends {
		return s.command(ctx, p.then)
	}
	return usagef(fmt.Sprintf("%s cannot end a statement", word), `end it with ; or with \g, \gx, \gset or \watch`)
}

// again returns the command that runs the last statement.
func again(expanded bool) func(*Shell, context.Context, []string) error {
	return func(s *Shell, ctx context.Context, args []string) error {
		src, err := s.source()
		if err != nil {
			return err
		}
		t := s.target()
		t.expanded = expanded
		if len(args) > 0 {
			t.to = args[0]
		}
		return s.run(ctx, src, t)
	}
}

// keepValues runs the last statement and sets a value for each column of its row.
func keepValues(s *Shell, ctx context.Context, args []string) error {
	src, err := s.source()
	if err != nil {
		return err
	}
	s.result = nil
	if err := s.run(ctx, src, target{silent: true}); err != nil {
		return err
	}
	if s.result == nil {
		return usagef(`\gset needs a statement that has a row`, "RETURNING gives changes rows")
	}
	switch n := len(s.result.rows) + s.result.left; {
	case n == 0:
		return usagef(`\gset needs one row, and there is none`, "")
	case n > 1:
		return usagef(fmt.Sprintf(`\gset needs one row, and there are %d`, n), `\last shows them; LIMIT 1 leaves one`)
	case s.result.left > 0:
		return usagef(fmt.Sprintf(`\gset keeps %d MB at most`, keptBytes>>20), `\g FILE writes the row to a file`)
	}
	values := map[string]any{}
	for i, column := range s.result.columns {
		full := strings.Join(args, "") + column.Name
		name, _, wrong := script.ParseName(full)
		if wrong != nil || name != full {
			return usagef(fmt.Sprintf("%q is not the name of a value", full), "give the column a name: AS name")
		}
		values[name] = s.result.rows[0][i]
	}
	s.setAll(values)
	return nil
}

// explain shows the plan of a statement.
func explain(s *Shell, ctx context.Context, args []string) error {
	if len(args) > 0 {
		return s.runText(ctx, "EXPLAIN "+args[0])
	}
	src, err := s.source()
	if err != nil {
		return err
	}
	return s.runText(ctx, "EXPLAIN "+src.String())
}

// showLast shows the last result again.
func showLast(s *Shell, ctx context.Context, args []string) error {
	if s.result == nil {
		return usagef("there is no result yet", "run a statement that has rows")
	}
	t := s.target()
	for i, arg := range args {
		format, ok := output.ParseFormat(arg)
		switch {
		case ok && i == 0:
			t.format = format
		case i == len(args)-1:
			t.to = arg
		default:
			return usagef(fmt.Sprintf("there is no output format %q", arg), config.DidYouMean(arg, output.FormatNames()))
		}
	}
	return s.show(ctx, s.result, t)
}

// show writes rows that are there already.
func (s *Shell) show(ctx context.Context, rows *kept, t target) error {
	opts, err := s.options(t)
	if err != nil {
		return err
	}
	out, err := s.open(ctx, t)
	if err != nil {
		return err
	}
	printer := output.NewPrinter(out, opts)
	result := printer.Result()
	err = rows.write(result)
	end := result.Close
	if rows.left > 0 || err != nil {
		end = result.Abort
	}
	err = errors.Join(err, end(), printer.Flush(), out.finish(err == nil))
	s.unread(out, printer)
	if err == nil && rows.left > 0 {
		s.host.Note("%d more rows were not kept: run the statement with %s FILE", rows.left, `\g`)
	}
	return err
}

// showError shows all there is of the last error.
func showError(s *Shell, _ context.Context, _ []string) error {
	if s.failed == nil {
		s.say("there was no error")
		return nil
	}
	p := s.problem
	var b strings.Builder
	b.WriteString(output.ProblemText(p, s.rows.Color))
	fmt.Fprintf(&b, "  kind    %s\n  code    %s\n  exit    %d\n", p.Kind, p.Code, p.Exit)
	if p.HTTP != 0 {
		fmt.Fprintf(&b, "  http    %d\n", p.HTTP)
	}
	if p.Retryable {
		b.WriteString("  later   the same statement may succeed\n")
	}
	fmt.Fprintf(&b, "  error   %s\n", output.Harmless(s.failed.Error()))
	s.say(b.String())
	return nil
}

// showStats shows what the last statement took.
func showStats(s *Shell, _ context.Context, _ []string) error {
	o := s.outcome
	if o.Verb == "" {
		s.say("no statement has been run yet")
		return nil
	}
	lines := [][2]string{
		{"statement", o.Verb},
		{"rows", strconv.Itoa(o.Rows)},
		{"calls", strconv.Itoa(o.Calls)},
	}
	for _, id := range sortedKeys(o.Methods) {
		lines = append(lines, [2]string{"", fmt.Sprintf("%s %d", id, o.Methods[id])})
	}
	if o.Changed+o.Already+o.Failed+o.Planned > 0 {
		lines = append(lines, [2]string{"changes", fmt.Sprintf("%d done, %d already there, %d refused, %d planned", o.Changed, o.Already, o.Failed, o.Planned)})
	}
	if o.Run != "" {
		lines = append(lines, [2]string{"journal", o.Run})
	}
	if o.Requests != "" {
		lines = append(lines, [2]string{"requests", o.Requests})
	}
	lines = append(lines, [2]string{"time", fmt.Sprintf("%d ms", o.Elapsed.Milliseconds())})
	for _, l := range lines {
		s.say(fmt.Sprintf("%-10s %s", l[0], l[1]))
	}
	return nil
}

// harmlessLines makes each line of a text harmless to a terminal.
func harmlessLines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\r\n ")) {
		line, end := strings.CutSuffix(line, "\n")
		b.WriteString(output.Harmless(strings.ReplaceAll(line, "\t", "    ")))
		if end {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
