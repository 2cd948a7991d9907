package credentials

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"
	"github.com/zalando/go-keyring"

	"github.com/iql-lang/iql/provider"
)

// DefaultProfile is the name of a sign-in where nobody gives another.
const DefaultProfile = "default"

// Keyring is how the system keyring is called in SignIn.KeptIn.
const Keyring = "the system keyring"

// keyringService is what the items of the keyring belong to.
const keyringService = "iql"

// ErrNoSignIn says that a store has no sign-in of a name.
var ErrNoSignIn = errors.New("nobody is signed in")

var errNoStore = errors.New("there is no place to keep a sign-in")

// Store keeps sign-ins by name: in the system keyring, and where there is none
// in files. A nil Store is empty.
type Store struct {
	// Dir is the folder of the files, which is made if need be.
	Dir string
	// Files says to leave the keyring alone.
	Files bool
}

// Save keeps a sign-in, in the place of one of that name, and returns where.
// It sets KeptIn.
func (s *Store) Save(name string, in *SignIn) (where string, err error) {
	if s == nil {
		return "", errNoStore
	}
	text, err := in.encode()
	if err != nil {
		return "", err
	}
	path := s.path(name)
	if !s.Files && keyring.Set(keyringService, name, string(text)) == nil {
		// An older one in a file is not read, but it opens the same doors.
		if err := remove(path); err != nil && !errors.Is(err, ErrNoSignIn) {
			return "", err
		}
		in.KeptIn = Keyring
		return Keyring, nil
	}
	if err := write(path, text); err != nil {
		return "", err
	}
	in.KeptIn = path
	return path, nil
}

// write writes a file that only its owner can read.
func write(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("keep the sign-in: %w", err)
	}
	// A file that is there would keep its mode.
	if err := os.Chmod(path, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keep the sign-in: %w", err)
	}
	if err := maybe.WriteFile(path, text, 0o600); err != nil {
		return fmt.Errorf("keep the sign-in: %w", err)
	}
	return nil
}

// path returns the file of a name, whatever letters that has.
func (s *Store) path(name string) string {
	return filepath.Join(s.Dir, "credentials-"+url.QueryEscape(name)+".json")
}

// Load returns the sign-in of a name, the newer one if both places have one.
// ErrNoSignIn if neither has; the error says too why the keyring was not read.
func (s *Store) Load(name string) (*SignIn, error) {
	if s == nil {
		return nil, ErrNoSignIn
	}
	inRing, ringErr := s.loadRing(name)
	inFile, fileErr := s.loadFile(name)
	switch {
	case inRing != nil && inFile != nil && inFile.When.After(inRing.When):
		return inFile, nil
	case inRing != nil:
		return inRing, nil
	case inFile != nil:
		return inFile, nil
	case !errors.Is(fileErr, ErrNoSignIn):
		return nil, fileErr
	}
	return nil, ringErr
}

func (s *Store) loadRing(name string) (*SignIn, error) {
	if s.Files {
		return nil, ErrNoSignIn
	}
	text, err := keyring.Get(keyringService, name)
	switch {
	case errors.Is(err, keyring.ErrNotFound), errors.Is(err, keyring.ErrUnsupportedPlatform):
		return nil, ErrNoSignIn
	case err != nil:
		return nil, fmt.Errorf("%w (%s: %w)", ErrNoSignIn, Keyring, err)
	}
	return decodeSignIn([]byte(text), Keyring)
}

func (s *Store) loadFile(name string) (*SignIn, error) {
	path := s.path(name)
	text, warning, err := readSecret(path)
	switch {
	case errors.Is(err, errNone):
		return nil, ErrNoSignIn
	case err != nil:
		return nil, err
	}
	in, err := decodeSignIn(text, path)
	if err != nil {
		return nil, err
	}
	if warning != "" {
		in.Warnings = []string{warning}
	}
	return in, nil
}

// Delete removes the sign-in of a name from both places. ErrNoSignIn if neither
// has one.
func (s *Store) Delete(name string) error {
	if s == nil {
		return ErrNoSignIn
	}
	fileErr := remove(s.path(name))
	if s.Files {
		return fileErr
	}
	switch err := keyring.Delete(keyringService, name); {
	case err == nil && errors.Is(fileErr, ErrNoSignIn):
		return nil
	case err == nil, errors.Is(err, keyring.ErrNotFound), errors.Is(err, keyring.ErrUnsupportedPlatform):
		return fileErr
	case errors.Is(fileErr, ErrNoSignIn):
		return fmt.Errorf("%w (%s: %w)", ErrNoSignIn, Keyring, err)
	}
	return fileErr
}

func remove(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoSignIn
	}
	if err != nil {
		return provider.Errorf(provider.InvalidArgument, "sign out: %w", err)
	}
	return nil
}
