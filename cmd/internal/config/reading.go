package config

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/iql-lang/iql/cmd/internal/output"
)

// reading is how rows are shown to a person, as the flags have it.
type reading struct {
	style, expanded, maxWidth, pager string

	width int // of a table on a terminal; 0 is any, fitting that of the terminal
}

// fitting is the width of a table that is no wider than the terminal.
const fitting = -1

// rowFlags registers the flags that say how rows are shown.
func (c *Config) rowFlags(fs *pflag.FlagSet) {
	fs.StringVar(&c.reading.style, "table-style", string(output.StyleASCII), "`STYLE` of tables: "+strings.Join(output.Styles(), ", "))
	fs.StringVarP(&c.reading.expanded, "expanded", "x", string(output.ExpandedOff), "write rows of a table as lines, `WHEN`: off, on or auto, which is where it is wider than the terminal")
	fs.Lookup("expanded").NoOptDefVal = string(output.ExpandedOn)
	fs.StringVar(&c.reading.maxWidth, "max-width", Auto, "cut cells of tables on a terminal to fit `WIDTH`: a number, auto for the terminal's, 0 to cut none")
	fs.BoolVar(&c.Rows.CSVBOM, "csv-bom", false, "begin csv with a byte order mark, by which Excel knows UTF-8")
	fs.BoolVar(&c.Rows.CSVCRLF, "csv-crlf", false, "end the lines of csv with CRLF")
	fs.BoolVar(&c.Rows.CSVSafe, "csv-safe", false, "write a ' before text of csv that a spreadsheet takes for a formula")
}

// pagerFlags registers the flags of commands that page.
func (c *Config) pagerFlags(fs *pflag.FlagSet) {
	fs.StringVar(&c.reading.pager, "pager", Auto, "on a terminal, show what is longer than the screen by `COMMAND` (default IQL_PAGER, PAGER or less)")
	fs.Lookup("pager").NoOptDefVal = Auto
	fs.BoolVar(&c.NoPager, "no-pager", false, "show rows as they come")
}

// checkRows reads the flags of rowFlags.
func (c *Config) checkRows() error {
	var ok bool
	if c.Rows.Style, ok = output.ParseStyle(c.reading.style); !ok {
		return oneOf("table-style", c.reading.style, output.Styles()...)
	}
	if c.Rows.Expanded, ok = output.ParseExpanded(c.reading.expanded); !ok {
		return oneOf("expanded", c.reading.expanded, string(output.ExpandedOff), string(output.ExpandedOn), string(output.ExpandedAuto))
	}
	return c.SetMaxWidth(c.reading.maxWidth)
}

// SetMaxWidth sets how wide a table on a terminal may be, to what --max-width
// takes. The error is a [*UsageError].
func (c *Config) SetMaxWidth(word string) error {
	if word == Auto {
		c.reading.width = fitting
		return nil
	}
	n, err := strconv.Atoi(word)
	if err != nil || n < 0 {
		return &UsageError{Message: fmt.Sprintf("--max-width is %q", word), Hint: "give a number of characters, auto for the terminal's width, or 0 to cut none"}
	}
	c.reading.width = n
	return nil
}

// TableWidth returns how wide a table may be on a terminal of so many cells, 0 if
// they are not known; 0 is any width.
func (c *Config) TableWidth(terminal int) int {
	if c.reading.width == fitting {
		return terminal
	}
	return c.reading.width
}

// checkPager reads the flags of pagerFlags. What a switch takes is taken.
func (c *Config) checkPager() error {
	switch on, err := strconv.ParseBool(c.reading.pager); {
	case err == nil && !on, c.reading.pager == Off:
		c.Pager, c.NoPager = "", true
	case err == nil, c.reading.pager == Auto, c.reading.pager == "on":
		c.Pager = ""
	case strings.TrimSpace(c.reading.pager) == "":
		return &UsageError{Message: "--pager is empty", Hint: "name a command, or --no-pager for none"}
	default:
		c.Pager = c.reading.pager
	}
	return nil
}

// UTF8 reports whether the terminal shows UTF-8, by LC_ALL, LC_CTYPE or LANG, the
// first that is set. If none is, it does.
func UTF8(env Env) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(env(name)); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return true
}

// ScreenWidth returns how many cells a line of the terminal has: those of
// COLUMNS, or what the terminal says, 0 if it does not.
func ScreenWidth(env Env, terminal int) int {
	if n, err := strconv.Atoi(env("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return terminal
}
