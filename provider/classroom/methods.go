package classroom

import (
	"context"
	"iter"
	"maps"

	"github.com/iql-lang/iql/provider"
)

// prefix is what the registry puts before the resource and the method.
const prefix = "googleworkspace.classroom."

// pageSize is the page that the list methods ask for: the largest that the
// API serves for invitations, and no more than a request for others.
// https://developers.google.com/workspace/classroom/reference/rest/v1/invitations/list
const pageSize = 500

// Methods returns every method of the classroom service over b, by its
// registry identifier.
func Methods(b Backend) provider.Methods {
	all := provider.Methods{}
	for _, methods := range []provider.Methods{
		invitations(b),
		courses(b),
		aliases(b),
		students(b),
		teachers(b),
		userProfiles(b),
	} {
		maps.Copy(all, methods)
	}
	return all
}

// one is the answer of a method that returns a single thing: its row, or the
// error.
func one[T any](get func() (T, error), row func(T) provider.Row) iter.Seq2[provider.Row, error] {
	return func(yield func(provider.Row, error) bool) {
		v, err := get()
		if err != nil {
			yield(nil, err)
			return
		}
		yield(row(v), nil)
	}
}

// none is the answer of a method that returns nothing but its success.
func none(call func() error) iter.Seq2[provider.Row, error] {
	return func(yield func(provider.Row, error) bool) {
		if err := call(); err != nil {
			yield(nil, err)
		}
	}
}

// pages is the answer of a list method: the rows of one page after another,
// each asked for when the rows before it are used up and more are wanted. An
// empty page with a next one is followed; a token that comes back is INTERNAL,
// for it would be followed for ever.
func pages[T any](
	ctx context.Context,
	list func(Page) ([]T, string, error),
	row func(T) provider.Row,
) iter.Seq2[provider.Row, error] {
	return func(yield func(provider.Row, error) bool) {
		page := Page{Size: pageSize}
		for {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			items, next, err := list(page)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range items {
				if !yield(row(item), nil) {
					return
				}
			}
			if next == "" {
				return
			}
			if next == page.Token {
				yield(nil, provider.Errorf(provider.Internal, "page token %q leads back to its own page", next))
				return
			}
			if !yield(nil, nil) {
				return
			}
			page.Token = next
		}
	}
}

// text is a column's value: nil where the API left the field out.
func text[S ~string](s S) any {
	if s == "" {
		return nil
	}
	return string(s)
}
