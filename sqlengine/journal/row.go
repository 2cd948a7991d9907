package journal

import (
	"encoding/json"
	"fmt"

	"github.com/ncruces/go-sqlite3"

	"github.com/iql-lang/iql/provider"
)

// readCall reads a call.
func readCall(st *sqlite3.Stmt) (call Call, err error) {
	call = Call{
		Row:     st.ColumnInt(0),
		Line:    st.ColumnInt(10),
		Outcome: Outcome{State: State(st.ColumnText(1)), Code: st.ColumnText(4), Reason: st.ColumnText(5), Message: st.ColumnText(6)},
		Sent:    fromNanoseconds(st.ColumnInt64(8)),
		Ended:   fromNanoseconds(st.ColumnInt64(9)),
	}
	if err := json.Unmarshal(st.ColumnRawText(2), &call.Args); err != nil {
		return call, fmt.Errorf("the arguments of row %d: %w", call.Row, err)
	}
	if call.Before, err = parseRow(st.ColumnRawText(3)); err != nil {
		return call, fmt.Errorf("row %d as it was: %w", call.Row, err)
	}
	if call.Answer, err = parseRow(st.ColumnRawText(7)); err != nil {
		return call, fmt.Errorf("the answer to row %d: %w", call.Row, err)
	}
	return call, nil
}

// rowText returns a row as JSON, nil for none.
func rowText(row provider.Row) any {
	if row == nil {
		return nil
	}
	return text(row)
}

// text returns what the journal keeps of a value.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("%v has no JSON: %v", v, err)) // rows and arguments have
	}
	return string(b)
}

// parseRow is the reverse of rowText.
func parseRow(b []byte) (row provider.Row, err error) {
	if len(b) == 0 {
		return nil, nil
	}
	return row, json.Unmarshal(b, &row)
}
