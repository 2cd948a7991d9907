package vtab

import (
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// bind gives a statement the values of its parameters. A parameter without one
// would be NULL to SQLite, which is an error here.
func (db *DB) bind(stmt *sqlite3.Stmt) error {
	for i := 1; i <= stmt.BindCount(); i++ {
		name := stmt.BindName(i)
		value, ok := db.query.Params[name]
		if !ok {
			return &Error{Offset: -1, Msg: fmt.Sprintf("there is no value for the parameter %s", name)}
		}
		if err := bindValue(stmt, i, value); err != nil {
			return bindError(name, err)
		}
	}
	return nil
}

func bindValue(stmt *sqlite3.Stmt, i int, value any) error {
	switch v := value.(type) {
	case nil:
		return stmt.BindNull(i)
	case string:
		return stmt.BindText(i, v)
	case int64:
		return stmt.BindInt64(i, v)
	case float64:
		return stmt.BindFloat(i, v)
	case bool:
		return stmt.BindBool(i, v)
	case []byte:
		return stmt.BindBlob(i, v)
	}
	return fmt.Errorf("it is a %T, which SQL has not", value)
}

// bindError says which value SQLite did not take: one that is too long.
func bindError(name string, err error) error {
	e := bare(err)
	if e, ok := e.(*Error); ok {
		e.Msg = fmt.Sprintf("the value of %s: %s", name, e.Msg)
		return e
	}
	return fmt.Errorf("the value of %s: %w", name, err)
}
