package emulator

import (
	"context"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider/classroom"
)

// usualRoster is the page of a roster whose size nobody says.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses.students/list
const usualRoster = 30

// member is a user in a course.
type member struct {
	key     int64
	profile classroom.UserProfile
}

// profileColumns are of users u, from the second column of a query on.
const profileColumns = `u.key, u.id, u.given_name, u.family_name, u.full_name, u.email, u.photo_url, u.verified`

func scanMember(st *sqlite3.Stmt) member {
	return member{
		key: st.ColumnInt64(0),
		profile: classroom.UserProfile{
			ID:              st.ColumnText(1),
			GivenName:       st.ColumnText(2),
			FamilyName:      st.ColumnText(3),
			FullName:        st.ColumnText(4),
			EmailAddress:    st.ColumnText(5),
			PhotoURL:        st.ColumnText(6),
			VerifiedTeacher: st.ColumnBool(7),
		},
	}
}

// of returns the member as the API shows it in a course.
func (m member) of(c *course) *classroom.Member {
	return &classroom.Member{CourseID: c.classroom.ID, UserID: m.profile.ID, Profile: m.profile}
}

// GetStudent implements [classroom.Rosters].
func (c *Caller) GetStudent(ctx context.Context, courseID, userID string) (*classroom.Member, error) {
	return c.getMember(ctx, courseID, userID, rankStudent)
}

// GetTeacher implements [classroom.Rosters].
func (c *Caller) GetTeacher(ctx context.Context, courseID, userID string) (*classroom.Member, error) {
	return c.getMember(ctx, courseID, userID, rankTeacher)
}

// ListStudents implements [classroom.Rosters].
func (c *Caller) ListStudents(ctx context.Context, courseID string, p classroom.Page) ([]*classroom.Member, string, error) {
	return c.listMembers(ctx, "courses.students.list", courseID, rankStudent, p)
}

// ListTeachers implements [classroom.Rosters].
func (c *Caller) ListTeachers(ctx context.Context, courseID string, p classroom.Page) ([]*classroom.Member, string, error) {
	return c.listMembers(ctx, "courses.teachers.list", courseID, rankTeacher, p)
}

func (c *Caller) getMember(ctx context.Context, courseID, userID string, rank int) (*classroom.Member, error) {
	return ask(ctx, c, reads, func(r *request) (*classroom.Member, error) {
		course, _, err := r.open(courseID)
		if err != nil {
			return nil, err
		}
		u, err := r.user(userID)
		if err != nil {
			return nil, err
		}
		return r.member(course, u, rank)
	})
}

// member returns the user as a student or teacher of the course. NOT_FOUND.
func (r *request) member(c *course, u *user, rank int) (*classroom.Member, error) {
	m, err := first(r.db, scanMember, `SELECT `+profileColumns+` FROM members m JOIN users u ON u.key = m.user
		WHERE m.course = ? AND m.role = ? AND m.user = ?`, c.key, rank, u.key)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, notFound.err()
	}
	return m.of(c), nil
}

func (c *Caller) listMembers(
	ctx context.Context, method, courseID string, rank int, p classroom.Page,
) ([]*classroom.Member, string, error) {
	w, err := c.window(p, usualRoster, 1, method, courseID)
	if err != nil {
		return nil, "", err
	}
	found, err := ask(ctx, c, reads, func(r *request) (page[*classroom.Member], error) {
		course, _, err := r.open(courseID)
		if err != nil {
			return page[*classroom.Member]{}, err
		}
		rows, err := all(r.db, scanMember, `SELECT `+profileColumns+` FROM members m JOIN users u ON u.key = m.user
			WHERE m.course = ? AND m.role = ? AND m.user > ? ORDER BY m.user LIMIT ?`,
			course.key, rank, w.from(), w.size+1)
		return cut(r.store, w, rows,
			func(m *member) *classroom.Member { return m.of(course) },
			func(m *member) []int64 { return []int64{m.key} },
		), err
	})
	return found.items, found.next, err
}

// GetUserProfile implements [classroom.UserProfiles].
func (c *Caller) GetUserProfile(ctx context.Context, userID string) (*classroom.UserProfile, error) {
	return ask(ctx, c, reads, func(r *request) (*classroom.UserProfile, error) {
		u := r.caller
		if userID != "me" {
			found, err := findUser(r.db, userID)
			if err != nil {
				return nil, err
			}
			if found == nil {
				return nil, unknownProfile.err()
			}
			u = found
		}
		knows, err := r.knows(u)
		if err != nil {
			return nil, err
		}
		if !knows {
			return nil, denied.err()
		}
		m, err := first(r.db, scanMember, `SELECT `+profileColumns+` FROM users u WHERE u.key = ?`, u.key)
		if err != nil {
			return nil, err
		}
		return &m.profile, nil
	})
}

// knows reports whether the caller may see the user's profile.
func (r *request) knows(u *user) (bool, error) {
	switch {
	case r.caller.key == u.key, r.caller.rules(u.domain):
		return true, nil
	case assumed.colleaguesProfile && u.domain != "" && u.domain == r.caller.domain:
		return true, nil
	case !assumed.classmatesSeeProfile:
		return false, nil
	}
	shared, err := r.number(`SELECT EXISTS (SELECT 1 FROM members a JOIN members b ON b.user = ? AND b.course = a.course
		WHERE a.user = ?)`, u.key, r.caller.key)
	return shared != 0, err
}
