package classroom

import (
	"context"
	"iter"

	"github.com/iql-lang/iql/provider"
)

// invitations are the methods of the resource invitations: id, courseId,
// userId, role.
func invitations(b Invitations) provider.Methods {
	return provider.Methods{
		prefix + "invitations.get": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return one(func() (*Invitation, error) {
				return b.GetInvitation(ctx, args["id"])
			}, invitationRow)
		},
		prefix + "invitations.list": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return pages(ctx, func(p Page) ([]*Invitation, string, error) {
				return b.ListInvitations(ctx, InvitationQuery{
					CourseID: args["courseId"],
					UserID:   args["userId"],
					Page:     p,
				})
			}, invitationRow)
		},
		prefix + "invitations.create": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return one(func() (*Invitation, error) {
				return b.CreateInvitation(ctx, Invitation{
					CourseID: args["courseId"],
					UserID:   args["userId"],
					Role:     Role(args["role"]),
				})
			}, invitationRow)
		},
		prefix + "invitations.delete": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return none(func() error { return b.DeleteInvitation(ctx, args["id"]) })
		},
		prefix + "invitations.accept": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return none(func() error { return b.AcceptInvitation(ctx, args["id"]) })
		},
	}
}

func invitationRow(inv *Invitation) provider.Row {
	return provider.Row{text(inv.ID), text(inv.CourseID), text(inv.UserID), text(inv.Role)}
}
