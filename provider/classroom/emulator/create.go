package emulator

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/bits"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider/classroom"
)

// CreateInvitation implements [classroom.Invitations].
func (c *Caller) CreateInvitation(ctx context.Context, inv classroom.Invitation) (*classroom.Invitation, error) {
	rank := rankOf(inv.Role)
	if inv.CourseID == "" || inv.UserID == "" || rank == 0 {
		return nil, missingField.err()
	}
	return ask(ctx, c, writes, func(r *request) (*classroom.Invitation, error) {
		course, err := r.course(inv.CourseID)
		if err != nil {
			return nil, err
		}
		if err := r.mayInvite(course, rank); err != nil {
			return nil, err
		}
		invitee, err := r.user(inv.UserID)
		if err != nil {
			return nil, err
		}
		if err := r.invitable(course, invitee, rank); err != nil {
			return nil, err
		}
		limits, err := readLimits(r.db)
		if err != nil {
			return nil, err
		}
		daily := either(r.caller.domain, limits.InvitationsPerDay, limits.PersonalInvitationsPerDay)
		if err := r.spend(r.caller, deedInvite, daily, invitationQuota); err != nil {
			return nil, err
		}
		return r.invite(course, invitee, rank)
	})
}

// mayInvite refuses callers who may not invite to the course as this role, and
// courses to which nobody may be invited.
func (r *request) mayInvite(c *course, rank int) error {
	at, err := r.standing(c)
	if err != nil {
		return err
	}
	if !at.manages() {
		return denied.err()
	}
	if rank == rankOwner && !at.owner && !at.admin && !assumed.coTeacherInvitesOwn {
		return denied.err()
	}
	if !c.modifiable() && !assumed.inviteUnmodifiable {
		return notModifiable.err()
	}
	return nil
}

// invitable refuses users who cannot be invited to the course as this role.
func (r *request) invitable(c *course, u *user, rank int) error {
	trusted, err := r.trusts(u.domain)
	if err != nil {
		return err
	}
	if !trusted {
		return untrustedDomain.err()
	}
	if u.disabled {
		return accountOff.err()
	}
	has, err := r.rank(c, u)
	if err != nil {
		return err
	}
	if has >= rank || u.key == c.owner {
		return hasRole.err()
	}
	if rank == rankOwner && has != rankTeacher {
		return ineligibleOwner.err()
	}
	return r.uninvited(c, u, rank)
}

// uninvited refuses what an invitation that is still open stands in the way
// of: there is one to a user and course, and one to own a course.
func (r *request) uninvited(c *course, u *user, rank int) error {
	if rank == rankOwner {
		pending, err := r.number(`SELECT count(*) FROM invitations WHERE course = ? AND role = ? AND user != ?`,
			c.key, rankOwner, u.key)
		if err != nil {
			return err
		}
		if pending > 0 {
			return pendingOwner.err()
		}
	}
	invited, err := r.invited(c, u)
	if err != nil {
		return err
	}
	if invited {
		return alreadyExists.err()
	}
	return nil
}

// trusts reports whether the caller may invite people of a domain. Only the
// free edition, Education Fundamentals, keeps to its own domain and to those
// that it trusts.
// https://developers.google.com/workspace/classroom/troubleshooting/common-errors
func (r *request) trusts(domain string) (bool, error) {
	if r.caller.domain == "" || r.caller.domain == domain {
		return true, nil
	}
	type policy struct {
		paid    bool
		trusted string
	}
	own, err := first(r.db, func(st *sqlite3.Stmt) policy {
		return policy{st.ColumnBool(0), st.ColumnText(1)}
	}, `SELECT paid, trusted FROM domains WHERE name = ?`, r.caller.domain)
	if err != nil || own == nil {
		return false, err
	}
	return own.paid || domain != "" && strings.Contains(own.trusted, " "+domain+" "), nil
}

// invite keeps the invitation, under an identifier that was never used.
func (r *request) invite(c *course, u *user, rank int) (*classroom.Invitation, error) {
	seq, err := r.number(`SELECT seq FROM sqlite_sequence WHERE name = 'invitations'`)
	if err != nil {
		return nil, err
	}
	inv := invitation{rank: rank, course: c.key, courseID: c.classroom.ID, user: *u}
	for taken := int64(1); taken != 0; {
		seq++
		inv.seq, inv.id = seq, mint(c.classroom.ID, seq)
		taken, err = r.number(`SELECT count(*) FROM invitations WHERE id = ?`, inv.id)
		if err != nil {
			return nil, err
		}
	}
	if err := r.exec(insertInvitation, inv.seq, inv.id, inv.course, inv.user.key, inv.rank); err != nil {
		return nil, err
	}
	return new(r.show(&inv)), nil
}

const insertInvitation = `INSERT INTO invitations VALUES(?, ?, ?, ?, ?)`

// mint returns the identifier of the seq-th invitation. Google's decode to the
// course, a star, a number of twelve digits and "ZZ"; so do ours, with numbers
// that are scattered but do not repeat. Nothing reads them.
func mint(courseID string, seq int64) string {
	const (
		least  = 100_000_000_000
		count  = 900_000_000_000
		stride = 618_033_988_751 // has no factor in common with count
	)
	hi, lo := bits.Mul64(uint64(seq)%count, stride)
	_, number := bits.Div64(hi, lo, count)
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s*%dZZ", courseID, least+number))
}
