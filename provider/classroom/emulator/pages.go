package emulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/iql-lang/iql/provider/classroom"
)

// A page token is where the next page begins (the keys of the last item before
// it, as varints) and a seal over that, the method, the caller and the filters:
// a token works for the list that it came from, and for no other.
const (
	sealSize = 12
	maxToken = 256
)

// window is the part of a list that a request asks for.
type window struct {
	size  int     // how many items
	after []int64 // the keys of the last item before them; nil on the first page
	list  []byte  // which list it is, for the seal
}

// window reads what a request says about its page: usual is the size if it
// says none, width how many keys a token of this list has, and list the method
// and its filters. A bad size or token is INVALID_ARGUMENT.
func (c *Caller) window(p classroom.Page, usual, width int, list ...string) (window, error) {
	w := window{size: min(p.Size, assumed.maxPage)}
	for _, word := range append([]string{c.user.id}, list...) {
		w.list = binary.AppendUvarint(w.list, uint64(len(word)))
		w.list = append(w.list, word...)
	}
	if p.Size < 0 {
		return w, badPageSize.err()
	}
	if p.Size == 0 {
		w.size = usual
	}
	if p.Token == "" {
		return w, nil
	}
	keys, ok := c.store.openToken(w.list, p.Token, width)
	if !ok {
		return w, badPageToken.err()
	}
	w.after = keys
	return w, nil
}

// openToken returns the keys in a token of a list.
func (s *Store) openToken(list []byte, token string, width int) (keys []int64, ok bool) {
	if len(token) > maxToken {
		return nil, false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) < sealSize {
		return nil, false
	}
	seal, rest := raw[:sealSize], raw[sealSize:]
	if !hmac.Equal(seal, s.seal(list, rest)) {
		return nil, false
	}
	for range width {
		key, n := binary.Varint(rest)
		if n <= 0 {
			return nil, false
		}
		keys, rest = append(keys, key), rest[n:]
	}
	return keys, len(rest) == 0
}

// token returns the token of the page after the item with these keys.
func (s *Store) token(list []byte, keys ...int64) string {
	var rest []byte
	for _, key := range keys {
		rest = binary.AppendVarint(rest, key)
	}
	return base64.RawURLEncoding.EncodeToString(append(s.seal(list, rest), rest...))
}

func (s *Store) seal(list, keys []byte) []byte {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write(binary.AppendUvarint(nil, uint64(len(list))))
	mac.Write(list)
	mac.Write(keys)
	return mac.Sum(nil)[:sealSize]
}

// page is a part of a list and the token of the next, empty after the last.
type page[T any] struct {
	items []T
	next  string
}

// cut makes a page of the rows that a query gave for a window: one more than
// its size, where there are more.
func cut[R, T any](s *Store, w window, rows []R, show func(*R) T, keys func(*R) []int64) page[T] {
	var p page[T]
	if len(rows) > w.size {
		rows = rows[:w.size]
		p.next = s.token(w.list, keys(&rows[w.size-1])...)
	}
	p.items = make([]T, len(rows))
	for i := range rows {
		p.items[i] = show(&rows[i])
	}
	return p
}
