package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// bareClient asks the service as a program would that somebody writes for the
// purpose: no retries, no quota, no SQL.
type bareClient struct {
	http  http.Client
	base  string
	slots chan struct{} // of requests under way
	write sync.Mutex    // held to use out
	out   *csv.Writer
}

// What the service answers.
type (
	barePage struct {
		Courses       []bareCourse     `json:"courses"`
		Invitations   []bareInvitation `json:"invitations"`
		NextPageToken string           `json:"nextPageToken"`
	}
	bareCourse struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	bareInvitation struct {
		ID       string `json:"id"`
		CourseID string `json:"courseId"`
		UserID   string `json:"userId"`
		Role     string `json:"role"`
	}
	bareProfile struct {
		Name struct {
			FullName string `json:"fullName"`
		} `json:"name"`
	}
)

// bare is the program that iql is measured against: "bench bare WHAT".
//
//	list      the invitations of one course
//	in        the invitations of some courses, whose numbers are known
//	join      the invitations of all courses, or of those whose name ends in -like
//	profiles  the same, and the profile of each user once
//	create    makes an invitation for each of -pupils
func bare(ctx context.Context, args []string) (err error) {
	fs := flag.NewFlagSet("bench bare WHAT", flag.ExitOnError)
	base := fs.String("url", "", "where the service is")
	n := fs.Int("n", 32, "requests under way at once")
	courses := fs.Int("courses", 1, "how many courses are known")
	class := fs.Int("pupils", 1, "how many are invited")
	like := fs.String("like", "", "what the names of courses end in")
	file := fs.String("out", "", "where rows are written (default standard output)")
	if len(args) == 0 {
		return fmt.Errorf("bare needs to know what: list, in, join, profiles or create")
	}
	_ = fs.Parse(args[1:]) // it exits by itself

	out := os.Stdout
	if *file != "" {
		if out, err = os.Create(*file); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, out.Close()) }()
	}
	buffered := bufio.NewWriterSize(out, 64<<10)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = *n, *n
	defer transport.CloseIdleConnections()
	c := &bareClient{
		http: http.Client{Transport: transport}, base: *base,
		slots: make(chan struct{}, *n), out: csv.NewWriter(buffered),
	}
	switch args[0] {
	case "list":
		err = c.list(ctx, firstCourse, func(page []bareInvitation) error {
			if err := c.rows("", page); err != nil {
				return err
			}
			return errors.Join(c.flush(), buffered.Flush()) // the first rows are wanted early
		})
	case "in":
		err = c.in(ctx, *courses)
	case "join":
		err = c.join(ctx, *like)
	case "profiles":
		err = c.profiles(ctx)
	case "create":
		err = c.create(ctx, *class)
	default:
		err = fmt.Errorf("bare knows no %q", args[0])
	}
	return errors.Join(err, errors.Join(c.flush(), buffered.Flush()))
}

// flush hands rows on.
func (c *bareClient) flush() error {
	c.out.Flush()
	return c.out.Error()
}

// get decodes the answer of a GET.
func (c *bareClient) get(ctx context.Context, path string, query url.Values, into any) error {
	return c.do(ctx, http.MethodGet, path, query, nil, into)
}

// do makes a request and decodes its answer.
func (c *bareClient) do(ctx context.Context, verb, path string, query url.Values, body io.Reader, into any) error {
	c.slots <- struct{}{}
	defer func() { <-c.slots }()
	query.Set("prettyPrint", "false")
	req, err := http.NewRequestWithContext(ctx, verb, c.base+path+"?"+query.Encode(), body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+asker)
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", verb, path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body) // so that the connection is used again
	return err
}

// pages asks for one page after the other.
func (c *bareClient) pages(ctx context.Context, path string, query url.Values, each func(barePage) error) error {
	query.Set("pageSize", "500")
	for {
		var page barePage
		if err := c.get(ctx, path, query, &page); err != nil {
			return err
		}
		if err := each(page); err != nil {
			return err
		}
		if page.NextPageToken == "" {
			return nil
		}
		query.Set("pageToken", page.NextPageToken)
	}
}

