package rest

import (
	"context"
	"errors"
	"html"
	"net/http"
	"regexp"
	"strings"

	"github.com/iql-lang/iql/provider"
)

// refusal is an error as the wire has it. The body has one of two forms:
// https://developers.google.com/workspace/classroom/reference/Shared.Types/error-structure
type refusal struct {
	http    int
	status  string // "NOT_FOUND"
	message string
	entry   entry // errors[0], in the older form
	details []detail
	// authenticate is the header WWW-Authenticate.
	authenticate string
	// page makes the body an HTML page.
	page bool
}

// entry is what errors[] holds besides the message.
type entry struct {
	message  string // instead of the refusal's own
	domain   string
	reason   string
	location string // the header that is at fault
}

// detail is a google.rpc.ErrorInfo, if it has a reason, or a
// google.rpc.BadRequest.
// https://cloud.google.com/apis/design/errors#error_details
type detail struct {
	reason     string
	metadata   [][2]string
	violations []violation
}

// violation is a fault of one field of a request.
type violation struct{ field, description string }

// reasons are the words that errors[] has for each status.
var reasons = map[provider.Code]string{
	provider.InvalidArgument:    "badRequest",
	provider.FailedPrecondition: "failedPrecondition",
	provider.OutOfRange:         "badRequest",
	provider.PermissionDenied:   "forbidden",
	provider.NotFound:           "notFound",
	provider.AlreadyExists:      "alreadyExists",
	provider.Aborted:            "aborted",
	provider.ResourceExhausted:  "rateLimitExceeded",
	provider.Internal:           "backendError",
	provider.Unavailable:        "backendError",
}

// sentences are what Google says where it has nothing particular to say. Mind
// which have a full stop.
var sentences = map[provider.Code]string{
	provider.InvalidArgument:    "Request contains an invalid argument.",
	provider.FailedPrecondition: "Precondition check failed.",
	provider.PermissionDenied:   "The caller does not have permission",
	provider.NotFound:           "Requested entity was not found.",
	provider.AlreadyExists:      "Requested entity already exists",
	provider.Aborted:            "The operation was aborted.",
	provider.ResourceExhausted:  "Resource has been exhausted (e.g. check quota).",
	provider.Internal:           "Internal error encountered.",
	provider.Unavailable:        "The service is currently unavailable.",
	provider.DeadlineExceeded:   "Deadline exceeded",
	provider.Unimplemented:      "Operation is not implemented, or supported, or enabled.",
}

// refuse returns the refusal with a code and a message of its own, or with
// Google's sentence for the code if that is empty.
func refuse(code provider.Code, message string) *refusal {
	if message == "" {
		message = sentences[code]
	}
	return &refusal{
		http:    code.HTTP(),
		status:  code.String(),
		message: message,
		entry:   entry{domain: "global", reason: reasons[code]},
	}
}

// refusalOf returns what the wire says of an error of the store. What is wrong
// with the store itself is no business of clients.
func refusalOf(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return refuse(provider.DeadlineExceeded, "")
	}
	code := provider.CodeOf(err)
	e, ok := errors.AsType[*provider.Error](err)
	switch {
	case !ok, code == provider.Internal, code == provider.Unknown:
		return refuse(provider.Internal, "")
	case code == provider.Unavailable:
		return refuse(provider.Unavailable, "")
	case code == provider.Unauthenticated:
		return badCredentials()
	case e.Reason != "":
		return refuse(code, "@"+e.Reason+" "+e.Message)
	}
	return refuse(code, e.Message)
}

// Error implements error: what serves a request may return a refusal.
func (r *refusal) Error() string { return r.status + ": " + r.message }

// hides reports whether the cause of a refusal is withheld from the client, and
// should be logged instead.
func (r *refusal) hides() bool { return r.http >= 500 }

// body is the error as JSON. Errors are indented, whatever prettyPrint says.
func (r *refusal) body(older, legacy bool) []byte {
	w := writer{pretty: true}
	w.begin()
	w.open("error")
	w.number("code", int64(r.http))
	w.text("message", r.message)
	if older || legacy {
		r.entry.write(&w, r.message)
	}
	if !legacy {
		w.text("status", r.status)
		if len(r.details) > 0 {
			w.list("details")
			for _, d := range r.details {
				d.write(&w)
			}
			w.close(']')
		}
	}
	w.close('}')
	w.end()
	return w.finish()
}

func (e *entry) write(w *writer, message string) {
	if e.message != "" {
		message = e.message
	}
	w.list("errors")
	w.begin()
	w.text("message", message)
	w.text("domain", e.domain)
	w.text("reason", e.reason)
	if e.location != "" {
		w.text("location", e.location)
		w.text("locationType", "header")
	}
	w.end()
	w.close(']')
}

func (d *detail) write(w *writer) {
	w.begin()
	if d.reason != "" {
		w.text("@type", "type.googleapis.com/google.rpc.ErrorInfo")
		w.text("reason", d.reason)
		w.text("domain", "googleapis.com")
		w.open("metadata")
		for _, pair := range d.metadata {
			w.text(pair[0], pair[1])
		}
		w.close('}')
	} else {
		w.text("@type", "type.googleapis.com/google.rpc.BadRequest")
		w.list("fieldViolations")
		for _, v := range d.violations {
			w.begin()
			w.text("field", v.field)
			w.text("description", v.description)
			w.end()
		}
		w.close(']')
	}
	w.end()
}

// badRequest is the refusal of a request whose fields are wrong, one violation
// each; its message has them all.
func badRequest(violations []violation) *refusal {
	var sentences []string
	for _, v := range violations {
		sentences = append(sentences, v.description)
	}
	r := refuse(provider.InvalidArgument, strings.Join(sentences, "\n"))
	r.entry = entry{reason: "invalid"}
	r.details = []detail{{violations: violations}}
	return r
}

// page404 is what stands where nothing is.
func page404(method, path string) *refusal {
	r := refuse(provider.NotFound, "")
	r.page = true
	r.message = "There is nothing at " + path + " for " + method + "."
	return r
}

// html is the refusal as a page.
func (r *refusal) html() []byte {
	title := html.EscapeString(http.StatusText(r.http))
	return []byte("<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Error: " + title + "</title>\n<h1>" +
		title + "</h1>\n<p>" + html.EscapeString(r.message) + "\n</html>\n")
}

// official is what the User-Agent of Google's own clients has in it.
var official = regexp.MustCompile(`google-api-[a-z]+-client/`)
