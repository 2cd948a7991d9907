package classroom

import (
	"context"
	"errors"

	"github.com/iql-lang/iql/provider"
)

// Changes returns what can be told about the methods over b that change something,
// by their registry identifiers. What is looked up is looked up as the person who
// would make the call, where b acts for others.
func Changes(b Backend) map[string]provider.Change {
	c := changes{b}
	return map[string]provider.Change{
		prefix + "invitations.create": {Settle: c.created, Undo: withdraw},
		prefix + "invitations.delete": {Recall: c.recall, Settle: c.deleted, Undo: inviteAgain},
		prefix + "invitations.accept": {Recall: c.recall, Settle: c.accepted, Undo: leave},
	}
}

type changes struct{ Backend }

// recaller is a backend that remembers invitations it has shown.
type recaller interface {
	// Recall returns an invitation as it was seen lately, else as it is.
	Recall(ctx context.Context, id string) (*Invitation, error)
}

// recall returns the invitation that a call is about.
func (c changes) recall(ctx context.Context, args provider.Args) (provider.Row, error) {
	get := c.GetInvitation
	if r, ok := c.Backend.(recaller); ok {
		get = r.Recall
	}
	inv, err := get(ctx, args["id"])
	if err != nil {
		return nil, err
	}
	return invitationRow(inv), nil
}

// created looks for an invitation of the user to the course in the role. One that
// was there before counts as the one that was asked for: there is one at most.
// Where the course or the user is not found it is not told of either, and may be
// asked for again: the service refuses it if it is there.
func (c changes) created(ctx context.Context, args provider.Args, _ provider.Row) (provider.Fate, provider.Row, error) {
	want := Invitation{CourseID: args["courseId"], UserID: args["userId"], Role: Role(args["role"])}
	if want.CourseID == "" || want.UserID == "" {
		return provider.Undone, nil, nil // a list without one of them would find another's
	}
	var found *Invitation
	err := c.asMaker(ctx, want.CourseID, func(who Backend) (err error) {
		found, err = invited(ctx, who, want)
		return err
	})
	switch {
	case found != nil:
		return provider.Done, invitationRow(found), nil
	case err == nil || provider.CodeOf(err) == provider.NotFound:
		return provider.Undone, nil, nil
	}
	return unclear(err)
}

