package emulator

import (
	"context"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider/classroom"
)

// Roles as the store keeps them: a greater number is a greater role.
const (
	rankStudent = 1
	rankTeacher = 2
	rankOwner   = 3
)

var roles = map[int]classroom.Role{
	rankStudent: classroom.Student,
	rankTeacher: classroom.Teacher,
	rankOwner:   classroom.Owner,
}

// rankOf returns the number of a role, 0 for a word that is none.
func rankOf(role classroom.Role) int {
	for rank, r := range roles {
		if r == role {
			return rank
		}
	}
	return 0
}

// invitation is an invitation as a request reads it.
type invitation struct {
	seq      int64
	id       string
	rank     int
	course   int64 // the course's key
	courseID string
	user     user // its key, id and domain
}

const selectInvitation = `SELECT i.seq, i.id, i.role, i.course, c.id, u.key, u.id, u.domain
	FROM invitations i JOIN courses c ON c.key = i.course JOIN users u ON u.key = i.user `

func scanInvitation(st *sqlite3.Stmt) invitation {
	return invitation{
		seq:      st.ColumnInt64(0),
		id:       st.ColumnText(1),
		rank:     st.ColumnInt(2),
		course:   st.ColumnInt64(3),
		courseID: st.ColumnText(4),
		user:     user{key: st.ColumnInt64(5), id: st.ColumnText(6), domain: st.ColumnText(7)},
	}
}

// show returns the invitation as the caller may see it.
func (r *request) show(inv *invitation) classroom.Invitation {
	shown := classroom.Invitation{ID: inv.id, CourseID: inv.courseID, Role: roles[inv.rank]}
	if !hidesUser(r.caller, &inv.user) {
		shown.UserID = inv.user.id
	}
	return shown
}

// invitation returns the invitation with an identifier and its course, and
// what the caller is to the course. NOT_FOUND.
func (r *request) invitation(id string) (*invitation, *course, standing, error) {
	if len(id) > maxID {
		return nil, nil, standing{}, malformedID.err()
	}
	inv, err := first(r.db, scanInvitation, selectInvitation+`WHERE i.id = ?`, id)
	if err != nil {
		return nil, nil, standing{}, err
	}
	if inv == nil {
		return nil, nil, standing{}, notFound.err()
	}
	c, err := r.course(inv.courseID)
	if err != nil {
		return nil, nil, standing{}, err
	}
	at, err := r.standing(c)
	return inv, c, at, err
}

// invited reports whether the user has an invitation to the course.
func (r *request) invited(c *course, u *user) (bool, error) {
	n, err := r.number(`SELECT count(*) FROM invitations WHERE user = ? AND course = ?`, u.key, c.key)
	return n > 0, err
}

// GetInvitation implements [classroom.Invitations].
func (c *Caller) GetInvitation(ctx context.Context, id string) (*classroom.Invitation, error) {
	return ask(ctx, c, reads, func(r *request) (*classroom.Invitation, error) {
		inv, _, at, err := r.invitation(id)
		if err != nil {
			return nil, err
		}
		if !at.manages() && inv.user.key != r.caller.key && !r.caller.rules(inv.user.domain) {
			return nil, denied.err()
		}
		return new(r.show(inv)), nil
	})
}

// DeleteInvitation implements [classroom.Invitations].
func (c *Caller) DeleteInvitation(ctx context.Context, id string) error {
	return change(ctx, c, func(r *request) error {
		inv, _, at, err := r.invitation(id)
		if err != nil {
			return err
		}
		if !r.mayWithdraw(inv, at) {
			return denied.err()
		}
		return r.exec(`DELETE FROM invitations WHERE seq = ?`, inv.seq)
	})
}

// mayWithdraw reports whether the caller may delete the invitation: declining
// one's own always may.
func (r *request) mayWithdraw(inv *invitation, at standing) bool {
	switch {
	case inv.user.key == r.caller.key, at.owner, r.caller.rules(inv.user.domain):
		return true
	case at.rank == rankTeacher:
		return inv.rank != rankOwner || assumed.coTeacherDeletesOwn
	default:
		return at.admin && assumed.adminDeletesOutside
	}
}

// ListInvitations implements [classroom.Invitations].
func (c *Caller) ListInvitations(
	ctx context.Context, q classroom.InvitationQuery,
) ([]*classroom.Invitation, string, error) {
	if q.CourseID == "" && q.UserID == "" {
		return nil, "", missingFilter.err()
	}
	w, err := c.window(q.Page, assumed.maxPage, 1, "invitations.list", q.CourseID, q.UserID)
	if err != nil {
		return nil, "", err
	}
	p, err := ask(ctx, c, reads, func(r *request) (page[*classroom.Invitation], error) {
		return r.listInvitations(q, w)
	})
	return p.items, p.next, err
}

