package config

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAgain(t *testing.T) {
	file := written(t, `
profile = "one"
[defaults]
rate = "3/s"
[profiles.one]
as = "ann@example.edu"
[profiles.two]
backend = "mock:memory"
as = "bob@example.edu"
read_only = true
`)
	type settings struct {
		Profile, As, Format string
		Backend             Backend
		Rate                float64
		ReadOnly            bool
		Params              []string
		Vars                map[string]string
	}
	tests := []struct {
		name          string
		args          []string
		env           map[string]string
		profile, user string
		want          settings
	}{
		{"another profile", nil, nil, "two", "", settings{Profile: "two", As: "bob@example.edu", Format: "table", Backend: Backend{Memory: true}, Rate: 3, ReadOnly: true}},
		{"another user", nil, nil, "one", "cy@example.edu", settings{Profile: "one", As: "cy@example.edu", Format: "table", Rate: 3}},
		{"both", nil, nil, "two", "cy@example.edu", settings{Profile: "two", As: "cy@example.edu", Format: "table", Backend: Backend{Memory: true}, Rate: 3, ReadOnly: true}},
		{"the profile's user", []string{"--as", "cy@example.edu"}, nil, "one", "", settings{Profile: "one", As: "ann@example.edu", Format: "table", Rate: 3}},
		{"the profile of the file", []string{"--profile", "two"}, nil, "", "", settings{Profile: "one", As: "ann@example.edu", Format: "table", Rate: 3}},
		{
			"flags of the backend go with the profile",
			[]string{"--backend", "live", "--rate", "5", "-o", "csv"},
			nil, "two", "",
			settings{Profile: "two", As: "bob@example.edu", Format: "csv", Backend: Backend{Memory: true}, Rate: 3, ReadOnly: true},
		},
		{
			"and stay with it",
			[]string{"--backend", "live", "--rate", "5", "-o", "csv", "-p", "a=b,c", "-p", "d=e", "--var", "f=g", "--var", "h=i"},
			nil, "one", "",
			settings{Profile: "one", As: "ann@example.edu", Format: "csv", Backend: Backend{Live: true}, Rate: 5, Params: []string{"a=b,c", "d=e"}, Vars: map[string]string{"f": "g", "h": "i"}},
		},
		{"the environment", nil, map[string]string{"IQL_AS": "eve@example.edu"}, "two", "", settings{Profile: "two", As: "eve@example.edu", Format: "table", Backend: Backend{Memory: true}, Rate: 3, ReadOnly: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load(t, append([]string{"--configfile", file}, tt.args...), tt.env)
			if err != nil {
				t.Fatal(err)
			}
			env := func(name string) string { return tt.env[name] }
			for range 2 { // from what was loaded so as well
				if c, err = c.Again(env, tt.profile, tt.user); err != nil {
					t.Fatal(err)
				}
			}
			got := settings{c.Profile, c.As, c.Rows.Format.Name, c.Backend, c.Live.Rate, c.ReadOnly, c.Params, c.Vars}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Again(%q, %q) (-want +got):\n%s", tt.profile, tt.user, diff)
			}
		})
	}
	c, err := load(t, []string{"--configfile", file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Again(func(string) string { return "" }, "nope", "")
	if _, ok := errors.AsType[*UsageError](err); !ok {
		t.Errorf("Again of a profile that there is not: %v", err)
	}
}
