package rest

import (
	"slices"

	"github.com/iql-lang/iql/provider/classroom"
)

func getInvitation(c *call) error {
	inv, err := c.user.GetInvitation(c.ctx, c.path[0])
	if err != nil {
		return err
	}
	c.out.invitation(inv)
	return nil
}

func listInvitations(c *call) error {
	page, next, err := c.user.ListInvitations(c.ctx, classroom.InvitationQuery{
		CourseID: c.text("courseId"),
		UserID:   c.text("userId"),
		Page:     c.page(),
	})
	if err != nil {
		return err
	}
	writePage(&c.out, "invitations", page, next, c.out.invitation)
	return nil
}

func createInvitation(c *call) error {
	inv, err := c.user.CreateInvitation(c.ctx, classroom.Invitation{
		CourseID: c.body.text("courseId"),
		UserID:   c.body.text("userId"),
		Role:     classroom.Role(c.body.text("role")),
	})
	if err != nil {
		return err
	}
	c.out.invitation(inv)
	return nil
}

func deleteInvitation(c *call) error { return c.user.DeleteInvitation(c.ctx, c.path[0]) }

func acceptInvitation(c *call) error { return c.user.AcceptInvitation(c.ctx, c.path[0]) }

func (w *writer) invitation(inv *classroom.Invitation) {
	w.text("id", inv.ID)
	w.text("userId", inv.UserID)
	w.text("courseId", inv.CourseID)
	w.text("role", string(inv.Role))
}

// writePage writes the fields of a list's answer. Without items there is no
// list.
func writePage[T any](w *writer, name string, items []T, next string, item func(T)) {
	if len(items) > 0 && w.list(name) {
		const usual = 128 // bytes of an item
		w.buf = slices.Grow(w.buf, usual*len(items))
		for _, i := range items {
			w.begin()
			item(i)
			w.end()
		}
		w.close(']')
	}
	w.text("nextPageToken", next)
}
