package emulator

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider"
)

// maxID bounds the identifiers of requests; what is longer names nothing. The
// longest real ones are e-mail addresses (254) and course aliases (256).
const maxID = 512

// Caller is a user at work: a [classroom.Backend] that answers as that user
// may see and change things, and the methods of Classroom that a Backend does
// not need.
type Caller struct {
	store   *Store
	user    *user // as [Store.As] found them; each request looks again
	project string
	request *request // the one that all calls are part of, within Recall
}

// usualProject is the Cloud project that callers come from, if nobody says;
// the "p:" aliases of a [School] are its own.
const usualProject = "iql"

// WithProject returns the same user, coming from another Cloud project: "p:"
// aliases are for the project in which they were made.
// https://developers.google.com/workspace/classroom/guides/manage-aliases
func (c *Caller) WithProject(number string) *Caller {
	from := *c
	from.project = cmp.Or(number, usualProject)
	return &from
}

// As returns the caller for a user, who is named by number or e-mail address;
// empty is the school's first admin. An unknown or disabled user is
// UNAUTHENTICATED.
func (s *Store) As(name string) (*Caller, error) {
	var found *user
	err := s.tx(context.Background(), reads, func(d *db) (err error) {
		if name == "" {
			found, err = first(d, scanUser, `SELECT `+userColumns+` FROM users u WHERE u.admin ORDER BY u.key LIMIT 1`)
		} else {
			found, err = findUser(d, name)
		}
		if err != nil || found != nil {
			return err
		}
		return stranger(d, name)
	})
	if err != nil {
		return nil, err
	}
	if found.disabled {
		return nil, disabled(found)
	}
	return &Caller{store: s, user: found, project: usualProject}, nil
}

// Delegate returns the caller for another user of the same domain, as
// domain-wide delegation lets a client act for anybody in it; everybody else is
// PERMISSION_DENIED.
// https://developers.google.com/identity/protocols/oauth2/service-account
func (c *Caller) Delegate(name string) (*Caller, error) {
	other, err := c.store.As(name)
	if err != nil {
		return nil, err
	}
	if other.user.key != c.user.key && (c.user.domain == "" || other.user.domain != c.user.domain) {
		return nil, provider.Errorf(provider.PermissionDenied, "%s is not of the domain of %s", other.user.email, c.user.email)
	}
	return other, nil
}

func disabled(u *user) error {
	return provider.Errorf(provider.Unauthenticated, "the account of %s is disabled", u.email)
}

// stranger returns the error for a name that nobody has, with the nearest
// address that somebody does.
func stranger(d *db, name string) error {
	if name == "" {
		return provider.Errorf(provider.Unauthenticated, "the school has no admin: say which user you are")
	}
	const enough = 10_000
	emails, err := all(d, func(st *sqlite3.Stmt) string { return st.ColumnText(0) },
		`SELECT email FROM users ORDER BY key LIMIT ?`, enough)
	if err != nil {
		return err
	}
	hint := ""
	if near := nearestAddress(name, emails); near != "" {
		hint = fmt.Sprintf("; did you mean %s?", near)
	}
	return provider.Errorf(provider.Unauthenticated, "the school has no user %q%s", name, hint)
}

// user is what a request needs to know of a user; the profile is read apart.
type user struct {
	key          int64
	id           string
	email        string
	domain       string // empty for a personal account
	admin        bool
	disabled     bool
	apiOff       bool
	classroomOff bool
}

const userColumns = `u.key, u.id, u.email, u.domain, u.admin, u.disabled, u.api_off, u.classroom_off`

func scanUser(st *sqlite3.Stmt) user {
	return user{
		key:          st.ColumnInt64(0),
		id:           st.ColumnText(1),
		email:        st.ColumnText(2),
		domain:       st.ColumnText(3),
		admin:        st.ColumnBool(4),
		disabled:     st.ColumnBool(5),
		apiOff:       st.ColumnBool(6),
		classroomOff: st.ColumnBool(7),
	}
}

// rules reports whether u is an admin with power over a domain's users and
// over the courses that they own.
func (u *user) rules(domain string) bool {
	return u.admin && u.domain != "" && u.domain == domain
}

// findUser returns the user with a number or an e-mail address, nil if there
// is none.
func findUser(d *db, name string) (*user, error) {
	switch {
	case len(name) > maxID:
		return nil, nil
	case strings.Contains(name, "@"):
		return first(d, scanUser, `SELECT `+userColumns+` FROM users u WHERE u.email = ?`, strings.ToLower(name))
	case digits(name):
		return first(d, scanUser, `SELECT `+userColumns+` FROM users u WHERE u.id = ?`, name)
	}
	return nil, nil
}

// digits reports whether s is a number as Google writes identifiers.
func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// request is one call by a user, within its transaction.
type request struct {
	*db
	store   *Store
	caller  *user
	project string
	now     time.Time
}

// ask runs fn as one request in a transaction, unless the caller is kept from
// Classroom altogether. Within [Caller.Recall] it is part of that request.
func ask[T any](ctx context.Context, c *Caller, begin string, fn func(*request) (T, error)) (T, error) {
	var answer, none T
	if c.request != nil {
		if begin != reads {
			panic("a change within Recall")
		}
		return fn(c.request)
	}
	err := c.store.tx(ctx, begin, func(d *db) error {
		caller, err := c.admit(d)
		if err != nil {
			return err
		}
		answer, err = fn(&request{db: d, store: c.store, caller: caller, project: c.project, now: c.store.now()})
		return err
	})
	if err != nil {
		return none, err
	}
	return answer, nil
}

// admit returns the caller as the store knows them now, unless they are kept
// from Classroom.
func (c *Caller) admit(d *db) (*user, error) {
	u, err := findUser(d, c.user.email)
	switch {
	case err != nil:
		return nil, err
	case u == nil:
		return nil, stranger(d, c.user.email)
	case u.disabled:
		return nil, disabled(u)
	case u.apiOff:
		return nil, apiDisabled.err()
	case u.classroomOff:
		return nil, classroomDisabled.err()
	}
	return u, nil
}

// change is ask for a request that has no answer.
func change(ctx context.Context, c *Caller, fn func(*request) error) error {
	_, err := ask(ctx, c, writes, func(r *request) (struct{}, error) {
		return struct{}{}, fn(r)
	})
	return err
}

// user returns the user with a number or an e-mail address, or the caller for
// "me". NOT_FOUND.
func (r *request) user(name string) (*user, error) {
	u, err := r.find(name)
	if err == nil && u == nil {
		err = malformedID.err()
	}
	return u, err
}

// find is user, but nil if there is none.
func (r *request) find(name string) (*user, error) {
	if name == "me" {
		return r.caller, nil
	}
	return findUser(r.db, name)
}
