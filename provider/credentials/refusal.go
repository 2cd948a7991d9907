package credentials

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/iql-lang/iql/provider"
)

// maxSkew is how wrong a clock may be: Google allows some minutes.
const maxSkew = time.Minute

// maxWords bounds what is told of an answer, in bytes.
const maxWords = 300

// refusal is what the token service says no with.
// https://www.rfc-editor.org/rfc/rfc6749#section-5.2
type refusal struct {
	Word        string `json:"error"`
	Description string `json:"error_description"`
}

// says reports whether the description has one of some words in it.
func (f *refusal) says(words ...string) bool {
	text := strings.ToLower(f.Description)
	for _, word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// text is the refusal in Google's words.
func (f *refusal) text() string {
	if f.Description == "" {
		return printable(f.Word)
	}
	return printable(f.Word + ": " + f.Description)
}

// refused makes an error of a refusal of the token service.
func (r request) refused(host string, skew time.Duration, status int, body []byte) *provider.Error {
	var f refusal
	if json.Unmarshal(body, &f) != nil {
		f = refusal{} // a page, or another service
	}
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500, status < 400:
		return r.error(provider.Unavailable, host+" answered "+strconv.Itoa(status))
	case f.Word == "":
		return r.error(provider.Unauthenticated, host+" answered "+strconv.Itoa(status)+" to a request for an access token")
	case f.Word == "unauthorized_client" || f.Word == "access_denied":
		return r.notAllowed(&f)
	case f.Word == "invalid_grant" && f.says("email or user id"):
		return r.noSubject(&f)
	case f.Word == "invalid_grant" && r.dated(&f, skew):
		return r.wrongClock(&f, skew)
	case f.Word == "invalid_grant" || f.Word == "invalid_client" || f.Word == "invalid_rapt":
		return r.ended(&f)
	}
	e := r.error(provider.Unauthenticated, host+" gives no access token: "+f.text())
	e.Hint = r.id.renew
	return e
}

// dated reports whether a refusal is about the times in an assertion: it says
// so, or they were wrong. A person's sign-in has none.
func (r request) dated(f *refusal, skew time.Duration) bool {
	return f.says("iat and exp", "reasonable timeframe") || r.id.delegates && abs(skew) > maxSkew
}

// error returns an error of the request.
func (r request) error(code provider.Code, message string) *provider.Error {
	return &provider.Error{Code: code, Message: message, Caller: r.subject}
}

// notAllowed is the error of a service account that no administrator has
// allowed to act for the domain's users, or not with all of the scopes.
// https://support.google.com/a/answer/162106
func (r request) notAllowed(f *refusal) *provider.Error {
	if !r.id.delegates || r.subject == "" {
		e := r.error(provider.Unauthenticated, r.id.name()+" gets no access token: "+f.text())
		e.Hint = r.id.renew
		return e
	}
	e := r.error(provider.Unauthenticated,
		r.id.principal+" is not allowed to act as "+r.subject+" with the scopes "+shortScopes(r.scopes)+" ("+printable(f.Word)+")")
	e.Err = ErrNotDelegated
	client := "client ID " + r.id.clientID
	if r.id.clientID == "" {
		client = "the unique ID of " + r.id.principal
	}
	e.Hint = "a super administrator allows " + client + " these scopes: " + strings.Join(r.scopes, ",") +
		" at " + DelegationScreen
	return e
}

// DelegationScreen is where a super administrator allows a service account to act
// for the domain's users.
const DelegationScreen = "Admin console > Security > Access and data control > API controls > Manage domain-wide delegation"

// ErrNotDelegated is the cause of an error of credentials that may not act for
// the domain's users, or not with all of the scopes.
var ErrNotDelegated = errors.New("not delegated")

// noSubject is the error of a user who cannot be acted as. It is about that
// user and no other, so it is PERMISSION_DENIED: a change of many rows goes on.
func (r request) noSubject(f *refusal) *provider.Error {
	if r.subject == "" {
		return r.ended(f)
	}
	e := r.error(provider.PermissionDenied, r.id.name()+" can't act as "+r.subject+": "+f.text())
	e.Hint = "there is no such user, the account is suspended, or it is of another domain"
	return e
}

// wrongClock is the error of an assertion whose times the service does not
// believe.
func (r request) wrongClock(f *refusal, skew time.Duration) *provider.Error {
	message := "the clock of this machine is wrong"
	switch {
	case skew > maxSkew:
		message = "the clock of this machine is " + skew.String() + " fast"
	case skew < -maxSkew:
		message = "the clock of this machine is " + (-skew).String() + " slow"
	}
	e := r.error(provider.Unauthenticated, message+": "+f.text())
	e.Hint = "set the clock, from a time server if there is one"
	return e
}

// ended is the error of credentials that are no longer good.
func (r request) ended(f *refusal) *provider.Error {
	e := r.error(provider.Unauthenticated, "the credentials of "+r.id.name()+" are not taken: "+f.text())
	e.Hint = r.id.renew
	return e
}

func abs(d time.Duration) time.Duration { return max(d, -d) }

// printable is a text in one line, not too long, without what moves a
// terminal's cursor.
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
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= maxWords {
		return text
	}
	cut := maxWords
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
