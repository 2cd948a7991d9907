package shell

import (
	"context"
	"errors"

	"github.com/iql-lang/iql/sqlengine"
)

// changeCommands are about changes.
func changeCommands() []Command {
	const group = "Changes"
	return []Command{
		{
			Name: `\dry`, Args: "[on|off]", Group: group, Words: []string{"on", "off"},
			About: "show what changes would do, and make none",
			run: func(s *Shell, _ context.Context, args []string) error {
				return s.flip(&s.settings.DryRun, `\dry`, args)
			},
		},
		{
			Name: `\confirm`, Args: "[on|off]", Group: group, Words: []string{"on", "off"},
			About: "ask before changes whose rows come from a query",
			run: func(s *Shell, _ context.Context, args []string) error {
				return s.flip(&s.settings.Confirm, `\confirm`, args)
			},
		},
		{
			Name: `\journal`, Args: "[ID]", Group: group,
			About: "list the changes on record, or the calls of one",
			run: func(s *Shell, ctx context.Context, args []string) error {
				id := ""
				if len(args) > 0 {
					id = args[0]
				}
				t, err := s.host.Journal(ctx, id)
				if err != nil {
					return err
				}
				return s.table(ctx, t)
			},
		},
		{
			Name: `\retry`, Args: "ID [failed]", Group: group,
			About: "go on with a change, also with what was refused for good",
			run: func(s *Shell, ctx context.Context, args []string) error {
				if len(args) > 1 {
					if _, err := choose(`\retry`, args[1], "failed"); err != nil {
						return err
					}
				}
				return s.host.Retry(ctx, args[0], len(args) > 1, s.settings)
			},
		},
		{
			Name: `\undo`, Args: "ID", Group: group,
			About: "undo a change, by another",
			run: func(s *Shell, ctx context.Context, args []string) error {
				return s.host.Undo(ctx, args[0], s.settings)
			},
		},
	}
}

// flip sets a switch of the session, or without an argument the other way round,
// and says how it is.
func (s *Shell) flip(to *bool, command string, args []string) error {
	on, err := onOff(command, args, *to)
	if err != nil {
		return err
	}
	*to = on
	s.tell(command, switched(on))
	return nil
}

// tell says at a terminal how a switch is now.
func (s *Shell) tell(command, now string) {
	if s.Terminal {
		s.say(command[1:] + " is " + now)
	}
}

// table shows rows that are no statement's, as the last result.
func (s *Shell) table(ctx context.Context, t Table) error {
	rows := &kept{}
	var err error
	columns := make([]sqlengine.Column, len(t.Columns))
	for i, name := range t.Columns {
		columns[i].Name = name
	}
	err = rows.Columns(columns)
	for _, row := range t.Rows {
		err = errors.Join(err, rows.Row(row))
	}
	s.result = rows
	if err := errors.Join(err, s.show(ctx, rows, s.target())); err != nil {
		return err
	}
	if t.Note != "" {
		s.host.Note("%s", t.Note)
	}
	return nil
}
