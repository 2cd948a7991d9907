package provider

import (
	"bytes"
	"encoding/json"
)

// UnmarshalJSON reads a row from what [json.Marshal] makes of one: whole numbers
// are int64 again.
func (r *Row) UnmarshalJSON(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var values []any
	if err := d.Decode(&values); err != nil {
		return err
	}
	for i, v := range values {
		n, ok := v.(json.Number)
		if !ok {
			continue
		}
		if whole, err := n.Int64(); err == nil {
			values[i] = whole
			continue
		}
		f, err := n.Float64()
		if err != nil {
			return err
		}
		values[i] = f
	}
	*r = values
	return nil
}
