package emulator

import (
	"fmt"
	"math"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// Limits are how much a school may have of what Classroom counts. A zero is
// Google's figure, a negative number lifts the limit. Personal is for accounts
// and courses of people outside every domain.
// https://support.google.com/edu/classroom/answer/7300976
type Limits struct {
	CourseMembers             int `yaml:"courseMembers"`             // teachers and students of a course
	PersonalCourseMembers     int `yaml:"personalCourseMembers"`     // the same where the owner has a personal account
	CourseTeachers            int `yaml:"courseTeachers"`            // the owner is one
	Memberships               int `yaml:"memberships"`               // courses that a user is in
	PersonalMemberships       int `yaml:"personalMemberships"`       //
	InvitationsPerDay         int `yaml:"invitationsPerDay"`         // that a user sends
	PersonalInvitationsPerDay int `yaml:"personalInvitationsPerDay"` //
	PersonalJoinsPerDay       int `yaml:"personalJoinsPerDay"`       // courses that a user joins
	PersonalCoursesPerDay     int `yaml:"personalCoursesPerDay"`     // courses that a user makes
}

// Google's figures.
var usualLimits = Limits{
	CourseMembers:             1000,
	PersonalCourseMembers:     250,
	CourseTeachers:            50,
	Memberships:               1000,
	PersonalMemberships:       100,
	InvitationsPerDay:         500,
	PersonalInvitationsPerDay: 100,
	PersonalJoinsPerDay:       30,
	PersonalCoursesPerDay:     30,
}

// named are the limits by the name under which the store keeps them.
func (l *Limits) named() map[string]*int {
	return map[string]*int{
		"courseMembers":             &l.CourseMembers,
		"personalCourseMembers":     &l.PersonalCourseMembers,
		"courseTeachers":            &l.CourseTeachers,
		"memberships":               &l.Memberships,
		"personalMemberships":       &l.PersonalMemberships,
		"invitationsPerDay":         &l.InvitationsPerDay,
		"personalInvitationsPerDay": &l.PersonalInvitationsPerDay,
		"personalJoinsPerDay":       &l.PersonalJoinsPerDay,
		"personalCoursesPerDay":     &l.PersonalCoursesPerDay,
	}
}

// writeLimits keeps those that the school sets for itself.
func writeLimits(d *db, l Limits) error {
	for name, value := range l.named() {
		if *value == 0 {
			continue
		}
		if err := d.exec(`INSERT INTO meta VALUES(?, ?)`, "limit."+name, *value); err != nil {
			return err
		}
	}
	return nil
}

// readLimits returns the limits in force, a lifted one as the largest number.
func readLimits(d *db) (Limits, error) {
	type limit struct {
		name  string
		value int
	}
	set, err := all(d, func(st *sqlite3.Stmt) limit {
		return limit{strings.TrimPrefix(st.ColumnText(0), "limit."), st.ColumnInt(1)}
	}, `SELECT name, value FROM meta WHERE name >= 'limit.' AND name < 'limit/'`)
	if err != nil {
		return Limits{}, err
	}
	limits := usualLimits
	named := limits.named()
	for _, l := range set {
		value, ok := named[l.name]
		if !ok {
			return Limits{}, fmt.Errorf("the store has a limit %q that this program does not know", l.name)
		}
		*value = l.value
		if l.value < 0 {
			*value = math.MaxInt
		}
	}
	return limits, nil
}

// Deeds that are limited by the day.
const (
	deedInvite = 1
	deedJoin   = 2
	deedCreate = 3
)

// spend notes that a user does something limited, unless they have done it
// limit times within the day before: then it returns refused's error.
func (r *request) spend(u *user, deed, limit int, refused refusal) error {
	if limit == math.MaxInt {
		return nil
	}
	now := r.now.UnixMilli()
	start := r.now.Add(-assumed.day).UnixMilli()
	if err := r.exec(`DELETE FROM deeds WHERE user = ? AND deed = ? AND at <= ?`, u.key, deed, start); err != nil {
		return err
	}
	done, err := r.number(`SELECT count(*) FROM deeds WHERE user = ? AND deed = ?`, u.key, deed)
	if err != nil {
		return err
	}
	if done >= int64(limit) {
		return refused.err()
	}
	return r.exec(`INSERT INTO deeds VALUES(?, ?, ?)`, u.key, deed, now)
}

// either is the first limit for an account or course of a domain, the second
// for a personal one.
func either(domain string, workspace, personal int) int {
	if domain == "" {
		return personal
	}
	return workspace
}
