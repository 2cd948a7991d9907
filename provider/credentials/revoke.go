package credentials

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/iql-lang/iql/provider"
)

// Revoke has Google end a sign-in, wherever its tokens are: no program can make
// tokens of it any more. client is as in Options. Signing out is this and
// [Store.Delete]; a failure of one should not keep anybody from the other.
// https://www.rfc-editor.org/rfc/rfc7009
func Revoke(ctx context.Context, client *http.Client, in *SignIn) error {
	if in.secret == nil {
		return errors.New("a sign-in without its secrets cannot be revoked")
	}
	// Google's address differs from that of tokens in its last word.
	address := strings.TrimSuffix(in.TokenURL, "/token") + "/revoke"
	if err := checkAddress(in.KeptIn, "the token service", address); err != nil {
		return err
	}
	id := &identity{kind: KindUser, principal: in.Address, origin: in.KeptIn}
	r := request{id: id}
	x, cancel := newLine(client, time.Now).begin(ctx)
	defer cancel()
	form := url.Values{"token": {in.secret().refresh}}.Encode()
	req, err := http.NewRequestWithContext(x.ctx, http.MethodPost, address, strings.NewReader(form))
	if err != nil {
		return x.failed(r, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := x.client().Do(req)
	if err != nil {
		return x.failed(r, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return &provider.Error{
			Code:    provider.Unavailable,
			Message: x.host + " answered " + strconv.Itoa(resp.StatusCode) + ": the sign-in may still be good",
			Hint:    "end it at https://myaccount.google.com/connections",
		}
	}
	return nil
}
