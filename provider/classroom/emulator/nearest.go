package emulator

import (
	"strings"

	"github.com/iql-lang/iql/provider"
)

// nearestAddress returns the e-mail address that a name was probably meant to
// be, "" if there is none. Within one domain it goes by what stands before the
// "@", else the domain would make all addresses alike; so it does for a name
// that has no "@".
func nearestAddress(name string, addresses []string) string {
	name = strings.ToLower(name)
	local, domain, whole := strings.Cut(name, "@")
	if len(local) < 3 { // near to everything that is as short
		return ""
	}
	var locals, full []string
	for _, address := range addresses {
		before, after, _ := strings.Cut(address, "@")
		if after == domain || !whole {
			locals, full = append(locals, before), append(full, address)
		}
	}
	if near, ok := provider.Nearest(local, locals); ok {
		for i := range locals {
			if locals[i] == near {
				return full[i]
			}
		}
	}
	if len(full) > 0 {
		return ""
	}
	near, _ := provider.Nearest(name, addresses)
	return near
}