// invited returns the invitation of a user to a course in a role, nil for none.
func invited(ctx context.Context, b Backend, want Invitation) (*Invitation, error) {
	q := InvitationQuery{CourseID: want.CourseID, UserID: want.UserID, Page: Page{Size: pageSize}}
	for {
		page, next, err := b.ListInvitations(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, inv := range page {
			if inv.Role == want.Role {
				return inv, nil
			}
		}
		if next == "" || next == q.Token {
			return nil, nil
		}
		q.Token = next
	}
}

// deleted looks whether the invitation is gone.
func (c changes) deleted(ctx context.Context, args provider.Args, before provider.Row) (provider.Fate, provider.Row, error) {
	gone := false
	err := c.asMaker(ctx, invitationOf(before).CourseID, func(who Backend) error {
		_, err := who.GetInvitation(ctx, args["id"])
		if gone = provider.CodeOf(err) == provider.NotFound; gone {
			return nil
		}
		return err
	})
	switch {
	case err != nil:
		return unclear(err)
	case gone:
		return provider.Done, nil, nil
	}
	return provider.Undone, nil, nil
}

// accepted looks whether the invitation is gone, and then whether its user is what
// it would have made of them. Where they are not found, or cannot be acted as, who
// asks looks.
func (c changes) accepted(ctx context.Context, args provider.Args, before provider.Row) (provider.Fate, provider.Row, error) {
	was := invitationOf(before)
	gone, in := false, false
	look := func(who Backend) error {
		_, err := who.GetInvitation(ctx, args["id"])
		if gone = provider.CodeOf(err) == provider.NotFound; !gone {
			return err
		}
		if was.CourseID == "" || was.UserID == "" {
			return provider.Errorf(provider.Unknown, "the invitation is gone, and of which course and user it was is not known")
		}
		in, err = enrolled(ctx, who, was)
		if provider.CodeOf(err) == provider.NotFound {
			return nil
		}
		return err
	}
	err := c.asAccepter(ctx, was, look)
	if code := provider.CodeOf(err); code == provider.PermissionDenied || code == provider.NotFound {
		err = look(c.Backend) // also where a roster is shown to its members only
	}
	switch {
	case err != nil:
		return unclear(err)
	case !gone:
		return provider.Undone, nil, nil
	case in:
		return provider.Done, nil, nil
	}
	return provider.Lost, nil, provider.Errorf(provider.NotFound,
		"the invitation is gone, and user %s is not in the course as %s: it was withdrawn", was.UserID, was.Role)
}

// enrolled reports whether a user is what an invitation would make of them.
// NOT_FOUND says that they are not, too. A new owner was a teacher before.
func enrolled(ctx context.Context, b Backend, was Invitation) (bool, error) {
	switch was.Role {
	case Owner:
		course, err := b.GetCourse(ctx, was.CourseID)
		return err == nil && course.OwnerID == was.UserID, err
	case Teacher:
		_, err := b.GetTeacher(ctx, was.CourseID, was.UserID)
		return err == nil, err
	}
	_, err := b.GetStudent(ctx, was.CourseID, was.UserID)
	return err == nil, err
}

// unclear is what cannot be told, and why.
func unclear(err error) (provider.Fate, provider.Row, error) { return provider.Unclear, nil, err }

// asMaker looks as the person who makes and withdraws the invitations of a course;
// "" is one that is not known. A course that is gone has no owner: then who asks looks.
func (c changes) asMaker(ctx context.Context, course string, look func(Backend) error) error {
	a, ok := c.Backend.(*acting)
	if !ok || !a.people.OwnersAct || course == "" {
		return look(c.Backend)
	}
	err := a.asOwner(ctx, course, look)
	if provider.CodeOf(err) == provider.NotFound {
		return look(c.Backend)
	}
	return err
}

// asAccepter looks as the person who accepts an invitation.
func (c changes) asAccepter(ctx context.Context, was Invitation, look func(Backend) error) error {
	a, ok := c.Backend.(*acting)
	if !ok || was.UserID == "" {
		return look(c.Backend)
	}
	address, err := a.address(ctx, was.UserID)
	if err != nil {
		return about("the user "+was.UserID, err)
	}
	return a.as(ctx, address, look)
}

// invitationOf returns the invitation of a row; of none, one without any fields.
func invitationOf(row provider.Row) Invitation {
	var field [4]string
	for i := range min(len(row), len(field)) {
		field[i], _ = row[i].(string) // nil is empty
	}
	return Invitation{ID: field[0], CourseID: field[1], UserID: field[2], Role: Role(field[3])}
}

// withdraw undoes a creation.
func withdraw(_ provider.Args, _, after provider.Row) (string, provider.Args, error) {
	made := invitationOf(after)
	if made.ID == "" {
		return "", nil, errors.New("the id of the invitation is not on record")
	}
	return prefix + "invitations.delete", provider.Args{"id": made.ID}, nil
}

// inviteAgain undoes a deletion, but for the identifier, which is a new one, and
// for the e-mail, which is sent again.
func inviteAgain(_ provider.Args, before, _ provider.Row) (string, provider.Args, error) {
	was := invitationOf(before)
	switch {
	case was.CourseID == "":
		return "", nil, errors.New("what the invitation was is not on record")
	case was.UserID == "":
		return "", nil, errors.New("whom the invitation was for is not shown: they are not of this domain")
	}
	return prefix + "invitations.create", provider.Args{
		"courseId": was.CourseID, "userId": was.UserID, "role": string(was.Role),
	}, nil
}

// leave would undo an acceptance.
func leave(provider.Args, provider.Row, provider.Row) (string, provider.Args, error) {
	return "", nil, errors.New("who accepted is in the course")
}
