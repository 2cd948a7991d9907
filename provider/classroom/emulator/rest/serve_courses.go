package rest

import (
	"strings"

	"github.com/iql-lang/iql/provider/classroom"
)

func getCourse(c *call) error {
	found, err := c.user.GetCourse(c.ctx, c.path[0])
	return c.course(found, err)
}

func listCourses(c *call) error {
	page, next, err := c.user.ListCourses(c.ctx, classroom.CourseQuery{
		StudentID: c.text("studentId"),
		TeacherID: c.text("teacherId"),
		States:    c.query["courseStates"],
		Page:      c.page(),
	})
	if err != nil {
		return err
	}
	writePage(&c.out, "courses", page, next, c.out.course)
	return nil
}

func createCourse(c *call) error {
	made, err := c.user.CreateCourse(c.ctx, c.body.course())
	return c.course(made, err)
}

func patchCourse(c *call) error {
	var fields []string
	if mask := c.text("updateMask"); mask != "" {
		fields = strings.Split(mask, ",")
	}
	for i, name := range fields {
		if f := find(course.fields, name); f != nil {
			fields[i] = f.name
		}
	}
	changed, err := c.user.PatchCourse(c.ctx, c.path[0], c.body.course(), fields)
	return c.course(changed, err)
}

func deleteCourse(c *call) error { return c.user.DeleteCourse(c.ctx, c.path[0]) }

func listAliases(c *call) error {
	page, next, err := c.user.ListCourseAliases(c.ctx, c.path[0], c.page())
	if err != nil {
		return err
	}
	writePage(&c.out, "aliases", page, next, func(alias string) { c.out.text("alias", alias) })
	return nil
}

func createAlias(c *call) error {
	made, err := c.user.CreateCourseAlias(c.ctx, c.path[0], c.body.text("alias"))
	if err != nil {
		return err
	}
	c.out.text("alias", made)
	return nil
}

func deleteAlias(c *call) error { return c.user.DeleteCourseAlias(c.ctx, c.path[0], c.path[1]) }

// course is the course that a body describes.
func (v values) course() classroom.Course {
	return classroom.Course{
		ID:                 v.text("id"),
		Name:               v.text("name"),
		Section:            v.text("section"),
		DescriptionHeading: v.text("descriptionHeading"),
		Description:        v.text("description"),
		Room:               v.text("room"),
		OwnerID:            v.text("ownerId"),
		CourseState:        v.state(),
	}
}

// state is the course's state; the word for none is none.
func (v values) state() string {
	state := v.text("courseState")
	if state == courseState.words[0] {
		return ""
	}
	return state
}

// course answers with a course, or returns the error.
func (c *call) course(found *classroom.Course, err error) error {
	if err != nil {
		return err
	}
	c.out.course(found)
	return nil
}

func (w *writer) course(c *classroom.Course) {
	w.text("id", c.ID)
	w.text("name", c.Name)
	w.text("section", c.Section)
	w.text("descriptionHeading", c.DescriptionHeading)
	w.text("description", c.Description)
	w.text("room", c.Room)
	w.text("ownerId", c.OwnerID)
	w.text("creationTime", c.CreationTime)
	w.text("updateTime", c.UpdateTime)
	w.text("enrollmentCode", c.EnrollmentCode)
	w.text("courseState", c.CourseState)
	w.text("alternateLink", c.AlternateLink)
}
