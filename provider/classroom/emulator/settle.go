package emulator

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/iql-lang/iql/provider/classroom"
)

// settled is a school whose names are found and whose blanks are filled in: a
// user, a course and an invitation have the key or seq that is their place
// here, counted from one.
type settled struct {
	domains []Domain
	users   []SeedUser
	courses []settledCourse
	invited []settledInvitation

	domainNames map[string]bool
	userKeys    map[string]int // by number and by e-mail address
	courseKeys  map[string]int // by number and by scope and alias
}

type settledCourse struct {
	SeedCourse
	owner   int
	created time.Time
	updated time.Time
	ranks   map[int]int // of its members, by key
	members []int       // in order of keys
	pending int         // who is invited to own it; 0 for nobody
}

type settledInvitation struct {
	id           string
	course, user int
	rank         int
}

// settle finds the names and fills in the blanks of a school. Its error is the
// first thing that contradicts itself.
func (s *School) settle() (*settled, error) {
	t := &settled{
		domains:     slices.Clone(s.Domains),
		users:       slices.Clone(s.Users),
		domainNames: map[string]bool{},
		userKeys:    make(map[string]int, 2*len(s.Users)),
		courseKeys:  make(map[string]int, 2*len(s.Courses)),
	}
	for _, step := range []func(*School) error{
		t.settleDomains,
		t.settleUsers,
		t.settleCourses,
		t.settleInvitations,
	} {
		if err := step(s); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *settled) settleDomains(s *School) error {
	if len(t.domains) == 0 {
		for _, u := range t.users {
			if u.Admin {
				t.domains = append(t.domains, Domain{Name: domainOf(u.Email)})
			}
		}
		slices.SortFunc(t.domains, func(a, b Domain) int { return cmp.Compare(a.Name, b.Name) })
		t.domains = slices.CompactFunc(t.domains, func(a, b Domain) bool { return a.Name == b.Name })
	}
	for i := range t.domains {
		d := &t.domains[i]
		d.Name = strings.ToLower(d.Name)
		d.Edition = cmp.Or(d.Edition, "paid")
		switch {
		case d.Name == "" || strings.ContainsAny(d.Name, " @"):
			return wrong(d.line, "%q is no domain", d.Name)
		case t.domainNames[d.Name]:
			return wrong(d.line, "domain %q is there twice", d.Name)
		case d.Edition != "paid" && d.Edition != "fundamentals":
			return wrong(d.line, "domain %q: edition %q%s", d.Name, d.Edition, meant(d.Edition, "paid", "fundamentals"))
		}
		t.domainNames[d.Name] = true
	}
	return nil
}

func (t *settled) settleUsers(s *School) error {
	for i := range t.users {
		u := &t.users[i]
		u.Email = strings.ToLower(u.Email)
		local, domain, ok := strings.Cut(u.Email, "@")
		if !ok || local == "" || domain == "" || len(u.Email) > maxID || strings.ContainsAny(u.Email, " \t\r\n") {
			return wrong(u.line, "%q is no e-mail address", u.Email)
		}
		if u.ID == "" {
			u.ID = mintUser(u.Email)
		}
		if !digits(u.ID) || len(u.ID) > maxID {
			return wrong(u.line, "user %s: id %q is not a number", u.Email, u.ID)
		}
		if u.Admin && !t.domainNames[domain] {
			return wrong(u.line, "user %s is an admin, but %s is not among the domains", u.Email, domain)
		}
		for _, name := range []string{u.ID, u.Email} {
			if other, ok := t.userKeys[name]; ok {
				return wrong(u.line, "user %s: %s is also that of user %s", u.Email, name, t.users[other-1].Email)
			}
			t.userKeys[name] = i + 1
		}
		u.settleName()
	}
	return nil
}

// settleName fills in what of a name is missing.
func (u *SeedUser) settleName() {
	if u.Name == "" {
		u.Name = strings.TrimSpace(u.GivenName + " " + u.FamilyName)
	}
	if u.GivenName == "" && u.FamilyName == "" {
		if i := strings.LastIndexByte(u.Name, ' '); i >= 0 {
			u.GivenName, u.FamilyName = u.Name[:i], u.Name[i+1:]
		} else {
			u.GivenName = u.Name
		}
	}
}

// domain returns the Workspace domain of a settled user, "" for a personal
// account.
func (t *settled) domain(key int) string {
	domain := domainOf(t.users[key-1].Email)
	if !t.domainNames[domain] {
		return ""
	}
	return domain
}

func domainOf(email string) string {
	_, domain, _ := strings.Cut(strings.ToLower(email), "@")
	return domain
}

// user returns the key of the user whom a seed calls name; what is who names
// the user, for the error.
func (t *settled) user(line int, what, name string) (int, error) {
	if key, ok := t.userKeys[strings.ToLower(name)]; ok {
		return key, nil
	}
	addresses := make([]string, len(t.users))
	for i, u := range t.users {
		addresses[i] = u.Email
	}
	return 0, wrong(line, "%s: there is no user %q%s", what, name, didYouMean(nearestAddress(name, addresses)))
}

// settleInvitations finds courses and users, and checks that each invitation
// could be open.
func (t *settled) settleInvitations(s *School) error {
	ids := map[string]bool{}
	pairs := map[[2]int]bool{}
	for i, inv := range s.Invitations {
		what := fmt.Sprintf("invitation of %s to %s", inv.UserID, inv.CourseID)
		user, err := t.user(inv.line, what, inv.UserID)
		if err != nil {
			return err
		}
		course, err := t.course(inv.line, what, inv.CourseID, user)
		if err != nil {
			return err
		}
		c := &t.courses[course-1]
		id := cmp.Or(inv.ID, mint(c.ID, int64(i+1)))
		rank := rankOf(classroom.Role(inv.Role))
		has := c.ranks[user]
		switch {
		case rank == 0:
			return wrong(inv.line, "%s: role %q%s", what, inv.Role, meant(inv.Role, "STUDENT", "TEACHER", "OWNER"))
		case len(id) > maxID:
			return wrong(inv.line, "%s: the id has more than %d letters", what, maxID)
		case ids[id]:
			return wrong(inv.line, "%s: id %q is also that of another invitation", what, id)
		case pairs[[2]int{user, course}]:
			return wrong(inv.line, "%s: there is another one, of the same user to the same course", what)
		case has >= rank || user == c.owner:
			return wrong(inv.line, "%s as %s: already has that role or a greater one", what, inv.Role)
		case rank == rankOwner && has != rankTeacher:
			return wrong(inv.line, "%s as OWNER: only a co-teacher can be", what)
		case rank == rankOwner && c.pending != 0:
			return wrong(inv.line, "%s as OWNER: %s already is", what, t.users[c.pending-1].Email)
		}
		ids[id], pairs[[2]int{user, course}] = true, true
		if rank == rankOwner {
			c.pending = user
		}
		t.invited = append(t.invited, settledInvitation{id, course, user, rank})
	}
	return nil
}

// scatter makes a number of a name, the same each time.
func scatter(name string) uint64 {
	sum := sha256.Sum256([]byte(name))
	return binary.BigEndian.Uint64(sum[:])
}

// mintUser returns the number of the user with an address.
func mintUser(email string) string { return fmt.Sprintf("1%020d", scatter(email)) }
