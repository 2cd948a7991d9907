package classroom

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/iql-lang/iql/provider"
)

// Spent knows who has used up the invitations of the day, so that a change of many
// rows does not ask a thousand times to hear it. The zero value knows of nobody.
// Its methods may be called from many goroutines at once.
// https://developers.google.com/workspace/classroom/troubleshooting/common-errors
type Spent struct {
	mu   sync.Mutex
	told map[string]refusalAt // guarded by mu: by who invites
}

type refusalAt struct {
	err *provider.Error
	at  time.Time
}

// spentFor is how long a refusal is believed: Google does not say when its day
// begins.
const spentFor = time.Hour

// quotaOfDay is Google's word for it.
const quotaOfDay = "UserInvitationQuotaExhausted"

// Backend returns b, as which somebody asks, with invitations refused that Google
// would refuse: RESOURCE_EXHAUSTED with UserInvitationQuotaExhausted, for an hour
// after Google said so.
func (s *Spent) Backend(who string, b Backend) Backend { return &sparing{b, s, who} }

type sparing struct {
	Backend
	spent *Spent
	who   string
}

// CreateInvitation invites, unless there is nothing left.
func (s *sparing) CreateInvitation(ctx context.Context, inv Invitation) (*Invitation, error) {
	if err := s.spent.refusal(s.who); err != nil {
		return nil, err
	}
	made, err := s.Backend.CreateInvitation(ctx, inv)
	if e, ok := errors.AsType[*provider.Error](err); ok && e.Reason == quotaOfDay {
		s.spent.remember(s.who, e)
	}
	return made, err
}

// refusal returns what somebody was told, nil for nothing.
func (s *Spent) refusal(who string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, ok := s.told[who]
	if !ok || time.Since(was.at) > spentFor {
		return nil
	}
	return was.err
}

func (s *Spent) remember(who string, err *provider.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.told == nil {
		s.told = map[string]refusalAt{}
	}
	s.told[who] = refusalAt{err, time.Now()}
}
