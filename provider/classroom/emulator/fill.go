package emulator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"
)

// contents are what a new store is filled with.
type contents interface {
	check() error     // whether they can be, before there is a store
	fill(d *db) error // into empty tables
}

// build makes a store of an empty database.
func build(d *db, c contents) (err error) {
	// Contents hold together by themselves; there is no need to look for the
	// parents of each row.
	if _, err := d.conn.Config(sqlite3.DBCONFIG_ENABLE_FKEY, false); err != nil {
		return err
	}
	defer func() {
		_, on := d.conn.Config(sqlite3.DBCONFIG_ENABLE_FKEY, true)
		err = errors.Join(err, on)
	}()
	if err := d.conn.Exec(tables); err != nil {
		return err
	}
	secret := make([]byte, 32)
	rand.Read(secret)
	if err := d.exec(`INSERT INTO meta VALUES('secret', ?)`, secret); err != nil {
		return err
	}
	if err := c.fill(d); err != nil {
		return err
	}
	return d.conn.Exec(indexes + fmt.Sprintf(`PRAGMA application_id = %d; PRAGMA user_version = %d`,
		applicationID, schemaVersion))
}

// Reseed replaces all that the store holds by the school, in one transaction:
// others see the one or the other. Callers whose address is in the new school
// go on as the user who has it there; the rest are UNAUTHENTICATED. A seed that
// contradicts itself changes nothing.
func (s *Store) Reseed(ctx context.Context, seed *School) error {
	return s.tx(ctx, writes, func(d *db) error {
		for _, statement := range []string{
			`DELETE FROM deeds`, `DELETE FROM invitations`, `DELETE FROM aliases`, `DELETE FROM members`,
			`DELETE FROM courses`, `DELETE FROM users`, `DELETE FROM domains`,
			`DELETE FROM sqlite_sequence`,
			`DELETE FROM meta WHERE name != 'secret'`, // page tokens are the store's
		} {
			if err := d.exec(statement); err != nil {
				return err
			}
		}
		return seed.fill(d)
	})
}

// check implements contents: it reports the first thing in the school that
// contradicts itself.
func (s *School) check() error {
	if _, err := s.settle(); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	return nil
}

// fill implements contents.
func (s *School) fill(d *db) error {
	t, err := s.settle()
	if err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if err := writeLimits(d, s.Limits); err != nil {
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

const insertUser = `INSERT INTO users VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (t *settled) fillUsers(d *db) error {
	for i, u := range t.users {
		err := d.exec(insertUser,
			i+1, u.ID, u.Email, t.domain(i+1), u.Name, u.GivenName, u.FamilyName, u.PhotoURL,
			u.VerifiedTeacher, u.Admin, u.Disabled, u.APIDisabled, u.ClassroomDisabled)
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	insertCourse = `INSERT INTO courses VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	insertAlias  = `INSERT INTO aliases(scope, name, course) VALUES(?, ?, ?)`
)

func (t *settled) fillCourses(d *db) error {
	for i := range t.courses {
		c := &t.courses[i]
		err := d.exec(insertCourse,
			i+1, c.ID, c.Name, c.Section, c.DescriptionHeading, c.Description, c.Room, c.owner,
			c.CourseState, c.created.UnixMilli(), c.updated.UnixMilli(), c.EnrollmentCode, link(c.ID))
		if err != nil {
			return err
		}
		for _, user := range c.members {
			if err := d.exec(insertMember, i+1, c.ranks[user], user); err != nil {
				return err
			}
		}
		for _, alias := range c.Aliases {
			scope, err := t.scope(c, alias)
			if err != nil {
				return err
			}
			err = d.exec(insertAlias, scope, alias, i+1)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

const insertMember = `INSERT INTO members VALUES(?, ?, ?)`

func (t *settled) fillInvitations(d *db) error {
	for i, inv := range t.invited {
		if err := d.exec(insertInvitation, i+1, inv.id, inv.course, inv.user, inv.rank); err != nil {
			return err
		}
	}
	return nil
}
