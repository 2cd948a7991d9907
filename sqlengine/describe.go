package sqlengine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
	"github.com/iql-lang/iql/sqlengine/journal"
	"github.com/iql-lang/iql/sqlengine/plan"
	"github.com/iql-lang/iql/sqlengine/syntax"
	"github.com/iql-lang/iql/sqlengine/vtab"
)

// Problem is an error as a person or a script should see it. [Describe] makes
// it; it is the only place where an error becomes words and an exit code.
type Problem struct {
	Kind    string // "sql", "auth", "api", "partial", "later", "internal", "interrupted", "consent"; cmd adds "usage" and "expect"
	Code    string // stable word: "unknown_column", "missing_parameter", "PERMISSION_DENIED"
	Message string
	Hint    string
	Details []Detail // further lines, such as the rows that failed

	// Where in the text, if Line is not 0.
	File                 string
	Line, Column, Length int    // 1-based, in characters
	Excerpt              string // the source line
	Token                string

	HTTP      int  // status of a refusal by the API, else 0
	Retryable bool // the same statement may succeed later
	Exit      int  // one of the Exit constants
}

// Detail is one labelled line of a [Problem].
type Detail struct{ Label, Text string }

// The exit codes of a command.
const (
	ExitDone        = 0   // everything was done
	ExitFailed      = 1   // a failure of iql's own
	ExitUsage       = 2   // a flag, a file, no input
	ExitSQL         = 3   // the statement is wrong; nothing was sent for it
	ExitAuth        = 4   // who asks is not known, or may not ask this way
	ExitRefused     = 5   // the API refused the statement
	ExitPartial     = 6   // some rows were done and some failed
	ExitLater       = 7   // a quota, or the service does not answer: try again later
	ExitConsent     = 8   // a change needs a yes
	ExitExpect      = 9   // the result is not what was expected
	ExitInterrupted = 130 // stopped by the person
)

// Describe returns what a person should be told about an error, whatever part
// of iql made it. It returns the zero Problem for nil.
func Describe(err error) Problem {
	if err == nil {
		return Problem{}
	}
	if e, ok := errors.AsType[*stoppedError](err); ok {
		return describeStopped(e)
	}
	if e, ok := errors.AsType[*ChangeError](err); ok {
		return describeChange(e)
	}
	if e, ok := errors.AsType[wrongRows](err); ok {
		return describeWrong(e)
	}
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		return Problem{
			Kind: "sql", Code: e.Code, Message: e.Msg, Hint: e.Hint, Exit: ExitSQL,
			File: e.File, Line: e.Line, Column: e.Column, Length: e.Length, Excerpt: e.Excerpt, Token: e.Token,
		}
	}
	if e, ok := errors.AsType[*registry.RouteError](err); ok {
		return describeRoute(e)
	}
	if e, ok := errors.AsType[*ConsentError](err); ok {
		return Problem{Kind: "consent", Code: "not_agreed", Message: e.Message, Hint: e.Hint, Exit: ExitConsent}
	}
	if e, ok := errors.AsType[*journal.Error](err); ok {
		return Problem{Kind: "internal", Code: "journal", Message: err.Error(), Hint: e.Hint, Exit: ExitFailed}
	}
	if errors.Is(err, context.Canceled) {
		return Problem{Kind: "interrupted", Code: "interrupted", Message: "stopped", Exit: ExitInterrupted}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Problem{Kind: "later", Code: "timeout", Message: "the statement took too long", Hint: "--timeout says how long it may take", Retryable: true, Exit: ExitLater}
	}
	if e, ok := errors.AsType[*vtab.CallError](err); ok {
		return describeCall(e)
	}
	if e, ok := errors.AsType[*provider.Error](err); ok {
		p := describeRefusal(e)
		p.Message = err.Error()
		return p
	}
	if e, ok := errors.AsType[*vtab.Error](err); ok && e.Kind == vtab.TooManyCalls {
		return Problem{
			Kind: "consent", Code: "too_many_calls", Message: e.Msg, Exit: ExitConsent,
			Hint: "EXPLAIN says how many; narrow it down, or allow more: --max-calls",
		}
	}
	if e, ok := errors.AsType[*vtab.Error](err); ok {
		return Problem{Kind: "sql", Code: "sql", Message: e.Msg, Exit: ExitSQL}
	}
	return Problem{Kind: "internal", Code: "internal", Message: err.Error(), Exit: ExitFailed}
}

