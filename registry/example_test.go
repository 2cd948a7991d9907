package registry_test

import (
	"fmt"

	"github.com/iql-lang/iql/registry"
)

func ExampleResource_Route() {
	invitations, err := registry.Embedded().FindResource([]string{"invitations"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, have := range [][]string{{"id"}, {"courseId", "role"}, {"role"}} {
		m, err := invitations.Route(registry.Select, have)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(m.Name, m.HTTP)
	}
	// Output:
	// get GET /v1/invitations/{id}
	// list GET /v1/invitations
	// SELECT on googleworkspace.classroom.invitations needs id (get), or courseId or userId (list)
}
