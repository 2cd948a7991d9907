package classroom_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// settled is a school for settling: ia and ib are there, and a teacher may own the
// course.
const settled = `
users:
- {id: "901", email: admin@example.edu, name: Alex Admin, admin: true}
- {id: "902", email: tea@example.edu, name: Tea Lee}
- {id: "903", email: a@example.edu, name: A}
- {id: "904", email: b@example.edu, name: B}
- {id: "905", email: c@example.edu, name: C}
courses:
- {id: "101", name: Algebra, ownerId: tea@example.edu, courseState: ACTIVE, teachers: [c@example.edu]}
invitations:
- {id: ia, courseId: "101", userId: a@example.edu, role: STUDENT}
- {id: ib, courseId: "101", userId: b@example.edu, role: TEACHER}
- {id: ic, courseId: "101", userId: c@example.edu, role: OWNER}
`

// TestSettle looks what became of changes, as an administrator who acts for others
// and without acting.
func TestSettle(t *testing.T) {
	was := map[string]provider.Row{
		"ia": {"ia", "101", "903", "STUDENT"}, "ib": {"ib", "101", "904", "TEACHER"}, "ic": {"ic", "101", "905", "OWNER"},
	}
	accept := func(id string) func(classroom.Backend) error {
		return func(b classroom.Backend) error { return b.AcceptInvitation(context.Background(), id) }
	}
	withdraw := func(id string) func(classroom.Backend) error {
		return func(b classroom.Backend) error { return b.DeleteInvitation(context.Background(), id) }
	}
	tests := []struct {
		name, method string
		args         provider.Args
		before       provider.Row
		do           func(classroom.Backend) error
		fate         provider.Fate
		code         provider.Code
	}{
		{"created", "create", provider.Args{"courseId": "101", "userId": "a@example.edu", "role": "STUDENT"}, nil, nil, provider.Done, provider.OK},
		{"created in another role", "create", provider.Args{"courseId": "101", "userId": "a@example.edu", "role": "TEACHER"}, nil, nil, provider.Undone, provider.OK},
		{"not created", "create", provider.Args{"courseId": "101", "userId": "tea@example.edu", "role": "STUDENT"}, nil, nil, provider.Undone, provider.OK},
		{"created in no course", "create", provider.Args{"courseId": "1", "userId": "a@example.edu", "role": "STUDENT"}, nil, nil, provider.Undone, provider.OK},
		{"created without a course", "create", provider.Args{"courseId": "", "userId": "a@example.edu", "role": "STUDENT"}, nil, nil, provider.Undone, provider.OK},
		{"created without a user", "create", provider.Args{"courseId": "101", "userId": "", "role": "STUDENT"}, nil, nil, provider.Undone, provider.OK},
		{"created for nobody", "create", provider.Args{"courseId": "101", "userId": "none@example.edu", "role": "STUDENT"}, nil, nil, provider.Undone, provider.OK},
		{"deleted", "delete", provider.Args{"id": "ia"}, was["ia"], withdraw("ia"), provider.Done, provider.OK},
		{"deleted, unseen", "delete", provider.Args{"id": "ia"}, nil, withdraw("ia"), provider.Done, provider.OK},
		{"not deleted", "delete", provider.Args{"id": "ia"}, was["ia"], nil, provider.Undone, provider.OK},
		{"accepted", "accept", provider.Args{"id": "ia"}, was["ia"], accept("ia"), provider.Done, provider.OK},
		{"accepted by a teacher", "accept", provider.Args{"id": "ib"}, was["ib"], accept("ib"), provider.Done, provider.OK},
		{"accepted by an owner", "accept", provider.Args{"id": "ic"}, was["ic"], accept("ic"), provider.Done, provider.OK},
		{"not accepted", "accept", provider.Args{"id": "ia"}, was["ia"], nil, provider.Undone, provider.OK},
		{"withdrawn", "accept", provider.Args{"id": "ia"}, was["ia"], withdraw("ia"), provider.Lost, provider.NotFound},
		{"withdrawn from an owner", "accept", provider.Args{"id": "ic"}, was["ic"], withdraw("ic"), provider.Lost, provider.NotFound},
		{"accepted, unseen", "accept", provider.Args{"id": "ia"}, nil, accept("ia"), provider.Unclear, provider.Unknown},
	}
	for _, tt := range tests {
		for _, ownersAct := range []bool{false, true} {
			name := tt.name
			if ownersAct {
				name += " as owners"
			}
			t.Run(name, func(t *testing.T) {
				b := openSettled(t, ownersAct)
				if tt.do != nil {
					if err := tt.do(b); err != nil {
						t.Fatal(err)
					}
				}
				// Nothing was seen before by this one.
				change := classroom.Changes(b)["googleworkspace.classroom.invitations."+tt.method]
				fate, _, err := change.Settle(t.Context(), tt.args, tt.before)
				if fate != tt.fate || provider.CodeOf(err) != tt.code {
					t.Errorf("Settle(%v) = %v, %v, want %v, %v", tt.args, fate, err, tt.fate, tt.code)
				}
			})
		}
	}
}

