package rest

import (
	"cmp"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
)

func getStudent(c *call) error {
	m, err := c.user.GetStudent(c.ctx, c.path[0], c.path[1])
	return c.member(m, err)
}

func listStudents(c *call) error {
	page, next, err := c.user.ListStudents(c.ctx, c.path[0], c.page())
	return c.members("students", page, next, err)
}

func createStudent(c *call) error {
	m, err := c.user.CreateStudent(c.ctx, c.path[0], c.body.text("userId"), c.text("enrollmentCode"))
	return c.member(m, err)
}

func deleteStudent(c *call) error { return c.user.DeleteStudent(c.ctx, c.path[0], c.path[1]) }

func getTeacher(c *call) error {
	m, err := c.user.GetTeacher(c.ctx, c.path[0], c.path[1])
	return c.member(m, err)
}

func listTeachers(c *call) error {
	page, next, err := c.user.ListTeachers(c.ctx, c.path[0], c.page())
	return c.members("teachers", page, next, err)
}

func createTeacher(c *call) error {
	m, err := c.user.CreateTeacher(c.ctx, c.path[0], c.body.text("userId"))
	return c.member(m, err)
}

func deleteTeacher(c *call) error { return c.user.DeleteTeacher(c.ctx, c.path[0], c.path[1]) }

func getUserProfile(c *call) error {
	p, err := c.user.GetUserProfile(c.ctx, c.path[0])
	if err != nil {
		return err
	}
	c.profile(p)
	return nil
}

// member answers with a student or a teacher, or returns the error.
func (c *call) member(m *classroom.Member, err error) error {
	if err != nil {
		return err
	}
	c.writeMember(m)
	return nil
}

// members answers with a page of them.
func (c *call) members(name string, page []*classroom.Member, next string, err error) error {
	if err != nil {
		return err
	}
	writePage(&c.out, name, page, next, c.writeMember)
	return nil
}

func (c *call) writeMember(m *classroom.Member) {
	c.out.text("courseId", m.CourseID)
	c.out.text("userId", m.UserID)
	if c.out.open("profile") {
		c.profile(&m.Profile)
		c.out.close('}')
	}
}

// profile writes what the grant lets its holder know of a user.
func (c *call) profile(p *classroom.UserProfile) {
	w := &c.out
	w.text("id", p.ID)
	if w.open("name") {
		w.text("givenName", p.GivenName)
		w.text("familyName", p.FamilyName)
		w.text("fullName", p.FullName)
		w.close('}')
	}
	if c.grant.has(scopeEmails) {
		w.text("emailAddress", p.EmailAddress)
	}
	if c.grant.has(scopePhotos) {
		w.text("photoUrl", p.PhotoURL)
	}
	w.flag("verifiedTeacher", p.VerifiedTeacher)
}

// getDirectoryUser answers as the Directory API does: to the admins of the
// user's domain, and with what is public to everybody in it.
// https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/get
func getDirectoryUser(c *call) error {
	caller, err := c.server.store.User(c.ctx, c.grant.User)
	if err != nil {
		return err
	}
	found, err := c.server.store.User(c.ctx, c.path[0])
	switch {
	case provider.CodeOf(err) == provider.NotFound && caller.Admin:
		return refuse(provider.NotFound, texts.directory404)
	case provider.CodeOf(err) == provider.NotFound:
		return refuse(provider.PermissionDenied, texts.directory403)
	case err != nil:
		return err
	}
	sameDomain := found.Domain != "" && found.Domain == caller.Domain
	public := c.text("viewType") == "domain_public"
	switch {
	case caller.Admin && found.Domain == "":
		return refuse(provider.NotFound, texts.directory404)
	case !sameDomain || !caller.Admin && !public:
		return refuse(provider.PermissionDenied, texts.directory403)
	}
	w := &c.out
	w.text("kind", "admin#directory#user")
	w.text("id", found.ID)
	w.text("primaryEmail", found.EmailAddress)
	if w.open("name") {
		w.text("givenName", found.GivenName)
		w.text("familyName", found.FamilyName)
		w.text("fullName", cmp.Or(found.FullName, found.EmailAddress))
		w.close('}')
	}
	if !public {
		w.truth("isAdmin", found.Admin)
		w.truth("suspended", found.Disabled)
	}
	w.text("thumbnailPhotoUrl", found.PhotoURL)
	return nil
}
