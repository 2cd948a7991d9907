package shell

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
)

// outputCommands are about how rows are written, and where.
func outputCommands() []Command {
	const group = "How rows are shown"
	return []Command{
		{
			Name: `\x`, Args: "[on|off|auto]", Group: group, Words: []string{"on", "off", "auto"},
			About: "tables with a line for each cell; auto: wide ones",
			run: func(s *Shell, _ context.Context, args []string) error {
				if len(args) == 0 {
					args = []string{switched(s.rows.Expanded != output.ExpandedOn)}
				}
				word, err := choose(`\x`, args[0], "on", "off", "auto")
				if err != nil {
					return err
				}
				if err := s.set("expanded", word); err != nil {
					return err
				}
				s.tell(`\x`, word)
				return nil
			},
		},
		{
			Name: `\f`, Aliases: []string{".mode"}, Args: "[FORMAT]", Group: group, Words: output.FormatNames(),
			About: "the format, such as csv or json",
			run: func(s *Shell, _ context.Context, args []string) error {
				if len(args) == 0 {
					s.say(s.formatName())
					return nil
				}
				return s.set("format", args[0])
			},
		},
		{
			Name: `\pset`, Args: "[NAME [VALUE]]", Group: group, Words: settingNames(),
			About: "show or set how rows are written",
			run: func(s *Shell, _ context.Context, args []string) error {
				if len(args) == 2 {
					return s.set(args[0], args[1])
				}
				return s.shown(args)
			},
		},
		{
			Name: `\o`, Aliases: []string{".output"}, Args: "[FILE||CMD]", Group: group,
			About: "rows to a file, there with the next \\o, or to a command",
			run: func(s *Shell, ctx context.Context, args []string) error {
				return s.redirected(ctx, strings.Join(args, ""))
			},
		},
		{
			Name: `\once`, Aliases: []string{".once"}, Args: "FILE||CMD", Group: group,
			About: "the rows of the next statement to a file or a command",
			run: func(s *Shell, _ context.Context, args []string) error {
				s.once = args[0]
				return nil
			},
		},
		{
			Name: `\timing`, Aliases: []string{".timing", ".timer"}, Args: "[on|off|verbose]", Group: group,
			Words: []string{"on", "off", "verbose"},
			About: "say how long statements take, and what they call",
			run: func(s *Shell, _ context.Context, args []string) (err error) {
				if len(args) == 0 {
					args = []string{switched(s.settings.Timing == "off")}
				}
				s.settings.Timing, err = changed(s.settings.Timing)(choose(`\timing`, args[0], "on", "off", "verbose"))
				if err == nil {
					s.tell(`\timing`, s.settings.Timing)
				}
				return err
			},
		},
		{
			Name: `\clear`, Aliases: []string{"clear"}, Group: group, About: "clear the screen",
			run: func(s *Shell, _ context.Context, _ []string) error {
				if s.Terminal {
					_, _ = s.Messages.Write([]byte("\x1b[H\x1b[2J"))
				}
				return nil
			},
		},
	}
}

// changed returns what a setting is set to: the new value, or where that is wrong
// the old one.
func changed(old string) func(value string, err error) (string, error) {
	return func(value string, err error) (string, error) {
		if err != nil {
			return old, err
		}
		return value, nil
	}
}

// setting is something that \pset sets.
type setting struct {
	name  string
	about string
	get   func(s *Shell) string
	set   func(s *Shell, value string) error
}

