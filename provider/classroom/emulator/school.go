package emulator

import (
	"fmt"
	"strings"

	"github.com/iql-lang/iql/provider"
)

// School is what a new store begins with. Users are named by number or e-mail
// address everywhere, courses by number or alias.
type School struct {
	// Domains are the Workspace domains; everybody else has a personal
	// account. Without any, they are the domains of the admins, paid.
	Domains     []Domain         `yaml:"domains"`
	Users       []SeedUser       `yaml:"users"`
	Courses     []SeedCourse     `yaml:"courses"`
	Invitations []SeedInvitation `yaml:"invitations"`
	Limits      Limits           `yaml:"limits"`
}

// Domain is a Workspace domain.
type Domain struct {
	Name string `yaml:"name"`
	// Edition is "paid", the default, or "fundamentals", which keeps
	// invitations to the domain and to those that it trusts.
	Edition string   `yaml:"edition"`
	Trusted []string `yaml:"trusted"`

	line int
}

// SeedUser is a user of a new store. Without an ID one is minted from the
// address; Name is split into given and family name at its last blank unless
// they are given.
type SeedUser struct {
	ID                string `yaml:"id"`
	Email             string `yaml:"email"`
	Name              string `yaml:"name"`
	GivenName         string `yaml:"givenName"`
	FamilyName        string `yaml:"familyName"`
	PhotoURL          string `yaml:"photoUrl"`
	VerifiedTeacher   bool   `yaml:"verifiedTeacher"`
	Admin             bool   `yaml:"admin"`
	Disabled          bool   `yaml:"disabled"`
	APIDisabled       bool   `yaml:"apiDisabled"`       // refused with ClassroomApiDisabled
	ClassroomDisabled bool   `yaml:"classroomDisabled"` // refused with ClassroomDisabled

	line int
}

// SeedCourse is a course of a new store. Its owner is among its teachers, said
// or not. CourseState is ACTIVE if empty; the times, in RFC 3339, follow one
// another; the enrollment code and an omitted ID are minted.
type SeedCourse struct {
	ID                 string   `yaml:"id"`
	Name               string   `yaml:"name"`
	Section            string   `yaml:"section"`
	DescriptionHeading string   `yaml:"descriptionHeading"`
	Description        string   `yaml:"description"`
	Room               string   `yaml:"room"`
	OwnerID            string   `yaml:"ownerId"`
	CourseState        string   `yaml:"courseState"`
	CreationTime       string   `yaml:"creationTime"`
	UpdateTime         string   `yaml:"updateTime"`
	EnrollmentCode     string   `yaml:"enrollmentCode"`
	Teachers           []string `yaml:"teachers"`
	Students           []string `yaml:"students"`
	Aliases            []string `yaml:"aliases"` // "d:" or "p:" and a name

	line int
}

// SeedInvitation is an open invitation of a new store. Nobody is asked whether
// it was allowed, but it must be one that could be open: to a user who has not
// the role yet, one per user and course, OWNER for a co-teacher. Without an ID
// one is minted.
type SeedInvitation struct {
	ID       string `yaml:"id"`
	CourseID string `yaml:"courseId"`
	UserID   string `yaml:"userId"`
	Role     string `yaml:"role"`

	line int
}

// seedError is what is wrong with a school, and on which line of its text if
// it was read from one.
type seedError struct {
	line int
	text string
}

func (e *seedError) Error() string {
	if e.line == 0 {
		return e.text
	}
	return fmt.Sprintf("line %d: %s", e.line, e.text)
}

func wrong(line int, format string, args ...any) error {
	return &seedError{line, fmt.Sprintf(format, args...)}
}

// meant says in an error what a word was probably meant to be.
func meant(word string, candidates ...string) string {
	if near, ok := provider.Nearest(word, candidates); ok {
		return didYouMean(near)
	}
	if len(candidates) <= 5 {
		return fmt.Sprintf(" is none of %s", strings.Join(candidates, ", "))
	}
	return ""
}

// didYouMean says in an error what was probably meant, if that is known.
func didYouMean(near string) string {
	if near == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %s?", near)
}
