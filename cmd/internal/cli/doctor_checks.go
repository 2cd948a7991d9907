package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom"
	"github.com/iql-lang/iql/provider/classroom/live"
	"github.com/iql-lang/iql/provider/credentials"
	"github.com/iql-lang/iql/sqlengine"
)

// checks are what doctor checks, in the order in which a statement needs it.
var checks = []func(*doctor, context.Context){
	(*doctor).configuration, (*doctor).backend, (*doctor).credentials, (*doctor).clock, (*doctor).tokens,
	(*doctor).api, (*doctor).administrator, (*doctor).terminal,
}

func (d *doctor) configuration(context.Context) {
	const check = "configuration"
	c := &d.app.config
	if err := c.FileError(); err != nil {
		d.fail(check, "", err, "iql config edit")
		d.ground = "the configuration is not read"
		return
	}
	profile := "no profile"
	if c.Profile != "" {
		profile = "profile " + c.Profile
	}
	_, err := os.Stat(c.File)
	switch {
	case c.File == "" || errors.Is(err, fs.ErrNotExist):
		d.ok(check, "", "there is no file: flags and variables say all")
	case c.FileShared():
		d.warn(check, "", c.File+", "+profile+": others can write to it", "chmod go-w "+c.File)
	default:
		d.ok(check, "", c.File+", "+profile)
	}
}

// backend checks where requests go. Where nothing is said it is to Google: who
// calls the doctor is not content with the mock.
func (d *doctor) backend(context.Context) {
	const check = "backend"
	c := &d.app.config
	if d.ground != "" {
		d.skip(check, "", d.ground)
		return
	}
	if !c.Backend.Live && !c.BuiltIn("backend") {
		d.tell(finding{
			Check: check, Status: good, Message: "the mock needs no credentials (" + c.Origin("backend").String() + ")",
			Hint: "--backend live asks Google: iql doctor --backend live",
		})
		d.ground = "the mock does without"
		return
	}
	// Tokens come later; that the address is one can be said already.
	client, err := live.New(live.Options{Endpoint: c.Live.Endpoint})
	if err != nil {
		d.fail(check, "", &config.UsageError{Message: "--" + err.Error()}, "leave --endpoint out to ask Google")
		d.ground = "there is no address to ask"
		return
	}
	d.ok(check, "", client.Endpoint())
}

// kinds are the kinds of credentials, for people.
var kinds = map[string]string{
	credentials.KindServiceAccount: "service account",
	credentials.KindImpersonated:   "service account without a key",
	credentials.KindUser:           "user",
	credentials.KindToken:          "access token",
	credentials.KindExternal:       "identity of another cloud",
	credentials.KindMetadata:       "service account of this machine",
}

func (d *doctor) credentials(ctx context.Context) {
	const check = "credentials"
	if d.ground != "" {
		d.skip(check, "", d.ground)
		return
	}
	if err := d.find(ctx, check); err != nil {
		d.fail(check, "", err, "iql docs auth")
		d.ground = "who asks is not known"
		return
	}
	if d.source == nil {
		d.ok(check, "", "none: the address of --as, "+d.who.subject+", is the token, as for iql emulate")
		return
	}
	d.ok(check, "", d.whose())
	for _, warning := range d.source.Warnings() {
		d.warn(check, "", warning, "")
	}
}

// find settles who asks, and connects.
func (d *doctor) find(ctx context.Context, check string) (err error) {
	a := d.app
	if a.config.Live.Auth == config.None {
		d.who, err = nobody(&a.config)
	} else if d.source, err = a.findCredentials(ctx); err == nil {
		d.who, err = a.actor(d.source)
	}
	if err != nil {
		return err
	}
	if a.config.BuiltIn("retries") {
		a.config.Live.Retries = doctorRetries
	}
	d.live, err = a.connect(d.who)
	return err
}

// doctorRetries is how often the doctor repeats a request, unless --retries says
// it: somebody is waiting.
const doctorRetries = 1

// whose says what the credentials are.
func (d *doctor) whose() string {
	text := kinds[d.source.Kind()]
	if d.source.Principal() != "" {
		text += " " + d.source.Principal()
	}
	if d.source.ClientID() != "" {
		text += ", client ID " + d.source.ClientID()
	}
	if d.who.delegates {
		text += ", acts as " + d.who.subject
	}
	return text + "; from " + d.source.Origin()
}

// maxSkew is how wrong a clock may be.
const maxSkew = time.Minute

// clock compares this machine's clock with that of the token service, which
// believes no assertion of another time.
func (d *doctor) clock(ctx context.Context) {
	const check = "clock"
	switch {
	case d.ground != "":
		d.skip(check, "", d.ground)
		return
	case d.source == nil || d.source.Kind() == credentials.KindToken:
		d.skip(check, "", "no token service is asked")
		return
	}
	// A refusal has a date too. It is told with its scope.
	_, err := d.source.Token(ctx, d.who.subject, live.Scopes())
	switch {
	case isLater(err):
		d.skip(check, "", "the token service does not answer")
	case isAboutScopes(err):
		d.skip(check, "", "no token service is asked")
	case !d.source.Timed():
		d.skip(check, "", "no token service has told its time")
	default:
		d.skewed(check, d.source.Skew())
	}
}

