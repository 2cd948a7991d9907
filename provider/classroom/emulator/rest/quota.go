package rest

import (
	"cmp"
	"fmt"
	"sync"

	"github.com/iql-lang/iql/provider"
)

// Quota is how many requests are served in any sixty seconds. Zero is no
// limit.
type Quota struct {
	User   int // to a user, or to what a request names as quotaUser
	Client int // to all of a Cloud project
}

// GoogleQuota is what Google serves.
// https://developers.google.com/workspace/classroom/limits
var GoogleQuota = Quota{User: 1200, Client: 3000}

// quotaWindow is what a quota looks back on, in seconds.
const quotaWindow = 60

// maxWindows bounds how many users are counted at once.
const maxWindows = 100_000

// meter counts requests by the second, so that a window slides in steps of one.
type meter struct {
	mu      sync.Mutex
	windows map[string]*window // guarded by mu
}

// window is how many requests each of the last seconds had.
type window struct {
	counts [quotaWindow]int
	sum    int
	last   int64 // the second that was counted last
}

// at moves the window to a second and returns how many requests are in it.
func (w *window) at(second int64) int {
	if second-w.last >= quotaWindow {
		*w = window{last: second}
	}
	for w.last < second {
		w.last++
		w.sum -= w.counts[w.last%quotaWindow]
		w.counts[w.last%quotaWindow] = 0
	}
	return w.sum
}

func (w *window) add() {
	w.counts[w.last%quotaWindow]++
	w.sum++
}

// window returns the window of a name, at a second.
func (m *meter) window(name string, second int64) *window {
	w, ok := m.windows[name]
	if !ok {
		if len(m.windows) >= maxWindows {
			clear(m.windows)
		}
		if m.windows == nil {
			m.windows = map[string]*window{}
		}
		w = &window{last: second}
		m.windows[name] = w
	}
	w.at(second)
	return w
}

// reset forgets all that was counted.
func (m *meter) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.windows)
}

// spend counts a request, or refuses it if a quota is used up.
func (s *Server) spend(g *grant, in *inbound) *refusal {
	limit := s.opts.Quota
	if limit == (Quota{}) {
		return nil
	}
	project := cmp.Or(g.Project, s.opts.Project)
	user := "u:" + g.User
	if name := in.query.system["quotaUser"]; name != "" {
		user = "q:" + name
	}
	second := s.now().Unix()
	s.quota.mu.Lock()
	defer s.quota.mu.Unlock()
	byUser, byClient := s.quota.window(user, second), s.quota.window("p:"+project, second)
	switch {
	case limit.User > 0 && byUser.sum >= limit.User:
		return overQuota(in.route.api, project, "Requests per minute per user")
	case limit.Client > 0 && byClient.sum >= limit.Client:
		return overQuota(in.route.api, project, "Requests per minute")
	}
	byUser.add()
	byClient.add()
	return nil
}

func overQuota(of *api, project, limit string) *refusal {
	consumer := "project_number:" + project
	r := refuse(provider.ResourceExhausted, fmt.Sprintf(
		"Quota exceeded for quota metric 'Requests' and limit '%s' of service '%s' for consumer '%s'.",
		limit, of.service, consumer))
	r.details = []detail{{
		reason: "RATE_LIMIT_EXCEEDED",
		metadata: [][2]string{
			{"service", of.service},
			{"consumer", consumer},
			{"quota_metric", assumed.quotaMetric},
			{"quota_limit", assumed.quotaLimits[limit]},
		},
	}}
	return r
}
