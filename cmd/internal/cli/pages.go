package cli

import (
	"context"
	"os"

	"golang.org/x/term"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/cmd/internal/output"
	"github.com/iql-lang/iql/cmd/internal/pager"
)

// rowOptions returns how rows are written to an output.
func (a *app) rowOptions(out *outputStream) output.Options {
	rows := a.config.Rows
	rows.Terminal = out.terminal
	rows.Color = config.UseColor(a.config.Color, out.terminal, a.Getenv)
	if out.terminal {
		rows.Width = config.ScreenWidth(a.Getenv, terminalWidth(a.Stdout))
		rows.MaxWidth = a.config.TableWidth(rows.Width)
		rows.ASCII = !config.UTF8(a.Getenv)
	}
	return rows
}

// terminalWidth returns how many cells a line of a terminal has; 0 if it is none.
func terminalWidth(stream any) int {
	f, ok := stream.(interface{ Fd() uintptr })
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// pages is a terminal that shows what is longer than the screen by a pager, each
// statement's rows by one of their own.
type pages struct {
	open func() (*pager.Writer, error)
	note func(format string, args ...any)
	w    *pager.Writer // of the statement under way; nil if it has no rows yet
	told bool          // that there is no pager
}

// page makes an output page its rows, if that is asked for on the command line
// and a person's terminal shows them.
func (a *app) page(ctx context.Context, out *outputStream, report *reporter) {
	screen, ok := a.Stdout.(*os.File)
	if !ok || !out.terminal || !a.config.Given("pager") || a.config.NoPager {
		return
	}
	out.pages = &pages{note: report.note, open: func() (*pager.Writer, error) {
		return pager.Open(ctx, a.Getenv, screen, a.config.Pager)
	}}
	out.Writer = out.pages
}

// Write writes rows of the statement under way.
func (p *pages) Write(b []byte) (int, error) {
	if p.w == nil {
		var err error
		if p.w, err = p.open(); err != nil && !p.told {
			p.told = true
			p.note("%v", err)
		}
	}
	return p.w.Write(b)
}

// turn ends a statement: it waits until the person has read its rows.
func (p *pages) turn() error {
	if p == nil || p.w == nil {
		return nil
	}
	w := p.w
	p.w = nil
	return w.Close()
}
