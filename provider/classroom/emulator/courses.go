package emulator

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider/classroom"
)

// states are the states of a course.
var states = []string{"ACTIVE", "ARCHIVED", "PROVISIONED", "DECLINED", "SUSPENDED"}

// course is a course as a request reads it.
type course struct {
	key       int64
	owner     int64  // the owner's key
	domain    string // the owner's: the course belongs to it
	created   int64
	classroom classroom.Course
}

const selectCourse = `SELECT c.key, c.owner, o.domain, c.created, c.id, c.name, c.section, c.heading,
	c.description, c.room, o.id, c.state, c.updated, c.code, c.link
	FROM courses c JOIN users o ON o.key = c.owner `

func scanCourse(st *sqlite3.Stmt) course {
	created := st.ColumnInt64(3)
	return course{
		key:     st.ColumnInt64(0),
		owner:   st.ColumnInt64(1),
		domain:  st.ColumnText(2),
		created: created,
		classroom: classroom.Course{
			ID:                 st.ColumnText(4),
			Name:               st.ColumnText(5),
			Section:            st.ColumnText(6),
			DescriptionHeading: st.ColumnText(7),
			Description:        st.ColumnText(8),
			Room:               st.ColumnText(9),
			OwnerID:            st.ColumnText(10),
			CourseState:        st.ColumnText(11),
			CreationTime:       stamp(created),
			UpdateTime:         stamp(st.ColumnInt64(12)),
			EnrollmentCode:     st.ColumnText(13),
			AlternateLink:      st.ColumnText(14),
		},
	}
}

// stamp writes a time as the API does.
func stamp(milliseconds int64) string {
	return time.UnixMilli(milliseconds).UTC().Format("2006-01-02T15:04:05.000Z")
}

// modifiable reports whether people may still come and go.
func (c *course) modifiable() bool {
	return c.classroom.CourseState == "ACTIVE" || c.classroom.CourseState == "PROVISIONED"
}

// course returns the course with an identifier, or an alias that the caller
// may use. NOT_FOUND.
func (r *request) course(name string) (*course, error) {
	var found *course
	var err error
	switch {
	case len(name) > maxID:
	case digits(name):
		found, err = first(r.db, scanCourse, selectCourse+`WHERE c.id = ?`, name)
	default:
		found, err = first(r.db, scanCourse, selectCourse+
			`WHERE c.key = (SELECT course FROM aliases WHERE name = ? AND scope IN (?, ?))`,
			name, r.domainScope(), r.projectScope())
	}
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, notFound.err()
	}
	return found, nil
}

// The scopes of the aliases that a caller may use: those of the domain, and
// those of the project.
// https://developers.google.com/workspace/classroom/guides/manage-aliases
func (r *request) domainScope() string { return domainScope(r.caller.domain) }

func domainScope(domain string) string { return "d:" + domain }

func (r *request) projectScope() string { return projectScope(r.project) }

func projectScope(project string) string { return "p:" + project }

// standing is what the caller is to a course.
type standing struct {
	admin bool // of the domain that the course belongs to
	owner bool
	rank  int // the caller's role in the course; 0 for none
}

// manages reports whether the caller runs the course, as a teacher or from
// above.
func (s standing) manages() bool { return s.admin || s.rank == rankTeacher }

// reads reports whether the caller may see the course at all.
func (s standing) reads() bool { return s.admin || s.rank != 0 }

// standing returns what the caller is to the course.
func (r *request) standing(c *course) (standing, error) {
	rank, err := r.rank(c, r.caller)
	return standing{
		admin: r.caller.rules(c.domain),
		owner: r.caller.key == c.owner,
		rank:  rank,
	}, err
}

// rank returns a user's role in a course: rankStudent, rankTeacher, or 0.
func (r *request) rank(c *course, u *user) (int, error) {
	rank, err := r.number(`SELECT role FROM members WHERE user = ? AND course = ?`, u.key, c.key)
	return int(rank), err
}

// open returns the course with this identifier or alias if the caller may see
// it. NOT_FOUND, PERMISSION_DENIED.
func (r *request) open(name string) (*course, standing, error) {
	c, err := r.course(name)
	if err != nil {
		return nil, standing{}, err
	}
	at, err := r.standing(c)
	if err != nil {
		return nil, at, err
	}
	if !at.reads() {
		return nil, at, denied.err()
	}
	return c, at, nil
}

// GetCourse implements [classroom.Courses].
func (c *Caller) GetCourse(ctx context.Context, id string) (*classroom.Course, error) {
	return ask(ctx, c, reads, func(r *request) (*classroom.Course, error) {
		found, err := r.course(id)
		if err != nil {
			return nil, err
		}
		at, err := r.standing(found)
		if err != nil {
			return nil, err
		}
		if at.reads() {
			return show(found, at), nil
		}
		invited, err := r.invited(found, r.caller)
		if err != nil {
			return nil, err
		}
		if !invited || !assumed.inviteeReadsCourse {
			return nil, denied.err()
		}
		return show(found, at), nil
	})
}

