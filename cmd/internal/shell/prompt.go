package shell

import (
	"cmp"
	"strings"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
)

// Prompt is the prompt of a statement's first line, such as "iql> " or
// "district(admin@school.example)> ". In the text that it is made of, %p stands for
// the profile, %u for who asks, %! for a red ! where changes reach a live service,
// and %% for a per cent sign. Where nobody is named, the parentheses of (%u) are left
// out too.
func (s *Shell) Prompt() string {
	who := s.host.Who()
	user, mark := output.Harmless(who.User), ""
	if who.Writes && !s.settings.DryRun {
		mark = output.Red("!", s.rows.Color)
	}
	text := output.Harmless(cmp.Or(s.PromptText, config.UsualPrompt))
	if user == "" {
		text = strings.ReplaceAll(text, "(%u)", "")
	}
	profile := cmp.Or(output.Harmless(who.Profile), "iql")
	return strings.NewReplacer("%%", "%", "%p", profile, "%u", user, "%!", mark).Replace(text)
}