// describeRoute says what a statement lacks.
func describeRoute(e *registry.RouteError) Problem {
	p := Problem{Kind: "sql", Code: "missing_parameter", Message: e.Error(), Exit: ExitSQL}
	methods := []*registry.Method{e.Method}
	if e.Method == nil {
		methods = methodsOf(e.Resource, e.Verb)
	}
	switch {
	case len(methods) == 0:
		p.Code = "no_method"
		if of := e.Resource.Behind(e.Verb); of != nil {
			p.Hint = plan.ChangeBehind(e.Resource, of, e.Verb)
			break
		}
		p.Hint = fmt.Sprintf("SHOW METHODS IN %s tells what there is", e.Resource.ID)
	case e.Verb == registry.Select:
		p.Hint = fmt.Sprintf("add WHERE %s = '...', or join a table that has it", likely(methods))
	case e.Verb == registry.Insert:
		p.Hint = fmt.Sprintf("write INSERT INTO %s (%s) VALUES ...", e.Resource.Name, strings.Join(methods[0].Needs[0], ", "))
	case e.Verb == registry.Exec:
		p.Hint = fmt.Sprintf("write EXEC %s @%s = '...'", e.Method.ID, strings.Join(e.Method.Needs[0], " = '...', @"))
	}
	return p
}

func readers(res *registry.Resource) []*registry.Method { return methodsOf(res, registry.Select) }

func methodsOf(res *registry.Resource, v registry.Verb) []*registry.Method {
	return slices.DeleteFunc(slices.Clone(res.Methods), func(m *registry.Method) bool { return m.Verb != v })
}

// likely returns the parameter that a query of many rows would give.
func likely(methods []*registry.Method) string {
	best := methods[0]
	for _, m := range methods {
		if m.Rows > best.Rows {
			best = m
		}
	}
	return strings.Join(best.Needs[0], " = '...' AND ")
}

// describeCall tells of one call that was refused.
func describeCall(e *vtab.CallError) Problem {
	perr, ok := errors.AsType[*provider.Error](e.Err)
	if !ok {
		p := Describe(e.Err)
		p.Message = fmt.Sprintf("%s: %s", callName(e), p.Message)
		return p
	}
	p := describeRefusal(perr)
	p.Message = fmt.Sprintf("%s: %d %v", callName(e), perr.Code.HTTP(), perr)
	if p.Hint == "" {
		p.Hint = when(e.Method, perr)
	}
	return p
}

// callName names a call: "invitations.get id=NjIw".
func callName(e *vtab.CallError) string {
	name := e.Method.Resource.Name + "." + e.Method.Name
	if len(e.Args) == 0 {
		return name
	}
	return name + " " + e.Args.String()
}

// when returns what the registry says about a failure of a method.
func when(m *registry.Method, e *provider.Error) string {
	for _, doc := range m.Errors {
		if doc.Code == e.Code.String() && (e.Reason == "" || slices.Contains(doc.Reasons, e.Reason)) {
			return fmt.Sprintf("%s: %s", doc.Code, doc.When)
		}
	}
	if e.Code == provider.NotFound {
		return fmt.Sprintf("there is nothing of this %s, or not for this caller", strings.Join(m.Parameters(), " or "))
	}
	return ""
}

// describeRefusal gives the exit code of an API's status.
func describeRefusal(e *provider.Error) Problem {
	p := Problem{Kind: "api", Code: e.Code.String(), HTTP: e.Code.HTTP(), Hint: e.Hint, Exit: ExitRefused}
	if e.Caller != "" {
		p.Details = append(p.Details, Detail{"as", e.Caller})
	}
	if len(e.Scopes) > 0 {
		p.Kind, p.Exit = "auth", ExitAuth
		p.Details = append(p.Details, Detail{"needs", strings.Join(e.Scopes, " or ")})
		if p.Hint == "" {
			p.Hint = "the credentials must have that scope: an administrator grants it, or sign in again"
		}
		return p
	}
	switch e.Code {
	case provider.Unauthenticated:
		p.Kind, p.Exit = "auth", ExitAuth
	case provider.ResourceExhausted, provider.Unavailable, provider.Internal, provider.DeadlineExceeded, provider.Aborted:
		p.Kind, p.Exit, p.Retryable = "later", ExitLater, true
	case provider.Canceled:
		p.Kind, p.Exit = "interrupted", ExitInterrupted
	}
	return p
}

