package sqlengine

import "testing"

// TestLimited tells queries in the place of a value from those in the place of a
// table.
func TestLimited(t *testing.T) {
	for sql, want := range map[string]bool{
		`SELECT a FROM t`:                                          false,
		`SELECT a FROM t LIMIT 5`:                                  true,
		`SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u)`:           true,
		`SELECT a, (SELECT b FROM t) FROM u`:                       true,
		`SELECT coalesce(a, (SELECT b FROM t)) FROM u`:             true,
		`SELECT (WITH x AS (SELECT 1) SELECT * FROM x)`:            true,
		`SELECT 1 FROM a JOIN b ON a.x = (SELECT c FROM t)`:        true,
		`SELECT 1 FROM a WHERE f(a, (SELECT c FROM t)) > 1`:        true,
		`SELECT 1 FROM a ORDER BY b, (SELECT c FROM t)`:            true,
		`SELECT 1 FROM a, (SELECT c FROM t)`:                       false,
		`SELECT 1 FROM a JOIN b ON a.x = b.x, (SELECT c FROM t)`:   false,
		`SELECT 1 FROM (a JOIN b), (SELECT c FROM t)`:              false,
		`SELECT 1 FROM ((SELECT c FROM t))`:                        false,
		`SELECT 1 FROM (a, (SELECT c FROM t))`:                     false,
		`SELECT 1 FROM a WHERE x NOT IN (SELECT c FROM t)`:         false,
		`WITH x AS (SELECT 1), y AS (SELECT 2) SELECT 1 FROM x, y`: false,
		`SELECT 'LIMIT' FROM a`:                                    false,
	} {
		if got := limited(sql); got != want {
			t.Errorf("limited(%s) = %v", sql, got)
		}
	}
}
