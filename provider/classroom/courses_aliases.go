package classroom

import (
	"context"
	"iter"
	"strings"

	"github.com/iql-lang/iql/provider"
)

// aliases are the methods of the resource courses_aliases: courseId, alias. The
// API does not say which course it was; one asked for by an alias is looked up.
func aliases(b Courses) provider.Methods {
	return provider.Methods{
		prefix + "courses_aliases.list": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			course := args["courseId"]
			if strings.Contains(course, ":") {
				found, err := b.GetCourse(ctx, course)
				if err != nil {
					return func(yield func(provider.Row, error) bool) { yield(nil, err) }
				}
				course = found.ID
			}
			return pages(ctx, func(p Page) ([]string, string, error) {
				return b.ListCourseAliases(ctx, course, p)
			}, func(alias string) provider.Row {
				return provider.Row{course, alias}
			})
		},
	}
}