func (c *bareClient) list(ctx context.Context, course int, each func([]bareInvitation) error) error {
	return c.pages(ctx, "v1/invitations", url.Values{"courseId": {strconv.Itoa(course)}}, func(page barePage) error {
		return each(page.Invitations)
	})
}

// rows writes invitations, after the name of their course if it has one.
func (c *bareClient) rows(name string, page []bareInvitation) error {
	c.write.Lock()
	defer c.write.Unlock()
	record := make([]string, 0, 5)
	for _, i := range page {
		record = record[:0]
		if name != "" {
			record = append(record, name)
		}
		record = append(record, i.ID, i.CourseID, i.UserID, i.Role)
		if err := c.out.Write(record); err != nil {
			return err
		}
	}
	return nil
}

func (c *bareClient) in(ctx context.Context, courses int) error {
	g, ctx := errgroup.WithContext(ctx)
	for i := range courses {
		g.Go(func() error {
			return c.list(ctx, firstCourse+i, func(page []bareInvitation) error { return c.rows("", page) })
		})
	}
	return g.Wait()
}

// eachCourse calls each for the courses, as their pages come.
func (c *bareClient) eachCourse(ctx context.Context, each func(bareCourse)) error {
	return c.pages(ctx, "v1/courses", url.Values{}, func(page barePage) error {
		for _, course := range page.Courses {
			each(course)
		}
		return nil
	})
}

func (c *bareClient) join(ctx context.Context, like string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		return c.eachCourse(ctx, func(course bareCourse) {
			if !strings.HasSuffix(course.Name, like) {
				return
			}
			id, _ := strconv.Atoi(course.ID)
			g.Go(func() error {
				return c.list(ctx, id, func(page []bareInvitation) error { return c.rows(course.Name, page) })
			})
		})
	})
	return g.Wait()
}

// create invites pupils to the first course.
func (c *bareClient) create(ctx context.Context, pupils int) error {
	g, ctx := errgroup.WithContext(ctx)
	for i := range pupils {
		g.Go(func() error {
			body := fmt.Sprintf(`{"courseId": "%d", "userId": "%s", "role": "STUDENT"}`, firstCourse, pupil(i))
			var made bareInvitation
			if err := c.do(ctx, http.MethodPost, "v1/invitations", url.Values{}, strings.NewReader(body), &made); err != nil {
				return err
			}
			return c.rows("", []bareInvitation{made})
		})
	}
	return g.Wait()
}

// profiles is the join with a third table. Who was asked for is asked for once.
func (c *bareClient) profiles(ctx context.Context) error {
	type row struct{ course, invitation, user string }
	var (
		mu    sync.Mutex
		rows  []row                 // guarded by mu
		names = map[string]string{} // guarded by mu: of users
	)
	g, ctx := errgroup.WithContext(ctx)
	profile := func(user string) error {
		var p bareProfile
		if err := c.get(ctx, "v1/userProfiles/"+user, url.Values{}, &p); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		names[user] = p.Name.FullName
		return nil
	}
	invited := func(course bareCourse, page []bareInvitation) error {
		mu.Lock()
		defer mu.Unlock()
		for _, i := range page {
			rows = append(rows, row{course.Name, i.ID, i.UserID})
			if _, asked := names[i.UserID]; !asked {
				names[i.UserID] = ""
				g.Go(func() error { return profile(i.UserID) })
			}
		}
		return nil
	}
	g.Go(func() error {
		return c.eachCourse(ctx, func(course bareCourse) {
			id, _ := strconv.Atoi(course.ID)
			g.Go(func() error {
				return c.list(ctx, id, func(page []bareInvitation) error { return invited(course, page) })
			})
		})
	})
	if err := g.Wait(); err != nil {
		return err
	}
	for _, r := range rows {
		if err := c.out.Write([]string{r.course, r.invitation, names[r.user]}); err != nil {
			return err
		}
	}
	return nil
}
