package live

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"sync"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
)

// GetInvitation implements [classroom.Invitations].
func (c *Caller) GetInvitation(ctx context.Context, id string) (*classroom.Invitation, error) {
	return get(ctx, c, &getInvitation, c.client.seen, id)
}

// ListInvitations implements [classroom.Invitations].
func (c *Caller) ListInvitations(ctx context.Context, q classroom.InvitationQuery) ([]*classroom.Invitation, string, error) {
	query := url.Values{}
	set(query, "courseId", q.CourseID)
	set(query, "userId", q.UserID)
	return pageOf(ctx, c, &listInvitations, "invitations", c.client.seen, query, q.Page)
}

// CreateInvitation implements [classroom.Invitations]. If an answer is lost,
// an invitation of the user to the course in that role counts as the one that
// was asked for: there is one at most.
func (c *Caller) CreateInvitation(ctx context.Context, inv classroom.Invitation) (*classroom.Invitation, error) {
	body, err := json.Marshal(wireInvitation{UserID: inv.UserID, CourseID: inv.CourseID, Role: inv.Role})
	if err != nil {
		return nil, provider.Errorf(provider.InvalidArgument, "invitation: %w", err)
	}
	var made wireInvitation
	r := &request{
		method: &createInvitation, body: body, read: one(&made),
		change: true, moot: provider.AlreadyExists,
	}
	r.settle = func() (bool, error) {
		found, err := c.invited(ctx, inv)
		if found != nil {
			made = *found
		}
		return found != nil, err
	}
	if err := c.call(ctx, r); err != nil {
		return nil, err
	}
	return c.client.seen(made), nil
}

// invited returns the invitation that is there of a user to a course in a role,
// nil for none.
func (c *Caller) invited(ctx context.Context, inv classroom.Invitation) (*wireInvitation, error) {
	q := url.Values{}
	set(q, "courseId", inv.CourseID)
	set(q, "userId", inv.UserID)
	for {
		var got page[wireInvitation]
		err := c.call(ctx, &request{
			method: &listInvitations, query: q, scopes: createInvitation.scopes, read: list("invitations", &got),
		})
		if err != nil {
			return nil, err
		}
		for _, found := range got.items {
			if found.Role == inv.Role {
				return &found, nil
			}
		}
		if got.next == "" || got.next == q.Get("pageToken") {
			return nil, nil
		}
		q.Set("pageToken", got.next)
	}
}

// DeleteInvitation implements [classroom.Invitations]. That there is none is no
// error after a lost answer.
func (c *Caller) DeleteInvitation(ctx context.Context, id string) error {
	return c.call(ctx, &request{method: &deleteInvitation, args: []string{id}, change: true, moot: provider.NotFound})
}

// AcceptInvitation implements [classroom.Invitations]. If an answer is lost and
// the invitation is gone, the roster tells whether it was accepted.
func (c *Caller) AcceptInvitation(ctx context.Context, id string) error {
	return c.call(ctx, &request{
		method: &acceptInvitation, args: []string{id}, change: true, moot: provider.NotFound,
		settle: func() (bool, error) { return c.accepted(ctx, id) },
	})
}

// accepted looks whether the caller, whom an invitation was for, has accepted
// it. It is NOT_FOUND if the invitation is gone and nobody was enrolled.
func (c *Caller) accepted(ctx context.Context, id string) (bool, error) {
	look := func(m *method, args ...string) error {
		var any map[string]json.RawMessage
		return c.call(ctx, &request{method: m, args: args, scopes: acceptInvitation.scopes, read: one(&any)})
	}
	err := look(&getInvitation, id)
	if provider.CodeOf(err) != provider.NotFound {
		return false, err // it is there, or this cannot be told
	}
	was, known := c.client.recent.get(id)
	if !known {
		was.CourseID = courseOf(id)
	}
	if was.CourseID == "" {
		return false, provider.Errorf(provider.Unavailable, "the invitation is gone, and of which course it was is not known")
	}
	rosters := []*method{&getTeacher, &getStudent}
	switch was.Role {
	case classroom.Student:
		rosters = rosters[1:]
	case classroom.Teacher, classroom.Owner:
		rosters = rosters[:1]
	}
	for _, m := range rosters {
		memberErr := look(m, was.CourseID, "me")
		if provider.CodeOf(memberErr) != provider.NotFound {
			return memberErr == nil, memberErr
		}
	}
	return false, err
}

// courseOf returns the course that an invitation's identifier seems to name, ""
// if it does not. Identifiers are opaque, so this is to look somewhere, and not
// to be believed: in those that were seen, base64 hides "course*number".
func courseOf(id string) string {
	text, err := base64.StdEncoding.DecodeString(id)
	if err != nil {
		return ""
	}
	course, _, ok := strings.Cut(string(text), "*")
	if !ok || course == "" || strings.Trim(course, "0123456789") != "" {
		return ""
	}
	return course
}

// seen returns an invitation of the wire, and remembers it.
func (c *Client) seen(w wireInvitation) *classroom.Invitation {
	c.recent.add(w)
	return w.invitation()
}

// maxRecent bounds the invitations that are remembered.
const maxRecent = 20_000

// recent remembers the invitations that were seen, for the day that one is gone
// when its acceptance has to be settled.
type recent struct {
	mu   sync.Mutex
	seen map[string]wireInvitation // guarded by mu, as all here; by ID
	old  map[string]wireInvitation // the half before
}

func (r *recent) add(w wireInvitation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.seen) >= maxRecent/2 {
		r.old, r.seen = r.seen, nil
	}
	if r.seen == nil {
		r.seen = map[string]wireInvitation{}
	}
	r.seen[w.ID] = w
}

func (r *recent) get(id string) (wireInvitation, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if w, ok := r.seen[id]; ok {
		return w, true
	}
	w, ok := r.old[id]
	return w, ok
}