// listInvitations goes through an index on course or user in the order of seq.
func (r *request) listInvitations(q classroom.InvitationQuery, w window) (page[*classroom.Invitation], error) {
	terms, args := []string{`i.seq > ?`}, []any{w.from()}
	and := func(term string, values ...any) {
		terms, args = append(terms, term), append(args, values...)
	}
	c, err := r.choose(q, and)
	if err != nil {
		return page[*classroom.Invitation]{}, err
	}
	from, courseID := `, c.id FROM invitations i JOIN courses c ON c.key = i.course `, ""
	if c != nil {
		from, courseID = ` FROM invitations i `, c.classroom.ID
	}
	rows, err := all(r.db, r.scanListed(courseID), selectListed+from+`JOIN users u ON u.key = i.user WHERE `+
		strings.Join(terms, ` AND `)+` ORDER BY i.seq LIMIT ?`, append(args, w.size+1)...)
	return cut(r.store, w, rows,
		func(inv *listed) *classroom.Invitation { return &inv.shown },
		func(inv *listed) []int64 { return []int64{inv.seq} },
	), err
}

// listed is an invitation of a list, as the caller may see it.
type listed struct {
	seq   int64
	shown classroom.Invitation
}

const selectListed = `SELECT i.seq, i.id, i.role, u.key, u.id, u.domain`

// scanListed returns what reads a list's rows, of one course or, if that is
// empty, of whichever course their last column says. Neighbours mostly share
// their course and their domain, and so the texts of these.
func (r *request) scanListed(courseID string) func(*sqlite3.Stmt) listed {
	known := courseID != ""
	var domain string
	return func(st *sqlite3.Stmt) listed {
		domain = again(domain, st.ColumnRawText(5))
		if !known {
			courseID = again(courseID, st.ColumnRawText(6))
		}
		return listed{st.ColumnInt64(0), r.show(&invitation{
			id:       st.ColumnText(1),
			rank:     st.ColumnInt(2),
			courseID: courseID,
			user:     user{key: st.ColumnInt64(3), id: st.ColumnText(4), domain: domain},
		})}
	}
}

// again returns a text: the one before, if it is the same.
func again(before string, text []byte) string {
	if before == string(text) {
		return before
	}
	return string(text)
}

// choose adds the terms of a list: what was asked for, and what the caller may
// see of it. It returns the course, nil if all are asked for. NOT_FOUND for an
// unknown course or user, PERMISSION_DENIED if the caller has no business with
// either.
func (r *request) choose(q classroom.InvitationQuery, and func(string, ...any)) (c *course, err error) {
	var mine bool // whether the caller sees only their own
	if q.CourseID != "" {
		if c, err = r.course(q.CourseID); err != nil {
			return nil, err
		}
		if mine, err = r.seesOnlyOwn(c); err != nil {
			return nil, err
		}
		and(`i.course = ?`, c.key)
	}
	if q.UserID != "" {
		u, err := r.user(q.UserID)
		if err != nil {
			return nil, err
		}
		and(`i.user = ?`, u.key)
		if c == nil {
			if err := r.mayAskAbout(u); err != nil {
				return nil, err
			}
			if u.key != r.caller.key && !r.caller.rules(u.domain) {
				and(`(i.course IN (SELECT course FROM members WHERE user = ? AND role = ?)
					OR (? AND (SELECT o.domain FROM users o WHERE o.key = c.owner) = ?))`,
					r.caller.key, rankTeacher, r.caller.rules(r.caller.domain), r.caller.domain)
			}
		}
	}
	if mine {
		and(`i.user = ?`, r.caller.key)
	}
	return c, nil
}

// seesOnlyOwn reports whether the caller sees just their own invitation in a
// list of the course's, as students and invited people do, rather than all, as
// those who run it do. PERMISSION_DENIED for everybody else.
func (r *request) seesOnlyOwn(c *course) (bool, error) {
	at, err := r.standing(c)
	if err != nil || at.manages() {
		return false, err
	}
	if at.reads() {
		return true, nil
	}
	invited, err := r.invited(c, r.caller)
	if err != nil {
		return false, err
	}
	if !invited {
		return false, denied.err()
	}
	return true, nil
}

// mayAskAbout returns PERMISSION_DENIED unless the caller is the user, an
// admin, or a teacher of some course.
func (r *request) mayAskAbout(u *user) error {
	if u.key == r.caller.key || r.caller.rules(r.caller.domain) {
		return nil
	}
	teaches, err := r.number(`SELECT EXISTS (SELECT 1 FROM members WHERE user = ? AND role = ?)`,
		r.caller.key, rankTeacher)
	if err != nil {
		return err
	}
	if teaches == 0 {
		return denied.err()
	}
	return nil
}
