package script

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/iql-lang/iql/sqlengine/syntax"
)

// MaxDepth is how deep a script may read others by \i.
const MaxDepth = 16

// Runner runs scripts. Values last from one script to the next.
type Runner struct {
	// Values are what the parameters stand for, which \set and \unset change: for each
	// name a string, int64, float64, bool, []byte or nil.
	Values map[string]any
	// Run runs a statement with the values as they are now, which it must not change.
	Run func(ctx context.Context, stmt syntax.Source, values map[string]any) error
	// Read returns the text of a file of \i. It waits for it until the context ends.
	Read func(ctx context.Context, file string) (text string, err error)
	// Say shows the text of \echo or, as a warning, of \warn. Nil shows nothing.
	Say func(text string, warning bool)
	// GoOn is told of what failed, a statement or a command, and says whether the rest
	// is to be run nevertheless. Nil never does.
	GoOn func(err error) bool
	// Check goes through all branches of every \if, for the statements to be looked at.
	Check bool

	// Ran is how many statements were run so far, those that failed among them, and
	// Left how many were not run since something failed.
	Ran, Left int
	// Branch says that the statement under way stands inside of an \if.
	Branch bool

	reading []string // the files that are being read, the outermost first
	open    []branch // the \if that are being run, those of files that read this one before its own
	ended   bool     // something failed that ends all
}

// Exec runs a script until something fails for which GoOn does not go on, or the
// context ends. The error is that, a [*syntax.Error] where a command failed.
func (r *Runner) Exec(ctx context.Context, s *Script) error {
	if r.Values == nil {
		r.Values = map[string]any{}
	}
	if len(r.reading) == 0 {
		r.ended = false
	}
	r.reading = append(r.reading, s.Name())
	depth := len(r.open)
	defer func() { r.reading, r.open = r.reading[:len(r.reading)-1], r.open[:depth] }()
	for i := range s.Items {
		item := &s.Items[i]
		err := ctx.Err()
		if err == nil {
			err = r.step(ctx, s, item)
		}
		if err != nil && !r.goesOn(ctx, err) {
			r.leave(s.Items[i+1:])
			return err
		}
	}
	return nil
}

// goesOn asks whether to go on after a failure, once for each.
func (r *Runner) goesOn(ctx context.Context, err error) bool {
	if !r.ended {
		r.ended = ctx.Err() != nil || r.GoOn == nil || !r.GoOn(err)
	}
	return !r.ended
}

// Name returns what tells the script from others: its file.
func (s *Script) Name() string { return filepath.Clean(s.File) }

// Skip counts the statements of a script that is not run.
func (r *Runner) Skip(s *Script) { r.leave(s.Items) }

// leave counts the statements that are not run.
func (r *Runner) leave(items []Item) {
	for _, item := range items {
		if item.Command == "" {
			r.Left++
		}
	}
}

// branch is an \if that is being run.
type branch struct {
	live     bool     // its commands are run, where those round it are
	taken    bool     // one of its branches was, or is
	supposes []string // in a check, the parameters that are defined where it is run
	denies   []string // and those that a condition says are not, so that they are in what follows
}

// step runs an item, unless it stands in a branch that is not taken.
func (r *Runner) step(ctx context.Context, s *Script, item *Item) error {
	last := len(r.open) - 1
	switch item.Command {
	case "if":
		live := runs(r.open)
		r.open = append(r.open, branch{})
		return r.enter(item, &r.open[last+1], live)
	case "elif":
		return r.enter(item, &r.open[last], runs(r.open[:last]) && !r.open[last].taken)
	case "else":
		r.open[last].live = !r.open[last].taken
		r.open[last].supposes = r.open[last].denies
		return nil
	case "endif":
		r.open = r.open[:last]
		return nil
	}
	if !runs(r.open) {
		return nil
	}
	if item.Command == "" {
		r.Ran++
		r.Branch = len(r.open) > 0
		return r.Run(ctx, item.Source, r.Values)
	}
	return r.command(ctx, s, item, len(r.open) > 0)
}

// Supposed reports whether an \if says that a parameter is defined, in whose branch
// the script is: where a check finds no value for it, there may be one when it runs.
func (r *Runner) Supposed(name string) bool {
	return slices.ContainsFunc(r.open, func(b branch) bool { return slices.Contains(b.supposes, name) })
}

