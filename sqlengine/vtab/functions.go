package vtab

import (
	"encoding/json"
	"errors"
	"reflect"
	goregexp "regexp"
	"strings"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/ext/regexp"
)

// registerFunctions adds the functions that StackQL has and SQLite lacks.
func registerFunctions(conn *sqlite3.Conn) error {
	const flags = sqlite3.DETERMINISTIC | sqlite3.INNOCUOUS
	return errors.Join(
		regexp.Register(conn),
		conn.CreateFunction("regexp", 2, flags, func(ctx sqlite3.Context, arg ...sqlite3.Value) { matches(ctx, arg[1], arg[0], 0) }),
		conn.CreateFunction("regexp_like", 2, flags, func(ctx sqlite3.Context, arg ...sqlite3.Value) { matches(ctx, arg[0], arg[1], 1) }),
		conn.CreateFunction("split_part", 3, flags, splitPart),
		conn.CreateFunction("json_equal", 2, flags, jsonEqual),
	)
}

// matches is text REGEXP pattern and regexp_like(text, pattern), whose result is
// NULL where either is: that of the library is not. The syntax is Go's. The
// pattern is the function's argument at.
func matches(ctx sqlite3.Context, text, pattern sqlite3.Value, at int) {
	if anyNull([]sqlite3.Value{text, pattern}) {
		return
	}
	re, ok := ctx.GetAuxData(at).(*goregexp.Regexp)
	if !ok {
		var err error
		if re, err = goregexp.Compile(pattern.Text()); err != nil {
			ctx.ResultError(err)
			return
		}
		ctx.SetAuxData(at, re)
	}
	ctx.ResultBool(re.Match(text.RawText()))
}

// splitPart is split_part(text, separator, n): the n-th part of the text, from
// the end if n is negative, empty if there is none
// (https://www.postgresql.org/docs/current/functions-string.html).
func splitPart(ctx sqlite3.Context, arg ...sqlite3.Value) {
	if anyNull(arg) {
		return
	}
	text, separator, n := arg[0].Text(), arg[1].Text(), arg[2].Int()
	parts := []string{text}
	if separator != "" {
		parts = strings.Split(text, separator)
	}
	if n < 0 {
		n += len(parts) + 1
	}
	if arg[2].Int() == 0 {
		ctx.ResultError(errors.New("split_part: parts are counted from 1, or from -1 at the end"))
		return
	}
	if n < 1 || n > len(parts) {
		ctx.ResultText("")
		return
	}
	ctx.ResultText(parts[n-1])
}

// jsonEqual is json_equal(a, b): whether two JSON texts have the same value,
// whatever the order of keys and the blanks.
func jsonEqual(ctx sqlite3.Context, arg ...sqlite3.Value) {
	if anyNull(arg) {
		return
	}
	var a, b any
	for i, v := range []*any{&a, &b} {
		dec := json.NewDecoder(strings.NewReader(arg[i].Text()))
		dec.UseNumber()
		if err := dec.Decode(v); err != nil || dec.More() {
			ctx.ResultError(errors.New("json_equal: malformed JSON"))
			return
		}
	}
	ctx.ResultBool(reflect.DeepEqual(a, b))
}

func anyNull(arg []sqlite3.Value) bool {
	for _, v := range arg {
		if v.Type() == sqlite3.NULL {
			return true
		}
	}
	return false
}

// Functions returns the names of the functions that a statement can call, none
// if SQLite does not tell.
func (db *DB) Functions() []string {
	if db.conn.SetAuthorizer(nil) != nil {
		return nil
	}
	names, err := functionNames(db.conn)
	if db.conn.SetAuthorizer(db.authorize) != nil {
		db.broken = true // without it a statement could do anything
	}
	if err != nil {
		return nil
	}
	return names
}

// functionNames asks SQLite for the names of its functions.
func functionNames(conn *sqlite3.Conn) ([]string, error) {
	stmt, _, err := conn.Prepare(`SELECT DISTINCT name FROM pragma_function_list WHERE name GLOB '[a-z]*' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	var names []string
	for stmt.Step() {
		names = append(names, stmt.ColumnText(0))
	}
	return names, errors.Join(stmt.Err(), stmt.Close())
}
