package emulator

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// maxAlias is how long an alias may be.
// https://developers.google.com/workspace/classroom/reference/rest/v1/courses.aliases
const maxAlias = 256

// firstTerm is when the first course of a school was made, if nobody says.
// The others follow, one an hour.
var firstTerm = time.Date(2026, time.January, 5, 8, 0, 0, 0, time.UTC)

func (t *settled) settleCourses(s *School) error {
	t.courses = make([]settledCourse, len(s.Courses))
	for i, seed := range s.Courses {
		c := &t.courses[i]
		c.SeedCourse = seed
		if c.ID == "" {
			c.ID = fmt.Sprintf("6%011d", scatter(fmt.Sprintf("%d %s", i, c.Name))%1e11)
		}
		c.CourseState = cmp.Or(c.CourseState, "ACTIVE")
		c.EnrollmentCode = cmp.Or(c.EnrollmentCode, enrollmentCode(c.ID))
		switch {
		case !digits(c.ID) || len(c.ID) > maxID:
			return wrong(c.line, "course %q: id %q is not a number", c.Name, c.ID)
		case t.courseKeys[c.ID] != 0:
			return wrong(c.line, "course %s is there twice", c.ID)
		case !slices.Contains(states, c.CourseState):
			return wrong(c.line, "course %s: courseState %q%s", c.ID, c.CourseState, meant(c.CourseState, states...))
		}
		t.courseKeys[c.ID] = i + 1
		if err := t.settleMembers(c); err != nil {
			return err
		}
		if err := c.settleTimes(firstTerm.Add(time.Duration(i) * time.Hour)); err != nil {
			return err
		}
		if err := t.settleAliases(c, i+1); err != nil {
			return err
		}
	}
	return nil
}

// settleMembers finds the owner, the teachers and the students.
func (t *settled) settleMembers(c *settledCourse) error {
	what := "course " + c.ID
	if c.OwnerID == "" {
		return wrong(c.line, "%s has no ownerId", what)
	}
	owner, err := t.user(c.line, what, c.OwnerID)
	if err != nil {
		return err
	}
	c.owner = owner
	c.ranks = make(map[int]int, 1+len(c.Teachers)+len(c.Students))
	for rank, names := range [][]string{rankStudent: c.Students, rankTeacher: c.Teachers} {
		for _, name := range names {
			user, err := t.user(c.line, what, name)
			if err != nil {
				return err
			}
			if c.ranks[user] != 0 || user == owner && rank == rankStudent {
				return wrong(c.line, "%s: %s is there twice", what, name)
			}
			c.ranks[user] = rank
		}
	}
	c.ranks[owner] = rankTeacher
	c.members = slices.Sorted(maps.Keys(c.ranks))
	return nil
}

// settleTimes reads the times, which default to that given.
func (c *settledCourse) settleTimes(usual time.Time) error {
	for _, at := range []struct {
		name, text string
		time       *time.Time
	}{
		{"creationTime", c.CreationTime, &c.created},
		{"updateTime", c.UpdateTime, &c.updated},
	} {
		*at.time = usual
		if at.text != "" {
			parsed, err := time.Parse(time.RFC3339, at.text)
			if err != nil {
				return wrong(c.line, "course %s: %s %q is not a time like 2026-09-01T08:00:00Z", c.ID, at.name, at.text)
			}
			*at.time = parsed
		}
		usual = *at.time
	}
	return nil
}

// settleAliases checks the aliases and notes whom they serve.
func (t *settled) settleAliases(c *settledCourse, key int) error {
	for _, alias := range c.Aliases {
		scope, err := t.scope(c, alias)
		if err != nil {
			return err
		}
		name := scope + " " + alias
		if other := t.courseKeys[name]; other != 0 {
			return wrong(c.line, "course %s: alias %q is also that of course %s", c.ID, alias, t.courses[other-1].ID)
		}
		t.courseKeys[name] = key
	}
	return nil
}

// scope returns the scope of a course's alias: the owner's domain or the
// project.
func (t *settled) scope(c *settledCourse, alias string) (string, error) {
	if len(alias) > maxAlias {
		return "", wrong(c.line, "course %s: an alias has more than %d letters", c.ID, maxAlias)
	}
	kind, name, _ := strings.Cut(alias, ":")
	domain := t.domain(c.owner)
	switch {
	case name == "" || kind != "d" && kind != "p":
		return "", wrong(c.line, `course %s: alias %q does not begin with "d:" or "p:"`, c.ID, alias)
	case kind == "p":
		return projectScope(usualProject), nil
	case domain == "":
		return "", wrong(c.line, "course %s: alias %q is for a domain, and the owner is in none", c.ID, alias)
	}
	return domainScope(domain), nil
}

// course returns the key of the course that a seed calls name: its number, or
// an alias, that of the user's own domain first. What is who names the course,
// for the error.
func (t *settled) course(line int, what, name string, user int) (int, error) {
	scopes := []string{domainScope(t.domain(user)), projectScope(usualProject)}
	for _, d := range t.domains { // somebody from outside is invited by an alias from inside
		scopes = append(scopes, domainScope(d.Name))
	}
	if key := t.courseKeys[name]; key != 0 {
		return key, nil
	}
	for _, scope := range scopes {
		if key := t.courseKeys[scope+" "+name]; key != 0 {
			return key, nil
		}
	}
	var known []string
	for _, c := range t.courses {
		known = append(append(known, c.ID), c.Aliases...)
	}
	return 0, wrong(line, "%s: there is no course %q%s", what, name, meant(name, known...))
}

// enrollmentCode mints the code with which people may join a course.
func enrollmentCode(courseID string) string {
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	n := scatter("code " + courseID)
	code := make([]byte, 7)
	for i := range code {
		code[i] = letters[n%uint64(len(letters))]
		n /= uint64(len(letters))
	}
	return string(code)
}

// link returns the address of a course's page.
func link(courseID string) string {
	return "https://classroom.google.com/c/" + base64.RawURLEncoding.EncodeToString([]byte(courseID))
}