// How many reasons a problem lists, and how many rows of each.
const (
	maxListed = 20
	maxRows   = 10
)

// describeChange tells of the rows of a change that were refused.
func describeChange(e *ChangeError) Problem {
	if len(e.Failures) == 0 && e.Untried > 0 {
		p := Describe(e.Err)
		p.Message = fmt.Sprintf("%s: done for %d of %d rows: %s", e.Verb, e.Done, e.Total, p.Message)
		return p
	}
	if len(e.Failures) == 0 {
		p := Describe(e.Err)
		p.Kind, p.Exit = "partial", ExitPartial
		p.Message = fmt.Sprintf("%s: done for %d of %d rows, but there is no result: %s", e.Verb, e.Done, e.Total, p.Message)
		return p
	}
	first := describeCall(e.Failures[0].Err)
	if e.Total == 1 {
		if from := e.Failures[0].From(); from != "" {
			first.Details = append([]Detail{{"from", from}}, first.Details...)
		}
		return first
	}
	p := Problem{Kind: "partial", Code: first.Code, HTTP: first.HTTP, Retryable: first.Retryable, Hint: first.Hint, Exit: ExitPartial}
	p.Message = fmt.Sprintf("%s: %d of %d rows failed", e.Verb, len(e.Failures), e.Total)
	switch {
	case e.Untried == 1:
		p.Message += ", and 1 was not tried"
	case e.Untried > 1:
		p.Message += fmt.Sprintf(", and %d were not tried", e.Untried)
	}
	if len(e.Failures) == e.Total || e.Done == 0 {
		p.Kind, p.Exit = first.Kind, first.Exit
	}
	p.Details = append(p.Details, grouped(e.Failures)...)
	if e.Err != nil {
		p.Details = append(p.Details, Detail{"then", e.Err.Error()})
	}
	return p
}

// describeStopped tells of a change that was stopped, and of the rows that were
// refused before.
func describeStopped(e *stoppedError) Problem {
	p := Describe(e.err)
	if e.unsure > 0 {
		p.Message = fmt.Sprintf("%s while calls were under way: whether %d more rows were done is not known", p.Message, e.unsure)
		p.Hint = "look at what is there before it is run again"
		p.Retryable = false
	}
	p.Details = append(p.Details, grouped(e.failed.Failures)...)
	return p
}

// grouped tells of failures by their reasons, in the order of their first rows: of
// one alone the whole call, of several their number and rows.
func grouped(failures []Failure) []Detail {
	var order []string
	groups := map[string][]Failure{}
	for _, f := range failures {
		why := reasonOf(f.Err)
		if groups[why] == nil {
			order = append(order, why)
		}
		groups[why] = append(groups[why], f)
	}
	var out []Detail
	for i, why := range order {
		if i == maxListed {
			return append(out, Detail{"", fmt.Sprintf("and %d reasons more", len(order)-maxListed)})
		}
		of := groups[why]
		if len(of) == 1 {
			out = append(out, Detail{rowName(of[0].Row, of[0].From()), describeCall(of[0].Err).Message})
			continue
		}
		out = append(out, Detail{fmt.Sprintf("%d rows", len(of)), why + " (" + rowsOf(of) + ")"})
	}
	return out
}

// reasonOf is why a call failed, without its arguments.
func reasonOf(e *vtab.CallError) string {
	perr, ok := errors.AsType[*provider.Error](e.Err)
	if !ok {
		return e.Err.Error()
	}
	return fmt.Sprintf("%s.%s: %d %v", e.Method.Resource.Name, e.Method.Name, perr.Code.HTTP(), perr)
}

// rowsOf names failed rows: "row 8 id=x; row 12 id=y".
func rowsOf(failures []Failure) string {
	var out []string
	for i, f := range failures {
		if i == maxRows {
			out = append(out, fmt.Sprintf("and %d more", len(failures)-maxRows))
			break
		}
		out = append(out, strings.TrimSpace(rowName(f.Row, f.From())+" "+f.Err.Args.String()))
	}
	return strings.Join(out, "; ")
}
