package rest

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/iql-lang/iql/provider"
)

// query is the query of a request, its parameters told apart: those of Google's
// front end, and those of the method, in the order in which they came.
// https://cloud.google.com/apis/docs/system-parameters
type query struct {
	system map[string]string
	method []parameter
}

type parameter struct{ name, value string }

// systemParameters are those that every method takes.
var systemParameters = []field{
	{name: "$.xgafv", kind: choice, enum: &enum{"", []string{"1", "2"}}, doc: "Form of errors: 1 has errors[], 2 has not."},
	{name: "access_token", doc: "OAuth access token."},
	{name: "alt", kind: choice, enum: &enum{"", []string{"json", "media", "proto"}}, doc: "Form of the answer; only json is to be had."},
	{name: "callback", doc: "JSONP: the function to call with the answer."},
	{name: "fields", doc: "Which fields of the answer are wanted."},
	{name: "key", doc: "API key. Of no effect."},
	{name: "oauth_token", doc: "OAuth access token."},
	{name: "prettyPrint", kind: flag, doc: "Whether the answer is indented."},
	{name: "quotaUser", doc: "Who is counted in the quota per user."},
	{name: "upload_protocol", doc: "Of no effect."},
	{name: "uploadType", doc: "Of no effect."},
}

// lastWins are the system parameters of which the last of several holds; of
// the others it is the first.
var lastWins = map[string]bool{"$.xgafv": true}

// readQuery tells the parameters of a raw query, or of a form, apart. What is
// no escape stays as it is.
func readQuery(raw string) *query {
	q := &query{system: map[string]string{}}
	q.add(raw)
	return q
}

func (q *query) add(raw string) {
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescape(name), unescape(value)
		f := find(systemParameters, name)
		if f == nil {
			q.method = append(q.method, parameter{name, value})
			continue
		}
		if _, before := q.system[f.name]; !before || lastWins[f.name] {
			q.system[f.name] = value
		}
	}
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// checkFormat refuses system parameters that say how to answer, and say it
// wrongly. It comes before all else, credentials included.
func (q *query) checkFormat() *refusal {
	if v, ok := q.system["$.xgafv"]; ok && v != "1" && v != "2" {
		return refuse(provider.InvalidArgument, fmt.Sprintf(texts.badSystem, v, "$.xgafv"))
	}
	switch v, ok := q.system["alt"]; {
	case !ok, v == "json":
		return nil
	case v == "media", v == "proto":
		return refuse(provider.InvalidArgument, fmt.Sprintf(texts.notBytes, v))
	default:
		return refuse(provider.InvalidArgument, fmt.Sprintf(texts.badSystem, v, "alt"))
	}
}

// bind returns the values of the method's parameters by name. All that is
// wrong with them is refused at once.
func (q *query) bind(fields []field) (map[string][]string, *refusal) {
	var wrong []violation
	values := map[string][]string{}
	for _, p := range q.method {
		f := find(fields, p.name)
		if f == nil {
			wrong = append(wrong, violation{description: fmt.Sprintf(texts.unknownQuery, p.name, p.name)})
			continue
		}
		value, ok := f.parse(p.value)
		if !ok {
			wrong = append(wrong, f.bad(f.snake(), strconv.Quote(p.value)))
			continue
		}
		if !f.repeated {
			values[f.name] = nil // the last holds
		}
		values[f.name] = append(values[f.name], value)
	}
	if len(wrong) > 0 {
		return nil, badRequest(wrong)
	}
	return values, nil
}

// parse checks a value that came as text and returns it as the handlers know
// it: an enum by its word.
func (f *field) parse(value string) (string, bool) {
	switch f.kind {
	case number:
		n, err := strconv.ParseInt(value, 10, 32)
		return strconv.FormatInt(n, 10), err == nil
	case flag:
		return value, value == "true" || value == "false"
	case choice:
		return f.enum.parse(value)
	default:
		return value, true
	}
}

// parse returns the word for a word or a number. A number that has no word is
// taken, as proto3 does, and stands for itself.
// https://protobuf.dev/programming-guides/json/
func (e *enum) parse(value string) (string, bool) {
	for _, word := range e.words {
		if word == value {
			return word, true
		}
	}
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		return "", false
	}
	if n >= 0 && int(n) < len(e.words) {
		return e.words[n], true
	}
	return strconv.FormatInt(n, 10), true
}

// bad is the violation of a value that is not of its field's type.
func (f *field) bad(path, value string) violation {
	return violation{path, fmt.Sprintf(texts.badValue, path, f.typeName(), value)}
}
