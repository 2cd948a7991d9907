package live

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/iql-lang/iql/provider"
)

// maxRefusal bounds what is read of a refusal.
const maxRefusal = 64 << 10

// maxMessage bounds what a person is told of a refusal that is no JSON, in
// bytes.
const maxMessage = 300

// refusal is an answer that says no.
type refusal struct {
	*provider.Error
	status int
	// front says that it was JSON, as the service writes it: others are of
	// machines on the way.
	front bool
}

// envelope is a refusal's body in either of its forms, and in that of the
// token service.
// https://developers.google.com/workspace/classroom/reference/Shared.Types/error-structure
type envelope struct {
	Error       json.RawMessage `json:"error"`
	Description string          `json:"error_description"`
}

type wireError struct {
	Message string `json:"message"`
	Status  string `json:"status"`
	Errors  []struct {
		Message string `json:"message"`
		Reason  string `json:"reason"`
	} `json:"errors"`
	Details []struct {
		Reason string `json:"reason"`
	} `json:"details"`
}

// readRefusal makes an error of an answer whose status says no.
func readRefusal(resp *http.Response) *refusal {
	// What has arrived is what there is to say.
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	r := parseRefusal(resp.StatusCode, resp.Header.Get("Content-Type"), body)
	r.Scopes = missingScopes(resp.Header.Values("Www-Authenticate"))
	r.hint()
	return r
}

// parseRefusal makes an error of a status and a body, whatever it holds.
func parseRefusal(status int, contentType string, body []byte) *refusal {
	r := &refusal{status: status, Error: &provider.Error{Code: codeOf(status)}}
	body = bytes.TrimSpace(body)
	if w, ok := parseEnvelope(body); ok {
		r.front = true
		r.fill(w)
	} else {
		r.Message = plain(contentType, body)
		if status == http.StatusForbidden && overRate.MatchString(r.Message) {
			r.Code = provider.ResourceExhausted
		}
		if notOurs(status) && r.Code != provider.ResourceExhausted {
			r.Code = provider.Unknown
			r.Hint = "something else answered in the place of Google Classroom: a proxy, a filter, or another address (--endpoint)"
		}
	}
	if r.Message == "" {
		r.Message = http.StatusText(status)
	}
	if r.Message == "" {
		r.Message = "the service answered " + itoa(status)
	}
	return r
}

// notOurs reports whether a status means something of what was asked for, if the
// service says it, and nothing if a page of somebody else's does: a missing page
// is no missing invitation.
func notOurs(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusGone:
		return true
	}
	return false
}

// overRate is what plain text says when a machine on the way counts requests.
var overRate = regexp.MustCompile(`(?i)request rate|quota exceeded|rate limit`)

// parseEnvelope reads the JSON of a refusal.
func parseEnvelope(body []byte) (*wireError, bool) {
	// Some of Google's machines put it in a list.
	if rest, ok := bytes.CutPrefix(body, []byte("[")); ok {
		body = bytes.TrimSuffix(rest, []byte("]"))
	}
	var e envelope
	if json.Unmarshal(body, &e) != nil || len(e.Error) == 0 {
		return nil, false
	}
	var w wireError
	if json.Unmarshal(e.Error, &w) == nil {
		return &w, string(e.Error) != "null"
	}
	var word string // {"error": "invalid_grant"}
	if json.Unmarshal(e.Error, &word) != nil {
		return nil, false
	}
	w = wireError{Message: word}
	if e.Description != "" {
		w.Message += ": " + e.Description
	}
	return &w, true
}

// fill takes over what the JSON says. Its own word for the code wins over what
// the status suggests.
func (r *refusal) fill(w *wireError) {
	code, ok := provider.ParseCode(w.Status)
	if !ok && len(w.Errors) > 0 {
		code, ok = codes[w.Errors[0].Reason]
	}
	// The service does not interrupt itself, and OK is no refusal.
	if ok && code != provider.OK && code != provider.Canceled {
		r.Code = code
	}
	message := w.Message
	if message == "" && len(w.Errors) > 0 {
		message = w.Errors[0].Message
	}
	r.Reason, r.Message = cutReason(printable(message))
	for _, d := range w.Details {
		if d.Reason == serviceDisabled {
			r.Hint = hints[d.Reason]
		}
	}
}

// serviceDisabled is the word for a Cloud project that does not use the API.
const serviceDisabled = "SERVICE_DISABLED"

