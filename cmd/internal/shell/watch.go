package shell

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/iql-lang/iql/provider"
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
	times int  // 0 is no end
	rows  int  // it ends when there are fewer
	marks bool // rows that were not there before get a mark
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
	var before *kept
	for n := 1; ; n++ {
		if s.Terminal {
			s.say(fmt.Sprintf("%s, every %s", time.Now().Format(time.DateTime), of.every))
		}
		wait.Reset(of.every)
		t := target{unpaged: true}
		if of.marks {
			t.mark = newRows(before)
		}
		if err := s.run(ctx, src, t); err != nil {
			return err
		}
		before = s.result
		if of.marks && before.left > 0 {
			s.host.Note(`of more than %d rows \watch d marks none`, keptRows)
			of.marks = false
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
	of, given := watched{every: watchEvery}, false
	for _, arg := range args {
		name, value, named := strings.Cut(arg, "=")
		n, err := strconv.Atoi(value)
		switch {
		case named && name == "c" && err == nil && n > 0:
			of.times = n
		case named && name == "m" && err == nil && n > 0:
			of.rows = n
		case arg == "d":
			of.marks = true
		case !named && given:
			return of, usagef(fmt.Sprintf(`\watch %s is a second number of seconds`, arg), "how often it runs is c=N")
		case !named:
			given = true
			seconds, err := strconv.ParseFloat(arg, 64)
			of.every = time.Duration(seconds * float64(time.Second))
			if err != nil || of.every < watchLeast || of.every > 24*time.Hour {
				return of, usagef(fmt.Sprintf(`\watch %s is no number of seconds`, arg), "write 2, or 0.5")
			}
		default:
			return of, usagef(fmt.Sprintf(`\watch does not take %q`, arg), `write \watch 5 c=10 m=1 d: every 5 seconds, 10 times, while there is a row, with marks`)
		}
	}
	return of, nil
}

// newRows returns what tells rows that were not in a result, nil for no result: then
// none is. Each row of it stands for one row.
func newRows(before *kept) func(provider.Row) bool {
	if before == nil {
		return func(provider.Row) bool { return false }
	}
	seen := map[string]int{}
	for _, row := range before.rows {
		seen[rowKey(row)]++
	}
	return func(row provider.Row) bool {
		key := rowKey(row)
		seen[key]--
		return seen[key] < 0
	}
}

// rowKey is a text that two rows share only if they are alike.
func rowKey(row provider.Row) string { return fmt.Sprintf("%#v", row) }

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
