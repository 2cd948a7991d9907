package emulator

import (
	"context"
	"strings"
)

// CreateCourseAlias gives a course an alias and returns it. "d:" and a name
// serves everybody in the caller's domain, and only its admins may make one;
// "p:" and a name serves the caller's project. INVALID_ARGUMENT for any other,
// NOT_FOUND for an unknown course, PERMISSION_DENIED, ALREADY_EXISTS,
// FAILED_PRECONDITION for a domain's alias by somebody in none.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses.aliases/create
func (c *Caller) CreateCourseAlias(ctx context.Context, courseID, alias string) (string, error) {
	return alias, change(ctx, c, func(r *request) error {
		course, scope, err := r.aliased(courseID, alias)
		if err != nil {
			return err
		}
		return r.alias(course.key, scope, alias)
	})
}

// DeleteCourseAlias takes an alias from a course. NOT_FOUND if the course is
// unknown or does not have it; otherwise it fails as CreateCourseAlias does.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses.aliases/delete
func (c *Caller) DeleteCourseAlias(ctx context.Context, courseID, alias string) error {
	return change(ctx, c, func(r *request) error {
		course, scope, err := r.aliased(courseID, alias)
		if err != nil {
			return err
		}
		key, err := r.number(`SELECT key FROM aliases WHERE name = ? AND scope = ? AND course = ?`, alias, scope, course.key)
		if err != nil {
			return err
		}
		if key == 0 {
			return notFound.err()
		}
		return r.exec(`DELETE FROM aliases WHERE key = ?`, key)
	})
}

// aliased returns the course whose alias the caller wants to change, and the
// scope of that alias.
func (r *request) aliased(courseID, alias string) (*course, string, error) {
	c, err := r.course(courseID)
	if err != nil {
		return nil, "", err
	}
	at, err := r.standing(c)
	if err != nil {
		return nil, "", err
	}
	if !at.admin && !(at.rank == rankTeacher && assumed.teachersAlias) {
		return nil, "", denied.err()
	}
	scope, err := r.aliasScope(alias)
	return c, scope, err
}

// aliasScope returns whom an alias of the caller's making serves.
func (r *request) aliasScope(alias string) (string, error) {
	kind, name, _ := strings.Cut(alias, ":")
	switch {
	case name == "" || kind != "d" && kind != "p" || len(alias) > maxAlias:
		return "", badAlias.err()
	case kind == "p":
		return r.projectScope(), nil
	case r.caller.domain == "":
		return "", aliasNowhere.err()
	case !r.caller.admin:
		return "", denied.err()
	}
	return r.domainScope(), nil
}

// alias gives the course with a key an alias. ALREADY_EXISTS.
func (r *request) alias(course int64, scope, alias string) error {
	taken, err := r.number(`SELECT count(*) FROM aliases WHERE name = ? AND scope = ?`, alias, scope)
	if err != nil {
		return err
	}
	if taken > 0 {
		return alreadyExists.err()
	}
	return r.exec(insertAlias, scope, alias, course)
}
