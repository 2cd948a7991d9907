package emulator

import (
	"crypto/rand"
	"fmt"
	"strings"
)

// fill makes the tables and puts the school into them.
func fill(d *db, seed *School) error {
	t, err := seed.settle()
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	err = d.conn.Exec(schema + fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = %d`,
		applicationID, schemaVersion))
	if err != nil {
		return err
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	if err := d.exec(`INSERT INTO meta VALUES('secret', ?)`, secret); err != nil {
		return err
	}
	if err := writeLimits(d, seed.Limits); err != nil {
		return err
	}
	for _, step := range []func(*db) error{t.fillDomains, t.fillUsers, t.fillCourses, t.fillInvitations} {
		if err := step(d); err != nil {
			return err
		}
	}
	return nil
}

func (t *settled) fillDomains(d *db) error {
	for _, domain := range t.domains {
		trusted := " " + strings.ToLower(strings.Join(domain.Trusted, " ")) + " "
		err := d.exec(`INSERT INTO domains VALUES(?, ?, ?)`, domain.Name, domain.Edition == "paid", trusted)
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *settled) fillUsers(d *db) error {
	for i, u := range t.users {
		err := d.exec(`INSERT INTO users VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			i+1, u.ID, u.Email, t.domain(i+1), u.Name, u.GivenName, u.FamilyName, u.PhotoURL,
			u.VerifiedTeacher, u.Admin, u.Disabled, u.APIDisabled, u.ClassroomDisabled)
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *settled) fillCourses(d *db) error {
	for i := range t.courses {
		c := &t.courses[i]
		err := d.exec(`INSERT INTO courses VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			i+1, c.ID, c.Name, c.Section, c.DescriptionHeading, c.Description, c.Room, c.owner,
			c.CourseState, c.created.UnixMilli(), c.updated.UnixMilli(), c.EnrollmentCode, link(c.ID))
		if err != nil {
			return err
		}
		for _, user := range c.members {
			if err := d.exec(`INSERT INTO members VALUES(?, ?, ?)`, i+1, c.ranks[user], user); err != nil {
				return err
			}
		}
		for _, alias := range c.Aliases {
			scope, err := t.scope(c, alias)
			if err != nil {
				return err
			}
			err = d.exec(`INSERT INTO aliases(scope, name, course) VALUES(?, ?, ?)`, scope, alias, i+1)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *settled) fillInvitations(d *db) error {
	for i, inv := range t.invited {
		if err := d.exec(insertInvitation, i+1, inv.id, inv.course, inv.user, inv.rank); err != nil {
			return err
		}
	}
	return nil
}
