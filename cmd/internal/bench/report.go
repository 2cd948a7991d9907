package main

import (
	"fmt"
	"strings"
	"time"
)

// short is a time for people.
func short(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 10*time.Millisecond || d <= -10*time.Millisecond:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1e3)
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	}
	return fmt.Sprintf("%.3g µs", d.Seconds()*1e6)
}

// mb is a number of bytes for people.
func mb(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }

// columns are what is told of each trial.
var columns = []string{"trial", "iql", "beside it", "ratio", "each", "memory", "calls", "connections", "target", "StackQL"}

// cells are the columns of a result.
func (r result) cells() []string {
	if r.skipped != "" {
		return []string{r.name, r.skipped, "", "", "", "", "", "", "", ""}
	}
	out := make([]string, len(columns))
	out[0], out[1], out[9] = r.name, short(r.ours.wall), r.stackql
	switch {
	case r.theirs.wall > 0:
		out[2], out[3] = fmt.Sprintf("%s %s, %s", r.against, short(r.theirs.wall), mb(r.theirs.rss)), fmt.Sprintf("%.2f", r.ratio)
	case r.against != "":
		out[2] = r.against + " is not installed"
	}
	if r.rows > 0 {
		out[4] = short(r.each())
	}
	out[5] = mb(r.ours.rss)
	if r.ours.calls > 0 {
		out[6], out[7] = fmt.Sprint(r.ours.calls), fmt.Sprint(r.ours.connections)
	}
	if r.ours.requests != r.ours.calls {
		out[6] += fmt.Sprintf(" in %d requests", r.ours.requests)
	}
	said := make([]string, len(r.verdicts))
	for i, v := range r.verdicts {
		said[i] = v.String()
	}
	out[8] = strings.Join(said, "; ")
	return out
}

// text is a result for a terminal: a line, and one for each target.
func (r result) text() string {
	cells := r.cells()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", cells[0])
	for i, cell := range cells[1:] {
		if cell != "" && columns[i+1] != "target" {
			fmt.Fprintf(&b, "    %-12s %s\n", columns[i+1], cell)
		}
	}
	for _, v := range r.verdicts {
		fmt.Fprintf(&b, "    %-12s %s\n", "target", v)
	}
	return b.String()
}

// markdown is a table of results.
func markdown(results []result) string {
	var b strings.Builder
	line := func(cells []string) { fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | ")) }
	line(columns)
	fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(columns)))
	for _, r := range results {
		line(r.cells())
	}
	return b.String()
}
