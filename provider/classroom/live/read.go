package live

import (
	"context"
	"net/url"
	"strconv"

	"github.com/iql-lang/iql/provider/classroom"
)

func itoa(n int) string { return strconv.Itoa(n) }

// get calls a method whose answer is one thing.
func get[W interface{ name() string }, T any](ctx context.Context, c *Caller, m *method, made func(W) T, args ...string) (T, error) {
	var w W
	var none T
	if err := c.call(ctx, &request{method: m, args: args, read: named(&w)}); err != nil {
		return none, err
	}
	return made(w), nil
}

// pageOf calls a method whose answer is a page of a list.
func pageOf[W, T any](
	ctx context.Context, c *Caller, m *method, key string, made func(W) T, q url.Values, p classroom.Page, args ...string,
) ([]T, string, error) {
	var got page[W]
	r := &request{method: m, args: args, query: paged(q, p), read: list(key, &got)}
	if err := c.call(ctx, r); err != nil {
		return nil, "", err
	}
	var all []T
	if len(got.items) > 0 {
		all = make([]T, len(got.items))
	}
	for i, w := range got.items {
		all[i] = made(w)
	}
	return all, got.next, nil
}

// GetCourse implements [classroom.Courses].
func (c *Caller) GetCourse(ctx context.Context, id string) (*classroom.Course, error) {
	return get(ctx, c, &getCourse, wireCourse.course, id)
}

// ListCourses implements [classroom.Courses].
func (c *Caller) ListCourses(ctx context.Context, q classroom.CourseQuery) ([]*classroom.Course, string, error) {
	query := url.Values{}
	set(query, "studentId", q.StudentID)
	set(query, "teacherId", q.TeacherID)
	if len(q.States) > 0 {
		query["courseStates"] = q.States
	}
	return pageOf(ctx, c, &listCourses, "courses", wireCourse.course, query, q.Page)
}

// ListCourseAliases implements [classroom.Courses].
func (c *Caller) ListCourseAliases(ctx context.Context, courseID string, p classroom.Page) ([]string, string, error) {
	return pageOf(ctx, c, &listAliases, "aliases", wireAlias.alias, nil, p, courseID)
}

// GetStudent implements [classroom.Rosters].
func (c *Caller) GetStudent(ctx context.Context, courseID, userID string) (*classroom.Member, error) {
	return get(ctx, c, &getStudent, wireMember.member, courseID, userID)
}

// GetTeacher implements [classroom.Rosters].
func (c *Caller) GetTeacher(ctx context.Context, courseID, userID string) (*classroom.Member, error) {
	return get(ctx, c, &getTeacher, wireMember.member, courseID, userID)
}

// ListStudents implements [classroom.Rosters].
func (c *Caller) ListStudents(ctx context.Context, courseID string, p classroom.Page) ([]*classroom.Member, string, error) {
	return pageOf(ctx, c, &listStudents, "students", wireMember.member, nil, p, courseID)
}

// ListTeachers implements [classroom.Rosters].
func (c *Caller) ListTeachers(ctx context.Context, courseID string, p classroom.Page) ([]*classroom.Member, string, error) {
	return pageOf(ctx, c, &listTeachers, "teachers", wireMember.member, nil, p, courseID)
}

// GetUserProfile implements [classroom.UserProfiles].
func (c *Caller) GetUserProfile(ctx context.Context, userID string) (*classroom.UserProfile, error) {
	return get(ctx, c, &getUserProfile, wireProfile.profile, userID)
}
