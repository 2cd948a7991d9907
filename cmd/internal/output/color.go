package output

// The colours of iql: few, of the sixteen that every theme defines, and never
// the only way to tell something.
const (
	reset = "\x1b[0m"
	bold  = "\x1b[1m"
	faint = "\x1b[2m"
	red   = "\x1b[31m"
	cyan  = "\x1b[36m"
)

func dim(s string) string { return faint + s + reset }