// hints say what to do about refusals that concern whoever asks, by the reason.
var hints = map[string]string{
	"ClassroomApiDisabled": "an administrator allows it at Admin console > Apps > Google Workspace > Classroom > Data access: users can authorize apps to access their Google Classroom data",
	"ClassroomDisabled":    "an administrator turns Classroom on for the user's organizational unit at Admin console > Apps > Google Workspace > Classroom > Service status",
	serviceDisabled:        "enable it in the project of the credentials at Cloud console > APIs & Services > Library > Google Classroom API, and wait some minutes",
}

// hint sets what to do about a refusal that concerns whoever asks.
func (r *refusal) hint() {
	switch {
	case r.Hint != "":
	case r.Scopes != nil:
		r.Hint = "an administrator grants the scope, or sign in again: iql auth login; iql doctor tells which are missing"
	case hints[r.Reason] != "":
		r.Hint = hints[r.Reason]
	case r.Code == provider.Unauthenticated:
		r.Hint = "iql doctor says what is wrong"
	}
}

// codes are those of the older form's words, which has no status.
var codes = map[string]provider.Code{
	"alreadyExists":         provider.AlreadyExists,
	"aborted":               provider.Aborted,
	"failedPrecondition":    provider.FailedPrecondition,
	"notFound":              provider.NotFound,
	"rateLimitExceeded":     provider.ResourceExhausted,
	"userRateLimitExceeded": provider.ResourceExhausted,
	"quotaExceeded":         provider.ResourceExhausted,
	"authError":             provider.Unauthenticated,
	"backendError":          provider.Unavailable,
}

// codeOf is the code that a status stands for where nothing says more.
func codeOf(status int) provider.Code {
	switch status {
	case http.StatusBadRequest:
		return provider.InvalidArgument
	case http.StatusUnauthorized:
		return provider.Unauthenticated
	case http.StatusForbidden:
		return provider.PermissionDenied
	case http.StatusNotFound, http.StatusGone:
		return provider.NotFound
	case http.StatusConflict:
		return provider.Aborted
	case http.StatusPreconditionFailed:
		return provider.FailedPrecondition
	case http.StatusTooManyRequests:
		return provider.ResourceExhausted
	case http.StatusInternalServerError:
		return provider.Internal
	case http.StatusNotImplemented, http.StatusMethodNotAllowed:
		return provider.Unimplemented
	case http.StatusGatewayTimeout:
		return provider.DeadlineExceeded
	}
	switch {
	case status >= 500, status == http.StatusRequestTimeout:
		return provider.Unavailable
	case status >= 400:
		return provider.InvalidArgument
	}
	return provider.Unknown
}

// cutReason divides "@IneligibleOwner Only a ..." into the reason and the rest.
func cutReason(message string) (reason, rest string) {
	word, ok := strings.CutPrefix(message, "@")
	if !ok {
		return "", message
	}
	reason, rest, _ = strings.Cut(word, " ")
	if reason == "" || strings.ContainsFunc(reason, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return "", message
	}
	return reason, rest
}

var (
	title = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	tags  = regexp.MustCompile(`(?s)<style.*?</style>|<script.*?</script>|<[^>]*>`)
)

// plain is what a body that is no JSON says: a page's title, or the beginning of
// its text.
func plain(contentType string, body []byte) string {
	text := string(body)
	if strings.Contains(contentType, "html") || strings.HasPrefix(text, "<") {
		if m := title.FindStringSubmatch(text); m != nil {
			text = m[1]
		}
		text = html.UnescapeString(tags.ReplaceAllString(text, " "))
	}
	text = printable(text)
	if len(text) <= maxMessage {
		return text
	}
	cut := maxMessage
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// printable is a text in one line, without what moves a terminal's cursor.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

var scopeParameter = regexp.MustCompile(`\bscope="([^"]*)"`)

// missingScopes returns the scopes that a refusal asks for, any one of which
// would do. https://www.rfc-editor.org/rfc/rfc6750#section-3
func missingScopes(challenges []string) []string {
	for _, challenge := range challenges {
		if !strings.Contains(challenge, `error="insufficient_scope"`) {
			continue
		}
		if m := scopeParameter.FindStringSubmatch(challenge); m != nil {
			return strings.Fields(printable(m[1]))
		}
	}
	return nil
}
