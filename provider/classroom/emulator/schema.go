package emulator

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// A store says what it is in the header of its SQLite file
// (https://www.sqlite.org/fileformat2.html#the_database_header).
const (
	applicationID = 0x69716c43 // "iqlC"
	schemaVersion = 1          // raised with every change of schema
)

// tables are what a new store is made of. People and courses have a key of
// ours, small and never shown, by which the other tables know them; the
// identifiers that callers use are looked up once per request.
const tables = `
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE domains(
	name    TEXT PRIMARY KEY,
	paid    INTEGER NOT NULL,
	trusted TEXT NOT NULL -- names of domains, each between blanks
) WITHOUT ROWID;

CREATE TABLE users(
	key           INTEGER PRIMARY KEY,
	id            TEXT NOT NULL,
	email         TEXT NOT NULL, -- lower case
	domain        TEXT NOT NULL, -- empty for a personal account
	full_name     TEXT NOT NULL,
	given_name    TEXT NOT NULL,
	family_name   TEXT NOT NULL,
	photo_url     TEXT NOT NULL,
	verified      INTEGER NOT NULL,
	admin         INTEGER NOT NULL,
	disabled      INTEGER NOT NULL,
	api_off       INTEGER NOT NULL,
	classroom_off INTEGER NOT NULL
);

CREATE TABLE courses(
	key         INTEGER PRIMARY KEY,
	id          TEXT NOT NULL,
	name        TEXT NOT NULL,
	section     TEXT NOT NULL,
	heading     TEXT NOT NULL,
	description TEXT NOT NULL,
	room        TEXT NOT NULL,
	owner       INTEGER NOT NULL, -- users.key; the owner is among the teachers
	state       TEXT NOT NULL,
	created     INTEGER NOT NULL, -- Unix milliseconds, as all times here
	updated     INTEGER NOT NULL,
	code        TEXT NOT NULL,
	link        TEXT NOT NULL
);

CREATE TABLE members(
	course INTEGER NOT NULL REFERENCES courses ON DELETE CASCADE,
	role   INTEGER NOT NULL, -- 1 student, 2 teacher
	user   INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	PRIMARY KEY (course, role, user)
) WITHOUT ROWID;

CREATE TABLE aliases(
	key    INTEGER PRIMARY KEY,
	scope  TEXT NOT NULL, -- who may use it: "d:" and a domain, "p:" and a project
	name   TEXT NOT NULL, -- with its prefix
	course INTEGER NOT NULL REFERENCES courses ON DELETE CASCADE
);

CREATE TABLE invitations(
	seq    INTEGER PRIMARY KEY AUTOINCREMENT, -- the order of lists; never used twice
	id     TEXT NOT NULL,
	course INTEGER NOT NULL REFERENCES courses ON DELETE CASCADE,
	user   INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	role   INTEGER NOT NULL -- 1 student, 2 teacher, 3 owner
);

-- What users did that is limited by the day.
CREATE TABLE deeds(
	user INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
	deed INTEGER NOT NULL, -- 1 invited someone, 2 joined a course, 3 made a course
	at   INTEGER NOT NULL
);
`

// indexes are made when the tables are full, which takes half the time of
// keeping them meanwhile. Every list is served by one in the order of its
// pages, so that a page costs the same wherever it begins: invitations by seq,
// courses from the newest, members by their key, aliases by theirs.
const indexes = `
CREATE UNIQUE INDEX users_id ON users(id);
CREATE UNIQUE INDEX users_email ON users(email);
CREATE INDEX users_admin ON users(key) WHERE admin;
CREATE UNIQUE INDEX courses_id ON courses(id);
CREATE INDEX courses_newest ON courses(created DESC, key DESC);
CREATE UNIQUE INDEX members_user ON members(user, course);
CREATE UNIQUE INDEX aliases_name ON aliases(name, scope);
CREATE INDEX aliases_course ON aliases(course);
CREATE UNIQUE INDEX invitations_id ON invitations(id);
CREATE UNIQUE INDEX invitations_once ON invitations(user, course); -- one per user and course
CREATE INDEX invitations_course ON invitations(course);
CREATE INDEX invitations_user ON invitations(user);
CREATE UNIQUE INDEX invitations_owner ON invitations(course) WHERE role = 3;
CREATE INDEX deeds_user ON deeds(user, deed, at);
`

// inspect looks at the file at path without changing it, and before SQLite
// may: fresh says that there is none, or an empty one; a file that is not a
// store that this version can read is an error.
func inspect(path string) (fresh bool, err error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	var header [72]byte
	switch n, err := io.ReadFull(f, header[:]); {
	case errors.Is(err, io.EOF):
		return true, nil
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return false, err
	case n < len(header) || string(header[:16]) != "SQLite format 3\x00":
		return false, notStore(path)
	}
	return false, checkVersion(path,
		int64(binary.BigEndian.Uint32(header[68:])),
		int64(binary.BigEndian.Uint32(header[60:])))
}

// checkVersion says whether a file with these marks is a store that this
// version of the emulator can read.
func checkVersion(path string, application, version int64) error {
	if application != applicationID {
		return notStore(path)
	}
	if version > schemaVersion {
		return fmt.Errorf("%s is a store of version %d; this program reads up to %d: use a newer one, or another file",
			path, version, schemaVersion)
	}
	return nil
}

// ErrNotStore is wrapped by the error of a file that is something else.
var ErrNotStore = errors.New("is not a Classroom store")

func notStore(path string) error {
	return fmt.Errorf("%s %w, and is left as it is: choose another file", path, ErrNotStore)
}
