package journal

// Keep sets how many complete runs are kept.
func (s *Store) Keep(n int) { s.kept = n }
