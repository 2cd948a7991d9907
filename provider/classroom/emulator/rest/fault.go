package rest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/iql-lang/iql/provider"
)

// Latency is how long HTTP requests wait: Mean, give or take up to Spread. A
// batch waits once.
type Latency struct {
	Mean, Spread time.Duration
}

// ParseLatency reads "50ms" or "50ms±20ms", whose sign may be written "+-".
// Empty is none.
func ParseLatency(s string) (Latency, error) {
	if s == "" {
		return Latency{}, nil
	}
	mean, spread, both := strings.Cut(strings.Replace(s, "+-", "±", 1), "±")
	var l Latency
	var err error
	if l.Mean, err = time.ParseDuration(mean); err == nil && both {
		l.Spread, err = time.ParseDuration(spread)
	}
	if err != nil || l.Mean < 0 || l.Spread < 0 {
		return Latency{}, fmt.Errorf("latency %q is not like 50ms or 50ms±20ms", s)
	}
	return l, nil
}

// String returns what ParseLatency reads.
func (l Latency) String() string {
	switch {
	case l == Latency{}:
		return ""
	case l.Spread == 0:
		return l.Mean.String()
	}
	return l.Mean.String() + "±" + l.Spread.String()
}

// FaultKind is a fault that is not a status.
type FaultKind string

// The kinds of faults, by the words that ParseFault knows.
const (
	Reset     FaultKind = "reset"     // the work is done, and the connection ends in the middle of the answer
	Lost      FaultKind = "lost"      // the work is done, and the connection ends without an answer
	Malformed FaultKind = "malformed" // the work is done, and the answer is half of its JSON
	Hang      FaultKind = "hang"      // nothing is done, and nothing is answered until the client leaves
	Disabled  FaultKind = "disabled"  // nothing is done: the client's Cloud project does not use the API
)

var faultKinds = []FaultKind{Reset, Lost, Malformed, Hang, Disabled}

// Fault is something that goes wrong on purpose.
type Fault struct {
	Method string // "invitations.list", one of labels, or "*" for all
	Status int    // of the answer, nothing being done; 0 if there is a Kind
	Kind   FaultKind
	// Count is how many requests it strikes, Rate the share of them; with
	// neither it strikes all.
	Count int
	Rate  float64
}

// ParseFault reads METHOD=STATUS or METHOD=KIND, then :COUNT or, with a point
// in it, :RATE: "invitations.list=503:2", "invitations.create=429:0.1",
// "*=hang:1". The kinds are reset, lost, malformed, hang and disabled.
func ParseFault(s string) (Fault, error) {
	method, what, ok := strings.Cut(s, "=")
	if !ok {
		return Fault{}, fmt.Errorf("fault %q is not like invitations.list=503:2", s)
	}
	f := Fault{Method: method}
	if !slices.Contains(faultMethods(), method) {
		hint := ""
		if near, ok := provider.Nearest(method, faultMethods()); ok {
			hint = fmt.Sprintf("; did you mean %s?", near)
		}
		return Fault{}, fmt.Errorf("fault %q: there is no method %q%s", s, method, hint)
	}
	what, how, limited := strings.Cut(what, ":")
	if err := f.setKind(what); err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w", s, err)
	}
	if limited {
		if err := f.setLimit(how); err != nil {
			return Fault{}, fmt.Errorf("fault %q: %w", s, err)
		}
	}
	return f, nil
}

func (f *Fault) setKind(what string) error {
	if slices.Contains(faultKinds, FaultKind(what)) {
		f.Kind = FaultKind(what)
		return nil
	}
	status, err := strconv.Atoi(what)
	if err != nil || status < 400 || status > 599 {
		return fmt.Errorf("%q is none of reset, lost, malformed, hang, disabled, or a status from 400 to 599", what)
	}
	f.Status = status
	return nil
}

func (f *Fault) setLimit(how string) (err error) {
	if strings.Contains(how, ".") {
		if f.Rate, err = strconv.ParseFloat(how, 64); err == nil && f.Rate > 0 && f.Rate <= 1 {
			return nil
		}
		return fmt.Errorf("%q is no rate between 0.0 and 1.0", how)
	}
	if f.Count, err = strconv.Atoi(how); err == nil && f.Count > 0 {
		return nil
	}
	return fmt.Errorf("%q is no number of requests", how)
}

// String returns what ParseFault reads.
func (f Fault) String() string {
	s := f.Method + "=" + string(f.Kind)
	if f.Status != 0 {
		s += strconv.Itoa(f.Status)
	}
	switch {
	case f.Count != 0:
		s += ":" + strconv.Itoa(f.Count)
	case f.Rate != 0:
		rate := strconv.FormatFloat(f.Rate, 'f', -1, 64)
		if !strings.Contains(rate, ".") {
			rate += ".0"
		}
		s += ":" + rate
	}
	return s
}

