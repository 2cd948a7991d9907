package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSet(t *testing.T) {
	const text = "# mine\nprofile = \"a\" # in force\n\n[defaults] # for all\noutput = \"csv\" # why\nscopes = [\n  \"x\", # one\n]\n[profiles.a]\nyes = true\n[profiles]\nb.as = 'b@x'\n"
	for _, tt := range []struct {
		name, text, key, value string
		want                   string // of the text, "" for all of it
	}{
		{"nothing there", "", "output", "csv", "[defaults]\noutput = 'csv'\n"},
		{"in its place", text, "output", "json", strings.Replace(text, `"csv"`, "'json'", 1)},
		{"the profile in force", text, "profile", "b", strings.Replace(text, `"a"`, "'b'", 1)},
		{"a first profile in force", "[profiles.a]\n", "profile", "a", "profile = 'a'\n\n[profiles.a]\n"},
		{"below the heading", text, "max_calls", "7", strings.Replace(text, "# for all\n", "# for all\nmax_calls = 7\n", 1)},
		{"of a profile", text, "profiles.a.yes", "false", strings.Replace(text, "yes = true", "yes = false", 1)},
		{"of a dotted key", text, "profiles.b.as", "c@x", strings.Replace(text, "'b@x'", "'c@x'", 1)},
		{"of a new profile", text, "profiles.new.as", "n@x", text + "\n[profiles.new]\nas = 'n@x'\n"},
		{"a heading at the end", "[defaults]", "output", "csv", "[defaults]\noutput = 'csv'\n"},
		{"a line without its end", "[profiles.a]\nyes = true", "output", "csv", "[profiles.a]\nyes = true\n\n[defaults]\noutput = 'csv'\n"},
		{"a list", "[defaults]\n", "scopes", "a, b", "[defaults]\nscopes = ['a', 'b']\n"},
		{"quotes", "[defaults]\n", "null", `it's "`, "[defaults]\nnull = \"it's \\\"\"\n"},
		{"a byte order mark", "\ufeff[defaults]\n", "output", "csv", "[defaults]\noutput = 'csv'\n"},
		{"a number for a text", "[defaults]\n", "null", "0", "[defaults]\nnull = '0'\n"},

		{"no such key", text, "outptu", "csv", `there is no key "outptu": did you mean output?`},
		{"no such section", text, "output.a", "csv", `there is no key "output.a": write KEY for [defaults], or profiles.NAME.KEY`},
		{"no name", text, "profiles.a b.as", "csv", `there is no key "profiles.a b.as": write KEY for [defaults], or profiles.NAME.KEY`},
		{"no such profile", text, "profile", "c", `there is no profile "c": choose from a, b`},
		{"no such value", text, "max_calls", "many", `max_calls is "many", which --max-calls does not take: `},
		{"a secret", text, "auth", `{"private_key": "x"}`, "auth holds what may be a secret: keep the key in a file of its own, and name that: credentials = \"FILE\""},
		{"what is a list", text, "scopes", "y", "scopes is a list in the file: iql config edit changes it"},
		{"no heading", text, "profiles.b.yes", "true", "the file has no heading [profiles.b]: iql config edit adds to it"},
		{"a file that is wrong", "[defaults]\nx = 1\n", "output", "csv", `c.toml:2:1: there is no key "x": iql docs configuration lists the keys`},
	} {
		got, err := Set("c.toml", "/home/a", []byte(tt.text), tt.key, tt.value)
		if e, ok := err.(*UsageError); ok {
			got = []byte(e.Message + ": " + e.Hint)
		}
		if d := cmp.Diff(tt.want, string(got)); d != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, d)
		}
	}
}

// FuzzSet has what is set be the only difference between two files.
func FuzzSet(f *testing.F) {
	f.Add("profile = 'a'\n[defaults]\noutput = \"csv\" # why\n[profiles.a]\nas = 'x'\n", "output", "json")
	f.Add("[profiles]\na = {as = 'x', yes = true}\n", "profiles.a.as", "y")
	f.Add("defaults.null = '''\nx'''\r\n[defaults.a]", "null", "é'\"")
	f.Fuzz(func(t *testing.T, text, key, value string) {
		changed, err := Set("/c.toml", "/h", []byte(text), key, value)
		if err != nil {
			if _, ok := err.(*UsageError); !ok {
				t.Fatalf("Set(%q, %q, %q) = %v", text, key, value, err)
			}
			return
		}
		was, _ := parseFile("/c.toml", "/h", []byte(text))
		is, err := parseFile("/c.toml", "/h", changed)
		if err != nil {
			t.Fatalf("Set(%q, %q, %q) = %q: %v", text, key, value, changed, err)
		}
		again, err := Set("/c.toml", "/h", changed, key, value)
		if err == nil && string(again) != string(changed) {
			t.Fatalf("Set(%q, %q, %q) = %q, and then %q", text, key, value, changed, again)
		}
		if d := cmp.Diff(others(was, key), others(is, key)); d != "" {
			t.Fatalf("Set(%q, %q, %q) = %q (-was +is)\n%s", text, key, value, changed, d)
		}
	})
}

// others are the lines of what a file sets but for a key.
func others(f *file, key string) []string {
	var all []string
	add := func(section string, of settings) {
		for flag, s := range of {
			if section+keyOf(flag) != key {
				all = append(all, section+keyOf(flag)+" = "+strings.Join(s.values, ","))
			}
		}
	}
	add("", f.defaults)
	for name, of := range f.profiles {
		add("profiles."+name+".", of)
	}
	if key != "profile" {
		all = append(all, "profile = "+f.profile.name)
	}
	for _, q := range f.queries {
		all = append(all, "query "+q.Name+" = "+q.SQL)
	}
	slices.Sort(all)
	return all
}
