package classroom

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/iql-lang/iql/provider"
)

// People is a service that may be asked as anybody.
type People struct {
	// Asker is the service as the person who asks. What is looked up is looked
	// up as they see it.
	Asker Backend
	// As returns the service as another person, by e-mail address.
	As func(address string) (Backend, error)
	// OwnersAct has the owner of the course make and withdraw its invitations:
	// an invitation of somebody outside the domain can be withdrawn by nobody
	// else.
	OwnersAct bool
}

// Acting returns a backend that does for each call what the person may do whom
// it concerns: it accepts an invitation as the one who is invited, since Google
// lets nobody else, and if p.OwnersAct it makes and withdraws invitations as the
// owner of their course. All else is asked as p.Asker.
//
// Who that is, is looked up: the invitation, the course and the address, each
// once and not at all where it was seen before. A person as whom one cannot act
// is PERMISSION_DENIED; if nobody can be acted as any more, UNAUTHENTICATED.
func Acting(p People) Backend { return &acting{Backend: p.Asker, people: p} }

type acting struct {
	Backend
	people People
	seen   Seen

	addresses known // of users, by number
	owners    known // addresses of courses' owners, by what the course was called
}

// GetInvitation remembers whom the invitation is for.
func (a *acting) GetInvitation(ctx context.Context, id string) (*Invitation, error) {
	inv, err := a.Backend.GetInvitation(ctx, id)
	if err != nil {
		return nil, err
	}
	a.seen.Add(inv)
	return inv, nil
}

// ListInvitations remembers whom the invitations are for.
func (a *acting) ListInvitations(ctx context.Context, q InvitationQuery) ([]*Invitation, string, error) {
	page, next, err := a.Backend.ListInvitations(ctx, q)
	a.seen.Add(page...)
	return page, next, err
}

// AcceptInvitation accepts as the invited user.
func (a *acting) AcceptInvitation(ctx context.Context, id string) error {
	inv, err := a.invitation(ctx, id)
	if err != nil {
		return err
	}
	if inv.UserID == "" {
		return &provider.Error{
			Code:    provider.PermissionDenied,
			Message: "the invited user is not of this domain: nobody else can accept for them",
			Hint:    "they accept in Classroom, or by the link of the e-mail",
		}
	}
	address, err := a.address(ctx, inv.UserID)
	if err != nil {
		return about("the invited user "+inv.UserID, err)
	}
	err = a.as(ctx, address, func(b Backend) error { return b.AcceptInvitation(ctx, id) })
	if inv.Role == Owner {
		a.owners.clear() // the course has another by now, by whatever name; or may have
	}
	return err
}

// CreateInvitation invites as the course's owner, if owners act.
func (a *acting) CreateInvitation(ctx context.Context, inv Invitation) (made *Invitation, err error) {
	if !a.people.OwnersAct {
		return a.Backend.CreateInvitation(ctx, inv)
	}
	err = a.asOwner(ctx, inv.CourseID, func(b Backend) (err error) {
		made, err = b.CreateInvitation(ctx, inv)
		return err
	})
	return made, err
}

// DeleteInvitation withdraws as the course's owner, if owners act.
func (a *acting) DeleteInvitation(ctx context.Context, id string) error {
	if !a.people.OwnersAct {
		return a.Backend.DeleteInvitation(ctx, id)
	}
	inv, err := a.invitation(ctx, id)
	if err != nil {
		return err
	}
	return a.asOwner(ctx, inv.CourseID, func(b Backend) error { return b.DeleteInvitation(ctx, id) })
}

// Recall returns an invitation, as it was seen lately or as it is.
func (a *acting) Recall(ctx context.Context, id string) (*Invitation, error) {
	return a.invitation(ctx, id)
}

// invitation returns an invitation, as it was seen or as it is.
func (a *acting) invitation(ctx context.Context, id string) (*Invitation, error) {
	if inv, ok := a.seen.Get(id); ok {
		return &inv, nil
	}
	return a.GetInvitation(ctx, id)
}

