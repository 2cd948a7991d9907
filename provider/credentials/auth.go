package credentials

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/iql-lang/iql/provider"
)

// auth is what --auth says.
type auth struct {
	kind      string // one of the words below; "" is nothing
	file      string // of credentials, or of what else --auth may say
	variable  string // that holds a key, or names a file
	target    string // the service account to act as
	delegates []string
	subject   string
	scopes    []string
	warnings  []string
}

// The words of --auth, which are also types of its JSON.
const (
	authADC         = "adc"             // application default credentials
	authLogin       = "login"           // a sign-in that the store keeps
	authToken       = "token"           // GOOGLE_OAUTH_ACCESS_TOKEN
	authFile        = "file"            // no word: a file of any kind
	authImpersonate = "impersonate"     // ADC that sign for a service account
	authKey         = "service_account" // a file or a variable with credentials
	authInteractive = "interactive"     // StackQL's: a sign-in, or ADC
)

var (
	authWords = []string{authADC, authLogin, authToken}
	authTypes = append(slices.Clone(authWords), authImpersonate, authKey, authInteractive)
)

// parseAuth reads --auth: a word, a file or a JSON object, ours or StackQL's.
// https://stackql.io/docs/getting-started/authenticating
func parseAuth(text, origin string) (*auth, error) {
	text = strings.TrimSpace(text)
	switch {
	case len(text) > maxFile:
		return nil, invalid(fmt.Sprintf("%s is longer than %d bytes", origin, maxFile), "name a file: @FILE")
	case text == "" || slices.Contains(authWords, text):
		return &auth{kind: text}, nil
	case text[0] == '{':
		a, err := parseAuthObject(&source{text: []byte(text), origin: origin}, true)
		if err == nil && origin == commandLine {
			a.warnings = append(a.warnings, "what --auth says can be seen in the list of processes: use --auth @FILE or IQL_AUTH")
		}
		return a, err
	case text == "none" || text == "null_auth":
		return nil, invalid(origin+": none is for an emulator, which takes addresses for tokens", "")
	}
	path, named := strings.CutPrefix(text, "@")
	switch {
	case path == "":
		return nil, invalid(origin+" names no file", "write @FILE")
	case looksSecret(path):
		return nil, invalid(origin+" is a secret, and no file", "put an access token into "+variableToken+", and a key into a file that only you can read")
	}
	a := &auth{kind: authFile, file: path}
	if !named && !strings.ContainsAny(path, `/\.`) {
		a.warnings = append(a.warnings, origin+" is taken for a file: the words are "+strings.Join(authWords, ", ")+didYouMean(path, authWords))
	}
	return a, nil
}

// googleKeys are keys of the files that hold Google's secrets.
var googleKeys = []string{
	"private_key", "private_key_id", "client_email", "client_id", "client_secret", "refresh_token",
	"source_credentials", "service_account_impersonation_url", "credential_source", "installed", "web",
}

// isGoogles reports whether an object is one of Google's own files.
func isGoogles(object map[string]json.RawMessage) bool {
	return slices.ContainsFunc(googleKeys, func(k string) bool { return object[k] != nil })
}

// parseAuthObject reads a JSON object. inline says that it is not in a file, so
// may not hold a secret.
func parseAuthObject(s *source, inline bool) (*auth, error) {
	var object map[string]json.RawMessage
	if err := decode(s, &object); err != nil {
		return nil, err
	}
	if inline && isGoogles(object) {
		return nil, invalid(s.origin+" holds a key, which does not belong there", "put it into a file that only you can read: --credentials FILE")
	}
	if _, typed := object["type"]; !typed && wraps(object) {
		return parseWrapped(object, s, inline)
	}
	a := &auth{}
	for _, k := range slices.Sorted(maps.Keys(object)) {
		if err := a.set(k, object[k], s.origin); err != nil {
			return nil, err
		}
	}
	if err := a.check(s.origin); err != nil {
		return nil, err
	}
	return a, nil
}

// wraps reports whether an object has objects by the names of providers.
func wraps(object map[string]json.RawMessage) bool {
	for _, value := range object {
		if value[0] != '{' {
			return false
		}
	}
	return len(object) > 0
}

// authProviders are the names under which StackQL's users have credentials for
// Google Classroom.
var authProviders = []string{"googleworkspace", "google"}