// skewed tells how far this machine's clock is ahead.
func (d *doctor) skewed(check string, skew time.Duration) {
	const hint = "set it, from a time server if there is one"
	text := skew.String() + " fast"
	if skew < 0 {
		text = (-skew).String() + " slow"
	}
	switch {
	case skew == 0:
		d.ok(check, "", "right to the second")
	case skew.Abs() <= maxSkew:
		d.warn(check, "", text, hint)
	default:
		d.fail(check, "", &provider.Error{Code: provider.Unauthenticated, Message: "the clock of this machine is " + text, Hint: hint}, "")
	}
}

// isLater reports whether an error says to try again later.
func isLater(err error) bool {
	return err != nil && sqlengine.Describe(err).Exit == sqlengine.ExitLater
}

// tokens gets a token for each scope by itself: with delegation one scope that is
// not granted makes Google refuse all.
func (d *doctor) tokens(ctx context.Context) {
	const check = "token"
	switch {
	case d.ground != "":
		d.skip(check, "", d.ground)
		return
	case d.source == nil:
		d.skip(check, "", "with --auth none there are none")
		return
	}
	for _, scope := range live.Scopes() {
		about := shortScopes([]string{scope})[0]
		if err := d.scope(ctx, check, about, scope); err != nil {
			d.fail(check, about, err, howToToken(err))
			d.skip(check, "", "for other scopes: it would be the same")
			d.ground = "there is no access token"
			return
		}
	}
}

// scope gets a token for a scope. It returns an error that is not about the
// scope.
func (d *doctor) scope(ctx context.Context, check, about, scope string) error {
	_, err := d.source.Token(ctx, d.who.subject, []string{scope})
	if err == nil {
		d.ok(check, about, d.allowed())
		return nil
	}
	e, ok := errors.AsType[*provider.Error](err)
	switch {
	case !ok:
		return err
	case errors.Is(e, credentials.ErrNotDelegated):
		of := *e
		of.Hint = d.howToDelegate()
		d.fail(check, about, &of, "")
	case e.Scopes != nil:
		d.warn(check, about, "not among the scopes of "+cmp.Or(d.source.Principal(), "the credentials"), e.Hint)
	default:
		return err
	}
	d.denied[scope] = true
	return nil
}

// allowed says what a token tells of a scope.
func (d *doctor) allowed() string {
	switch {
	case d.who.delegates:
		return "delegated, for " + d.who.subject
	case d.source.Scopes() != nil:
		return "granted"
	}
	return "there is a token; what it allows, the API tells"
}

// howToDelegate says which scopes an administrator allows, and where.
func (d *doctor) howToDelegate() string {
	scopes := d.source.Scopes()
	if scopes == nil {
		scopes = live.Scopes()
	}
	id := "the unique ID of " + d.source.Principal()
	if d.source.ClientID() != "" {
		id = d.source.ClientID()
	}
	return credentials.DelegationScreen + ": client ID " + id + ", scopes " + strings.Join(scopes, ",")
}

// howToToken says what to do about an error that does not.
func howToToken(err error) string {
	if isLater(err) {
		return howToReach
	}
	return "iql docs auth"
}

const howToReach = "look at the network, a proxy (HTTPS_PROXY) and a firewall, and try again"

// probe is a call that changes nothing.
type probe struct {
	method string // as Google calls it
	try    func(d *doctor, ctx context.Context, b classroom.Backend) (says string, err error)
}

// probes have one for each scope that tokens are asked for.
var probes = []probe{
	{"courses.list", (*doctor).tryCourses},
	{"invitations.list", (*doctor).tryInvitations},
	{"userProfiles.get", (*doctor).tryProfile},
	{"invitations.delete", (*doctor).tryDelete},
}

// api calls the API once for each scope.
func (d *doctor) api(ctx context.Context) {
	const check = "api"
	if d.ground != "" {
		d.skip(check, "", d.ground)
		return
	}
	for _, p := range probes {
		if lacking := d.lacking(p.method); len(lacking) > 0 {
			d.skip(check, p.method, "there is no token for "+strings.Join(lacking, ", "))
			continue
		}
		says, err := p.try(d, ctx, d.live.client.As(d.who.subject))
		switch {
		case err != nil:
			d.fail(check, p.method, err, d.howToCall(err))
		case says != "":
			d.ok(check, p.method, says)
		}
		if err != nil && !isAboutScopes(err) {
			d.skip(check, "", "other calls: it would be the same")
			d.ground = "the API does not serve " + d.who.name()
			return
		}
	}
}

// lacking returns the scopes of a method of which there is no token.
func (d *doctor) lacking(method string) []string {
	return shortScopes(slices.DeleteFunc(live.ScopesOf(method), func(scope string) bool { return !d.denied[scope] }))
}

