package main

import (
	"fmt"
	"time"
)

// verdict is a target, and whether it was reached.
type verdict struct {
	want, got string
	ok        bool
}

func (v verdict) String() string {
	if v.ok {
		return fmt.Sprintf("%s: %s, ok", v.want, v.got)
	}
	return fmt.Sprintf("%s: %s, OVER", v.want, v.got)
}

// limit compares what came of a trial with a target.
type limit func(r *result) verdict

// ideal is what the calls of the other program, or iql's own if there is none,
// would take if as many as may be under way at once always were.
func (r *result) ideal() time.Duration {
	calls := r.theirs.calls
	if calls == 0 {
		calls = r.ours.calls
	}
	return time.Duration(calls) * r.latency / parallel
}

func timesIdeal(most float64) limit {
	return func(r *result) verdict {
		got := float64(r.ours.wall) / float64(r.ideal())
		return verdict{fmt.Sprintf("≤ %.3g × ideal (%s)", most, short(r.ideal())), fmt.Sprintf("%.2f", got), got <= most}
	}
}

func timesOther(most float64) limit {
	return func(r *result) verdict {
		return verdict{fmt.Sprintf("≤ %.3g × %s", most, r.against), fmt.Sprintf("%.2f", r.ratio), r.ratio <= most}
	}
}

// sameCalls has iql make no call that the other program does not.
func sameCalls(r *result) verdict {
	return verdict{fmt.Sprintf("%d calls", r.theirs.calls), fmt.Sprint(r.ours.calls), r.ours.calls <= r.theirs.calls}
}

// calls bounds the calls, with those that were taken back before they were
// answered.
func calls(most int) limit {
	return func(r *result) verdict {
		got := max(r.ours.calls, r.ours.requests)
		return verdict{fmt.Sprintf("≤ %d calls", most), fmt.Sprint(got), got <= most}
	}
}

func within(most time.Duration) limit {
	return func(r *result) verdict {
		return verdict{"≤ " + short(most), short(r.ours.wall), r.ours.wall <= most}
	}
}

func firstWithin(most time.Duration) limit {
	return func(r *result) verdict {
		return verdict{"first row ≤ " + short(most), short(r.ours.first), r.ours.first <= most}
	}
}

// longer bounds how much longer iql takes than the other program.
func longer(most time.Duration) limit {
	return func(r *result) verdict {
		got := r.ours.wall - r.theirs.wall
		return verdict{fmt.Sprintf("≤ %s more than %s", short(most), r.against), short(got), got <= most}
	}
}

func megabytes(most int64) limit {
	return func(r *result) verdict {
		return verdict{fmt.Sprintf("≤ %d MB", most), mb(r.ours.rss), r.ours.rss <= most*1e6}
	}
}

// each bounds what a row, or a statement that has one, takes.
func each(most time.Duration) limit {
	return func(r *result) verdict {
		got := r.each()
		return verdict{fmt.Sprintf("≤ %s each", short(most)), short(got), got <= most}
	}
}

// connections bounds them by what may be in flight. The token has one of its
// own, as it comes from another host at Google.
func connections(r *result) verdict {
	most := parallel + r.ours.tokens
	return verdict{fmt.Sprintf("≤ %d connections", most), fmt.Sprint(r.ours.connections), r.ours.connections <= most}
}

func oneToken(r *result) verdict {
	return verdict{"1 token", fmt.Sprint(r.ours.tokens), r.ours.tokens == 1}
}

// each is what a row took, or a statement that has one.
func (r *result) each() time.Duration { return r.ours.wall / time.Duration(max(r.ours.rows, 1)) }
