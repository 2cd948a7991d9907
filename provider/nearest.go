package provider

import "strings"

// Nearest returns the word among known that word was most likely meant to be,
// whatever its letter case, and whether there is one: at most a third of the
// letters may be wrong, missing, too many or swapped with their neighbour
// (Damerau-Levenshtein distance, optimal string alignment). Of equally near
// words the first wins.
func Nearest(word string, known []string) (string, bool) {
	a := []rune(strings.ToLower(word))
	if len(a) > 100 {
		return "", false
	}
	best, found := "", false
	limit := max(1, (len(a)+1)/3)
	for _, k := range known {
		if d := distance(a, []rune(strings.ToLower(k)), limit); d <= limit {
			best, found, limit = k, true, d-1
		}
	}
	return best, found
}

// distance returns the number of edits between a and b, or more than limit if
// it is more than limit.
func distance(a, b []rune, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
