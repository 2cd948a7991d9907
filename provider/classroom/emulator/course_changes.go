package emulator

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/iql-lang/iql/provider/classroom"
)

// texts are the fields of a course that people write, by their names in an
// update mask, and how many letters they may have.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses#Course
var texts = []struct {
	name  string
	most  int
	field func(*classroom.Course) *string
}{
	{"name", 750, func(c *classroom.Course) *string { return &c.Name }},
	{"section", 2800, func(c *classroom.Course) *string { return &c.Section }},
	{"descriptionHeading", 3600, func(c *classroom.Course) *string { return &c.DescriptionHeading }},
	{"description", 30_000, func(c *classroom.Course) *string { return &c.Description }},
	{"room", 650, func(c *classroom.Course) *string { return &c.Room }},
}

// checkTexts refuses a course whose texts are not as they should be.
func checkTexts(c *classroom.Course) error {
	if c.Name == "" {
		return badCourse.err()
	}
	for _, text := range texts {
		value := *text.field(c)
		if !utf8.ValidString(value) || utf8.RuneCountInString(value) > text.most {
			return badCourse.err()
		}
	}
	if hasURL(c.Name) {
		return titleWithURL.err()
	}
	return nil
}

// CreateCourse makes a course of what course says in Name, OwnerID ("me" and
// an e-mail address will do), CourseState (ACTIVE or, if empty, PROVISIONED),
// Section, DescriptionHeading, Description, Room, and ID, which is empty or an
// alias to make with it; the rest is ignored. Only admins may make courses for
// others, of their domain.
//
// INVALID_ARGUMENT for a field that is missing or wrong, PERMISSION_DENIED,
// NOT_FOUND for an unknown owner, ALREADY_EXISTS for an alias in use,
// FAILED_PRECONDITION for a disabled owner, and with reasons
// UserCannotOwnCourse, UserGroupsMembershipLimitReached and
// CourseTitleCannotContainUrl; RESOURCE_EXHAUSTED for a personal account that
// made too many in a day.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses/create
func (c *Caller) CreateCourse(ctx context.Context, course classroom.Course) (*classroom.Course, error) {
	course.CourseState = cmp.Or(course.CourseState, "PROVISIONED")
	if course.OwnerID == "" || !slices.Contains(firstStates, course.CourseState) {
		return nil, badCourse.err()
	}
	if err := checkTexts(&course); err != nil {
		return nil, err
	}
	return ask(ctx, c, writes, func(r *request) (*classroom.Course, error) {
		owner, err := r.courseOwner(course.OwnerID)
		if err != nil {
			return nil, err
		}
		var scope string
		if course.ID != "" {
			if scope, err = r.aliasScope(course.ID); err != nil {
				return nil, err
			}
		}
		id, key, err := r.addCourse(&course, owner)
		if err != nil {
			return nil, err
		}
		if course.ID != "" {
			if err := r.alias(key, scope, course.ID); err != nil {
				return nil, err
			}
		}
		return r.showCourse(id)
	})
}

// courseOwner returns the user for whom the caller may make a course now.
func (r *request) courseOwner(name string) (*user, error) {
	owner, err := r.user(name)
	if err != nil {
		return nil, err
	}
	switch {
	case owner.key != r.caller.key && !r.caller.rules(owner.domain):
		return nil, denied.err()
	case owner.disabled:
		return nil, accountOff.err()
	case owner.classroomOff:
		return nil, cannotOwn.err()
	}
	limits, err := readLimits(r.db)
	if err != nil {
		return nil, err
	}
	if err := r.mayBelong(owner, &limits); err != nil {
		return nil, err
	}
	if r.caller.domain != "" {
		return owner, nil
	}
	return owner, r.spend(r.caller, deedCreate, limits.PersonalCoursesPerDay, courseRate)
}

// addCourse keeps a course, with its owner as its teacher, under an identifier
// that was never used.
func (r *request) addCourse(c *classroom.Course, owner *user) (id string, key int64, err error) {
	for taken := int64(1); taken != 0; {
		n, err := r.number(`INSERT INTO meta VALUES('courses', 1) ON CONFLICT(name) DO UPDATE SET value = value + 1
			RETURNING value`)
		if err != nil {
			return "", 0, err
		}
		id = fmt.Sprintf("6%011d", scatter(fmt.Sprintf("course %d", n))%1e11)
		taken, err = r.number(`SELECT count(*) FROM courses WHERE id = ?`, id)
		if err != nil {
			return "", 0, err
		}
	}
	key, err = r.number(`SELECT ifnull(max(key), 0) + 1 FROM courses`)
	if err != nil {
		return "", 0, err
	}
	now := r.now.UnixMilli()
	err = r.exec(insertCourse, key, id, c.Name, c.Section, c.DescriptionHeading, c.Description, c.Room, owner.key,
		c.CourseState, now, now, enrollmentCode(id), link(id))
	if err != nil {
		return "", 0, err
	}
	return id, key, r.exec(insertMember, key, rankTeacher, owner.key)
}

// showCourse returns a course that the caller has made or changed.
func (r *request) showCourse(id string) (*classroom.Course, error) {
	c, err := r.course(id)
	if err != nil {
		return nil, err
	}
	at, err := r.standing(c)
	return show(c, at), err
}

