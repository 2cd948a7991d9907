package classroom

import (
	"context"
	"iter"

	"github.com/iql-lang/iql/provider"
)

// courses are the methods of the resource courses: id, name, section,
// descriptionHeading, description, room, ownerId, courseState, creationTime,
// updateTime, enrollmentCode, alternateLink.
func courses(b Courses) provider.Methods {
	return provider.Methods{
		prefix + "courses.get": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			return one(func() (*Course, error) {
				return b.GetCourse(ctx, args["id"])
			}, courseRow)
		},
		prefix + "courses.list": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			var states []string
			if state, ok := args["courseState"]; ok {
				states = []string{state}
			}
			return pages(ctx, func(p Page) ([]*Course, string, error) {
				return b.ListCourses(ctx, CourseQuery{
					StudentID: args["studentId"],
					TeacherID: args["teacherId"],
					States:    states,
					Page:      p,
				})
			}, courseRow)
		},
	}
}

func courseRow(c *Course) provider.Row {
	return provider.Row{
		text(c.ID),
		text(c.Name),
		text(c.Section),
		text(c.DescriptionHeading),
		text(c.Description),
		text(c.Room),
		text(c.OwnerID),
		text(c.CourseState),
		text(c.CreationTime),
		text(c.UpdateTime),
		text(c.EnrollmentCode),
		text(c.AlternateLink),
	}
}
