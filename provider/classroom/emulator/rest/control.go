package rest

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/iql-lang/iql/provider/classroom/emulator"
)

// Settings are what POST /_emulator/faults sets; what is absent stays as it
// is.
type Settings struct {
	Latency *string  `json:"latency,omitempty"` // see [ParseLatency]
	Faults  []string `json:"faults"`            // see [ParseFault]; an empty list ends all faults
}

// control answers what is the emulator's own. It takes no credentials, and no
// changes from pages of other sites in a browser.
func (s *Server) control(w http.ResponseWriter, r *http.Request) {
	if err := s.origin.Check(r); err != nil {
		reply(w, http.StatusForbidden, problem{err.Error()})
		return
	}
	switch r.Method + " " + r.URL.Path {
	case "GET " + controlPath + "stats":
		reply(w, http.StatusOK, s.Stats())
	case "POST " + controlPath + "reset":
		s.Reset()
		reply(w, http.StatusOK, struct{}{})
	case "GET " + controlPath + "faults":
		reply(w, http.StatusOK, s.settings())
	case "POST " + controlPath + "faults":
		s.setFaults(w, r)
	case "POST " + controlPath + "seed":
		s.seed(w, r)
	default:
		reply(w, http.StatusNotFound, problem{fmt.Sprintf("there is no %s %s here: "+
			"there are GET stats, POST reset, GET and POST faults, POST seed", r.Method, r.URL.Path)})
	}
}

// problem is what goes wrong with the emulator's own requests.
type problem struct {
	Error string `json:"error"`
}

func reply(w http.ResponseWriter, status int, v any) {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // what is passed here can be written
	}
	w.Header().Set("Content-Type", typeJSON)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // the client may have left
}

// settings returns what is in force.
func (s *Server) settings() Settings {
	l, list := s.faults.get()
	latency := l.String()
	set := Settings{Latency: &latency, Faults: []string{}}
	for _, f := range list {
		set.Faults = append(set.Faults, f.String())
	}
	return set
}

// setFaults changes what is in force, if all of it can be read.
func (s *Server) setFaults(w http.ResponseWriter, r *http.Request) {
	text, refused := readAll(r.Body, assumed.maxBody)
	if refused != nil {
		reply(w, refused.http, problem{refused.message})
		return
	}
	var set Settings
	if err := json.Unmarshal(text, &set); err != nil {
		reply(w, http.StatusBadRequest, problem{
			`say it as {"latency": "50ms±20ms", "faults": ["invitations.list=503:2"]}: ` + err.Error(),
		})
		return
	}
	latency, list, err := set.read()
	if err != nil {
		reply(w, http.StatusBadRequest, problem{err.Error()})
		return
	}
	s.faults.change(latency, list)
	reply(w, http.StatusOK, s.settings())
}

// read returns what the settings say, nil for what they leave as it is.
func (set Settings) read() (latency *Latency, list []Fault, err error) {
	if set.Latency != nil {
		l, err := ParseLatency(*set.Latency)
		if err != nil {
			return nil, nil, err
		}
		latency = &l
	}
	if set.Faults != nil {
		list = []Fault{}
	}
	for _, text := range set.Faults {
		f, err := ParseFault(text)
		if err != nil {
			return nil, nil, err
		}
		list = append(list, f)
	}
	return latency, list, nil
}

// seed replaces the school by the one in the body, in YAML.
func (s *Server) seed(w http.ResponseWriter, r *http.Request) {
	school, err := emulator.ReadSchool("seed", r.Body)
	if err == nil {
		err = s.store.Reseed(r.Context(), school)
	}
	if err != nil {
		reply(w, http.StatusBadRequest, problem{err.Error()})
		return
	}
	reply(w, http.StatusOK, struct{}{})
}
