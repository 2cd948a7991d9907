package classroom

import (
	"context"
	"iter"

	"github.com/iql-lang/iql/provider"
)

// userProfiles are the methods of the resource user_profiles: id, userId (the
// same value, under the name that the other resources join by), fullName,
// givenName, familyName, emailAddress, photoUrl, verifiedTeacher.
func userProfiles(b UserProfiles) provider.Methods {
	return provider.Methods{
		prefix + "user_profiles.get": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			user, ok := args["userId"]
			if !ok {
				user = args["id"]
			}
			return one(func() (*UserProfile, error) {
				return b.GetUserProfile(ctx, user)
			}, profileRow)
		},
	}
}

func profileRow(p *UserProfile) provider.Row {
	return provider.Row{
		text(p.ID),
		text(p.ID),
		text(p.FullName),
		text(p.GivenName),
		text(p.FamilyName),
		text(p.EmailAddress),
		text(p.PhotoURL),
		p.VerifiedTeacher,
	}
}
