package provider

import "strings"

// Nearest returns the one of the known words that a person most likely meant by
// word, for a hint such as "did you mean courseId?", and whether there is one.
// Letter case and underscores do not count. A third of the longer word's letters
// may be wrong, missing, extra or swapped with their neighbour, at most three. Of
// equally near words the first wins.
func Nearest(word string, known []string) (string, bool) {
	const most = 3
	w, nearest, least := letters(word), "", most+1
	for _, candidate := range known {
		c := letters(candidate)
		allowed := min(least-1, max(len(w), len(c))/3)
		if d := len(w) - len(c); d > allowed || -d > allowed {
			continue
		}
		if d := distance(w, c); d <= allowed {
			nearest, least = candidate, d
		}
	}
	return nearest, least <= most
}

func letters(word string) []rune {
	return []rune(strings.ToLower(strings.ReplaceAll(word, "_", "")))
}

// distance returns the number of letters to put in, take out, change or swap
// with the next to make b of a (Damerau and Levenshtein, each place touched once).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(last[j]+1, row[j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
