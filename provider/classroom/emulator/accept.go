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
		if err := r.hasRoom(course, at.rank, min(inv.rank, rankTeacher)); err != nil {
			return err
		}
		if err := r.exec(`DELETE FROM invitations WHERE seq = ?`, inv.seq); err != nil {
			return err
		}
		return r.enrol(course, at.rank, inv.rank)
	})
}

// hasRoom refuses a caller who would exceed a limit by changing from one role
// in the course (0 for none) to another.
func (r *request) hasRoom(c *course, from, to int) error {
	limits := &r.store.limits
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
	joined, err := r.number(`SELECT count(*) FROM members WHERE user = ?`, r.caller.key)
	if err != nil {
		return err
	}
	if joined >= int64(either(r.caller.domain, limits.Memberships, limits.PersonalMemberships)) {
		return groupsLimit.err()
	}
	if r.caller.domain != "" {
		return nil
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
		if err := r.exec(`INSERT INTO members VALUES(?, ?, ?)`, c.key, rank, r.caller.key); err != nil {
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
