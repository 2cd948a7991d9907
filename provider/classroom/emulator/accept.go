package emulator

import "context"

// AcceptInvitation implements [classroom.Invitations].
func (c *Caller) AcceptInvitation(ctx context.Context, id string) error {
	return change(ctx, c, func(r *request) error {
		inv, course, at, err := r.invitation(id)
		if err != nil {
			return err
		}
		if inv.user.key != r.caller.key {
			return denied.err()
		}
		if !course.modifiable() {
			return notModifiable.err()
		}
		if err := r.hasRoom(course, r.caller, at.rank, min(inv.rank, rankTeacher)); err != nil {
			return err
		}
		if err := r.mayJoin(at.rank); err != nil {
			return err
		}
		if err := r.exec(`DELETE FROM invitations WHERE seq = ?`, inv.seq); err != nil {
			return err
		}
		return r.enrol(course, at.rank, inv.rank)
	})
}

// hasRoom refuses a user who would exceed a limit by changing from one role
// in the course (0 for none) to another.
func (r *request) hasRoom(c *course, u *user, from, to int) error {
	limits, err := readLimits(r.db)
	if err != nil {
		return err
	}
	if from == 0 {
		members, err := r.number(`SELECT count(*) FROM members WHERE course = ?`, c.key)
		if err != nil {
			return err
		}
		if members >= int64(either(c.domain, limits.CourseMembers, limits.PersonalCourseMembers)) {
			return memberLimit.err()
		}
	}
	if from < rankTeacher && to == rankTeacher {
		teachers, err := r.number(`SELECT count(*) FROM members WHERE course = ? AND role = ?`, c.key, rankTeacher)
		if err != nil {
			return err
		}
		if teachers >= int64(limits.CourseTeachers) {
			return teacherLimit.err()
		}
	}
	if from != 0 {
		return nil
	}
	return r.mayBelong(u, &limits)
}

// mayBelong refuses a user who is in as many courses as a user can be.
func (r *request) mayBelong(u *user, limits *Limits) error {
	joined, err := r.number(`SELECT count(*) FROM members WHERE user = ?`, u.key)
	if err != nil {
		return err
	}
	if joined >= int64(either(u.domain, limits.Memberships, limits.PersonalMemberships)) {
		return groupsLimit.err()
	}
	return nil
}

// mayJoin refuses a caller who comes to a course in which they have a role
// (0 for none) by their own doing, and has joined too many in a day.
func (r *request) mayJoin(from int) error {
	if from != 0 || r.caller.domain != "" {
		return nil
	}
	limits, err := readLimits(r.db)
	if err != nil {
		return err
	}
	return r.spend(r.caller, deedJoin, limits.PersonalJoinsPerDay, joinRate)
}

// enrol makes the caller, who is from in the course, what the invitation says.
// A teacher is no longer a student; of an owner before see assumed.
func (r *request) enrol(c *course, from, to int) error {
	if rank := min(to, rankTeacher); rank > from {
		if err := r.exec(`DELETE FROM members WHERE user = ? AND course = ?`, r.caller.key, c.key); err != nil {
			return err
		}
		if err := r.exec(insertMember, c.key, rank, r.caller.key); err != nil {
			return err
		}
	}
	if to != rankOwner {
		return nil
	}
	if !assumed.formerOwnerTeaches {
		if err := r.exec(`DELETE FROM members WHERE user = ? AND course = ?`, c.owner, c.key); err != nil {
			return err
		}
	}
	return r.exec(`UPDATE courses SET owner = ?, updated = ? WHERE key = ?`, r.caller.key, r.now.UnixMilli(), c.key)
}
