package emulator

import (
	"context"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
)

// CreateStudent makes a user a student of a course. An admin may add users of
// the domain to its courses; everybody else only themselves, with the course's
// enrollment code. An invitation of the user to the course is settled by it.
//
// NOT_FOUND with reason CourseNotFound; PERMISSION_DENIED, with reason
// CannotDirectAddUser for an admin who names somebody unknown or from outside;
// ALREADY_EXISTS for a member of the course, whatever the role;
// FAILED_PRECONDITION for a disabled account, and with reasons
// InactiveCourseOwner, CourseNotModifiable, CourseMemberLimitReached and
// UserGroupsMembershipLimitReached; RESOURCE_EXHAUSTED with
// UserCourseJoinRateLimitReached.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses.students/create
func (c *Caller) CreateStudent(ctx context.Context, courseID, userID, enrollmentCode string) (*classroom.Member, error) {
	return c.addMember(ctx, courseID, userID, enrollmentCode, rankStudent)
}

// CreateTeacher makes a user a teacher of a course, which admins may do as
// with CreateStudent; others have to invite. It fails as CreateStudent does,
// and also with FAILED_PRECONDITION and reason CourseTeacherLimitReached.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses.teachers/create
func (c *Caller) CreateTeacher(ctx context.Context, courseID, userID string) (*classroom.Member, error) {
	return c.addMember(ctx, courseID, userID, "", rankTeacher)
}

func (c *Caller) addMember(
	ctx context.Context, courseID, userID, enrollmentCode string, rank int,
) (*classroom.Member, error) {
	if userID == "" {
		return nil, missingField.err()
	}
	return ask(ctx, c, writes, func(r *request) (*classroom.Member, error) {
		course, at, err := r.roster(courseID)
		if err != nil {
			return nil, err
		}
		u, err := r.addable(course, at, userID, enrollmentCode)
		if err != nil {
			return nil, err
		}
		if err := r.mayAdd(course, u, rank); err != nil {
			return nil, err
		}
		if !at.admin {
			if err := r.mayJoin(0); err != nil {
				return nil, err
			}
		}
		if err := r.settle(course, u, rank); err != nil {
			return nil, err
		}
		if err := r.exec(insertMember, course.key, rank, u.key); err != nil {
			return nil, err
		}
		return r.member(course, u, rank)
	})
}

// roster returns a course whose roster is to change, and what the caller is to
// it.
func (r *request) roster(courseID string) (*course, standing, error) {
	c, err := r.course(courseID)
	if provider.CodeOf(err) == provider.NotFound {
		return nil, standing{}, courseNotFound.err()
	}
	if err != nil {
		return nil, standing{}, err
	}
	at, err := r.standing(c)
	return c, at, err
}

// addable returns the user whom the caller may add to the course: as an admin
// anybody of the domain, otherwise themselves, if they know the code.
func (r *request) addable(c *course, at standing, name, code string) (*user, error) {
	u, err := r.find(name)
	switch {
	case err != nil:
		return nil, err
	case at.admin && (u == nil || !r.caller.rules(u.domain)):
		return nil, cannotDirectAdd.err()
	case at.admin:
		return u, nil
	case u == nil || u.key != r.caller.key:
		return nil, denied.err()
	case code == "" || code != c.classroom.EnrollmentCode:
		return nil, wrongCode.err()
	}
	return u, nil
}

// mayAdd refuses users who cannot become a member of the course now.
func (r *request) mayAdd(c *course, u *user, rank int) error {
	if u.disabled {
		return accountOff.err()
	}
	orphan, err := r.orphan(c)
	if err != nil {
		return err
	}
	if orphan {
		return inactiveOwner.err()
	}
	if !c.modifiable() {
		return notModifiable.err()
	}
	has, err := r.rank(c, u)
	if err != nil {
		return err
	}
	if has != 0 {
		return alreadyExists.err()
	}
	return r.hasRoom(c, u, 0, rank)
}

// orphan reports whether the account of the course's owner is disabled.
func (r *request) orphan(c *course) (bool, error) {
	n, err := r.number(`SELECT disabled FROM users WHERE key = ?`, c.owner)
	return n != 0, err
}

// settle removes the invitation of a user who comes to the course without it.
func (r *request) settle(c *course, u *user, rank int) error {
	if assumed.addSettlesAny {
		rank = rankOwner
	}
	return r.exec(`DELETE FROM invitations WHERE user = ? AND course = ? AND role <= ?`, u.key, c.key, rank)
}

// DeleteStudent removes a student from a course. NOT_FOUND if the user is not
// a student of it, with reason CourseNotFound for an unknown course;
// PERMISSION_DENIED.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses.students/delete
func (c *Caller) DeleteStudent(ctx context.Context, courseID, userID string) error {
	return c.removeMember(ctx, courseID, userID, rankStudent)
}

// DeleteTeacher removes a teacher from a course. It fails as DeleteStudent
// does, and with FAILED_PRECONDITION and reasons CannotRemoveCourseOwner and
// CannotRemoveTeacherWithNoCourseOwner.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses.teachers/delete
func (c *Caller) DeleteTeacher(ctx context.Context, courseID, userID string) error {
	return c.removeMember(ctx, courseID, userID, rankTeacher)
}

func (c *Caller) removeMember(ctx context.Context, courseID, userID string, rank int) error {
	return change(ctx, c, func(r *request) error {
		course, at, err := r.roster(courseID)
		if err != nil {
			return err
		}
		u, err := r.find(userID)
		if err != nil {
			return err
		}
		if !r.mayRemove(at, u, rank) {
			return denied.err()
		}
		if u == nil {
			return malformedID.err()
		}
		has, err := r.rank(course, u)
		if err != nil {
			return err
		}
		if has != rank {
			return notFound.err()
		}
		return r.remove(course, u, rank)
	})
}

// mayRemove reports whether the caller may remove the user, who may be nobody,
// from a course's students or teachers.
func (r *request) mayRemove(at standing, u *user, rank int) bool {
	self := u != nil && u.key == r.caller.key
	if rank == rankStudent {
		return at.manages() || self && assumed.studentsLeave
	}
	return at.admin || at.owner || self || at.rank == rankTeacher && assumed.colleaguesRemove
}

// remove ends a user's role in the course.
func (r *request) remove(c *course, u *user, rank int) error {
	if rank == rankTeacher {
		if u.key == c.owner {
			return cannotRemoveOwner.err()
		}
		orphan, err := r.orphan(c)
		if err != nil {
			return err
		}
		if orphan {
			return noOwnerLeft.err()
		}
	}
	if !assumed.leaverKeepsOwnership {
		err := r.exec(`DELETE FROM invitations WHERE user = ? AND course = ? AND role = ?`, u.key, c.key, rankOwner)
		if err != nil {
			return err
		}
	}
	return r.exec(`DELETE FROM members WHERE user = ? AND course = ?`, u.key, c.key)
}
