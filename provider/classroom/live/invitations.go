package live

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
)

// GetInvitation implements [classroom.Invitations].
func (c *Caller) GetInvitation(ctx context.Context, id string) (*classroom.Invitation, error) {
	return get(ctx, c, &getInvitation, c.client.seenOnWire, id)
}

// Recall returns an invitation as it was seen lately, else as it is.
func (c *Caller) Recall(ctx context.Context, id string) (*classroom.Invitation, error) {
	if inv, ok := c.client.seen.Get(id); ok {
		return &inv, nil
	}
	return c.GetInvitation(ctx, id)
}

// ListInvitations implements [classroom.Invitations].
func (c *Caller) ListInvitations(ctx context.Context, q classroom.InvitationQuery) ([]*classroom.Invitation, string, error) {
	query := url.Values{}
	set(query, "courseId", q.CourseID)
	set(query, "userId", q.UserID)
	return pageOf(ctx, c, &listInvitations, "invitations", c.client.seenOnWire, query, q.Page)
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
		method: &createInvitation, body: body, read: named(&made),
		change: true, moot: provider.AlreadyExists,
	}
	r.settle = func() (bool, error) {
		found, err := c.invited(ctx, inv)
		if found != nil {
			made = *found
		}
		if provider.CodeOf(err) == provider.NotFound {
			// Of somebody outside the domain it may say so all the same.
			err = provider.Errorf(provider.Unavailable, "%w", err)
		}
		return found != nil, err
	}
	if err := c.call(ctx, r); err != nil {
		return nil, err
	}
	return c.client.seenOnWire(made), nil
}

// invited returns the invitation that is there of a user to a course in a role,
// nil for none.
func (c *Caller) invited(ctx context.Context, inv classroom.Invitation) (*wireInvitation, error) {
	q := url.Values{}
	set(q, "courseId", inv.CourseID)
	set(q, "userId", inv.UserID)
	if inv.CourseID == "" || inv.UserID == "" {
		return nil, nil // a list without one of them would find another's
	}
	for {
		var got page[wireInvitation]
		err := c.call(ctx, &request{
			method: &listInvitations, query: q, scopes: createInvitation.scopes, read: list("invitations", &got),
		})
		if err != nil {
			return nil, err
		}
		for _, found := range got.items {
			if found.is(inv) {
				return &found, nil
			}
		}
		if got.next == "" || got.next == q.Get("pageToken") {
			return nil, nil
		}
		q.Set("pageToken", got.next)
	}
}

// is reports whether an invitation can be the one that was asked for. What is no
// number stands for one that is not known.
func (w wireInvitation) is(asked classroom.Invitation) bool {
	same := func(shown, asked string) bool {
		return shown == "" || shown == asked || strings.Trim(asked, "0123456789") != ""
	}
	return w.ID != "" && w.Role == asked.Role && same(w.CourseID, asked.CourseID) && same(w.UserID, asked.UserID)
}

// DeleteInvitation implements [classroom.Invitations]. That there is none is no
// error after a lost answer.
func (c *Caller) DeleteInvitation(ctx context.Context, id string) error {
	return c.call(ctx, &request{
		method: &deleteInvitation, args: []string{id}, change: true, moot: provider.NotFound,
		settle: func() (bool, error) { return c.gone(ctx, id) },
	})
}

// gone reports whether there is no such invitation any more.
func (c *Caller) gone(ctx context.Context, id string) (bool, error) {
	r := &request{method: &getInvitation, args: []string{id}, scopes: deleteInvitation.scopes, read: one(&wireID{})}
	err := c.call(ctx, r)
	if provider.CodeOf(err) == provider.NotFound {
		return true, nil
	}
	return false, err
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
	err := c.look(ctx, &getInvitation, nil, id)
	if provider.CodeOf(err) != provider.NotFound {
		return false, err // it is there, or this cannot be told
	}
	was, known := c.client.seen.Get(id)
	if !known {
		return false, provider.Errorf(provider.Unavailable, "the invitation is gone, and of which course it was is not known")
	}
	enrolled, rosterErr := c.enrolled(ctx, was)
	if provider.CodeOf(rosterErr) == provider.NotFound || rosterErr == nil && !enrolled {
		return false, err
	}
	return enrolled, rosterErr
}

// enrolled reports whether the caller is what an invitation would make of them.
// NOT_FOUND says that they are not, too.
func (c *Caller) enrolled(ctx context.Context, was classroom.Invitation) (bool, error) {
	switch was.Role {
	case classroom.Owner: // who was a teacher before
		var course, me wireID
		if err := c.look(ctx, &getCourse, &course, was.CourseID); err != nil {
			return false, err
		}
		err := c.look(ctx, &getUserProfile, &me, "me")
		return err == nil && course.OwnerID == me.ID, err
	case classroom.Teacher:
		err := c.look(ctx, &getTeacher, nil, was.CourseID, "me")
		return err == nil, err
	}
	err := c.look(ctx, &getStudent, nil, was.CourseID, "me")
	return err == nil, err
}

// wireID is what settling an acceptance reads of a course or a profile.
type wireID struct {
	ID      string `json:"id"`
	OwnerID string `json:"ownerId"`
}

// look calls a method for what it says of an acceptance; nil reads nothing of
// the answer.
func (c *Caller) look(ctx context.Context, m *method, answer *wireID, args ...string) error {
	if answer == nil {
		answer = &wireID{}
	}
	r := &request{method: m, args: args, read: one(answer)}
	if slices.Contains(m.scopes, acceptInvitation.scopes[0]) {
		r.scopes = acceptInvitation.scopes
	}
	return c.call(ctx, r)
}

// seenOnWire returns an invitation of the wire, and remembers it for the day
// that it is gone when its acceptance has to be settled.
func (c *Client) seenOnWire(w wireInvitation) *classroom.Invitation {
	inv := w.invitation()
	c.seen.Add(inv)
	return inv
}
