package config

// UseColor reports whether to write colours to a stream that is a terminal or
// not. In mode auto it obeys NO_COLOR (https://no-color.org), then
// CLICOLOR_FORCE and CLICOLOR (https://bixense.com/clicolors/), then TERM.
func UseColor(mode string, terminal bool, env Env) bool {
	switch {
	case mode == Always:
		return true
	case mode == Never || env("NO_COLOR") != "":
		return false
	case env("CLICOLOR_FORCE") != "" && env("CLICOLOR_FORCE") != "0":
		return true
	case env("CLICOLOR") == "0" || env("TERM") == "dumb":
		return false
	}
	return terminal
}
