package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/iql-lang/iql/cmd/internal/config"
	"github.com/iql-lang/iql/provider"
	"github.com/iql-lang/iql/registry"
)

// registry returns the commands that StackQL has for its providers, which here are
// built in.
func (a *app) registry() *cobra.Command {
	return group(&cobra.Command{
		Use:   "registry",
		Short: "List the providers, which are built in",
		Example: `  iql registry list
  iql registry pull googleworkspace`,
	}, a.registryList(), a.registryPull())
}

func (a *app) registryList() *cobra.Command {
	cmd := &cobra.Command{
		Use:               "list [PROVIDER]",
		Short:             "List the providers and their versions",
		Example:           "  iql registry list -o json",
		Args:              atMost(1),
		ValidArgsFunction: completeProvider,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkProvider(args); err != nil {
				return err
			}
			var rows []provider.Row
			for _, p := range registry.Embedded().Providers {
				if len(args) == 0 || p.Name == args[0] {
					rows = append(rows, provider.Row{p.Name, p.Version})
				}
			}
			return a.printRows([]string{"provider", "version"}, rows)
		},
	}
	a.config.Output(cmd.Flags())
	completeOutput(cmd)
	return cmd
}

func (a *app) registryPull() *cobra.Command {
	return &cobra.Command{
		Use:               "pull PROVIDER [VERSION]",
		Short:             "Say that there is nothing to pull",
		Example:           "  iql registry pull googleworkspace",
		Args:              atMost(2),
		ValidArgsFunction: completeProvider,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &config.UsageError{Message: "pull needs the name of a provider", Hint: config.DidYouMean("", providerNames())}
			}
			if err := checkProvider(args[:1]); err != nil {
				return err
			}
			a.reporter().note("%s is built in: there is nothing to pull", args[0])
			return nil
		},
	}
}

// checkProvider refuses a provider that is not built in.
func checkProvider(args []string) error {
	if len(args) == 0 || slices.Contains(providerNames(), args[0]) {
		return nil
	}
	return &config.UsageError{
		Message: fmt.Sprintf("there is no provider %q, and none can be installed", args[0]),
		Hint:    config.DidYouMean(args[0], providerNames()),
	}
}

func providerNames() []string {
	var names []string
	for _, p := range registry.Embedded().Providers {
		names = append(names, p.Name)
	}
	return names
}

func completeProvider(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return providerNames(), cobra.ShellCompDirectiveNoFileComp
}
