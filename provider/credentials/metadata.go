package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// instance is the service account of the machine that iql runs on, as the
// metadata server of Google's cloud gives it out.
// https://cloud.google.com/compute/docs/metadata/querying-metadata
type instance struct {
	line *line
	id   *identity
	host string
}

// usualMetadataHost answers inside of Google's cloud.
const usualMetadataHost = "169.254.169.254"

// metadataPeriod is how long a metadata server may take to say that it is
// there.
const metadataPeriod = 3 * time.Second

func (i *instance) mint(ctx context.Context, _ string, scopes []string) (*minted, error) {
	r := request{id: i.id, scopes: scopes}
	return i.line.token(ctx, r, func(ctx context.Context) (*oauth2.Token, error) {
		text, err := i.read(ctx, "token?scopes="+url.QueryEscape(strings.Join(scopes, ",")))
		if err != nil {
			return nil, err
		}
		var t oauth2.Token
		if json.Unmarshal(text, &t) != nil {
			return nil, errors.New("the answer is no token")
		}
		t.Expiry = time.Now().Add(time.Duration(t.ExpiresIn) * time.Second)
		return &t, nil
	})
}

// read asks the metadata server, with the client of the context.
func (i *instance) read(ctx context.Context, what string) ([]byte, error) {
	address := "http://" + i.host + "/computeMetadata/v1/instance/service-accounts/default/" + what
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Metadata-Flavor", "Google")
	resp, err := oauth2.NewClient(ctx, nil).Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, errors.New("the metadata server answered " + resp.Status)
	}
	return text, nil
}

// metadata returns the identity of this machine; errNone if there is no
// metadata server.
func (f *finder) metadata(ctx context.Context) (*identity, error) {
	host := f.opts.Getenv("GCE_METADATA_HOST")
	if host == "" {
		host = usualMetadataHost
	}
	if strings.ContainsAny(host, "/?#@ ") {
		return nil, invalid("GCE_METADATA_HOST is no host", "")
	}
	id := &identity{kind: KindMetadata, origin: "the metadata server " + host, scoped: true}
	i := &instance{line: f.line, id: id, host: host}
	id.mint = i.mint
	within, cancel := context.WithTimeout(ctx, metadataPeriod)
	defer cancel()
	x, end := f.line.begin(within)
	defer end()
	text, err := i.read(context.WithValue(x.ctx, oauth2.HTTPClient, x.client()), "email")
	address := strings.TrimSpace(string(text))
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil || !isAddress(address):
		return nil, errNone
	}
	id.principal = address
	return id, nil
}
