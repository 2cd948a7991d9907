package credentials

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/iql-lang/iql/provider"
)

func TestParseAuth(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       auth
	}{
		{"nothing", " ", auth{}},
		{"adc", "adc", auth{kind: authADC}},
		{"login", "login", auth{kind: authLogin}},
		{"token", "token", auth{kind: authToken}},
		{"a file", "/etc/key.json", auth{kind: authFile, file: "/etc/key.json"}},
		{"a file with an @", "@key", auth{kind: authFile, file: "key"}},
		{"a file without a dot", "logon", auth{kind: authFile, file: "logon", warnings: []string{"IQL_AUTH is taken for a file: the words are adc, login, token; did you mean login?"}}},
		{"ours", `{"type": "adc"}`, auth{kind: authADC}},
		{
			"impersonate", `{"type": "impersonate", "target": "r@p.iam.gserviceaccount.com", "delegates": ["projects/-/serviceAccounts/d@p.iam.gserviceaccount.com"], "sub": "a@dom.edu"}`,
			auth{kind: authImpersonate, target: "r@p.iam.gserviceaccount.com", delegates: []string{"projects/-/serviceAccounts/d@p.iam.gserviceaccount.com"}, subject: "a@dom.edu"},
		},
		{
			"StackQL's", `{"googleworkspace": {"type": "service_account", "credentialsfilepath": "/k.json", "sub": "a@dom.edu", "scopes": ["classroom.rosters"]}}`,
			auth{kind: authKey, file: "/k.json", subject: "a@dom.edu", scopes: []string{"classroom.rosters"}},
		},
		{
			"StackQL's for others too", `{"github": {"type": "basic", "username": "u"}, "google": {"type": "service_account", "credentialsenvvar": "KEY"}}`,
			auth{kind: authKey, variable: "KEY", warnings: []string{"IQL_AUTH: what it says of github is not used"}},
		},
		{
			"StackQL's of both names", `{"google": {"type": "api_key"}, "googleworkspace": {"type": "interactive"}}`,
			auth{kind: authInteractive},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseAuth(c.text, "IQL_AUTH")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&c.want, got, cmp.AllowUnexported(auth{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// canary is a secret that must not come out anywhere.
const canary = "CANARY7f3a"

func TestAuthErrors(t *testing.T) {
	for _, c := range []struct {
		name, text string
		words      []string
	}{
		{"a key", `{"type": "service_account", "private_key": "` + canary + `"}`, []string{"holds a key", "--credentials FILE"}},
		{"a user", `{"type": "authorized_user", "refresh_token": "` + canary + `"}`, []string{"holds a key"}},
		{"a key in StackQL's", `{"googleworkspace": {"type": "service_account", "private_key": "` + canary + `"}}`, []string{"holds a key"}},
		{"a token", "ya29." + canary, []string{"is a secret", "GOOGLE_OAUTH_ACCESS_TOKEN"}},
		{"a key's text", "@-----BEGIN PRIVATE KEY-----" + canary, []string{"is a secret"}},
		{"a key's text for a path", `{"type": "service_account", "credentialsfilepath": "-----BEGIN ` + canary + `"}`, []string{"is a secret"}},
		{"no file", "@", []string{"write @FILE"}},
		{"none", "none", []string{"emulator"}},
		{"no JSON", `{"type": "` + canary, []string{"no JSON: see line 1"}},
		{"more than JSON", "{\"type\":\n\"adc\"} " + canary, []string{"no JSON: see line 2"}},
		{"no type", `{"sub": "a@dom.edu"}`, []string{"there is no type", "impersonate"}},
		{"an unknown key", `{"tpye": "adc"}`, []string{"no key tpye", "did you mean type?"}},
		{"a secret for a key", `{"ya29.` + canary + `": "adc"}`, []string{"no key of that name"}},
		{"an unknown type", `{"type": "` + canary + `"}`, []string{"the type is none that iql knows"}},
		{"a type almost", `{"type": "impersonat"}`, []string{"did you mean impersonate?"}},
		{"a type that is no text", `{"type": 7}`, []string{"type is no text"}},
		{"scopes that are no list", `{"type": "adc", "scopes": "classroom.rosters"}`, []string{"scopes is no list"}},
		{"scopes with a secret", `{"type": "adc", "scopes": ["` + canary + ` "]}`, []string{"no scope"}},
		{"no target", `{"type": "impersonate", "target": "robot"}`, []string{"target is not the address"}},
		{"a target for another type", `{"type": "adc", "target": "r@p.iam"}`, []string{"are for the type impersonate"}},
		{"a target with a path", `{"type": "impersonate", "target": "r@p.iam/../x"}`, []string{"target is not the address"}},
		{"delegates that are none", `{"type": "impersonate", "target": "r@p.iam", "delegates": ["` + canary + `"]}`, []string{"no service account"}},
		{"two places", `{"type": "service_account", "credentials": "a", "credentialsenvvar": "B"}`, []string{"name one"}},
		{"a variable that is none", `{"type": "service_account", "credentialsenvvar": "` + canary + ` x"}`, []string{"is none"}},
		{"a file for another type", `{"type": "login", "credentials": "a"}`, []string{"is for the types"}},
		{"a sub that is none", `{"type": "adc", "sub": "` + canary + `"}`, []string{"no e-mail address"}},
		{"StackQL's API key", `{"googleworkspace": {"type": "api_key", "credentialsenvvar": "K"}}`, []string{"takes no API keys"}},
		{"StackQL's for others", `{"googleworkspce": {"type": "adc"}}`, []string{"nothing of googleworkspace", "did you mean googleworkspace?"}},
		{"StackQL's without a type", `{"google": {"googleworkspace": {"type": "adc"}}}`, []string{"google has no type"}},
		{"too long", "{" + strings.Repeat(" ", maxFile) + "}", []string{"longer than 65536 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := parseAuth(c.text, "--auth")
			e, ok := errors.AsType[*provider.Error](err)
			if !ok {
				t.Fatalf("parseAuth = %+v, %v", a, err)
			}
			check(t, e, provider.InvalidArgument, c.words...)
			if strings.Contains(e.Error()+e.Hint, canary) {
				t.Errorf("the error repeats a secret: %v (%s)", e, e.Hint)
			}
		})
	}
}

func TestAuthOfCommandLine(t *testing.T) {
	a, err := parseAuth(`{"type": "adc"}`, "--auth")
	if err != nil || len(a.warnings) != 1 || !strings.Contains(a.warnings[0], "list of processes") {
		t.Errorf("parseAuth = %+v, %v", a, err)
	}
}

// FuzzParseAuth never breaks, and repeats no value of what it refuses but what
// names a key, a file or a word.
func FuzzParseAuth(f *testing.F) {
	for _, seed := range []string{
		"", "adc", "@x", "{}", `{"type": "adc"}`, `{"type": "service_account", "credentials": "a"}`,
		`{"googleworkspace": {"type": "service_account", "sub": "a@b.c", "scopes": ["x", 1, null]}}`,
		`{"google": null}`, `{"google": []}`, `{"type": {}}`, `{"a": {}, "b": {}}`, `{"private_key": 1}`, `[`, `{"type": "impersonate", "target": "a@b.c"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if a, err := parseAuth(text, "--auth"); (a == nil) == (err == nil) {
			t.Errorf("parseAuth(%q) = %v, %v", text, a, err)
		}
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			return
		}
		planted, err := json.Marshal(plant(v))
		if err != nil || !strings.HasPrefix(string(planted), "{") {
			return
		}
		for _, s := range []string{string(planted), string(planted) + "}", string(planted[:len(planted)-1])} {
			_, err = parseAuth(s, "--auth")
			if e, ok := errors.AsType[*provider.Error](err); ok && strings.Contains(e.Error()+e.Hint, canary) {
				t.Errorf("parseAuth(%q) repeats a value: %v", s, err)
			}
		}
	})
}

// plant puts the canary into every text of a JSON value that is no type.
func plant(v any) any {
	switch v := v.(type) {
	case string:
		return v + canary
	case []any:
		for i := range v {
			v[i] = plant(v[i])
		}
	case map[string]any:
		for k := range v {
			if word, ok := v[k].(string); !ok || k != "type" || !slices.Contains(authTypes, word) {
				v[k] = plant(v[k])
			}
		}
	}
	return v
}
