package classroom

import (
	"context"
	"iter"

	"github.com/iql-lang/iql/provider"
)

// students are the methods of the resource students. Its columns, which
// teachers has too, are courseId, userId, fullName, givenName, familyName,
// emailAddress, photoUrl.
func students(b Rosters) provider.Methods {
	return roster("students", b.GetStudent, b.ListStudents)
}

// teachers are the methods of the resource teachers.
func teachers(b Rosters) provider.Methods {
	return roster("teachers", b.GetTeacher, b.ListTeachers)
}

// roster are the methods of a resource whose rows are members of a course.
func roster(
	resource string,
	get func(ctx context.Context, courseID, userID string) (*Member, error),
	list func(ctx context.Context, courseID string, p Page) ([]*Member, string, error),
) provider.Methods {
	return provider.Methods{
		prefix + resource + ".get": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return one(func() (*Member, error) {
				return get(ctx, args["courseId"], args["userId"])
			}, memberRow)
		},
		prefix + resource + ".list": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return pages(ctx, func(p Page) ([]*Member, string, error) {
				return list(ctx, args["courseId"], p)
			}, memberRow)
		},
	}
}

func memberRow(m *Member) provider.Row {
	return provider.Row{
		text(m.CourseID),
		text(m.UserID),
		text(m.Profile.FullName),
		text(m.Profile.GivenName),
		text(m.Profile.FamilyName),
		text(m.Profile.EmailAddress),
		text(m.Profile.PhotoURL),
	}
}
