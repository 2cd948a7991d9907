package rest

import "github.com/iql-lang/iql/provider"

// What Google's pages leave open about the wire, and what has been seen only
// at APIs that share Classroom's front end, stands in this file and nowhere
// else: whoever has live credentials can settle a row here. The rules of
// Classroom itself that are open stand in the package emulator.

// texts are sentences that have not been seen on Classroom.
var texts = struct {
	credentialTail string // ends both refusals of credentials
	missingToken   string
	badToken       string
	noScopes       string
	unknownQuery   string // a query parameter's name
	unknownField   string // a field's name, and where
	noObject       string // what is no object: a name, and where
	noList         string // a list where none belongs
	noMessage      string // a body that is not an object
	badValue       string // a field, its type, and what was sent
	badJSON        string // what is wrong, and where
	jsonToken      string
	jsonEnd        string
	jsonMore       string
	jsonUTF8       string
	badSystem      string // a system parameter's value and name
	notBytes       string // a value of alt
	badMask        string // a path
	tooLarge       string // a number of bytes
	tooManyParts   string
	badBatch       string
	directory404   string
	directory403   string
	noSubject      string // of /token
	notDelegated   string // of /token
	staleAssertion string // of /token
	revoked        string // of /token and /revoke
	noSigner       string // of :signJwt
	disabled       string // an API, a project, and a page
}{
	credentialTail: "Expected OAuth 2 access token, login cookie or other valid authentication credential. " +
		"See https://developers.google.com/identity/sign-in/web/devconsole-project.",
	missingToken: "Request is missing required authentication credential. ",
	badToken:     "Request had invalid authentication credentials. ",
	noScopes:     "Request had insufficient authentication scopes.",
	unknownQuery: `Invalid JSON payload received. Unknown name "%s": Cannot bind query parameter. ` +
		`Field '%s' could not be found in request message.`,
	unknownField: `Invalid JSON payload received. Unknown name "%s"%s: Cannot find field.`,
	noObject:     `Invalid JSON payload received. Unknown name "%s"%s: Starting an object on a scalar field`,
	noList:       `Invalid JSON payload received. Unknown name "%s"%s: Proto field is not repeating, cannot start list.`,
	noMessage:    `Invalid JSON payload received. Unknown name "": Root element must be a message.`,
	badValue:     `Invalid value at '%s' (%s), %s`,
	badJSON:      "Invalid JSON payload received. %s\n%s",
	jsonToken:    "Unexpected token.",
	jsonEnd:      "Unexpected end of string. Expected a value.",
	jsonMore:     "Parsing terminated before end of input.",
	jsonUTF8:     "Encountered non UTF-8 code points.",
	badSystem:    "Invalid query parameters. Invalid value '%s' for system query parameter : %s",
	notBytes:     `Unsupported alt type "%s" for non byte stream request.`,
	badMask:      "Error expanding 'fields' parameter. Cannot find matching fields for path '%s'.",
	tooLarge:     "Request payload size exceeds the limit: %d bytes.",
	tooManyParts: "A batch may have %d requests at most.",
	badBatch:     "The batch cannot be read: %s.",
	directory404: "Resource Not Found: userKey",
	directory403: "Not Authorized to access this resource/api",
	noSubject:    "Invalid email or User ID",
	notDelegated: "Client is unauthorized to retrieve access tokens using this method, " +
		"or client not authorized for any of the scopes requested.",
	staleAssertion: "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. " +
		"Check your iat and exp values in the JWT claim.",
	revoked:  "Token has been expired or revoked.",
	noSigner: "Requested entity was not found.",
	disabled: "%s has not been used in project %s before or it is disabled. Enable it by visiting %s then retry. " +
		"If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.",
}

// assumed are the rules that no page decides.
var assumed = struct {
	formBodies     bool   // is a body of type application/x-www-form-urlencoded more of the query?
	caseless       bool   // is an e-mail address as a bearer token the same in any letter case?
	olderToClients bool   // do Google's own clients get errors[] unasked?
	realm          string // of WWW-Authenticate
	quotaMetric    string // of ErrorInfo, when a quota is used up
	quotaLimits    map[string]string
	maxBody        int64 // bytes of a request's body
	maxBatch       int64 // bytes of a batch's
	maxParts       int   // documented: requests in a batch
	tokenLife      int   // seconds that an access token lives
	tokenSays      int   // seconds that it is said to live
	codeLife       int   // seconds that a code of the consent page lives
}{
	formBodies:     true,
	caseless:       true,
	olderToClients: true,
	realm:          `Bearer realm="https://accounts.google.com/"`,
	quotaMetric:    "classroom.googleapis.com/default",
	quotaLimits: map[string]string{
		"Requests per minute per user": "DefaultRequestsPerMinutePerUser",
		"Requests per minute":          "DefaultRequestsPerMinutePerProject",
	},
	maxBody:   1 << 20,
	maxBatch:  8 << 20,
	maxParts:  50,
	tokenLife: 3600,
	tokenSays: 3599,
	codeLife:  600,
}

// faultOf is the status that Google's front end would give an HTTP status
// which a fault asks for.
var faultOf = map[int]provider.Code{
	400: provider.InvalidArgument,
	401: provider.Unauthenticated,
	403: provider.PermissionDenied,
	404: provider.NotFound,
	409: provider.Aborted,
	429: provider.ResourceExhausted,
	500: provider.Internal,
	501: provider.Unimplemented,
	503: provider.Unavailable,
}

// faultPages are the HTTP statuses whose bodies are HTML pages: those that
// come from before the front end.
var faultPages = map[int]bool{502: true, 504: true}
