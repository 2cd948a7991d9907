package sqlengine

// SetDryRun says whether changes are shown, and not made, from the next statement
// on.
func (s *Session) SetDryRun(on bool) { s.opts.DryRun = on }

// Use has the session work by other options, such as on another backend or as
// somebody else, from the next statement on. Its tables stay, with the rows that
// they have, and so do the registry, the files and ScoutAfter that it was opened
// with.
func (s *Session) Use(opts Options) {
	opts.Registry, opts.Files, opts.ScoutAfter = s.opts.Registry, s.opts.Files, s.opts.ScoutAfter
	s.opts = opts
	if s.db != nil {
		s.db.Limit(opts.Parallel, opts.MaxCalls)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.methods = nil
}
