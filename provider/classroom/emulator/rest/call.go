package rest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// call is one request of a method, read and allowed.
type call struct {
	ctx    context.Context
	server *Server
	route  *route
	grant  *grant
	user   *emulator.Caller
	path   []string            // the values of the path's variables
	query  map[string][]string // the method's parameters
	body   values
	out    writer
}

// text is a parameter's value, empty if it is absent.
func (c *call) text(name string) string {
	if v := c.query[name]; len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
}

// page is what the parameters of a list say.
func (c *call) page() classroom.Page {
	size, _ := strconv.Atoi(c.text("pageSize")) // bind has checked it
	return classroom.Page{Size: size, Token: c.text("pageToken")}
}

// answer is what goes back: over HTTP, or as a part of a batch.
type answer struct {
	status       int
	contentType  string
	authenticate string // the header WWW-Authenticate
	location     string // the header Location
	flavor       string // the header Metadata-Flavor
	body         []byte
	fault        FaultKind // of the connection, to come while the answer is sent
}

const (
	typeJSON   = "application/json; charset=UTF-8"
	typeHTML   = "text/html; charset=UTF-8"
	typeScript = "text/javascript; charset=UTF-8"
)

// inbound is a request for a method on its way through the front: what is
// needed to answer it, also if it is refused.
type inbound struct {
	*http.Request
	route *route
	path  []string
	query *query
	form  bool // the body is more of the query
	fault *Fault
}

// answer answers a request for a method of the API, counting it.
func (s *Server) answer(r *http.Request) answer {
	start := time.Now()
	in := inbound{Request: r, query: readQuery(r.URL.RawQuery)}
	method := in.verb()
	route, path, known := s.router.find(method, r.URL.EscapedPath())
	name := ""
	var a answer
	switch {
	case route != nil:
		in.route, in.path = route, path
		name = route.label()
		a = s.method(&in)
	case known && method == http.MethodHead:
		a = in.refused(refuse(provider.InvalidArgument, ""))
	default:
		a = in.refused(page404(method, r.URL.EscapedPath()))
	}
	s.stats.count(name, a.status)
	s.log(&in, name, a, start)
	return a
}

// log records a request and what became of it.
func (s *Server) log(in *inbound, name string, a answer, start time.Time) {
	attrs := []slog.Attr{
		slog.String("method", in.Method), slog.String("path", in.URL.EscapedPath()), slog.String("query", masked(in.query)),
		slog.String("name", name), slog.Int("status", a.status), slog.Int("bytes", len(a.body)),
		slog.Duration("took", time.Since(start)),
	}
	if a.fault != "" {
		attrs = append(attrs, slog.String("fault", string(a.fault)))
	}
	s.opts.Log.LogAttrs(in.Context(), slog.LevelInfo, "request", attrs...)
}

// verb is the HTTP method that a request means: a client whose query is too
// long for an address may post it.
func (in *inbound) verb() string {
	typ, _, _ := mime.ParseMediaType(in.Header.Get("Content-Type"))
	in.form = assumed.formBodies && typ == "application/x-www-form-urlencoded"
	if over := in.Header.Get("X-HTTP-Method-Override"); over != "" && in.Method == http.MethodPost {
		return strings.ToUpper(over)
	}
	return in.Method
}

// masked is a query for the log, without what opens doors.
func masked(q *query) string {
	var b strings.Builder
	for _, p := range q.method {
		fmt.Fprintf(&b, "%s=%s ", p.name, p.value)
	}
	for name := range q.system {
		if !strings.HasSuffix(name, "token") && name != "key" {
			fmt.Fprintf(&b, "%s=%s ", name, q.system[name])
		}
	}
	return strings.TrimSpace(b.String())
}

// method answers a request whose route is known.
func (s *Server) method(in *inbound) answer {
	in.fault = s.faults.draw(in.route.label())
	if in.fault != nil {
		if a, done := s.fail(in); done {
			return a
		}
	}
	body, refused := s.serve(in)
	if refused != nil {
		return in.refused(refused)
	}
	a := in.say(http.StatusOK, body)
	if in.fault != nil {
		a.fault = in.fault.Kind
	}
	return a
}

// serve answers a request with a body, or refuses it. The order of the checks
// is the front end's.
func (s *Server) serve(in *inbound) ([]byte, *refusal) {
	if refused := in.query.checkFormat(); refused != nil {
		return nil, refused
	}
	g, refused := s.credentials(in.Request, in.query)
	if refused != nil {
		return nil, refused
	}
	user, refused := s.caller(g)
	if refused != nil {
		return nil, refused
	}
	if !g.hasAny(in.route.scopes) {
		return nil, noScopes(in.route)
	}
	if refused := s.spend(g, in); refused != nil {
		return nil, refused
	}
	c := call{ctx: in.Context(), server: s, route: in.route, grant: g, user: user, path: in.path}
	if refused := in.read(&c); refused != nil {
		return nil, refused
	}
	body, err := in.render(&c)
	if err != nil {
		r := refusalOf(err)
		if r.hides() && !errors.Is(err, context.Canceled) {
			s.opts.Log.ErrorContext(c.ctx, "request", slog.String("name", in.route.label()), slog.Any("error", err))
		}
		return nil, r
	}
	return body, nil
}

