package emulator

import (
	"context"
	"encoding/binary"
)

// kept are answers that were made of what a connection read, so that they need
// not be made again until the store changes. SQLite says when that is: by its
// data_version, which differs once another connection, of this process or of
// any other, has committed a change. It is what SQLite forgets its own copies
// of pages by. It does not tell of the connection's own changes; those begin by
// forgetting.
type kept struct {
	version int64
	answers map[string][]byte // of the version, by recallKey
	size    int               // bytes of the answers and their keys
}

// maxKept bounds what one connection keeps; SQLite's own cache has twice that.
const maxKept = 4 << 20

// usualKept is what an entry takes beside its bytes.
const usualKept = 64

func (k *kept) forget() {
	clear(k.answers)
	k.size = 0
}

// keep keeps an answer, and forgets all others if they become too many.
func (k *kept) keep(key string, answer []byte) {
	size := usualKept + len(key) + cap(answer)
	if size > maxKept {
		return
	}
	if k.size+size > maxKept {
		k.forget()
	}
	if k.answers == nil {
		k.answers = map[string][]byte{}
	}
	k.answers[key] = answer
	k.size += size
}

// refresh forgets the answers if the store is no longer what they were made
// of. It belongs into a transaction, which then answers from that version.
func (d *db) refresh() error {
	version, err := d.number(`PRAGMA data_version`)
	if err != nil || version != d.kept.version {
		d.kept.forget()
		d.kept.version = version
	}
	return err
}

// Recall returns what read makes of the store as the caller sees it, or what it
// made before if the store has not changed since. What read calls of the Caller
// that it is given is answered from one moment. It may ask for nothing of the
// store but by that Caller, change nothing, and not keep it.
//
// Beside the store and the caller the answer may depend on key alone, by which
// it is known; so not on the clock. It is shared: nobody may change it. A
// refusal is not kept. A caller who may not use the store is not refused here,
// but when read asks, which may have to refuse something else before that.
func (c *Caller) Recall(ctx context.Context, key []byte, read func(*Caller) ([]byte, error)) ([]byte, error) {
	admitted := false
	answer, err := ask(ctx, c, reads, func(r *request) ([]byte, error) {
		admitted = true
		if err := r.refresh(); err != nil {
			return nil, err
		}
		full := c.recallKey(r, key)
		if answer, ok := r.kept.answers[string(full)]; ok {
			return answer, nil
		}
		within := *c
		within.request = r
		answer, err := read(&within)
		if err != nil {
			return nil, err
		}
		r.kept.keep(string(full), answer)
		return answer, nil
	})
	if !admitted {
		return read(c)
	}
	return answer, err
}

// recallKey is a key for one caller: who they are to the store now, who they
// were when they came, which their page tokens say, and their project.
func (c *Caller) recallKey(r *request, key []byte) []byte {
	full := make([]byte, 0, 64+len(key))
	full = binary.AppendVarint(full, r.caller.key)
	for _, word := range []string{c.user.id, c.project} {
		full = binary.AppendUvarint(full, uint64(len(word)))
		full = append(full, word...)
	}
	return append(full, key...)
}
