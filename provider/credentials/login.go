package credentials

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/iql-lang/iql/provider"
)

// LoginOptions say who signs in to what.
type LoginOptions struct {
	// ClientFile is the file of an OAuth client of the type desktop app, as the
	// Cloud console gives it out: client_secret_....json. It may begin with ~/.
	ClientFile string
	// Scopes are those to ask for, with or without
	// https://www.googleapis.com/auth/.
	Scopes []string
	// Hint is the address of the user who is likely to sign in; "" is anybody.
	Hint string
	// Open shows the person an address in their browser, or tells them to. It is
	// needed, as is Store.
	Open func(address string) error
	// Store keeps the sign-in, by the name Profile; "" is "default".
	Store   *Store
	Profile string
	// Getenv, Client and Now are as in Options.
	Getenv func(string) string
	Client *http.Client
	Now    func() time.Time
}

// openIDScopes are asked for beside the others, so that the answer says who has
// signed in.
var openIDScopes = []string{"openid", "email"}

// Login has a person sign in with their browser, and keeps what comes of it. It
// waits for the person until the context ends. It is the flow for installed
// programs with a server on this machine and a proof that who asks and who gets
// the answer are one: https://www.rfc-editor.org/rfc/rfc8252,
// https://www.rfc-editor.org/rfc/rfc7636.
//
// Errors are the context's, or a [*provider.Error]: UNAUTHENTICATED if the
// person or Google refuses, INVALID_ARGUMENT for the client's file.
func Login(ctx context.Context, opts LoginOptions) (*SignIn, error) {
	if opts.Getenv == nil {
		opts.Getenv = os.Getenv
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Profile == "" {
		opts.Profile = DefaultProfile
	}
	if opts.Store == nil {
		return nil, errNoStore // before anybody takes the trouble
	}
	config, err := readClient(opts)
	if err != nil {
		return nil, err
	}
	code, verifier, err := consent(ctx, config, opts)
	if err != nil {
		return nil, err
	}
	in, err := redeem(ctx, config, opts, code, verifier)
	if err != nil {
		return nil, err
	}
	if _, err := opts.Store.Save(opts.Profile, in); err != nil {
		return nil, err
	}
	return in, nil
}

// readClient reads the client's file.
func readClient(opts LoginOptions) (*oauth2.Config, error) {
	if opts.ClientFile == "" {
		return nil, invalid("there is no OAuth client to sign in to", "make one of the type desktop app in the Cloud console, and name its file: --client FILE")
	}
	f := finder{opts: Options{Getenv: opts.Getenv}}
	s, err := f.open(opts.ClientFile)
	if errors.Is(err, errNone) {
		return nil, missing(opts.ClientFile, "--client")
	}
	if err != nil {
		return nil, err
	}
	var client struct {
		Installed *struct {
			ID       string `json:"client_id"`
			Secret   string `json:"client_secret"`
			AuthURI  string `json:"auth_uri"`
			TokenURI string `json:"token_uri"`
		} `json:"installed"`
	}
	if err := decode(s, &client); err != nil {
		return nil, err
	}
	c := client.Installed
	if c == nil || c.ID == "" {
		return nil, invalid(s.origin+" is not the file of an installed program", "make an OAuth client of the type desktop app, and take its file")
	}
	if c.AuthURI == "" {
		c.AuthURI = googleAuthURL
	}
	if c.TokenURI == "" {
		c.TokenURI = googleTokenURL
	}
	if err := checkAddress(s.origin, "auth_uri", c.AuthURI); err != nil {
		return nil, err
	}
	if err := checkAddress(s.origin, "token_uri", c.TokenURI); err != nil {
		return nil, err
	}
	return &oauth2.Config{
		ClientID: c.ID, ClientSecret: c.Secret, Scopes: wholeScopes(slices.Concat(openIDScopes, opts.Scopes)),
		Endpoint: oauth2.Endpoint{AuthURL: c.AuthURI, TokenURL: c.TokenURI, AuthStyle: oauth2.AuthStyleInParams},
	}, nil
}

// googleAuthURL is where people consent.
const googleAuthURL = "https://accounts.google.com/o/oauth2/v2/auth"

// consent has the person consent, and returns the code that says so.
func consent(ctx context.Context, config *oauth2.Config, opts LoginOptions) (code, verifier string, err error) {
	state := oauth2.GenerateVerifier() // as good a secret as any
	server, err := listen(ctx, state)
	if err != nil {
		return "", "", err
	}
	defer func() {
		if e := server.close(); e != nil {
			err = errors.Join(err, e)
		}
	}()
	config.RedirectURL = server.address
	verifier = oauth2.GenerateVerifier()
	with := []oauth2.AuthCodeOption{
		oauth2.AccessTypeOffline, oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("prompt", "consent"),
	}
	if opts.Hint != "" {
		with = append(with, oauth2.SetAuthURLParam("login_hint", opts.Hint))
	}
	if err := opts.Open(config.AuthCodeURL(state, with...)); err != nil {
		return "", "", provider.Errorf(provider.Unauthenticated, "show the page to sign in: %w", err)
	}
	code, err = server.wait(ctx)
	return code, verifier, err
}

// redeem makes a sign-in of a code.
func redeem(ctx context.Context, config *oauth2.Config, opts LoginOptions, code, verifier string) (*SignIn, error) {
	l := newLine(opts.Client, opts.Now)
	id := &identity{kind: KindUser, origin: "the sign-in", renew: "iql auth login"}
	var t *oauth2.Token
	_, err := l.token(ctx, request{id: id}, func(ctx context.Context) (_ *oauth2.Token, err error) {
		t, err = config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
		return t, err
	})
	if err != nil {
		return nil, err
	}
	if t.RefreshToken == "" {
		return nil, authRefused("the sign-in brought no refresh token", "the OAuth client must be of the type desktop app")
	}
	granted, ok := t.Extra("scope").(string)
	if !ok {
		granted = strings.Join(config.Scopes, " ") // so RFC 6749, section 5.1
	}
	token, _ := t.Extra("id_token").(string) // it may be absent
	return &SignIn{
		Address: addressIn(token), ClientID: config.ClientID, TokenURL: config.Endpoint.TokenURL,
		Scopes: wholeScopes(strings.Fields(granted)), When: opts.Now(),
		secret: hide(config.ClientSecret, t.RefreshToken),
	}, nil
}

// addressIn returns the address in an ID token. Its signature is not looked at:
// it came from the token service itself.
// https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
func addressIn(token string) string {
	pieces := strings.Split(token, ".")
	if len(pieces) != 3 {
		return ""
	}
	text, err := base64.RawURLEncoding.DecodeString(pieces[1])
	var c struct {
		Email string `json:"email"`
	}
	if err != nil || json.Unmarshal(text, &c) != nil || !isAddress(c.Email) {
		return ""
	}
	return c.Email
}