// render returns the body of the answer to a request that has been read and
// allowed. Nobody may change it: the store may keep that of a list.
func (in *inbound) render(c *call) ([]byte, error) {
	if !in.route.list {
		return c.render()
	}
	return c.user.Recall(c.ctx, in.recallKey(c), func(within *emulator.Caller) ([]byte, error) {
		c.user = within
		return c.render()
	})
}

func (c *call) render() ([]byte, error) {
	c.out.begin()
	if err := c.route.serve(c); err != nil {
		return nil, err
	}
	c.out.end()
	return c.out.finish(), nil
}

// recallKey is all that the body of a list depends on beside the store and the
// user: what is in the call, as the request says it.
func (in *inbound) recallKey(c *call) []byte {
	fields, masked := in.query.system["fields"]
	words := append([]string{c.route.name, strconv.FormatBool(c.out.pretty), strconv.FormatBool(masked), fields}, c.path...)
	for _, p := range in.query.method {
		words = append(words, p.name, p.value)
	}
	words = append(words, strconv.FormatBool(c.grant.has(scopeEmails)), strconv.FormatBool(c.grant.has(scopePhotos)))
	var key []byte
	for _, word := range words {
		key = binary.AppendUvarint(key, uint64(len(word)))
		key = append(key, word...)
	}
	return key
}

// read takes the parameters, the body and the mask of a request.
func (in *inbound) read(c *call) (refused *refusal) {
	text, refused := readAll(in.Body, assumed.maxBody)
	if refused != nil {
		return refused
	}
	if in.form && len(bytes.TrimSpace(text)) > 0 {
		in.query.add(strings.TrimSpace(string(text)))
		text = nil
	}
	if c.query, refused = in.query.bind(in.route.query); refused != nil {
		return refused
	}
	if in.route.body != nil {
		if c.body, refused = readBody(text, in.route.body); refused != nil {
			return refused
		}
	}
	c.out.pretty = in.query.system["prettyPrint"] != "false"
	fields, ok := in.query.system["fields"]
	if !ok {
		return nil
	}
	m, bad := readMask(fields, in.route.answer)
	if bad != nil {
		refused := refuse(provider.InvalidArgument, "")
		refused.details = []detail{{violations: []violation{{description: fmt.Sprintf(texts.badMask, bad.path)}}}}
		return refused
	}
	c.out.masks = append(c.out.masks, m)
	return nil
}

// maxCallers bounds the callers that are remembered.
const maxCallers = 10_000

// caller returns the user of a grant.
func (s *Server) caller(g *grant) (*emulator.Caller, *refusal) {
	s.mu.Lock()
	user, ok := s.callers[g.User]
	s.mu.Unlock()
	if !ok {
		var err error
		if user, err = s.store.As(g.User); err != nil {
			return nil, refusalOf(err)
		}
		s.mu.Lock()
		if len(s.callers) >= maxCallers {
			clear(s.callers)
		}
		s.callers[g.User] = user
		s.mu.Unlock()
	}
	if g.Project != "" {
		user = user.WithProject(g.Project)
	}
	return user, nil
}

// refused is the answer to a request that is refused, in the form that its
// client expects.
func (in *inbound) refused(r *refusal) answer {
	var a answer
	if r.page {
		a = answer{status: r.http, contentType: typeHTML, body: r.html()}
	} else {
		legacy := in.route != nil && in.route.api.legacy
		a = in.say(r.http, r.body(in.older(), legacy))
	}
	a.authenticate = r.authenticate
	return a
}

// older reports whether errors have errors[]: if the request says so, or does
// not say and comes from one of Google's own clients.
func (in *inbound) older() bool {
	if form, ok := in.query.system["$.xgafv"]; ok {
		return form == "1"
	}
	return assumed.olderToClients && official.MatchString(in.UserAgent())
}

// say is an answer of JSON, or of a script where the request has a callback.
func (in *inbound) say(status int, body []byte) answer {
	function := in.query.system["callback"]
	if !callable(function) {
		return answer{status: status, contentType: typeJSON, body: body}
	}
	script := "// API callback\n" + function + "(" + strings.TrimSuffix(string(body), "\n") + ");\n"
	return answer{status: http.StatusOK, contentType: typeScript, body: []byte(script)}
}

// callable reports whether a callback is the name of a function, and no more.
func callable(function string) bool {
	if function == "" || len(function) > 128 {
		return false
	}
	for _, r := range function {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && r != '_' && r != '.' && r != '$' {
			return false
		}
	}
	return true
}
