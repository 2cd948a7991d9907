package classroom

import (
	"context"
	"iter"

	"github.com/iql-lang/iql/provider"
)

// aliases are the methods of the resource courses_aliases: courseId (as it was
// asked for), alias.
func aliases(b Courses) provider.Methods {
	return provider.Methods{
		prefix + "courses_aliases.list": func(ctx context.Context, args provider.Args) iter.Seq2[provider.Row, error] {
			course := args["courseId"]
			return pages(ctx, func(p Page) ([]string, string, error) {
				return b.ListCourseAliases(ctx, course, p)
			}, func(alias string) provider.Row {
				return provider.Row{course, alias}
			})
		},
	}
}
