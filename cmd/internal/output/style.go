package output

import (
	"slices"

	"github.com/olekukonko/tablewriter/tw"
)

// Style is how a table is drawn. The zero value is [StyleASCII].
type Style string

// The styles of tables.
const (
	StyleASCII   Style = "ascii"   // of + - |
	StyleBox     Style = "box"     // of the lines that Unicode has for it
	StyleStackQL Style = "stackql" // as StackQL draws: a rule after each row
)

// Styles returns the names of all styles, the usual one first.
func Styles() []string { return []string{string(StyleASCII), string(StyleBox), string(StyleStackQL)} }

// ParseStyle returns the style with this name, and whether there is one.
func ParseStyle(name string) (Style, bool) { return Style(name), slices.Contains(Styles(), name) }

// drawing is what sets a style apart.
type drawing struct {
	symbols  tw.Symbols
	null     string // stands for NULL
	centered bool   // names of columns are; else they are aligned as the column
	ruled    bool   // a rule divides the rows
	byLook   bool   // text that looks like a number is aligned as one
}

// drawing returns how o's tables are drawn. A locale in which the lines of a
// box are two cells wide gets them of ASCII.
func (o Options) drawing() drawing {
	switch {
	case o.Style == StyleStackQL:
		return drawing{symbols: stackQLSymbols(), null: "null", centered: true, ruled: true, byLook: true}
	case o.Style == StyleBox && !o.ASCII && width("─") == 1:
		return drawing{symbols: tw.NewSymbols(tw.StyleLight), null: "NULL"}
	}
	return drawing{symbols: tw.NewSymbols(tw.StyleASCII), null: "NULL"}
}

func stackQLSymbols() tw.Symbols {
	return tw.NewSymbolCustom("stackql").WithRow("-").WithColumn("|").WithCenter("|").
		WithTopLeft("|").WithTopMid("|").WithTopRight("|").
		WithMidLeft("|").WithMidRight("|").
		WithBottomLeft("|").WithBottomMid("|").WithBottomRight("|")
}

// looksNumeric reports whether StackQL would align a text as a number: digits,
// with a minus before and a fraction after.
func looksNumeric(s string) bool {
	digits, points := 0, 0
	for i, r := range s {
		switch {
		case '0' <= r && r <= '9':
			digits++
		case r == '-' && i == 0:
		case r == '.' && digits > 0 && points == 0 && i < len(s)-1:
			points++
		default:
			return false
		}
	}
	return digits > 0
}