// What else than methods of the API has faults and statistics.
const (
	labelToken     = "token"
	labelAuthorize = "authorize"
	labelSign      = "signJwt"
	labelRevoke    = "revoke"
	labelMetadata  = "metadata"
	labelDiscovery = "discovery"
	labelBatch     = "batch"
)

// labels are all of these.
var labels = []string{labelToken, labelAuthorize, labelSign, labelRevoke, labelMetadata, labelDiscovery, labelBatch}

// faultMethods returns all that a fault may name.
func faultMethods() []string {
	names := append([]string{"*"}, labels...)
	for _, r := range routes() {
		names = append(names, r.label())
	}
	return names
}

// faults are the latency and the faults in force.
type faults struct {
	mu      sync.Mutex
	latency Latency    // guarded by mu, as all here
	list    []Fault    // those with a Count count down
	chance  *rand.Rand // the same in every process, so that a test repeats
}

// set puts other faults in force.
func (f *faults) set(l Latency, list []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.latency = l
	f.list = slices.Clone(list)
	f.chance = rand.New(rand.NewPCG(1, 1))
}

// change sets what is given, in one step: what is nil stays in force, as far as it
// has not struck.
func (f *faults) change(l *Latency, list []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if l != nil {
		f.latency = *l
	}
	if list != nil {
		f.list = list
		f.chance = rand.New(rand.NewPCG(1, 1))
	}
}

// get returns what is in force, and how often it still strikes.
func (f *faults) get() (Latency, []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.latency, slices.Clone(f.list)
}

// draw returns the fault that strikes a request, nil if none does. Of several
// the first does.
func (f *faults) draw(method string) *Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.list {
		fault := f.list[i]
		if fault.Method != method && fault.Method != "*" {
			continue
		}
		if fault.Rate != 0 && f.chance.Float64() >= fault.Rate {
			continue
		}
		if fault.Count == 1 {
			f.list = slices.Delete(f.list, i, i+1)
		} else if fault.Count > 1 {
			f.list[i].Count--
		}
		return &fault
	}
	return nil
}

// wait lets the latency pass. It returns false if the client went away.
func (s *Server) wait(ctx context.Context) bool {
	l, _ := s.faults.get()
	if l == (Latency{}) {
		return true
	}
	d := l.Mean
	if l.Spread > 0 {
		d += rand.N(2*l.Spread+1) - l.Spread
	}
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-s.closed:
		return true
	case <-ctx.Done():
		return false
	}
}

// fail answers a request that a fault keeps from being served; done is false
// for faults that come while the answer is sent.
func (s *Server) fail(in *inbound) (a answer, done bool) {
	switch {
	case in.fault.Kind == Hang:
		return s.hang(in), true
	case in.fault.Kind == Disabled:
		return in.refused(s.disabled(in.api())), true
	case in.fault.Status == 0:
		return answer{}, false
	}
	return in.refused(faultRefusal(in.fault.Status)), true
}

// faultRefusal is what a status looks like that a fault asks for.
func faultRefusal(status int) *refusal {
	if status == http.StatusUnauthorized {
		return badCredentials()
	}
	code, ok := faultOf[status]
	if !ok {
		code = provider.Unknown
	}
	r := refuse(code, "")
	r.http = status
	if r.message == "" {
		r.message = http.StatusText(status)
	}
	r.page = faultPages[status]
	return r
}

// api is what a request is to. Requests for tokens are to none, and fail as
// Classroom's.
func (in *inbound) api() *api {
	if in.route == nil {
		return classroomAPI
	}
	return in.route.api
}

// disabled is the refusal of a client whose Cloud project does not use an API.
func (s *Server) disabled(of *api) *refusal {
	page := "https://console.developers.google.com/apis/api/" + of.service + "/overview?project=" + s.opts.Project
	r := refuse(provider.PermissionDenied, fmt.Sprintf(texts.disabled, of.title, s.opts.Project, page))
	r.details = []detail{{
		reason:   "SERVICE_DISABLED",
		metadata: [][2]string{{"service", of.service}, {"consumer", "projects/" + s.opts.Project}},
	}}
	return r
}

// hang waits until the client goes away, or the server is closed. The body is
// read first: only then does net/http notice.
func (s *Server) hang(in *inbound) answer {
	_, _ = readAll(in.Body, assumed.maxBody) // its end is all that matters
	select {
	case <-in.Context().Done():
	case <-s.closed:
	}
	return answer{fault: Hang}
}