// noToken is a backend as a person for whom there is no access token.
type noToken struct{ classroom.Backend }

func (noToken) GetInvitation(context.Context, string) (*classroom.Invitation, error) {
	return nil, provider.Errorf(provider.Unauthenticated, "no such account")
}

func (noToken) ListInvitations(context.Context, classroom.InvitationQuery) ([]*classroom.Invitation, string, error) {
	return nil, "", provider.Errorf(provider.Unauthenticated, "no such account")
}

// TestSettleForTheSuspended looks what became of changes of people as whom nobody can
// be asked any more. Of none is it told that the credentials are gone, which would
// leave the other rows of a change.
func TestSettleForTheSuspended(t *testing.T) {
	was := provider.Row{"ia", "101", "903", "STUDENT"}
	for _, tt := range []struct {
		name, method string
		args         provider.Args
		before       provider.Row
		accepted     bool
		fate         provider.Fate
		code         provider.Code
	}{
		{"accepted", "accept", provider.Args{"id": "ia"}, was, true, provider.Done, provider.OK},
		{"not accepted", "accept", provider.Args{"id": "ia"}, was, false, provider.Undone, provider.OK},
		{"by nobody", "accept", provider.Args{"id": "ix"}, provider.Row{"ix", "101", "999", "STUDENT"}, false, provider.Lost, provider.NotFound},
		{"created", "create", provider.Args{"courseId": "101", "userId": "a@example.edu", "role": "STUDENT"}, nil, false, provider.Unclear, provider.PermissionDenied},
		{"deleted", "delete", provider.Args{"id": "ia"}, was, false, provider.Unclear, provider.PermissionDenied},
		{"deleted from no course", "delete", provider.Args{"id": "ix"}, provider.Row{"ix", "999", "903", "STUDENT"}, false, provider.Done, provider.OK},
	} {
		t.Run(tt.name, func(t *testing.T) {
			people := settledPeople(t)
			if tt.accepted {
				if err := classroom.Acting(people).AcceptInvitation(t.Context(), "ia"); err != nil {
					t.Fatal(err)
				}
			}
			as := people.As
			people.OwnersAct = true
			people.As = func(address string) (classroom.Backend, error) {
				b, err := as(address)
				return noToken{b}, err
			}
			settle := classroom.Changes(classroom.Acting(people))["googleworkspace.classroom.invitations."+tt.method].Settle
			if fate, _, err := settle(t.Context(), tt.args, tt.before); fate != tt.fate || provider.CodeOf(err) != tt.code {
				t.Errorf("Settle(%v) = %v, %v, want %v, %v", tt.args, fate, err, tt.fate, tt.code)
			}
		})
	}
}

func openSettled(t *testing.T, ownersAct bool) classroom.Backend {
	t.Helper()
	people := settledPeople(t)
	people.OwnersAct = ownersAct
	return classroom.Acting(people)
}

// settledPeople returns the school for settling, as its administrator.
func settledPeople(t *testing.T) classroom.People {
	t.Helper()
	school, err := emulator.ReadSchool("settled", strings.NewReader(settled))
	if err != nil {
		t.Fatal(err)
	}
	store, err := emulator.Open(t.Context(), emulator.Options{Seed: school})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	admin, err := store.As("")
	if err != nil {
		t.Fatal(err)
	}
	return classroom.People{
		Asker: admin,
		As:    func(address string) (classroom.Backend, error) { return admin.Delegate(address) },
	}
}

func TestUndoOf(t *testing.T) {
	changes := classroom.Changes(nil)
	tests := []struct {
		method        string
		before, after provider.Row
		want          provider.Args
	}{
		{"create", nil, provider.Row{"ia", "101", "903", "STUDENT"}, provider.Args{"id": "ia"}},
		{"create", nil, nil, nil},
		{"delete", provider.Row{"ia", "101", "903", "STUDENT"}, nil, provider.Args{"courseId": "101", "userId": "903", "role": "STUDENT"}},
		{"delete", provider.Row{"ia", "101", nil, "STUDENT"}, nil, nil},
		{"delete", nil, nil, nil},
		{"accept", provider.Row{"ia", "101", "903", "STUDENT"}, nil, nil},
	}
	for _, tt := range tests {
		_, got, err := changes["googleworkspace.classroom.invitations."+tt.method].Undo(nil, tt.before, tt.after)
		if diff := cmp.Diff(tt.want, got); diff != "" || (err == nil) != (tt.want != nil) {
			t.Errorf("Undo of %s (%v, %v): %v (-want +got):\n%s", tt.method, tt.before, tt.after, err, diff)
		}
	}
}
