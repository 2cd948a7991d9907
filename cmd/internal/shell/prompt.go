package shell

import "github.com/iql-lang/iql/cmd/internal/output"

// Prompt is the prompt of a statement's first line: "iql> ", or
// "district(admin@school.example)> ". A red ! stands where changes reach a live
// service.
func (s *Shell) Prompt() string {
	who := s.host.Who()
	text := "iql"
	if who.Profile != "" {
		text = output.Harmless(who.Profile)
	}
	if who.User != "" {
		text += "(" + output.Harmless(who.User) + ")"
	}
	if who.Writes && !s.settings.DryRun {
		text += output.Red("!", s.rows.Color)
	}
	return text + "> "
}