// settings are all that \pset sets.
var settings = []setting{
	{"color", "on or off", func(s *Shell) string { return switched(s.rows.Color) }, func(s *Shell, v string) error {
		return turn(&s.rows.Color, "color", v)
	}},
	{"delimiter", "between the cells of csv and text", func(s *Shell) string { return string(s.rows.Delimiter) }, setDelimiter},
	{"expanded", "on, off or auto: tables with a line for each cell", func(s *Shell) string { return string(s.rows.Expanded) }, func(s *Shell, v string) error {
		word, err := choose(`\pset expanded`, v, "on", "off", "auto")
		if err == nil {
			s.rows.Expanded = output.Expanded(word)
		}
		return err
	}},
	{"format", "how rows are written: iql docs formats", (*Shell).formatName, setFormat},
	{"headers", "on or off: the names of columns", func(s *Shell) string { return switched(!s.rows.HideHeaders) }, func(s *Shell, v string) error {
		on := !s.rows.HideHeaders
		err := turn(&on, "headers", v)
		s.rows.HideHeaders = !on
		return err
	}},
	{"null", "what stands for NULL; default is the format's own", getNull, setNull},
	{"pager", "on or off: a pager for what is longer than the screen", func(s *Shell) string { return switched(s.paged) }, func(s *Shell, v string) error {
		return turn(&s.paged, "pager", v)
	}},
	{"style", "of tables: ascii, box or stackql", func(s *Shell) string { return string(s.rows.Style) }, func(s *Shell, v string) error {
		word, err := choose(`\pset style`, v, output.Styles()...)
		if err == nil {
			s.rows.Style = output.Style(word)
		}
		return err
	}},
	{"width", "of tables: auto is that of the terminal, 0 is any", func(s *Shell) string { return s.rows.width }, setWidth},
}

// setWidth sets how wide tables may be on a terminal.
func setWidth(s *Shell, value string) error {
	if n, err := strconv.Atoi(value); value != config.Auto && (err != nil || n < 0) {
		return usagef(fmt.Sprintf("width is %q", value), "give a number of characters, auto for the terminal's, or 0 for any")
	}
	s.rows.width = value
	return nil
}

func settingNames() []string {
	var names []string
	for _, of := range settings {
		names = append(names, of.name)
	}
	return names
}

func findSetting(name string) (*setting, error) {
	for i := range settings {
		if strings.EqualFold(settings[i].name, name) {
			return &settings[i], nil
		}
	}
	return nil, usagef(fmt.Sprintf(`\pset has no setting %q`, name), config.DidYouMean(name, settingNames()))
}

// set sets a setting. What does not go with the others is left as it was.
func (s *Shell) set(name, value string) error {
	of, err := findSetting(name)
	if err != nil {
		return err
	}
	before := s.rows
	if err := of.set(s, value); err != nil {
		return err
	}
	if err := nullFits(s.rows.Options); err != nil {
		s.rows = before
		return err
	}
	return nil
}

// shown shows the settings, or the one that is named.
func (s *Shell) shown(names []string) error {
	if len(names) == 0 {
		names = settingNames()
	}
	for _, name := range names {
		of, err := findSetting(name)
		if err != nil {
			return err
		}
		s.say(fmt.Sprintf("%-10s %-10s %s", of.name, output.Harmless(of.get(s)), of.about))
	}
	return nil
}

// turn sets a switch.
func turn(to *bool, name, value string) error {
	word, err := choose(`\pset `+name, value, "on", "off")
	if err == nil {
		*to = word == "on"
	}
	return err
}

func (s *Shell) formatName() string {
	if s.rows.Format == nil {
		return output.FormatNames()[0]
	}
	return s.rows.Format.Name
}

func setFormat(s *Shell, value string) error {
	format, ok := output.ParseFormat(value)
	if !ok {
		return usagef(fmt.Sprintf("there is no output format %q", value), config.DidYouMean(value, output.FormatNames()))
	}
	s.rows.Format = format
	return nil
}

func setDelimiter(s *Shell, value string) error {
	r, ok := output.ParseDelimiter(value)
	if !ok {
		return usagef(fmt.Sprintf("delimiter is %q", value), `give one character that is no quote and no line break, or \t`)
	}
	s.rows.Delimiter = r
	return nil
}

func getNull(s *Shell) string {
	if s.rows.Null == nil {
		return "default"
	}
	return *s.rows.Null
}

func setNull(s *Shell, value string) error {
	s.rows.Null = &value
	if value == "default" {
		s.rows.Null = nil
	}
	return nil
}
