package backendtest

import "github.com/iql-lang/iql/provider/classroom"

// getTests are who may see an invitation.
var getTests = []test{
	{"41 the owner", "", func(w *world) {
		inv := w.create(ok, "O", "101", "I", student)
		w.equal(w.get(ok, "O", inv.ID), inv, "the invitation")
	}},
	{"42 the invited user", "", func(w *world) {
		inv := w.create(ok, "O", "101", "I", student)
		w.equal(w.get(ok, "I", inv.ID), inv, "the invitation")
	}},
	{"42 the admin and the co-teacher", "", func(w *world) {
		inv := w.create(ok, "O", "101", "I", student)
		w.equal(w.get(ok, "A", inv.ID), inv, "the invitation")
		w.equal(w.get(ok, "T", inv.ID), inv, "the invitation")
	}},
	{"43 an outsider may not", "", func(w *world) {
		id := w.invite("O", "101", "I", student)
		for _, who := range []string{"X", "S", "E"} {
			w.get(denied, who, id)
		}
	}},
	{"44 an unknown id", "", func(w *world) {
		w.get(notFound, "O", "MTAxKjEyMzQ1Njc4OTAxMlpa")
	}},
	{"45 a malformed id", "", func(w *world) {
		for _, id := range []string{"invalid-id", "", "%", "a b", "\x00"} {
			w.get(notFound, "O", id)
		}
	}},
	{"55 an id with / + and =", oddIDs, func(w *world) {
		for _, id := range []string{"ab/cd+ef==", "+/="} {
			w.equal(w.get(ok, "O", id).ID, id, "id")
			w.delete(ok, "O", id)
			w.get(notFound, "O", id)
		}
	}},
	{"87 an invitee from outside is not named", "", func(w *world) {
		inv := w.create(ok, "O", "101", "E", student)
		want := &classroom.Invitation{ID: inv.ID, CourseID: "101", Role: student}
		w.equal(w.get(ok, "O", inv.ID), want, "as O")
		want.UserID = people["E"].id
		w.equal(w.get(ok, "E", inv.ID), want, "as E")
	}},
}

var oddIDs = school("", "", `
- {id: "ab/cd+ef==", courseId: 101, userId: i@dom.edu, role: STUDENT}
- {id: "+/=", courseId: 101, userId: x@dom.edu, role: STUDENT}
`)

// deleteTests are who may withdraw or decline an invitation.
var deleteTests = []test{
	{"47 the owner", "", func(w *world) {
		w.delete(ok, "O", w.invite("O", "101", "I", student))
	}},
	{"48 it is gone", "", func(w *world) {
		id := w.invite("O", "101", "I", student)
		w.delete(ok, "O", id)
		w.get(notFound, "O", id)
		w.equal(w.list(ok, "O", "101", ""), []string(nil), "the list")
	}},
	{"49 twice", "", func(w *world) {
		id := w.invite("O", "101", "I", student)
		w.delete(ok, "O", id)
		w.delete(notFound, "O", id)
	}},
	{"50 an outsider may not", "", func(w *world) {
		id := w.invite("O", "101", "I", student)
		for _, who := range []string{"X", "S", "E"} {
			w.delete(denied, who, id)
		}
		w.get(ok, "O", id)
	}},
	{"51 the invited user declines", "", func(w *world) {
		id := w.invite("O", "101", "I", student)
		w.delete(ok, "I", id)
		w.get(notFound, "O", id)
	}},
	{"52 the admin, for a user of the domain", "", func(w *world) {
		w.delete(ok, "A", w.invite("O", "101", "I", student))
	}},
	{"52 the admin, for somebody from outside", "", func(w *world) {
		id := w.invite("O", "101", "E", student)
		w.delete(denied, "A", id)
		w.delete(ok, "O", id)
	}},
	{"52 a co-teacher, but not the invitation to own", "", func(w *world) {
		w.accept(ok, "X", w.invite("O", "101", "X", teacher))
		w.delete(ok, "X", w.invite("O", "101", "I", teacher))
		id := w.invite("O", "101", "T", owner)
		w.delete(denied, "X", id)
		w.delete(ok, "T", id)
	}},
}