// parseWrapped reads an object that has an object for each provider.
func parseWrapped(object map[string]json.RawMessage, s *source, inline bool) (*auth, error) {
	chosen := ""
	for _, name := range authProviders {
		if chosen == "" && object[name] != nil {
			chosen = name
		}
	}
	if chosen == "" {
		names := slices.Sorted(maps.Keys(object))
		return nil, invalid(s.origin+" says nothing of "+authProviders[0], "it speaks of "+keyName(names[0])+didYouMean(names[0], authProviders))
	}
	var inner map[string]json.RawMessage
	if json.Unmarshal(object[chosen], &inner) != nil {
		return nil, invalid(s.origin+": "+chosen+" is no object", "")
	}
	if _, typed := inner["type"]; !typed {
		return nil, invalid(s.origin+": "+chosen+" has no type", "there are "+strings.Join(authTypes, ", "))
	}
	a, err := parseAuthObject(&source{text: object[chosen], origin: s.origin}, inline)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(authProviders, name) {
			a.warnings = append(a.warnings, s.origin+": what it says of "+keyName(name)+" is not used")
		}
	}
	return a, nil
}

// authKeys are the keys of an object.
var authKeys = []string{
	"type", "target", "delegates", "credentials",
	"credentialsfilepath", "credentialsfilepathenvvar", "credentialsenvvar", "sub", "scopes",
}

// set takes over the value of a key.
func (a *auth) set(k string, value json.RawMessage, origin string) error {
	var text *string
	var list *[]string
	switch k {
	case "type":
		text = &a.kind
	case "target":
		text = &a.target
	case "credentials", "credentialsfilepath":
		text = &a.file
	case "credentialsenvvar", "credentialsfilepathenvvar":
		text = &a.variable
	case "sub":
		text = &a.subject
	case "delegates":
		list = &a.delegates
	case "scopes":
		list = &a.scopes
	default:
		return invalid(origin+": there is no key "+keyName(k), "the keys are "+strings.Join(authKeys, ", ")+didYouMean(k, authKeys))
	}
	if text != nil && (json.Unmarshal(value, text) != nil || *text == "") {
		return invalid(origin+": "+k+" is no text", "")
	}
	if list != nil && json.Unmarshal(value, list) != nil {
		return invalid(origin+": "+k+" is no list of texts", "")
	}
	return nil
}

// plainKey is a key that is worth repeating.
var plainKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,39}$`)

// keyName quotes a key, unless it may be something else in the wrong place.
func keyName(k string) string {
	if !plainKey.MatchString(k) || looksSecret(k) {
		return "of that name"
	}
	return k
}

var (
	plainVariable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)
	plainScope    = regexp.MustCompile(`^[A-Za-z0-9_.:/-]{1,200}$`)
)

// check checks what belongs together. It repeats no value.
func (a *auth) check(origin string) error {
	wrong := func(what, hint string) error { return invalid(origin+": "+what, hint) }
	switch {
	case a.kind == "":
		return wrong("there is no type", "there are "+strings.Join(authTypes, ", "))
	case a.kind == "api_key":
		return wrong("Google Classroom takes no API keys", "there are "+strings.Join(authTypes, ", "))
	case !slices.Contains(authTypes, a.kind):
		return wrong("the type is none that iql knows", "there are "+strings.Join(authTypes, ", ")+didYouMean(a.kind, authTypes))
	case a.file != "" && a.variable != "":
		return wrong("the credentials are in a file or in a variable", "name one")
	case looksSecret(a.file):
		return wrong("what should name a file is a secret", "put it into a file that only you can read")
	case a.variable != "" && !plainVariable.MatchString(a.variable):
		return wrong("what should name a variable is none", "")
	case a.subject != "" && !isAddress(a.subject):
		return wrong("sub is no e-mail address", "")
	case slices.ContainsFunc(a.scopes, func(s string) bool { return !plainScope.MatchString(s) || looksSecret(s) }):
		return wrong("scopes has something in it that is no scope", "such as classroom.rosters")
	case a.kind == authImpersonate && !isAddress(a.target):
		return wrong("target is not the address of a service account", "such as name@project.iam.gserviceaccount.com")
	case a.kind != authImpersonate && (a.target != "" || a.delegates != nil):
		return wrong("target and delegates are for the type "+authImpersonate, "")
	case slices.ContainsFunc(a.delegates, func(s string) bool { return !isAddress(strings.TrimPrefix(s, accountPath)) }):
		return wrong("delegates has something in it that is no service account", "")
	case a.kind != authImpersonate && a.kind != authKey && a.file+a.variable != "":
		return wrong("a file or a variable is for the types "+authKey+" and "+authImpersonate, "")
	}
	return nil
}

// authRefused is the error of an auth that finds nothing.
func authRefused(what, hint string) error {
	return &provider.Error{Code: provider.Unauthenticated, Message: what, Hint: hint}
}
