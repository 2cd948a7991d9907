package emulator

import (
	"context"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider/classroom"
)

// Account is a user as the administrators of the school know them.
type Account struct {
	classroom.UserProfile
	Domain            string // the Workspace domain; empty for a personal account
	Admin             bool
	Disabled          bool // suspended: cannot sign in, or be invited
	APIDisabled       bool // refused with ClassroomApiDisabled
	ClassroomDisabled bool // refused with ClassroomDisabled
}

// User returns the account with this number or e-mail address, whoever asks.
// NOT_FOUND.
func (s *Store) User(ctx context.Context, key string) (*Account, error) {
	var account *Account
	err := s.tx(ctx, reads, func(d *db) error {
		u, err := findUser(d, key)
		if err != nil {
			return err
		}
		if u == nil {
			return notFound.err()
		}
		account, err = first(d, func(st *sqlite3.Stmt) Account {
			return Account{
				UserProfile:       scanMember(st).profile,
				Domain:            u.domain,
				Admin:             u.admin,
				Disabled:          u.disabled,
				APIDisabled:       u.apiOff,
				ClassroomDisabled: u.classroomOff,
			}
		}, `SELECT `+profileColumns+` FROM users u WHERE u.key = ?`, u.key)
		return err
	})
	if err != nil {
		return nil, err
	}
	return account, nil
}
