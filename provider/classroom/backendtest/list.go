package backendtest

import (
	"strings"

	"github.com/iql-lang/iql/provider/classroom"
)

// listTests are what lists of invitations hold, page by page.
var listTests = []test{
	{"72 of a course", "", func(w *world) {
		ids := []string{w.invite("O", "101", "I", student), w.invite("T", "101", "X", teacher)}
		w.invite("O", "103", "I", student)
		w.equal(w.list(ok, "O", "101", ""), ids, "as O")
		w.equal(w.list(ok, "T", "101", ""), ids, "as T")
	}},
	{"73 of me", "", func(w *world) {
		ids := []string{w.invite("O", "101", "I", student), w.invite("O", "103", "I", teacher)}
		w.invite("O", "101", "X", student)
		for _, me := range []string{"me", "9005", "i@dom.edu"} {
			w.equal(w.list(ok, "I", "", me), ids, "as I, of %s", me)
		}
	}},
	{"74 of a user and a course", "", func(w *world) {
		id := w.invite("O", "101", "I", student)
		w.invite("O", "103", "I", student)
		w.invite("O", "101", "X", student)
		w.equal(w.list(ok, "O", "101", "I"), []string{id}, "the list")
	}},
	{"75 of neither", "", func(w *world) {
		w.list(invalid, "O", "", "")
	}},
	{"77 501 rows", openInvitations(501), func(w *world) {
		page, next := w.page(ok, "O", classroom.InvitationQuery{CourseID: "101"})
		w.equal(len(page), 500, "rows of the first page")
		page, next = w.page(ok, "O", classroom.InvitationQuery{CourseID: "101", Page: classroom.Page{Token: next}})
		w.equal(len(page), 1, "rows of the second page")
		w.equal(next, "", "the token after it")
	}},
	{"77 500 rows", openInvitations(500), func(w *world) {
		page, next := w.page(ok, "O", classroom.InvitationQuery{CourseID: "101"})
		w.equal(len(page), 500, "rows")
		w.equal(next, "", "the token after them")
	}},
	{"78 pages of two", openInvitations(5), func(w *world) {
		var sizes []int
		seen := map[string]bool{}
		q := classroom.InvitationQuery{CourseID: "101", Page: classroom.Page{Size: 2}}
		for more := true; more; more = q.Token != "" {
			var page []*classroom.Invitation
			page, q.Token = w.page(ok, "O", q)
			sizes = append(sizes, len(page))
			for _, inv := range page {
				seen[inv.ID] = true
			}
		}
		w.equal(sizes, []int{2, 2, 1}, "sizes of the pages")
		w.equal(len(seen), 5, "different rows")
	}},
	{"78 another page size on the way", openInvitations(5), func(w *world) {
		q := classroom.InvitationQuery{CourseID: "101", Page: classroom.Page{Size: 1}}
		_, q.Token = w.page(ok, "O", q)
		q.Size = 0
		page, next := w.page(ok, "O", q)
		w.equal(len(page), 4, "rows")
		w.equal(next, "", "the token after them")
	}},
	{"79 a page size that is too large", openInvitations(501), func(w *world) {
		page, _ := w.page(ok, "O", classroom.InvitationQuery{CourseID: "101", Page: classroom.Page{Size: 10_000}})
		w.equal(len(page), 500, "rows")
	}},
	{"80 a negative page size", "", func(w *world) {
		w.page(invalid, "O", classroom.InvitationQuery{CourseID: "101", Page: classroom.Page{Size: -1}})
	}},
	{"82 a token that is none", "", func(w *world) {
		for _, token := range []string{"garbage", "AAAA", "T==", "\x00", " ", strings.Repeat("A", 10_000)} {
			w.page(invalid, "O", classroom.InvitationQuery{CourseID: "101", Page: classroom.Page{Token: token}})
		}
	}},
	{"83 a token of another list", openInvitations(5), func(w *world) {
		q := classroom.InvitationQuery{CourseID: "101", Page: classroom.Page{Size: 2}}
		_, token := w.page(ok, "O", q)
		q.Token = token
		w.page(ok, "O", q)
		w.page(invalid, "T", q)
		w.page(invalid, "O", classroom.InvitationQuery{CourseID: "103", Page: q.Page})
		w.page(invalid, "O", classroom.InvitationQuery{CourseID: "101", UserID: "9005", Page: q.Page})
		w.page(invalid, "O", classroom.InvitationQuery{UserID: "101", Page: q.Page})
		_, _, err := w.as("O").ListStudents(w.Context(), "101", q.Page)
		check(w.T, err, invalid, "ListStudents with a token of ListInvitations")
	}},
	{"84 rows that go between pages", openInvitations(6), func(w *world) {
		q := classroom.InvitationQuery{CourseID: "101", Page: classroom.Page{Size: 2}}
		first, next := w.page(ok, "O", q)
		all := w.list(ok, "O", "101", "")
		w.delete(ok, "O", first[1].ID) // the one that the token stands after
		w.delete(ok, "O", all[2])      // the one that the next page began with
		q.Token = next
		page, _ := w.page(ok, "O", q)
		w.equal([]string{page[0].ID, page[1].ID}, all[3:5], "the second page")
	}},
	{"85 an unknown course or user", "", func(w *world) {
		w.list(notFound, "O", "999", "")
		w.list(notFound, "O", "d:nope", "")
		w.list(notFound, "O", "", "nobody@dom.edu")
		w.list(notFound, "O", "101", "nobody@dom.edu")
	}},
	{"86 an admin, of any course", "", func(w *world) {
		id := w.invite("O", "101", "I", student)
		w.equal(w.list(ok, "A", "101", ""), []string{id}, "of the course")
		w.equal(w.list(ok, "A", "", "I"), []string{id}, "of the user")
	}},
	{"87 invitees from outside are not named", "", func(w *world) {
		w.invite("O", "101", "E", student)
		for _, who := range []string{"O", "T", "A"} {
			page, _ := w.page(ok, who, classroom.InvitationQuery{CourseID: "101"})
			w.equal(page[0].UserID, "", "userId as %s", who)
		}
		page, _ := w.page(ok, "E", classroom.InvitationQuery{UserID: "me"})
		w.equal(page[0].UserID, people["E"].id, "userId as E")
	}},
	{"88 a student, the invited, an outsider", "", func(w *world) {
		w.invite("O", "101", "X", student)
		w.equal(w.list(ok, "S", "101", ""), []string(nil), "as S")
		w.list(denied, "I", "101", "")
		id := w.invite("O", "101", "I", student)
		w.equal(w.list(ok, "I", "101", ""), []string{id}, "as I, who is invited")
		w.equal(w.list(ok, "I", "101", "X"), []string(nil), "as I, of X")
	}},
	{"88 another user", "", func(w *world) {
		w.list(denied, "S", "", "I")
		w.list(denied, "X", "", "I")
		w.list(denied, "E", "", "I")
	}},
	{"89 a user, as a teacher: own courses only", school("", "- {id: 104, name: Art, ownerId: x@dom.edu}\n", ""), func(w *world) {
		id := w.invite("O", "101", "I", student)
		other := w.invite("X", "104", "I", student)
		w.equal(w.list(ok, "O", "", "I"), []string{id}, "as O")
		w.equal(w.list(ok, "X", "", "I"), []string{other}, "as X")
		w.equal(w.list(ok, "A", "", "I"), []string{id, other}, "as A")
		w.equal(w.list(ok, "I", "", "me"), []string{id, other}, "as I")
	}},
	{"89 somebody from outside, as an admin: own domain only", school("", "- {id: 104, name: Art, ownerId: e@ext.org}\n", invitation("104", "i@dom.edu", student)), func(w *world) {
		id := w.invite("O", "101", "E", student)
		w.equal(w.list(ok, "A", "", "E"), []string{id}, "of E")
		w.equal(w.list(ok, "A", "", "I"), []string{invited}, "of I, who is invited outside")
		w.list(denied, "A", "104", "")
		w.get(ok, "A", invited)
	}},
	{"90 the course by alias", "", func(w *world) {
		id := w.invite("O", "101", "I", student)
		w.equal(w.list(ok, "O", "d:math", ""), []string{id}, "the list")
		w.list(notFound, "E", "d:math", "")
	}},
	{"91 the user by address, in any case", "", func(w *world) {
		id := w.invite("O", "101", "I", student)
		w.equal(w.list(ok, "O", "101", "I@DOM.edu"), []string{id}, "the list")
		w.equal(w.list(ok, "O", "101", "S"), []string(nil), "of S, who is not invited")
	}},
}

// openInvitations is the usual school with n more users, invited to 101.
func openInvitations(n int) string {
	var invitations strings.Builder
	for _, email := range crowdOf(n, "dom.edu") {
		invitations.WriteString("- {courseId: 101, userId: " + email + ", role: STUDENT}\n")
	}
	return school(crowd(n, "dom.edu"), "", invitations.String())
}