// show returns what the caller may know of a course: its enrollment code is
// for those who run it.
func show(c *course, at standing) *classroom.Course {
	shown := c.classroom
	if !at.manages() {
		shown.EnrollmentCode = ""
	}
	return &shown
}

// ListCourses implements [classroom.Courses].
func (c *Caller) ListCourses(ctx context.Context, q classroom.CourseQuery) ([]*classroom.Course, string, error) {
	if q.StudentID != "" && q.TeacherID != "" {
		return nil, "", bothCourseFilters.err()
	}
	for _, state := range q.States {
		if !slices.Contains(states, state) {
			return nil, "", badState.err()
		}
	}
	filters := append([]string{"courses.list", q.StudentID, q.TeacherID}, q.States...)
	w, err := c.window(q.Page, assumed.maxPage, 2, filters...)
	if err != nil {
		return nil, "", err
	}
	p, err := ask(ctx, c, reads, func(r *request) (page[*classroom.Course], error) {
		return r.listCourses(q, w)
	})
	return p.items, p.next, err
}

func (r *request) listCourses(q classroom.CourseQuery, w window) (page[*classroom.Course], error) {
	var none page[*classroom.Course]
	terms := []string{`c.key IN (SELECT course FROM members WHERE user = ?)`}
	args := []any{r.caller.key}
	if r.caller.rules(r.caller.domain) {
		terms[0] = `(` + terms[0] + ` OR o.domain = ?)`
		args = append(args, r.caller.domain)
	}
	if w.after != nil {
		terms = append(terms, `(c.created, c.key) < (?, ?)`)
		args = append(args, w.after[0], w.after[1])
	}
	if name := cmp.Or(q.StudentID, q.TeacherID); name != "" {
		u, err := r.user(name)
		if err != nil {
			return none, err
		}
		rank := rankTeacher
		if q.StudentID != "" {
			rank = rankStudent
		}
		terms = append(terms, `c.key IN (SELECT course FROM members WHERE user = ? AND role = ?)`)
		args = append(args, u.key, rank)
	}
	if len(q.States) > 0 {
		terms = append(terms, `instr(?, c.state)`)
		args = append(args, strings.Join(q.States, " "))
	}
	rows, err := all(r.db, scanCourse, selectCourse+`WHERE `+strings.Join(terms, ` AND `)+
		` ORDER BY c.created DESC, c.key DESC LIMIT ?`, append(args, w.size+1)...)
	if err != nil {
		return none, err
	}
	teaches, err := r.teaches()
	if err != nil {
		return none, err
	}
	return cut(r.store, w, rows,
		func(c *course) *classroom.Course {
			at := standing{admin: r.caller.rules(c.domain)}
			if teaches[c.key] {
				at.rank = rankTeacher
			}
			return show(c, at)
		},
		func(c *course) []int64 { return []int64{c.created, c.key} },
	), nil
}

// teaches returns the keys of the courses that the caller teaches.
func (r *request) teaches() (map[int64]bool, error) {
	keys, err := all(r.db, func(st *sqlite3.Stmt) int64 { return st.ColumnInt64(0) },
		`SELECT course FROM members WHERE user = ? AND role = ?`, r.caller.key, rankTeacher)
	teaches := make(map[int64]bool, len(keys))
	for _, key := range keys {
		teaches[key] = true
	}
	return teaches, err
}

// ListCourseAliases implements [classroom.Courses].
func (c *Caller) ListCourseAliases(ctx context.Context, courseID string, p classroom.Page) ([]string, string, error) {
	w, err := c.window(p, assumed.maxPage, 1, "courses.aliases.list", courseID)
	if err != nil {
		return nil, "", err
	}
	type alias struct {
		key  int64
		name string
	}
	found, err := ask(ctx, c, reads, func(r *request) (page[string], error) {
		course, _, err := r.open(courseID)
		if err != nil {
			return page[string]{}, err
		}
		rows, err := all(r.db, func(st *sqlite3.Stmt) alias {
			return alias{st.ColumnInt64(0), st.ColumnText(1)}
		}, `SELECT key, name FROM aliases WHERE course = ? AND key > ? AND scope IN (?, ?) ORDER BY key LIMIT ?`,
			course.key, w.from(), r.domainScope(), r.projectScope(), w.size+1)
		return cut(r.store, w, rows,
			func(a *alias) string { return a.name },
			func(a *alias) []int64 { return []int64{a.key} },
		), err
	})
	return found.items, found.next, err
}

// from is the key after which the window begins, for lists of one rising key.
func (w window) from() int64 {
	if w.after == nil {
		return math.MinInt64
	}
	return w.after[0]
}
