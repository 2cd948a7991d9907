package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// Live says how the live backend asks.
type Live struct {
	Endpoint string  // "" is Google's
	Auth     string  // what says who iql is; "none" is nothing. It may hold a secret
	Rate     float64 // requests a second for a user; 0 is the usual pace
	Retries  int
	Timeout  time.Duration // of a request
	HTTPLog  string        // file of what was sent; "" is none
	LogHTTP  bool          // say on standard error what was sent
	Curl     bool          // say it as curl commands
	NoBatch  bool          // send each call in a request of its own

	Credentials string   // file of a key; "" is none
	OwnerAs     bool     // change a course as its owner
	Scopes      []string // to ask for; none are the usual ones

	rate    string  // as it was given
	seconds float64 // of Timeout
}

// Words of --auth: no credentials, those of the surroundings, those of a
// login, an access token of the environment.
const (
	None  = "none"
	ADC   = "adc"
	Login = "login"
	Token = "token"
)

// UsualRetries and UsualRequestTime are the defaults of --retries and
// --apirequesttimeout.
const (
	UsualRetries     = 8
	UsualRequestTime = 45 * time.Second
)

// scopeFlags registers what somebody may do.
func (l *Live) scopeFlags(fs *pflag.FlagSet) {
	fs.Var(&list{words: &l.Scopes}, "scopes", "`SCOPES` that were authorised, divided by commas (default those that a statement needs)")
}

// credentialFlags registers where credentials are.
func (l *Live) credentialFlags(fs *pflag.FlagSet) {
	fs.StringVar(&l.Auth, "auth", "", "`CREDENTIALS` for --backend live: adc, login, token, a FILE or JSON; none for iql emulate (default what is there)")
	fs.StringVar(&l.Credentials, "credentials", "", "`FILE` of a service account's key for --backend live")
}

// changeFlags registers how changes are made.
func (l *Live) changeFlags(fs *pflag.FlagSet) {
	fs.BoolVar(&l.OwnerAs, "owner-as", false, "make and withdraw invitations as the owner of their course")
}

// wireFlags registers where and how requests are sent.
func (l *Live) wireFlags(fs *pflag.FlagSet) {
	fs.StringVar(&l.Endpoint, "endpoint", "", "`URL` of the service for --backend live (default Google's)")
	fs.StringVar(&l.rate, "rate", "", "`RATE` of requests for a user, such as 5/s (default 18/s)")
	fs.IntVar(&l.Retries, "retries", UsualRetries, "`NUMBER` of times that a request is repeated if the service fails")
	fs.Float64Var(&l.seconds, "apirequesttimeout", UsualRequestTime.Seconds(), "`SECONDS` that a request may take")
	fs.BoolVar(&l.NoBatch, "no-batch", false, "send each call in a request of its own, also where many wait")
	fs.StringVar(&l.HTTPLog, "http-log", "", "add a line of JSON for each request to `FILE`; - is standard error")
	fs.BoolVar(&l.LogHTTP, "http.log.enabled", false, "say on standard error what is sent")
	fs.BoolVar(&l.Curl, "curl", false, "say on standard error what is sent, as curl commands")
}

func (l *Live) checkCredentials() error {
	if inline(l.Credentials) {
		return &UsageError{Message: "--credentials takes the name of a file, not what is in it"}
	}
	return nil
}

func (l *Live) checkWire() (err error) {
	if l.Rate, err = parseRate(l.rate); err != nil {
		return err
	}
	if l.Retries < 0 {
		return &UsageError{Message: fmt.Sprintf("--retries is %d", l.Retries), Hint: "0 is never"}
	}
	const most = 24 * 60 * 60
	if !(l.seconds > 0 && l.seconds <= most) {
		return &UsageError{Message: fmt.Sprintf("--apirequesttimeout is %v", l.seconds), Hint: "give seconds, more than none and at most a day"}
	}
	l.Timeout = time.Duration(l.seconds * float64(time.Second))
	return nil
}

// parseRate reads 5/s, 300/m or 5.
func parseRate(s string) (float64, error) {
	if s == "" {
		return 0, nil
	}
	number, unit, _ := strings.Cut(s, "/")
	n, err := strconv.ParseFloat(number, 64)
	switch unit {
	case "", "s":
	case "m", "min":
		n /= 60
	default:
		n = 0
	}
	const most = 1e6
	if err != nil || !(n > 0 && n <= most) {
		return 0, &UsageError{Message: fmt.Sprintf("--rate is %q", s), Hint: "write 5/s, or 300/m"}
	}
	return n, nil
}
