package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/iql-lang/iql/provider/classroom"
)

// maxBody bounds an answer, unpacked. A page of 500 courses is well under a
// megabyte.
const maxBody = 64 << 20

// errTooLong is what reading an answer longer than maxBody ends with.
var errTooLong = errors.New("the answer is longer than 64 MiB")

// bounded reads n bytes of r, and is an error after them.
type bounded struct {
	r io.Reader
	n int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.n <= 0 {
		return 0, errTooLong
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.n)])
	b.n -= int64(n)
	return n, err
}

// weighed is a body of which the bytes that are read are counted.
type weighed struct {
	io.ReadCloser
	n *int64
}

// Read reads and counts.
func (w *weighed) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	*w.n += int64(n)
	return n, err
}

// one returns a reader of a body that is one object.
func one[T any](into *T) func(io.Reader) error {
	return func(r io.Reader) error {
		dec := json.NewDecoder(r)
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		var v *T // null is no object
		if err := json.Unmarshal(raw, &v); err != nil {
			return err
		}
		if v == nil {
			return errors.New("null is no answer")
		}
		var no struct{ Error json.RawMessage }
		if json.Unmarshal(raw, &no) == nil && no.Error != nil {
			return errIsNo
		}
		*into = *v
		return end(dec)
	}
}

// named is one for a thing that has an identifier: without it, it is not what was
// asked for, whoever answered.
func named[T interface{ name() string }](into *T) func(io.Reader) error {
	read := one(into)
	return func(r io.Reader) error {
		if err := read(r); err != nil {
			return err
		}
		if (*into).name() == "" {
			return errors.New("it has no identifier")
		}
		return nil
	}
}

// end checks that nothing follows, which also reads a compressed body to its
// checksum.
func end(dec *json.Decoder) error {
	switch _, err := dec.Token(); err {
	case io.EOF:
		return nil
	case nil:
		return errors.New("something follows the answer")
	default:
		return err
	}
}

// page is a part of a list.
type page[T any] struct {
	items []T
	next  string
}

// list returns a reader of a body that is a page of a list, whose items stand
// under key. Items are decoded as they arrive; the page is there when all of
// it is.
func list[T any](key string, into *page[T]) func(io.Reader) error {
	return func(r io.Reader) error {
		dec := json.NewDecoder(r)
		var p page[T]
		if err := expect(dec, '{'); err != nil {
			return err
		}
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return err
			}
			switch name {
			case key:
				p.items, err = items[T](dec)
			case "nextPageToken":
				err = dec.Decode(&p.next)
			case "error":
				return errIsNo
			default:
				var other json.RawMessage
				err = dec.Decode(&other)
			}
			if err != nil {
				return err
			}
		}
		if err := expect(dec, '}'); err != nil {
			return err
		}
		*into = p
		return end(dec)
	}
}

// errIsNo is an error with the status of a good answer, as some machine on the way
// may send it: no empty list, and nothing done.
var errIsNo = errors.New("it is an error, with the status of an answer")

// items decodes an array. None and null are the same.
func items[T any](dec *json.Decoder) ([]T, error) {
	first, err := dec.Token()
	if err != nil || first == nil {
		return nil, err
	}
	if first != json.Delim('[') {
		return nil, fmt.Errorf("%v where a list should be", first)
	}
	var all []T
	for dec.More() {
		var item T
		if err := dec.Decode(&item); err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, expect(dec, ']')
}

// expect reads a token.
func expect(dec *json.Decoder, want json.Delim) error {
	got, err := dec.Token()
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	if err == nil && got != want {
		err = fmt.Errorf("%v where %v should be", got, want)
	}
	return err
}

// What the API sends, as far as a Backend shows it.
// https://developers.google.com/workspace/classroom/reference/rest
type (
	wireInvitation struct {
		ID       string         `json:"id,omitempty"`
		UserID   string         `json:"userId,omitempty"`
		CourseID string         `json:"courseId,omitempty"`
		Role     classroom.Role `json:"role,omitempty"`
	}
	wireCourse struct {
		ID                 string `json:"id"`
		Name               string `json:"name"`
		Section            string `json:"section"`
		DescriptionHeading string `json:"descriptionHeading"`
		Description        string `json:"description"`
		Room               string `json:"room"`
		OwnerID            string `json:"ownerId"`
		CourseState        string `json:"courseState"`
		CreationTime       string `json:"creationTime"`
		UpdateTime         string `json:"updateTime"`
		EnrollmentCode     string `json:"enrollmentCode"`
		AlternateLink      string `json:"alternateLink"`
	}
	wireAlias struct {
		Alias string `json:"alias"`
	}
	wireMember struct {
		CourseID string      `json:"courseId"`
		UserID   string      `json:"userId"`
		Profile  wireProfile `json:"profile"`
	}
	wireProfile struct {
		ID   string `json:"id"`
		Name struct {
			GivenName  string `json:"givenName"`
			FamilyName string `json:"familyName"`
			FullName   string `json:"fullName"`
		} `json:"name"`
		EmailAddress    string `json:"emailAddress"`
		PhotoURL        string `json:"photoUrl"`
		VerifiedTeacher bool   `json:"verifiedTeacher"`
	}
)

func (w wireInvitation) name() string { return w.ID }
func (w wireCourse) name() string     { return w.ID }
func (w wireMember) name() string     { return w.UserID }
func (w wireProfile) name() string    { return w.ID }

func (w wireInvitation) invitation() *classroom.Invitation {
	return &classroom.Invitation{ID: w.ID, CourseID: w.CourseID, UserID: w.UserID, Role: w.Role}
}

func (w wireCourse) course() *classroom.Course {
	c := classroom.Course(w)
	return &c
}

func (w wireAlias) alias() string { return w.Alias }

func (w wireMember) member() *classroom.Member {
	return &classroom.Member{CourseID: w.CourseID, UserID: w.UserID, Profile: *w.Profile.profile()}
}

func (w wireProfile) profile() *classroom.UserProfile {
	return &classroom.UserProfile{
		ID:              w.ID,
		GivenName:       w.Name.GivenName,
		FamilyName:      w.Name.FamilyName,
		FullName:        w.Name.FullName,
		EmailAddress:    w.EmailAddress,
		PhotoURL:        w.PhotoURL,
		VerifiedTeacher: w.VerifiedTeacher,
	}
}
