package emulator

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Synthetic is a school of any size, the same for the same numbers. It is
// written to the store row by row, so that it may be larger than memory.
//
// All its users are of example.edu, a paid domain: admin@example.edu, who is in
// no course, user0001@example.edu and so on. Its courses are 100001, 100002 and
// so on, each ACTIVE and taught by one user.
type Synthetic struct {
	Courses     int
	Invitations int // of each course; every tenth is to teach
	Students    int // of each course
	Users       int // all of them; 0 is as few as the courses need
}

const (
	syntheticDomain = "example.edu"
	firstSynthetic  = 100_001 // the identifier of the first course
	mostSynthetic   = 100_000_000
)

// ParseSynthetic reads a synthetic school from the words of a flag, such as
// "courses=1000,invitations=20,students=30,users=5000". What is left out is 0.
func ParseSynthetic(text string) (*Synthetic, error) {
	s := &Synthetic{}
	fields := map[string]*int{
		"courses":     &s.Courses,
		"invitations": &s.Invitations,
		"students":    &s.Students,
		"users":       &s.Users,
	}
	seen := map[string]bool{}
	for word := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(word, "=")
		name = strings.TrimSpace(name)
		field, ok := fields[name]
		if !ok {
			return nil, fmt.Errorf("synthetic school %q: %q%s", text, name,
				meant(name, "courses", "invitations", "students", "users"))
		}
		if seen[name] {
			return nil, fmt.Errorf("synthetic school %q: %s is there twice", text, name)
		}
		seen[name] = true
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil {
			return nil, fmt.Errorf("synthetic school %q: %s is %q, not a number", text, name, value)
		}
		*field = n
	}
	return s, s.check()
}

// String writes the school as ParseSynthetic reads it.
func (s *Synthetic) String() string {
	return fmt.Sprintf("courses=%d,invitations=%d,students=%d,users=%d", s.Courses, s.Invitations, s.Students, s.Users)
}

// check implements contents.
func (s *Synthetic) check() error {
	for _, n := range []int{s.Courses, s.Invitations, s.Students, s.Users} {
		if n < 0 || n > mostSynthetic {
			return fmt.Errorf("synthetic school %q: %d is not between 0 and %d", s, n, mostSynthetic)
		}
	}
	if s.Users != 0 && s.Users < s.leastUsers() {
		return fmt.Errorf("synthetic school %q: an admin, a teacher, the students and the invited are %d users",
			s, s.leastUsers())
	}
	return nil
}

// leastUsers is how many users there must be for a course to have its people
// without having anybody twice.
func (s *Synthetic) leastUsers() int {
	if s.Courses == 0 {
		return 1
	}
	return 2 + s.Students + s.Invitations
}

// fill implements contents.
func (s *Synthetic) fill(d *db) error {
	if err := d.exec(`INSERT INTO domains VALUES(?, TRUE, '  ')`, syntheticDomain); err != nil {
		return err
	}
	users := cmp.Or(s.Users, s.leastUsers())
	for key := 1; key <= users; key++ {
		if err := fillSyntheticUser(d, key); err != nil {
			return err
		}
	}
	for key := 1; key <= s.Courses; key++ {
		if err := s.fillCourse(d, key, users); err != nil {
			return err
		}
	}
	return nil
}

func fillSyntheticUser(d *db, key int) error {
	local, given, family := "admin", "Alex", "Admin"
	if key > 1 {
		local, given, family = fmt.Sprintf("user%04d", key-1), "User", fmt.Sprintf("%04d", key-1)
	}
	email := local + "@" + syntheticDomain
	return d.exec(insertUser, key, mintUser(email), email, syntheticDomain, given+" "+family, given, family, "",
		false, key == 1, false, false, false)
}

// fillCourse puts a course into the tables, with its people: users who come one
// after the other, from where those of the course before it end.
func (s *Synthetic) fillCourse(d *db, key, users int) error {
	people := 1 + s.Students + s.Invitations
	first := (key - 1) % (users - 1) * people % (users - 1)
	person := func(i int) int { return 2 + (first+i)%(users-1) }

	id := strconv.Itoa(firstSynthetic + key - 1)
	name := fmt.Sprintf("Course %d", key)
	created := firstTerm.Add(time.Duration(key) * time.Minute).UnixMilli()
	err := d.exec(insertCourse, key, id, name, "", "", "", "", person(0), "ACTIVE", created, created, enrollmentCode(id), link(id))
	if err != nil {
		return err
	}
	if err := d.exec(insertMember, key, rankTeacher, person(0)); err != nil {
		return err
	}
	for i := 1; i <= s.Students; i++ {
		if err := d.exec(insertMember, key, rankStudent, person(i)); err != nil {
			return err
		}
	}
	for i := range s.Invitations {
		rank := rankStudent
		if i%10 == 9 {
			rank = rankTeacher
		}
		seq := (key-1)*s.Invitations + i + 1
		err := d.exec(insertInvitation, seq, mint(id, int64(seq)), key, person(1+s.Students+i), rank)
		if err != nil {
			return err
		}
	}
	return nil
}