// asOwner calls as the owner of a course. One who was known and is refused may
// not be it any more: then who is, calls. What was refused was not done.
func (a *acting) asOwner(ctx context.Context, course string, call func(Backend) error) error {
	address, err := a.ownerOf(ctx, course)
	if err != nil {
		return err
	}
	err = a.as(ctx, address, call)
	if provider.CodeOf(err) != provider.PermissionDenied {
		return err
	}
	a.owners.forget(course)
	now, lookErr := a.ownerOf(ctx, course)
	if lookErr != nil || now == address {
		return err
	}
	return a.as(ctx, now, call)
}

// ownerOf returns the address of the owner of a course.
func (a *acting) ownerOf(ctx context.Context, course string) (string, error) {
	address, err := a.owners.of(ctx, course, func() (string, error) {
		c, err := a.GetCourse(ctx, course)
		if err != nil {
			return "", err
		}
		return a.address(ctx, c.OwnerID)
	})
	if err != nil {
		return "", about("the owner of course "+course, err)
	}
	return address, nil
}

// address returns the e-mail address of a user.
func (a *acting) address(ctx context.Context, user string) (string, error) {
	return a.addresses.of(ctx, user, func() (string, error) {
		profile, err := a.GetUserProfile(ctx, user)
		if err != nil {
			return "", err
		}
		if profile.EmailAddress == "" {
			return "", &provider.Error{
				Code:    provider.PermissionDenied,
				Message: fmt.Sprintf("the address of user %s is not shown, and nobody can be acted as by number", user),
				Hint:    "the caller must be an administrator, with the scope classroom.profile.emails",
			}
		}
		return profile.EmailAddress, nil
	})
}

// as calls as another person.
func (a *acting) as(ctx context.Context, address string, call func(Backend) error) error {
	b, err := a.people.As(address)
	if err == nil {
		err = call(b)
	}
	if provider.CodeOf(err) != provider.Unauthenticated {
		return err
	}
	// Is it this person, or are the credentials gone? UNAUTHENTICATED ends a
	// change, and the other rows have other people.
	_, ownErr := a.GetUserProfile(ctx, "me")
	switch {
	case provider.CodeOf(ownErr) == provider.Unauthenticated:
		return err
	case ownErr != nil: // it may be told later
		return about(fmt.Sprintf("cannot act as %s (%v), and whether as anybody is not known", address, err), ownErr)
	}
	return &provider.Error{
		Code: provider.PermissionDenied, Caller: address, Err: err,
		Message: fmt.Sprintf("cannot act as %s: %v", address, err),
		Hint:    "is the account suspended, or of another domain?",
	}
}

// about returns the error of a look-up that a call needs, with what it was for.
func about(what string, err error) error {
	e, ok := errors.AsType[*provider.Error](err)
	if !ok {
		return err
	}
	out := *e
	out.Message = what + ": " + e.Message
	return &out
}

// maxKnown bounds what a known remembers.
const maxKnown = 50_000

// knownFor is how long it does: a course may have another owner by then, who may
// have to be asked though the old one may still invite.
const knownFor = 5 * time.Minute

// known remembers what was looked up under a name. Many who ask at once look
// once. The zero value knows nothing.
type known struct {
	flight singleflight.Group
	mu     sync.Mutex
	values map[string]string // guarded by mu, as since
	since  time.Time         // when the first of them was looked up
}

// of returns what is known of a name, or looks. If who looks for many leaves, the
// next one looks.
func (k *known) of(ctx context.Context, name string, look func() (string, error)) (string, error) {
	for {
		k.mu.Lock()
		value, ok := k.values[name]
		ok = ok && time.Since(k.since) <= knownFor
		k.mu.Unlock()
		if ok {
			return value, nil
		}
		found := k.flight.DoChan(name, func() (any, error) {
			value, err := look()
			if err == nil {
				k.add(name, value)
			}
			return value, err
		})
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case r := <-found:
			left := errors.Is(r.Err, context.Canceled) || errors.Is(r.Err, context.DeadlineExceeded)
			if !left || ctx.Err() != nil {
				return r.Val.(string), r.Err
			}
		}
	}
}

func (k *known) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.values)
}

func (k *known) add(name, value string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.values == nil || len(k.values) >= maxKnown || time.Since(k.since) > knownFor {
		k.values, k.since = map[string]string{}, time.Now()
	}
	k.values[name] = value
}

func (k *known) forget(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.values, name)
}
