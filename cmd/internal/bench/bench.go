package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parallel is how many requests both programs have under way at once.
const parallel = 32

// bench is what all trials share.
type bench struct {
	dir     string
	iql     string
	batches bool   // iql can send several calls in one request
	key     string // of a service account, in PEM
	school  *school
}

func (b *bench) home() string { return filepath.Join(b.dir, "home") }

func (b *bench) close() error { return b.school.stop() }

// result is what came of a trial.
type result struct {
	trial
	ours, theirs measure // medians; the most of memory and counts
	ratio        float64 // of wall times, the median of pairs; 0 for nothing beside it
	verdicts     []verdict
	skipped      string // why it was not done
}

// try runs a trial, one program after the other, n times.
func (b *bench) try(ctx context.Context, t trial, n int) (result, error) {
	r := result{trial: t, skipped: t.skip}
	if r.skipped != "" {
		return r, nil
	}
	if err := b.at(ctx, t); err != nil {
		return r, err
	}
	ours, err := b.ours(t)
	if err != nil {
		return r, err
	}
	theirs, err := b.theirs(t)
	if err != nil {
		return r, err
	}
	var first, second []measure
	var ratios []float64
	for range n {
		m, err := b.once(ctx, t, ours)
		if err != nil {
			return r, err
		}
		first = append(first, m)
		if theirs.path == "" {
			continue
		}
		other, err := b.once(ctx, t, theirs)
		if err != nil {
			return r, err
		}
		second = append(second, other)
		ratios = append(ratios, float64(m.wall)/float64(other.wall))
	}
	r.ours, r.theirs, r.ratio = median(first), median(second), middle(ratios)
	for _, l := range t.limits {
		r.verdicts = append(r.verdicts, l(&r))
	}
	return r, nil
}

// once runs a program and checks how many rows came.
func (b *bench) once(ctx context.Context, t trial, p program) (measure, error) {
	m, err := b.school.counted(ctx, p, b.home())
	if err == nil && t.undo != "" {
		err = b.undo(ctx, t)
	}
	if err == nil && t.rows > 0 && m.rows != t.rows {
		err = fmt.Errorf("%d rows, want %d: %s", m.rows, t.rows, p)
	}
	return m, err
}

// undo runs the statement that makes what a trial changed undone, as quickly as it
// can.
func (b *bench) undo(ctx context.Context, t trial) error {
	if err := b.school.wait(ctx, 0); err != nil {
		return err
	}
	p := program{path: b.iql, env: b.live(), args: []string{"exec", "--yes", "--no-journal", t.undo}}
	_, err := p.run(ctx, b.home())
	return errors.Join(err, b.school.wait(ctx, t.latency))
}

// live are the variables by which iql asks the school.
func (b *bench) live() []string {
	return []string{"IQL_BACKEND=live", "IQL_ENDPOINT=" + b.school.url, "IQL_AS=" + asker, "IQL_RATE=100000/s", "IQL_AUTH=none"}
}

// at has the school of a trial serve, and no other.
func (b *bench) at(ctx context.Context, t trial) (err error) {
	if s := b.school; s == nil || s.size != t.school || (s.store != "") != t.stored {
		if err := errors.Join(s.stop(), s.remove()); err != nil {
			return err
		}
		b.school = nil
		if t.school == "" {
			return nil
		}
		if b.school, err = b.open(ctx, t.school, t.stored); err != nil {
			return err
		}
		if t.stored {
			return b.school.stop() // the file is all that is wanted
		}
	}
	if t.school == "" || t.stored {
		return nil
	}
	return b.school.wait(ctx, t.latency)
}

// ours returns the run of iql.
func (b *bench) ours(t trial) (program, error) {
	p := program{path: b.iql, args: []string{"exec", "--hideheaders"}}
	if t.pipe {
		p.pipe = true
	} else {
		p.out, p.own = filepath.Join(b.dir, "out", "iql.csv"), true
		p.args = append(p.args, "-f", p.out)
	}
	switch {
	case t.stored:
		p.env = []string{"IQL_BACKEND=mock:" + b.school.store}
	case t.school != "":
		p.env = b.live()
		p.args = append(p.args, "-j", strconv.Itoa(parallel))
		if b.batches && !t.batch {
			p.args = append(p.args, "--no-batch")
		}
	}
	if t.key {
		file, err := b.keyFile(b.school)
		if err != nil {
			return p, err
		}
		p.env[len(p.env)-1] = "IQL_AUTH=" + file
	}
	script, err := b.script("iql.sql", t.sql)
	p.args = append(p.args, "-o", "csv", "-i", script)
	return p, err
}

// theirs returns the run of what iql is measured against. Its path is empty if
// there is nothing.
func (b *bench) theirs(t trial) (program, error) {
	out := filepath.Join(b.dir, "out", "other.csv")
	switch t.against {
	case "":
		return program{}, nil
	case "bare":
		p := program{path: os.Args[0], args: slices.Concat([]string{"bare"}, t.bare, []string{"-url", b.school.url, "-n", strconv.Itoa(parallel)})}
		if p.pipe = t.pipe; !p.pipe {
			p.out, p.own = out, true
			p.args = append(p.args, "-out", out)
		}
		return p, nil
	case "sqlite3":
		path, err := exec.LookPath("sqlite3")
		if err != nil {
			return program{}, nil
		}
		sql, db := t.sql, ":memory:"
		if t.stored {
			sql, db = t.lite, b.school.store
		}
		script, err := b.script("sqlite3.sql", sql)
		return program{path: path, args: []string{"-batch", "-csv", db, ".read " + script}, out: out}, err
	}
	path, err := exec.LookPath(t.against)
	if err != nil {
		return program{}, nil
	}
	return program{path: path}, nil
}

// script writes statements to a file.
func (b *bench) script(name string, sql func(yield func(string) bool)) (string, error) {
	var text strings.Builder
	for stmt := range sql {
		text.WriteString(stmt + ";\n")
	}
	file := filepath.Join(b.dir, name)
	return file, os.WriteFile(file, []byte(text.String()), 0o600)
}

// median returns the median of times, and the most of everything else.
func median(all []measure) measure {
	var walls, firsts []time.Duration
	var out measure
	for _, m := range all {
		walls, firsts = append(walls, m.wall), append(firsts, m.first)
		out.rss = max(out.rss, m.rss)
		out.rows = max(out.rows, m.rows)
		out.calls = max(out.calls, m.calls)
		out.requests = max(out.requests, m.requests)
		out.tokens = max(out.tokens, m.tokens)
		out.connections = max(out.connections, m.connections)
		out.most = max(out.most, m.most)
	}
	out.wall, out.first = middle(walls), middle(firsts)
	return out
}

// middle returns the median, 0 of nothing.
func middle[T cmp.Ordered](all []T) T {
	var zero T
	if len(all) == 0 {
		return zero
	}
	all = slices.Sorted(slices.Values(all))
	return all[(len(all)-1)/2]
}
