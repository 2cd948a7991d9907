package config

import (
	"fmt"

	"github.com/spf13/pflag"
)

// Shell registers the flags of the shell.
func (c *Config) Shell(fs *pflag.FlagSet) {
	fs.StringVar(&c.Prompt, "prompt", UsualPrompt, "`TEXT` before what is typed in the shell: %p the profile, %u who asks, %! a red ! where changes reach Google, %% a per cent sign")
	fs.IntVar(&c.HistorySize, "history-size", UsualHistory, "`NUMBER` of texts that the shell keeps of what was typed; 0 keeps none")
	fs.BoolVar(&c.CompleteIDs, "complete-ids", true, "let Tab ask the backend for ids and names in the shell")
}

// Defaults of the flags of the shell, and the most that --history-size takes.
const (
	UsualPrompt  = "%p(%u)%!> "
	UsualHistory = 10_000
	maxHistory   = 1_000_000
)

func (c *Config) checkShell() error {
	if c.HistorySize < 0 || c.HistorySize > maxHistory {
		return &UsageError{Message: fmt.Sprintf("--history-size is %d", c.HistorySize), Hint: fmt.Sprintf("give a number up to %d, or 0 to keep none", maxHistory)}
	}
	return nil
}
