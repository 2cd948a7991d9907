// Package official holds tests alone: Google's own Go client for Classroom
// (google.golang.org/api/classroom/v1) at work against the emulator. It is a
// module of its own, so that the client's dependencies stay out of iql's.
package official
