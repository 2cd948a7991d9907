package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/iql-lang/iql/provider"
)

// values are the fields of a body by name: strings as they came, enums by their
// word, numbers and flags as text, and values within them for objects. What
// was null is absent.
type values map[string]any

// text is a scalar's value, empty if it is absent.
func (v values) text(name string) string {
	s, _ := v[name].(string)
	return s
}

// readAll reads a body of at most limit bytes.
func readAll(body io.Reader, limit int64) ([]byte, *refusal) {
	if body == nil {
		return nil, nil
	}
	b, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, refuse(provider.InvalidArgument, "")
	}
	if int64(len(b)) > limit {
		return nil, refuse(provider.InvalidArgument, fmt.Sprintf(texts.tooLarge, limit))
	}
	return b, nil
}

// readBody reads a message of proto3's JSON
// (https://protobuf.dev/programming-guides/json/). No body is a message
// without fields. root is what the body is called in refusals.
func readBody(text []byte, root *field) (values, *refusal) {
	b := bodyReader{text: text, json: json.NewDecoder(bytes.NewReader(text))}
	b.json.UseNumber()
	if len(bytes.TrimSpace(text)) == 0 {
		return values{}, nil
	}
	if !utf8.Valid(text) {
		return nil, b.broken(notJSON(texts.jsonUTF8))
	}
	v, err := b.message(root)
	if err != nil {
		return nil, b.broken(err)
	}
	if len(b.wrong) > 0 {
		return nil, badRequest(b.wrong)
	}
	return v, nil
}

// bodyReader goes through a body once, and gathers what is wrong with it.
type bodyReader struct {
	text  []byte
	json  *json.Decoder
	wrong []violation
}

// maxWrong bounds what is said about one body.
const maxWrong = 20

func (b *bodyReader) complain(v violation) {
	if len(b.wrong) < maxWrong {
		b.wrong = append(b.wrong, v)
	}
}

// message reads the whole body.
func (b *bodyReader) message(root *field) (values, error) {
	token, err := b.json.Token()
	if err != nil {
		return nil, err
	}
	var v values
	if token == json.Delim('{') {
		v, err = b.object(root.message, root.name)
	} else {
		b.complain(violation{description: texts.noMessage})
		err = b.skip(token)
	}
	if err != nil {
		return nil, err
	}
	if _, err = b.json.Token(); !errors.Is(err, io.EOF) {
		return nil, notJSON(texts.jsonMore)
	}
	return v, nil
}

// object reads the fields of an object whose brace was read.
func (b *bodyReader) object(of *message, path string) (values, error) {
	v := values{}
	for b.json.More() {
		token, err := b.json.Token()
		if err != nil {
			return nil, err
		}
		name := token.(string) // the decoder allows no other key
		if token, err = b.json.Token(); err != nil {
			return nil, err
		}
		f := find(of.fields, name)
		if f == nil {
			b.complain(b.at(path, texts.unknownField, name))
			err = b.skip(token)
		} else {
			err = b.field(v, f, name, token, path)
		}
		if err != nil {
			return nil, err
		}
	}
	_, err := b.json.Token()
	return v, err
}

// field reads the value of a field, whose first token was read.
func (b *bodyReader) field(v values, f *field, name string, token json.Token, path string) error {
	at := path + "." + f.snake()
	switch {
	case token == nil:
		delete(v, f.name)
		return nil
	case token == json.Delim('[') && f.repeated:
		return b.skip(token) // the methods here take no list of a client
	case token == json.Delim('['):
		b.complain(b.at(path, texts.noList, name))
		return b.skip(token)
	case token == json.Delim('{') && f.kind == object:
		inner, err := b.object(f.message, at)
		v[f.name] = inner
		return err
	case token == json.Delim('{'):
		b.complain(b.at(path, texts.noObject, name))
		return b.skip(token)
	}
	value, ok := f.scalar(token)
	if !ok {
		b.complain(f.bad(at, show(token)))
		return nil
	}
	v[f.name] = value
	return nil
}

// scalar returns the value of a token that is no bracket, and whether it is of
// the field's type.
func (f *field) scalar(token json.Token) (string, bool) {
	switch t := token.(type) {
	case string:
		switch f.kind {
		case text:
			return t, true
		case moment:
			_, err := time.Parse(time.RFC3339Nano, t)
			return t, err == nil
		case number, choice:
			return f.parse(t)
		}
	case json.Number:
		if f.kind == number || f.kind == choice {
			if whole, err := strconv.ParseFloat(t.String(), 64); err == nil && whole == float64(int32(whole)) {
				return f.parse(strconv.Itoa(int(whole)))
			}
		}
	case bool:
		return strconv.FormatBool(t), f.kind == flag
	}
	return "", false
}

// skip reads the rest of a value whose first token was read.
func (b *bodyReader) skip(token json.Token) error {
	depth := 0
	for {
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		var err error
		if token, err = b.json.Token(); err != nil {
			return err
		}
	}
}

// at is the violation of a name in a message.
func (b *bodyReader) at(path, format, name string) violation {
	return violation{path, fmt.Sprintf(format, name, " at '"+path+"'")}
}

// show writes a token into a refusal as it came.
func show(token json.Token) string {
	if s, ok := token.(string); ok {
		return strconv.Quote(s)
	}
	return fmt.Sprint(token)
}

// notJSON is what Google says of a text that is no JSON.
type notJSON string

func (e notJSON) Error() string { return string(e) }

// broken is the refusal of what is no JSON: what is wrong, and a piece of the
// text with a mark under the place.
func (b *bodyReader) broken(err error) *refusal {
	what := texts.jsonToken
	place := int(b.json.InputOffset())
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		place = max(0, int(syntax.Offset)-1)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		what, place = texts.jsonEnd, len(b.text)
	}
	if why, ok := errors.AsType[notJSON](err); ok {
		what = string(why)
	}
	const around = 20
	place = min(place, len(b.text))
	from, to := max(0, place-around), min(len(b.text), place+around)
	piece := strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, string(b.text[from:to]))
	mark := strings.Repeat(" ", place-from) + "^"
	return refuse(provider.InvalidArgument, fmt.Sprintf(texts.badJSON, what, piece+"\n"+mark))
}
