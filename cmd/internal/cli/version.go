package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/sqlengine"
)

// build says which iql this is.
type build struct {
	Version  string `json:"version"` // of the module; "(devel)" of a working tree
	Revision string `json:"revision"`
	Time     string `json:"time"`
	Modified bool   `json:"modified"` // the tree was not as committed
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// version returns what the build recorded of itself.
func version() build {
	b := build{Version: "(devel)", Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	if info.Main.Version != "" {
		b.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// String returns "iql v1.2.3 (0a1b2c3d4e5f 2026-01-02T15:04:05Z) go1.26.0 linux/amd64".
func (b build) String() string {
	from := ""
	if b.Revision != "" {
		from = strings.TrimSpace(b.Revision[:min(len(b.Revision), 12)] + " " + b.Time)
		if b.Modified {
			from += ", modified"
		}
		from = " (" + from + ")"
	}
	return fmt.Sprintf("iql %s%s %s %s/%s", b.Version, from, b.Go, b.OS, b.Arch)
}

// engine returns what SHOW VERSION shows.
func (b build) engine() sqlengine.Build {
	return sqlengine.Build{Version: b.Version, Commit: b.Revision, Date: b.Time, Platform: b.OS + "/" + b.Arch}
}

// version returns the command that says which iql this is.
func (a *app) version() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Say which iql this is",
		Example: `  iql version
  iql version --json`,
		Args:              atMost(0),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return a.print(output.JSONLine(version()))
			}
			return a.print(version().String() + "\n")
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as a JSON object")
	return cmd
}
