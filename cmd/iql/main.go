// Command iql runs SQL on Google Classroom invitations.
package main

import (
	"context"
	"os"

	"github.com/iql-lang/iql/cmd/internal/cli"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, signals, stop := cli.WithSignals(context.Background())
	defer stop()
	return cli.Main(ctx, cli.Env{
		Args:    os.Args[1:],
		Getenv:  os.Getenv,
		Environ: os.Environ,
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Signals: signals,
	})
}
