// Bench measures iql as whole processes, each time beside a program that does
// the same without iql: "bench bare" (bare.go), which is net/http and
// encoding/json alone, or sqlite3 on the same data. The two run in turns, so that
// what else the machine does slows both; what counts is the median.
//
//	go run ./cmd/internal/bench -runs 5 -only 'join|IN'
//
// The service is iql emulate, on a free port and with an empty home folder. What
// is measured stands in trials.go, what is to be reached in limit.go, and what
// came of it in docs/performance.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	runs     int
	only     string
	iql      string
	markdown bool
	quick    bool
	strict   bool
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "bare" {
		return bare(ctx, args[1:])
	}
	var o options
	fs := flag.NewFlagSet("bench", flag.ExitOnError)
	fs.IntVar(&o.runs, "runs", 5, "how often each program runs")
	fs.StringVar(&o.only, "only", "", "the trials whose name this regular expression matches")
	fs.StringVar(&o.iql, "iql", "", "the program to measure (default: build it)")
	fs.BoolVar(&o.markdown, "markdown", false, "print a table in Markdown")
	fs.BoolVar(&o.quick, "quick", false, "measure next to nothing, to see that all works")
	fs.BoolVar(&o.strict, "strict", false, "exit with 1 if a target is missed")
	_ = fs.Parse(args) // it exits by itself
	if fs.NArg() > 0 || o.runs < 1 {
		return fmt.Errorf("what is %q with %d runs? see -help", fs.Args(), o.runs)
	}
	only, err := regexp.Compile(o.only)
	if err != nil {
		return err
	}
	return o.measure(ctx, only)
}

// measure runs the trials and prints what came.
func (o options) measure(ctx context.Context, only *regexp.Regexp) (err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b, err := prepare(ctx, dir, o.iql)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()

	size := full
	if o.quick {
		size = quick
	}
	var results []result
	for _, t := range trials(size, b.batches) {
		if !only.MatchString(t.name) {
			continue
		}
		r, err := b.try(ctx, t, o.runs)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		results = append(results, r)
		if !o.markdown {
			fmt.Print(r.text())
		}
	}
	if o.markdown {
		fmt.Print(markdown(results))
	}
	missed := 0
	for _, r := range results {
		for _, v := range r.verdicts {
			if !v.ok {
				missed++
			}
		}
	}
	fmt.Printf("\n%d trials, %d runs each, %d targets missed\n", len(results), o.runs, missed)
	if missed > 0 && o.strict {
		return fmt.Errorf("%d targets missed", missed)
	}
	return nil
}

// prepare builds iql unless there is one, and finds out what it can do.
func prepare(ctx context.Context, dir, iql string) (*bench, error) {
	b := &bench{dir: dir, iql: iql}
	for _, sub := range []string{"home", "out"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	if iql == "" {
		b.iql = filepath.Join(dir, "iql.exe") // which Windows needs, and others do not mind
		build := exec.CommandContext(ctx, "go", "build", "-o", b.iql, "github.com/iql-lang/iql/cmd/iql")
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("go build: %w\n%s", err, out)
		}
	}
	help, err := exec.CommandContext(ctx, b.iql, "exec", "--help").Output()
	if err != nil {
		return nil, fmt.Errorf("iql exec --help: %w", err)
	}
	b.batches = strings.Contains(string(help), "--no-batch")
	if b.key, err = makeKey(); err != nil {
		return nil, err
	}
	return b, nil
}
