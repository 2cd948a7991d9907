package emulator

import (
	"strconv"
	"testing"
)

func TestKeptIsBounded(t *testing.T) {
	t.Parallel()
	var k kept
	k.keep("huge", make([]byte, maxKept))
	if len(k.answers) != 0 {
		t.Error("an answer is kept that is larger than all may be")
	}
	most := 0
	for i := range 1000 {
		k.keep(strconv.Itoa(i), make([]byte, 20_000))
		most = max(most, k.size)
		sum := 0
		for key, answer := range k.answers {
			sum += usualKept + len(key) + cap(answer)
		}
		if sum != k.size || sum > maxKept {
			t.Fatalf("%d answers take %d bytes, counted as %d, and may take %d", len(k.answers), sum, k.size, maxKept)
		}
		if _, ok := k.answers[strconv.Itoa(i)]; !ok {
			t.Fatalf("the answer %d is not kept", i)
		}
	}
	if most < maxKept/2 {
		t.Errorf("at most %d bytes were kept, want more of %d", most, maxKept)
	}
}
