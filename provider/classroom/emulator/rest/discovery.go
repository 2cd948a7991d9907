package rest

import (
	"encoding/json"
	"net/http"
	"strings"
)

// isDiscovery reports whether a path is that of a discovery document.
func isDiscovery(path string) bool {
	return path == "/$discovery/rest" || strings.HasPrefix(path, "/discovery/v1/apis/") && strings.HasSuffix(path, "/rest")
}

// document says which API a discovery document describes.
type document struct {
	api                        *api
	name, version, title, link string
}

var documents = []document{
	{classroomAPI, "classroom", "v1", "Google Classroom API", "https://developers.google.com/workspace/classroom/"},
	{directoryAPI, "admin", "directory_v1", "Admin SDK API", "https://developers.google.com/workspace/admin/"},
}

// discovery answers with the document that says what an API's methods are and
// that they are to be found here, from which many clients are made.
// https://developers.google.com/discovery/v1/reference/apis
func (s *Server) discovery(r *http.Request) answer {
	in := inbound{Request: r, query: readQuery(r.URL.RawQuery)}
	version := r.URL.Query().Get("version")
	if pieces := strings.Split(r.URL.Path, "/"); r.URL.Path != "/$discovery/rest" {
		version = pieces[len(pieces)-2]
	}
	for _, d := range documents {
		if d.version != version && (version != "" || d.api != classroomAPI) {
			continue
		}
		text, err := json.MarshalIndent(d.describe(address(r), s.router.routes), "", "  ")
		if err != nil {
			panic(err) // strings, lists and maps only
		}
		return answer{status: http.StatusOK, contentType: typeJSON, body: append(text, '\n')}
	}
	return in.refused(page404(r.Method, r.URL.EscapedPath()))
}

// address is where the request came to.
func address(r *http.Request) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + "/"
}

// node is an object of a discovery document.
type node = map[string]any

// describe returns the document for an API's routes.
func (d *document) describe(root string, all []*route) node {
	schemas, scopes := node{}, node{}
	resources := node{}
	for _, r := range all {
		if r.api != d.api {
			continue
		}
		addSchema(schemas, r.answer)
		if r.body != nil {
			addSchema(schemas, r.body.message)
		}
		for _, scope := range r.scopes {
			scopes[scopePrefix+scope] = node{"description": "What the methods that name " + scope + " do."}
		}
		path := strings.Split(r.name, ".")
		at := node{"resources": resources}
		for _, name := range path[:len(path)-1] {
			at = child(child(at, "resources"), name)
		}
		child(at, "methods")[path[len(path)-1]] = r.describe(d.name)
	}
	return node{
		"kind":                         "discovery#restDescription",
		"discoveryVersion":             "v1",
		"id":                           d.name + ":" + d.version,
		"name":                         d.name,
		"version":                      d.version,
		"revision":                     "0",
		"title":                        d.title,
		"description":                  "What the emulator answers of the " + d.title + ".",
		"documentationLink":            d.link,
		"ownerDomain":                  "google.com",
		"ownerName":                    "Google",
		"protocol":                     "rest",
		"rootUrl":                      root,
		"mtlsRootUrl":                  root,
		"baseUrl":                      root,
		"basePath":                     "",
		"servicePath":                  "",
		"batchPath":                    batchPath[1:],
		"fullyEncodeReservedExpansion": true,
		"parameters":                   describeFields(systemParameters, "query"),
		"auth":                         node{"oauth2": node{"scopes": scopes}},
		"schemas":                      schemas,
		"resources":                    resources,
	}
}

// child returns the object in a field of another, made if there is none.
func child(of node, name string) node {
	c, ok := of[name].(node)
	if !ok {
		c = node{}
		of[name] = c
	}
	return c
}

// describe returns the description of a method.
func (r *route) describe(apiName string) node {
	parameters := describeFields(r.query, "query")
	order := []string{}
	for _, name := range r.variables() {
		parameters[name] = node{"type": "string", "location": "path", "required": true, "description": "Identifier in the path."}
		order = append(order, name)
	}
	scopes := make([]string, len(r.scopes))
	for i, scope := range r.scopes {
		scopes[i] = scopePrefix + scope
	}
	m := node{
		"id":             apiName + "." + r.name,
		"description":    r.doc,
		"httpMethod":     r.method,
		"path":           r.path[1:],
		"flatPath":       r.path[1:],
		"parameters":     parameters,
		"parameterOrder": order,
		"scopes":         scopes,
		"response":       node{"$ref": r.answer.name},
	}
	if r.body != nil {
		m["request"] = node{"$ref": r.body.message.name}
	}
	return m
}

// addSchema adds the description of a message and of those within it.
func addSchema(schemas node, m *message) {
	if _, ok := schemas[m.name]; ok {
		return
	}
	schemas[m.name] = node{
		"id":          m.name,
		"type":        "object",
		"description": m.doc,
		"properties":  describeFields(m.fields, ""),
	}
	for i := range m.fields {
		if inner := m.fields[i].message; inner != nil {
			addSchema(schemas, inner)
		}
	}
}

// describeFields returns the descriptions of fields, or of parameters if they
// have a location.
func describeFields(fields []field, location string) node {
	all := node{}
	for i := range fields {
		f := &fields[i]
		d := f.describe()
		if f.repeated && location == "" {
			d = node{"type": "array", "items": d}
		} else if f.repeated {
			d["repeated"] = true
		}
		d["description"] = f.doc
		if location != "" {
			d["location"] = location
		}
		if f.output && location == "" {
			d["readOnly"] = true
		}
		all[f.name] = d
	}
	return all
}

// describe returns the description of a field's type.
func (f *field) describe() node {
	switch f.kind {
	case number:
		return node{"type": "integer", "format": "int32"}
	case flag:
		return node{"type": "boolean"}
	case moment:
		return node{"type": "string", "format": "google-datetime"}
	case object:
		return node{"$ref": f.message.name}
	case choice:
		docs := make([]string, len(f.enum.words))
		for i, word := range f.enum.words {
			docs[i] = "The value " + word + "."
		}
		return node{"type": "string", "enum": f.enum.words, "enumDescriptions": docs}
	}
	if f.name == "updateMask" {
		return node{"type": "string", "format": "google-fieldmask"}
	}
	return node{"type": "string"}
}
