package sqlengine

// SetDryRun says whether changes are shown, and not made, from the next statement
// on.
func (s *Session) SetDryRun(on bool) { s.opts.DryRun = on }

// Use has the session work on another backend, as somebody else, from the next
// statement on: what opts says of the backend, of who asks, of the journal and of
// consent. The session's tables stay, with the rows that they have. The rest of
// opts is for a new session.
func (s *Session) Use(opts Options) {
	s.opts.Backend, s.opts.Identity = opts.Backend, opts.Identity
	s.opts.Journal, s.opts.Changes = opts.Journal, opts.Changes
	s.opts.ParallelChanges, s.opts.Parallel = opts.ParallelChanges, opts.Parallel
	s.opts.Consent, s.opts.TooMany = opts.Consent, opts.TooMany
	s.opts.ReadOnly, s.opts.DryRun = opts.ReadOnly, opts.DryRun
	s.mu.Lock()
	defer s.mu.Unlock()
	s.methods = nil
}