// PatchCourse changes the fields of a course that mask names to what patch
// has: name, section, descriptionHeading, description, room, courseState and
// ownerId. Teachers and admins may change a course; ownerId only admins, to
// another of its teachers.
//
// INVALID_ARGUMENT for a mask that is empty or names another field and for a
// wrong value, NOT_FOUND for an unknown course or owner, PERMISSION_DENIED,
// FAILED_PRECONDITION for a state that cannot follow and a disabled new owner,
// and with reasons CourseNotModifiable, InactiveCourseOwner, UserAlreadyOwner,
// IneligibleOwner, PendingInvitationExists and CourseTitleCannotContainUrl.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses/patch
func (c *Caller) PatchCourse(
	ctx context.Context, id string, patch classroom.Course, mask []string,
) (*classroom.Course, error) {
	if len(mask) == 0 {
		return nil, badMask.err()
	}
	for _, field := range mask {
		if !patchable(field) {
			return nil, badMask.err()
		}
	}
	return ask(ctx, c, writes, func(r *request) (*classroom.Course, error) {
		course, err := r.course(id)
		if err != nil {
			return nil, err
		}
		if err := r.patch(course, &patch, mask); err != nil {
			return nil, err
		}
		return r.showCourse(course.classroom.ID)
	})
}

// patchable reports whether an update mask may name the field.
func patchable(field string) bool {
	for _, text := range texts {
		if text.name == field {
			return true
		}
	}
	return field == "courseState" || field == "ownerId"
}

// patch checks the changes one after the other and makes them together.
func (r *request) patch(c *course, patch *classroom.Course, mask []string) error {
	at, err := r.standing(c)
	if err != nil {
		return err
	}
	if err := r.mayPatch(c, at, mask); err != nil {
		return err
	}
	next := c.classroom
	for _, text := range texts {
		if slices.Contains(mask, text.name) {
			*text.field(&next) = *text.field(patch)
		}
	}
	if err := checkTexts(&next); err != nil {
		return err
	}
	if slices.Contains(mask, "courseState") {
		if err := c.mayBecome(patch.CourseState); err != nil {
			return err
		}
		next.CourseState = patch.CourseState
	}
	owner := c.owner
	if slices.Contains(mask, "ownerId") {
		if owner, err = r.nextOwner(c, patch.OwnerID); err != nil {
			return err
		}
	}
	return r.exec(`UPDATE courses SET name = ?, section = ?, heading = ?, description = ?, room = ?, state = ?,
		owner = ?, updated = ? WHERE key = ?`,
		next.Name, next.Section, next.DescriptionHeading, next.Description, next.Room, next.CourseState,
		owner, r.now.UnixMilli(), c.key)
}

// mayPatch refuses callers who may not change these fields of the course, and
// courses in which they cannot be changed.
func (r *request) mayPatch(c *course, at standing, mask []string) error {
	transfer := slices.Contains(mask, "ownerId")
	switch {
	case !at.admin && !at.owner && !(at.rank == rankTeacher && assumed.coTeachersPatch):
		return denied.err()
	case transfer && !at.admin && !(at.owner && assumed.ownerTransfers):
		return denied.err()
	case !c.modifiable() && slices.ContainsFunc(mask, func(field string) bool { return field != "courseState" }):
		return notModifiable.err()
	}
	orphan, err := r.orphan(c)
	if err != nil {
		return err
	}
	if orphan && !(transfer && assumed.orphanTransfers) {
		return inactiveOwner.err()
	}
	return nil
}

// mayBecome refuses a state that cannot follow on the course's.
func (c *course) mayBecome(state string) error {
	now := c.classroom.CourseState
	switch {
	case !slices.Contains(states, state):
		return badCourse.err()
	case slices.Contains(transitions[now], state), now == state && c.modifiable():
		return nil
	case !c.modifiable():
		return notModifiable.err()
	}
	return badTransition.err()
}

// nextOwner returns the key of the user to whom the course may be given.
func (r *request) nextOwner(c *course, name string) (int64, error) {
	if name == "" {
		return 0, badCourse.err()
	}
	u, err := r.user(name)
	if err != nil {
		return 0, err
	}
	if u.key == c.owner {
		return 0, userAlreadyOwner.err()
	}
	if u.disabled {
		return 0, accountOff.err()
	}
	rank, err := r.rank(c, u)
	if err != nil {
		return 0, err
	}
	if rank != rankTeacher {
		return 0, ineligibleOwner.err()
	}
	pending, err := r.number(`SELECT count(*) FROM invitations WHERE course = ? AND role = ?`, c.key, rankOwner)
	if err != nil {
		return 0, err
	}
	if pending > 0 {
		return 0, pendingOwner.err()
	}
	return u.key, nil
}

// DeleteCourse removes a course with its members, aliases and invitations,
// which its owner and admins may. PERMISSION_DENIED, NOT_FOUND.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses/delete
func (c *Caller) DeleteCourse(ctx context.Context, id string) error {
	return change(ctx, c, func(r *request) error {
		course, err := r.course(id)
		if err != nil {
			return err
		}
		at, err := r.standing(course)
		if err != nil {
			return err
		}
		if !at.owner && !at.admin {
			return denied.err()
		}
		return r.exec(`DELETE FROM courses WHERE key = ?`, course.key)
	})
}
