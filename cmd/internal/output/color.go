package output

// The colours of iql: few, of the sixteen that every theme defines, and never
// the only way to tell something.
const (
	reset = "\x1b[0m"
	bold  = "\x1b[1m"
	faint = "\x1b[2m"
	red   = "\x1b[31m"
	green = "\x1b[32m"
	gold  = "\x1b[33m"
	cyan  = "\x1b[36m"
)

// Green, Yellow and Red return a text in a colour, if there is to be one.
func Green(s string, color bool) string  { return paint(s, green, color) }
func Yellow(s string, color bool) string { return paint(s, gold, color) }
func Red(s string, color bool) string    { return paint(s, red, color) }

func paint(s, with string, color bool) string {
	if !color {
		return s
	}
	return with + s + reset
}

func dim(s string) string { return faint + s + reset }
