package cronobs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// What a program says, as the wire wants it: valid UTF-8 within the limits of its records. Pure. Of bytes nothing is lost: those that are no
// UTF-8 become \xHH, and where a text is escaped, so is what looks like an escape in it already; so it can be undone.

const (
	lineMax    = 16_384 // bytes of a line of a log
	messageMax = 4_096  // bytes of what a report or a heartbeat says to people
	resultMax  = 65_536 // bytes that come out of a run
	escapeSize = 4      // bytes of \xHH
)

type line struct {
	message    string // at most lineMax bytes, no line end; may hold NULs
	unfinished bool   // no line end followed: the next piece is the same line
	escaped    bool   // some of its bytes were no UTF-8
}

// linesOf a text, which end at \n or \r\n; a longer one comes in pieces. The last end may be left out: "" is one empty line, and so is "\n".
func linesOf(text string) []line {
	if len(text) <= lineMax && strings.IndexByte(text, '\n') < 0 && utf8.ValidString(text) {
		return []line{{message: text}} // most of them
	}
	parts := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	ended := len(parts)
	if !strings.HasSuffix(text, "\n") {
		ended--
	}
	var found []line
	for number, part := range parts {
		if number < ended {
			part = strings.TrimSuffix(part, "\r")
		}
		found = appendPieces(found, part)
	}
	return found
}

func appendPieces(to []line, text string) []line {
	for {
		message, taken, isEscaped := piece(text, lineMax, true)
		text = text[taken:]
		to = append(to, line{message, len(text) > 0, isEscaped})
		if len(text) == 0 {
			return to
		}
	}
}

// cut gives the start of a text of at most limit bytes, which ends between characters, without NULs: escaped where there are some.
func cut(text string, limit int) string {
	message, _, _ := piece(text, limit, false)
	return message
}

// piece gives the longest start that has at most limit bytes once it is clean, and parts no character. It may have NULs, or they are escaped.
func piece(text string, limit int, mayHaveNULs bool) (message string, taken int, isEscaped bool) {
	head := text[:min(len(text), limit)]
	valid := validSize(head)
	isCut := len(head) < len(text) && valid < len(head) && !utf8.FullRuneInString(head[valid:])
	if (valid == len(head) || isCut) && (mayHaveNULs || strings.IndexByte(head, 0) < 0) {
		return head[:valid], valid, false
	}
	head = head[:escapedSize(head, limit)]
	if validSize(head) == len(head) && (mayHaveNULs || strings.IndexByte(head, 0) < 0) {
		return head, len(head), false
	}
	return escape(head), len(head), true
}

func validSize(text string) int {
	if utf8.ValidString(text) {
		return len(text)
	}
	for at := 0; ; {
		char, size := utf8.DecodeRuneInString(text[at:])
		if char == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
}

// form is the size of the character at the front, and whether it is to be escaped where the text is.
func form(text string) (size int, mustEscape bool) {
	char, size := utf8.DecodeRuneInString(text)
	switch {
	case char == utf8.RuneError && size == 1, char == 0:
		return size, true
	case char == '\\':
		return size, len(text) >= escapeSize && text[1] == 'x' && isHex(text[2]) && isHex(text[3])
	}
	return size, false
}

// escapedSize is that of the longest start that has at most limit bytes when it is escaped.
func escapedSize(text string, limit int) int {
	taken := 0
	for taken < len(text) {
		size, mustEscape := form(text[taken:])
		if mustEscape {
			limit -= escapeSize
		} else {
			limit -= size
		}
		if limit < 0 {
			break
		}
		taken += size
	}
	return taken
}

func escape(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		size, mustEscape := form(text)
		if mustEscape {
			fmt.Fprintf(&out, `\x%02x`, text[0])
		} else {
			out.WriteString(text[:size])
		}
		text = text[size:]
	}
	return out.String()
}

// resultOf what a handler has returned: bytes, text, else JSON; nil: nothing. What is too long or no JSON is left out, and the message says
// so: failing would run the work twice.
func resultOf(value any) (data []byte, message *string) {
	switch value := value.(type) {
	case nil:
		return nil, nil
	case []byte:
		data = value
		if data == nil {
			return nil, nil
		}
	case string:
		data = []byte(value)
	default:
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			return nil, new(cut(fmt.Sprintf("the result is left out: %v", err), messageMax))
		}
		data = bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	}
	if len(data) > resultMax {
		return nil, new(fmt.Sprintf("the result is left out: it has %d bytes, the limit is %d", len(data), resultMax))
	}
	return data, nil
}