// runs reports whether what stands inside of branches is run.
func runs(in []branch) bool {
	for _, b := range in {
		if !b.live {
			return false
		}
	}
	return true
}

// enter settles whether a branch is taken. That of a condition which fails is not,
// nor are those after it.
func (r *Runner) enter(item *Item, b *branch, live bool) error {
	b.live = false
	if !live && !r.Check {
		return nil
	}
	b.taken = true
	holds, err := r.holds(item)
	if r.Check {
		b.live, b.taken = true, false
		b.suppose(item.cond)
		return err
	}
	if err == nil {
		b.live, b.taken = holds, holds
	}
	return err
}

// suppose notes what a condition says about a parameter, where those before it did not
// hold.
func (b *branch) suppose(c condition) {
	b.supposes = slices.Clone(b.denies)
	switch {
	case c.defined == "":
	case c.not:
		b.denies = append(b.denies, c.defined)
	default:
		b.supposes = append(b.supposes, c.defined)
	}
}

// command runs a command that is no branch. A check goes through all branches, so
// what is unset in one of them is there for the others.
func (r *Runner) command(ctx context.Context, s *Script, item *Item, inBranch bool) error {
	switch item.Command {
	case "echo", "warn":
		text, err := r.line(item, item.words)
		if err == nil && r.Say != nil {
			r.Say(text, item.Command == "warn")
		}
		return err
	case "set":
		return r.set(item)
	case "unset":
		if !r.Check || !inBranch {
			r.Values = maps.Clone(r.Values)
			delete(r.Values, item.words[0].text)
		}
		return nil
	case "i", "ir":
		return r.include(ctx, s, item)
	}
	panic(fmt.Sprintf("script: the command %q is known and not run", item.Command))
}

// line returns words as one text.
func (r *Runner) line(item *Item, words []word) (string, error) {
	texts := make([]string, len(words))
	for i, w := range words {
		value, err := r.value(item, w)
		if err != nil {
			return "", err
		}
		texts[i] = Shown(value)
	}
	return strings.Join(texts, " "), nil
}

// set gives a parameter a value: a text of words, or what another parameter has.
func (r *Runner) set(item *Item) error {
	at := item.words[0]
	name, kind, err := ParseName(at.raw(item.Source.Whole))
	if err != nil {
		return item.errorf(at, err.hint, "%s", err.msg)
	}
	words := item.words[1:]
	text, lineErr := r.line(item, words)
	if lineErr != nil {
		return lineErr
	}
	value, err := ParseValue(kind, text)
	if err != nil {
		return item.errorf(at, err.hint, "%s", err.msg)
	}
	if typed := strings.Contains(at.raw(item.Source.Whole), ":"); !typed && len(words) == 1 && words[0].param {
		value = r.Values[words[0].text] // of the same type
	}
	r.Values = maps.Clone(r.Values)
	r.Values[name] = value
	return nil
}

// include runs another file, which is looked for from the folder of this one.
func (r *Runner) include(ctx context.Context, s *Script, item *Item) error {
	at := item.words[0]
	file, err := r.line(item, item.words)
	if err != nil {
		return err
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(s.Path, file)
	}
	for i, other := range r.reading {
		if other == filepath.Clean(file) {
			return item.errorf(at, "", "%s reads itself: %s", other, strings.Join(append(r.reading[i:len(r.reading):len(r.reading)], other), " reads "))
		}
	}
	if len(r.reading) >= MaxDepth {
		return item.errorf(at, "", "the scripts are nested deeper than %d", MaxDepth)
	}
	text, err := r.Read(ctx, file)
	if err != nil && ctx.Err() != nil {
		return err // it was stopped: nothing is wrong with the file
	}
	if err != nil {
		e := item.errorf(at, "a name is looked for from the folder of the script that has it", "%s", err)
		e.Code = "file"
		return e
	}
	inner, errs := Parse(file, text)
	for _, e := range errs {
		if !r.goesOn(ctx, e) {
			return e
		}
	}
	if len(errs) > 0 {
		return nil // they were told of
	}
	return r.Exec(ctx, inner)
}
