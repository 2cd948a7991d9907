package shell

import (
	"context"
	"fmt"

	"github.com/iql-lang/iql/cmd/internal/output"
)

// sessionCommands are about who asks, and the shell itself.
func sessionCommands() []Command {
	const group = "The session"
	return []Command{
		{
			Name: `\c`, Args: "PROFILE", Group: group,
			About: "go on with another profile; the configuration file is read anew",
			run: func(s *Shell, ctx context.Context, args []string) error {
				return s.use(ctx, args[0], "")
			},
		},
		{
			Name: `\as`, Args: "[USER]", Group: group,
			About: "ask as another user, or as the profile says",
			run: func(s *Shell, ctx context.Context, args []string) error {
				user := ""
				if len(args) > 0 {
					user = args[0]
				}
				return s.use(ctx, s.host.Who().Profile, user)
			},
		},
		{
			Name: `\whoami`, Group: group, About: "show as whom the backend is asked",
			run: func(s *Shell, ctx context.Context, _ []string) error {
				return s.whoami(ctx)
			},
		},
		{
			Name: `\log`, Args: "http on|off|FILE", Group: group, Words: []string{"http"},
			About: "tell of each request to the live backend, here or in a file",
			run: func(s *Shell, _ context.Context, args []string) error {
				if _, err := choose(`\log`, args[0], "http"); err != nil {
					return err
				}
				return s.host.LogHTTP(args[1])
			},
		},
		{
			Name: `\q`, Aliases: []string{".quit", ".exit", "quit", "exit"}, Group: group, About: "leave",
			run: func(s *Shell, _ context.Context, _ []string) error {
				s.left = true
				return nil
			},
		},
	}
}

// use goes on as somebody else.
func (s *Shell) use(ctx context.Context, profile, user string) error {
	if err := s.host.Use(ctx, profile, user); err != nil {
		return err
	}
	who := s.host.Who()
	s.take(who)
	if s.Terminal {
		s.say(fmt.Sprintf("profile %s, as %s", orUsual(who.Profile, "none"), orUsual(who.User, "the usual user")))
	}
	return nil
}

func orUsual(name, usual string) string {
	if name == "" {
		return usual
	}
	return output.Harmless(name)
}

// whoami shows as whom each provider is asked.
func (s *Shell) whoami(ctx context.Context) error {
	for _, name := range s.host.Providers() {
		if err := s.about(ctx, "SHOW AUTH ", name); err != nil {
			return err
		}
	}
	return nil
}
