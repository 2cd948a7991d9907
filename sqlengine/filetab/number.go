package filetab

import (
	"math"
	"strconv"
	"strings"
)

// number returns a number of JSON as an int64 or a float64, where that has the
// same digits, and else as its text: an identifier of 21 digits stays what it is.
func number(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if !strings.ContainsAny(text, ".eE") {
		return text
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || !sameDigits(text, strconv.FormatFloat(f, 'e', -1, 64)) {
		return text
	}
	return f
}

// sameDigits reports whether two numbers in decimal are the same.
func sameDigits(a, b string) bool {
	aDigits, aPoint, aOK := decimal(a)
	bDigits, bPoint, bOK := decimal(b)
	return aOK && bOK && aDigits == bDigits && aPoint == bPoint
}

// decimal returns the digits of a number without zeros at either end, and where
// its point stands.
func decimal(text string) (digits string, point int, ok bool) {
	mantissa, exponent := text, ""
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, exponent = text[:i], text[i+1:]
	}
	sign := ""
	if rest, minus := strings.CutPrefix(mantissa, "-"); minus {
		sign, mantissa = "-", rest
	}
	if exponent != "" {
		n, err := strconv.Atoi(exponent)
		if err != nil {
			return "", 0, false
		}
		point = n
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	point += len(whole)
	digits = whole + fraction
	trimmed := strings.TrimLeft(digits, "0")
	point -= len(digits) - len(trimmed)
	if trimmed = strings.TrimRight(trimmed, "0"); trimmed == "" {
		return "", 0, true
	}
	return sign + trimmed, point, true
}