// isAboutScopes reports whether an error says that a scope is missing.
func isAboutScopes(err error) bool {
	e, ok := errors.AsType[*provider.Error](err)
	return ok && e.Scopes != nil
}

// howToCall says what to do about an error that does not.
func (d *doctor) howToCall(err error) string {
	switch {
	case isLater(err) && d.app.config.Live.Endpoint != "":
		return "is something listening at --endpoint?"
	case isLater(err):
		return howToReach
	}
	return "is " + d.who.name() + " a user of Classroom? Admin console > Directory > Users"
}

func (d *doctor) tryCourses(ctx context.Context, b classroom.Backend) (string, error) {
	_, _, err := b.ListCourses(ctx, classroom.CourseQuery{Page: classroom.Page{Size: 1}})
	return "answered", err
}

func (d *doctor) tryInvitations(ctx context.Context, b classroom.Backend) (string, error) {
	_, _, err := b.ListInvitations(ctx, classroom.InvitationQuery{UserID: "me", Page: classroom.Page{Size: 1}})
	return "answered", err
}

// tryProfile finds out who the API takes the caller for.
func (d *doctor) tryProfile(ctx context.Context, b classroom.Backend) (string, error) {
	me, err := b.GetUserProfile(ctx, "me")
	if err != nil {
		return "", err
	}
	d.me = me
	if me.EmailAddress == "" {
		d.warn("api", "userProfiles.get", "addresses of people are not shown", "the scope classroom.profile.emails shows them")
		return "", nil
	}
	return "you are " + me.EmailAddress, nil
}

// noInvitation is an identifier that no invitation has.
const noInvitation = "iql-doctor"

// tryDelete finds out whether changes are allowed, by one that cannot be done:
// the API looks at scopes before it looks for the invitation.
func (d *doctor) tryDelete(ctx context.Context, b classroom.Backend) (string, error) {
	const says = "changes are allowed (tried on an invitation that does not exist)"
	err := b.DeleteInvitation(ctx, noInvitation)
	switch provider.CodeOf(err) {
	case provider.NotFound, provider.InvalidArgument:
		return says, nil
	}
	return says, err
}

// maxCourses is how many courses are looked at to find out who is an
// administrator.
const maxCourses = 5

// administrator finds out whether the caller sees a course that they are not in,
// as administrators do and others do not.
func (d *doctor) administrator(ctx context.Context) {
	const check = "administrator"
	if d.ground != "" || d.me == nil {
		d.skip(check, "", cmp.Or(d.ground, "who asks is not known"))
		return
	}
	name, err := d.strange(ctx, d.live.client.As(d.who.subject))
	switch {
	case errors.Is(err, context.Canceled):
	case err != nil:
		d.skip(check, "", "it cannot be told: "+describe(&failure{err: err}).Message)
	case name == "":
		d.warn(check, "", d.who.name()+" seems to be none: they see no course that they are not in",
			"an administrator sees all courses of the domain: --as ADMINISTRATOR")
	default:
		d.ok(check, "", "yes: "+d.who.name()+" sees a course that they are not in, "+name)
	}
}

// strange returns the name of a course that the caller sees and is not in, "" if
// none was found among some.
func (d *doctor) strange(ctx context.Context, b classroom.Backend) (string, error) {
	courses, _, err := b.ListCourses(ctx, classroom.CourseQuery{Page: classroom.Page{Size: 10 * maxCourses}})
	if err != nil {
		return "", err
	}
	courses = slices.DeleteFunc(courses, func(c *classroom.Course) bool { return c.OwnerID == d.me.ID })
	for _, c := range courses[:min(len(courses), maxCourses)] {
		in, err := isIn(ctx, b, c.ID)
		if err != nil || !in {
			return c.Name, err
		}
	}
	return "", nil
}

// isIn reports whether the caller is in a course.
func isIn(ctx context.Context, b classroom.Backend, course string) (bool, error) {
	_, err := b.GetTeacher(ctx, course, "me")
	if provider.CodeOf(err) == provider.NotFound {
		_, err = b.GetStudent(ctx, course, "me")
	}
	if provider.CodeOf(err) == provider.NotFound {
		return false, nil
	}
	return err == nil, err
}

// terminal says how results are shown.
func (d *doctor) terminal(context.Context) {
	const check = "terminal"
	a := d.app
	tty := a.shownOn(a.Stdout)
	color := "colour off"
	if config.UseColor(a.config.Color, tty, a.Getenv) {
		color = "colour on"
	}
	if !tty {
		d.ok(check, "", "standard output is none, "+color)
		return
	}
	parts := []string{cmp.Or(a.Getenv("TERM"), "TERM is not set"), color}
	if f, ok := a.Stdout.(interface{ Fd() uintptr }); ok {
		if width, height, err := term.GetSize(int(f.Fd())); err == nil {
			parts = slices.Insert(parts, 1, fmt.Sprintf("%dx%d", width, height))
		}
	}
	d.ok(check, "", strings.Join(parts, ", "))
}
