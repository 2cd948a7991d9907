package credentials

import (
	"encoding/json"
	"errors"
	"time"
)

// SignIn is a person who has signed in. It can be printed: its secrets cannot.
type SignIn struct {
	Address  string // of the user; "" if it is not known
	ClientID string // of the program that they signed in to
	TokenURL string
	Scopes   []string // that were granted, as whole addresses
	When     time.Time
	// KeptIn is the system keyring, or a file.
	KeptIn string
	// Warnings are sentences about how it is kept.
	Warnings []string

	secret func() secrets // a function shows nothing of them; nil is none
}

// secrets are what nobody may see.
type secrets struct{ client, refresh string }

// hide returns secrets that cannot be printed.
func hide(client, refresh string) func() secrets {
	return func() secrets { return secrets{client, refresh} }
}

// String says who has signed in.
func (in SignIn) String() string {
	who := in.Address
	if who == "" {
		who = "a user"
	}
	return "sign-in of " + who + " to " + in.ClientID
}

// GoString is String.
func (in SignIn) GoString() string { return in.String() }

// stored is a SignIn as a store writes it.
type stored struct {
	ClientID     string    `json:"client_id"`
	ClientSecret string    `json:"client_secret"`
	TokenURL     string    `json:"token_uri"`
	RefreshToken string    `json:"refresh_token"`
	Address      string    `json:"account,omitempty"`
	Scopes       []string  `json:"scopes"`
	When         time.Time `json:"when"`
}

// encode returns what a store writes.
func (in *SignIn) encode() ([]byte, error) {
	if in.secret == nil {
		return nil, errors.New("a sign-in without its secrets cannot be kept")
	}
	secret := in.secret()
	return json.Marshal(stored{
		ClientID: in.ClientID, ClientSecret: secret.client, TokenURL: in.TokenURL, RefreshToken: secret.refresh,
		Address: in.Address, Scopes: in.Scopes, When: in.When.UTC(),
	})
}

// decodeSignIn reads what a store has written.
func decodeSignIn(text []byte, where string) (*SignIn, error) {
	var s stored
	if err := decode(&source{text: text, origin: where}, &s); err != nil {
		return nil, err
	}
	if s.RefreshToken == "" || s.ClientID == "" || s.TokenURL == "" {
		return nil, invalid(where+": the sign-in is not whole", "iql auth login")
	}
	return &SignIn{
		Address: s.Address, ClientID: s.ClientID, TokenURL: s.TokenURL, Scopes: s.Scopes, When: s.When,
		KeptIn: where, secret: hide(s.ClientSecret, s.RefreshToken),
	}, nil
}
