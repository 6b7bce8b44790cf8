package cronobs

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

var recordNames = []string{"ExecutionCreated", "ExecutionSignal", "ExecutionStatus", "Heartbeat", "LogBatch"}

// go test -fuzz=FuzzAFrame
func FuzzAFrameIsRefusedOrReadAndThenWrittenAgain(f *testing.F) {
	var cases frameCases
	text, err := os.ReadFile("../conformance/frames.json")
	if err != nil {
		f.Fatal(err)
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		f.Fatal(err)
	}
	for _, c := range append(cases.Frames, cases.Refused...) {
		frame, err := hex.DecodeString(c.Frame)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		for _, name := range recordNames {
			found := newRecord(name)
			if decode(frame, name, found) != nil {
				continue
			}
			written, err := encode(name, found)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			again := newRecord(name)
			if err := decode(written, name, again); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if second, _ := encode(name, again); !reflect.DeepEqual(second, written) {
				t.Fatalf("%s: %x, then %x", name, written, second)
			}
		}
	})
}

// unescaped undoes what escape has done.
func unescaped(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		if len(text) >= escapeSize && text[:2] == `\x` && isHex(text[2]) && isHex(text[3]) {
			b, _ := strconv.ParseUint(text[2:4], 16, 8)
			out.WriteByte(byte(b))
			text = text[escapeSize:]
			continue
		}
		out.WriteByte(text[0])
		text = text[1:]
	}
	return out.String()
}

// go test -fuzz=FuzzLines
func FuzzLinesKeepTheLimitsAndLoseNoByte(f *testing.F) {
	for _, text := range []string{"", "one\ntwo\r\n", "\xff" + strings.Repeat("a", lineMax), `\x41` + "\xfe", "a\x00b", strings.Repeat("€", 6000)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var back strings.Builder
		for _, l := range linesOf(text) {
			if len(l.message) > lineMax || !utf8.ValidString(l.message) || strings.Contains(l.message, "\n") {
				t.Fatalf("%.80q", l.message)
			}
			if l.escaped {
				back.WriteString(unescaped(l.message))
			} else {
				back.WriteString(l.message)
			}
			if !l.unfinished {
				back.WriteString("\n")
			}
		}
		if expected := strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\r\n", "\n") + "\n"; back.String() != expected &&
			!strings.HasSuffix(text, "\r\n") {
			t.Fatalf("%.80q, not %.80q", back.String(), expected)
		}
		if said := cut(text, messageMax); len(said) > messageMax || !utf8.ValidString(said) || strings.Contains(said, "\x00") {
			t.Fatalf("%.80q", said)
		}
	})
}
