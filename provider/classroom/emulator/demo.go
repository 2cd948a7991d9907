package emulator

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed demo.yaml
var demoYAML string

// The crowd that Demo adds to demo.yaml.
const (
	demoPupils = 300
	demoClass  = 24 // pupils of a course
	demoOpen   = 4  // invitations of a course
)

// Demo returns the school example.edu, the same each time: demo.yaml, and a
// crowd of pupils in its courses.
func Demo() *School {
	s, err := ReadSchool("demo.yaml", strings.NewReader(demoYAML))
	if err != nil {
		panic(err)
	}
	pupils := crowd(demoPupils)
	s.Users = append(s.Users, pupils...)
	next := 0
	take := func(n int) []SeedUser { // the next n pupils, round and round
		taken := make([]SeedUser, n)
		for i := range taken {
			taken[i] = pupils[next%len(pupils)]
			next++
		}
		return taken
	}
	for i := range s.Courses {
		c := &s.Courses[i]
		if !strings.HasSuffix(c.OwnerID, "@example.edu") || len(c.Students) > 0 {
			continue
		}
		if c.CourseState == "" || c.CourseState == "ARCHIVED" {
			for _, pupil := range take(demoClass) {
				c.Students = append(c.Students, pupil.Email)
			}
		}
		if c.CourseState != "" {
			continue
		}
		for _, pupil := range take(demoOpen) {
			s.Invitations = append(s.Invitations, SeedInvitation{
				CourseID: c.ID,
				UserID:   pupil.Email,
				Role:     "STUDENT",
			})
		}
	}
	return s
}

// crowd returns n pupils of example.edu, whose names go together as they may
// in any school.
func crowd(n int) []SeedUser {
	given := strings.Fields(demoGiven)
	family := strings.Fields(demoFamily)
	ascii := strings.NewReplacer(
		"á", "a", "ả", "a", "ã", "a", "ä", "a", "å", "a", "ç", "c", "é", "e", "è", "e", "ë", "e", "í", "i", "ı", "i",
		"ł", "l", "ñ", "n", "ń", "n", "ó", "o", "ö", "o", "ø", "o", "ş", "s", "š", "s", "ú", "u", "ü", "u", "'", "", "-", "",
	)
	users := make([]SeedUser, n)
	for i := range users {
		// Each round of given names meets the family names one further on.
		g := given[i%len(given)]
		f := family[(i+i/len(given)*7)%len(family)]
		address := ascii.Replace(strings.ToLower(g + "." + f))
		users[i] = SeedUser{
			Email: fmt.Sprintf("%s@example.edu", address),
			Name:  g + " " + f,
		}
	}
	return users
}

const demoGiven = `Aisha Andrei Anna Arjun Astrid Beatriz Chiara Chinedu Daiyu Diego Ebba Emeka Emma Finn
	Freya Giulia Hamza Ibrahim Ingrid Isla Ivan Jamal Jasmine João Kaito Karim Katarzyna Kwame Laila Lars
	Leila Lucía Lukas Magda Malik Manon Marek Mateo Mina Mohammed Nadia Naomi Nia Noah Olga Omar Owen
	Priya Rania Ravi Rosa Sakura Sanjay Santiago Sofía Søren Tariq Thandiwe Thảo Uma Viktor Wanjiru Xiomara
	Yara Yuki Zainab Zuri`

const demoFamily = `Abdi Åkesson Anderson Bakker Banerjee Barzani Castillo Chukwu Cohen D'Angelo Dubois Eriksen
	Fernández Fischer García Gonçalves Hassan Hernández Horváth Ito Ivanova Jansen Jørgensen Kamau Kaplan Khan
	Kowalczyk Kumar Laurent Levy Lindgren López Mahmoud Mensah Mitchell Moreau Nakamura Ndlovu Nguyen Nowak
	Okonkwo Öztürk Papadopoulos Park Patel Petrov Popescu Quispe Rossi Sánchez Schneider Sharma Silva Singh
	Smith Suzuki Takahashi Traoré Van-Dijk Wang Williams Wójcik Yamamoto Yıldız Zhang Zieliński`
