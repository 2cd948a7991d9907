package emulator_test

import (
	"testing"

	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// A client acts for people of the asker's domain, and for nobody else.
func TestDelegate(t *testing.T) {
	store := open(t, emulator.Options{Seed: &emulator.School{Users: []emulator.SeedUser{
		{Email: "admin@dom.edu", Admin: true},
		{Email: "pat@dom.edu"},
		{Email: "off@dom.edu", Disabled: true},
		{Email: "eve@ext.org"},
		{Email: "bob@ext.org"},
	}}})
	for _, tt := range []struct {
		asker, other string
		want         provider.Code
	}{
		{"admin@dom.edu", "pat@dom.edu", provider.OK},
		{"admin@dom.edu", "admin@dom.edu", provider.OK},
		{"admin@dom.edu", "eve@ext.org", provider.PermissionDenied},
		{"admin@dom.edu", "off@dom.edu", provider.Unauthenticated},
		{"admin@dom.edu", "nobody@dom.edu", provider.Unauthenticated},
		{"eve@ext.org", "eve@ext.org", provider.OK},
		{"eve@ext.org", "bob@ext.org", provider.PermissionDenied},
	} {
		_, err := as(t, store, tt.asker).Delegate(tt.other)
		if got := provider.CodeOf(err); got != tt.want {
			t.Errorf("as %s: Delegate(%s) = %v, want %v", tt.asker, tt.other, err, tt.want)
		}
	}
}
