package shell

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// How often \watch runs a statement if nothing is said, and at most.
const (
	watchEvery = 2 * time.Second
	watchLeast = time.Millisecond
)

// watched is what \watch was asked for.
type watched struct {
	every time.Duration
	times int // 0 is no end
	rows  int // it ends when there are fewer
}

// watch runs the last statement again and again.
func watch(s *Shell, ctx context.Context, args []string) error {
	of, err := parseWatch(args)
	if err != nil {
		return err
	}
	src, err := s.source()
	if err != nil {
		return err
	}
	if err := onlyReads(src); err != nil {
		return err
	}
	wait := time.NewTimer(of.every)
	defer wait.Stop()
	for n := 1; ; n++ {
		if s.Terminal {
			s.say(fmt.Sprintf("%s, every %s", time.Now().Format(time.DateTime), of.every))
		}
		wait.Reset(of.every)
		if err := s.run(ctx, src, target{unpaged: true}); err != nil {
			return err
		}
		if n == of.times || s.outcome.Rows < of.rows {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-wait.C:
		}
	}
}

func parseWatch(args []string) (watched, error) {
	of := watched{every: watchEvery}
	for _, arg := range args {
		name, value, named := strings.Cut(arg, "=")
		n, err := strconv.Atoi(value)
		switch {
		case named && name == "c" && err == nil && n > 0:
			of.times = n
		case named && name == "m" && err == nil && n > 0:
			of.rows = n
		case !named:
			seconds, err := strconv.ParseFloat(arg, 64)
			of.every = time.Duration(seconds * float64(time.Second))
			if err != nil || of.every < watchLeast || of.every > 24*time.Hour {
				return of, usagef(fmt.Sprintf(`\watch %s is no number of seconds`, arg), "write 2, or 0.5")
			}
		default:
			return of, usagef(fmt.Sprintf(`\watch does not take %q`, arg), `write \watch 5 c=10 m=1: every 5 seconds, 10 times, while there is a row`)
		}
	}
	return of, nil
}

// onlyReads refuses to repeat what may change something.
func onlyReads(src syntax.Source) error {
	stmt, err := syntax.Parse(src)
	if err != nil {
		return err
	}
	switch stmt.Kind {
	case syntax.Select, syntax.Show, syntax.Describe, syntax.DescribeMethod, syntax.Explain:
		return nil
	}
	return usagef(stmt.Verb+` may change something, and \watch would do so again and again`, "watch a SELECT")
}
