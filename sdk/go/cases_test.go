package cronobs

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// The cases of all SDKs: sdk/conformance/cases.md.

func casesOf(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("../conformance/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// --- frames.json ---

func newRecord(name string) record {
	switch name {
	case "ExecutionCreated":
		return &execution{}
	case "ExecutionSignal":
		return &signal{}
	case "ExecutionStatus":
		return &status{}
	case "Heartbeat":
		return &heartbeat{}
	}
	return &logBatch{}
}

// told is a record as the cases tell it.
func told(p *place, of any) any {
	switch of := of.(type) {
	case records:
		items := []any{}
		for number := range of.count() {
			items = append(items, told(p.of, of.at(number)))
		}
		if p.kind == kindArray {
			return items
		}
		if len(items) == 0 {
			return nil
		}
		return items[0]
	case record:
		value := map[string]any{}
		for _, f := range p.fields {
			value[f.name] = told(f.place, of.field(f.name))
		}
		return value
	case *[]byte:
		if *of == nil {
			return nil
		}
		return map[string]any{"$bytes": hex.EncodeToString(*of)}
	case *map[string]string:
		value := map[string]any{}
		for name, text := range *of {
			value[name] = text
		}
		return value
	}
	at := reflect.ValueOf(of).Elem()
	if at.Kind() == reflect.Pointer {
		if at.IsNil() {
			return nil
		}
		at = at.Elem()
	}
	switch at.Kind() {
	case reflect.Int32, reflect.Int64:
		return json.Number(strconv.FormatInt(at.Int(), 10))
	case reflect.Float64:
		return json.Number(strconv.FormatFloat(at.Float(), 'g', -1, 64))
	}
	return at.Interface()
}

// plainOf is a value of a case, without its long numbers.
func plainOf(value any) any {
	switch value := value.(type) {
	case map[string]any:
		if long, ok := value["$long"]; ok {
			return json.Number(long.(string))
		}
		for name := range value {
			value[name] = plainOf(value[name])
		}
	case []any:
		for number := range value {
			value[number] = plainOf(value[number])
		}
	case json.Number:
		if f, err := value.Float64(); err == nil && strings.ContainsAny(value.String(), ".eE") {
			return json.Number(strconv.FormatFloat(f, 'g', -1, 64))
		}
	}
	return value
}

type frameCase struct {
	Name, Record, Frame string
	Value               json.RawMessage
	Writes              bool
	ZerosUpTo           int `json:"zeros_up_to"`
	Fault               *string
	Not                 map[string]string
}

type frameCases struct {
	Frames         []frameCase
	Refused        []frameCase
	AtLimits       []frameCase `json:"at_limits"`
	RefusedWhenCut []frameCase `json:"refused_when_cut"`
}

func (c *frameCase) bytes(t *testing.T) []byte {
	frame, err := hex.DecodeString(c.Frame)
	if err != nil {
		t.Fatal(err)
	}
	if missing := c.ZerosUpTo - len(frame); missing > 0 {
		frame = append(frame, make([]byte, missing)...)
	}
	return frame
}

func TestEveryFieldOfASchemaHasItsPlace(t *testing.T) {
	for name, versions := range schemasOf() {
		into := newRecord(name)
		for _, f := range versions[len(versions)-1].root.fields {
			if into.field(f.name) == nil {
				t.Errorf("%s.%s has none", name, f.name)
			}
		}
	}
}

func TestFramesAreReadAndWrittenAsInAllLanguages(t *testing.T) {
	var cases frameCases
	casesOf(t, "frames.json", &cases)
	for _, c := range cases.Frames {
		if c.Not["go"] != "" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			found := newRecord(c.Record)
			if err := decode(c.bytes(t), c.Record, found); err != nil {
				t.Fatal(err)
			}
			decoder := json.NewDecoder(strings.NewReader(string(c.Value)))
			decoder.UseNumber()
			var expected any
			if err := decoder.Decode(&expected); err != nil {
				t.Fatal(err)
			}
			versions := schemasOf()[c.Record]
			if got, want := told(versions[len(versions)-1].root, found), plainOf(expected); !reflect.DeepEqual(got, want) {
				t.Errorf("read\n%v\nnot\n%v", got, want)
			}
			if !c.Writes {
				return
			}
			written, err := encode(c.Record, found)
			if err != nil {
				t.Fatal(err)
			}
			if got := hex.EncodeToString(written); got != c.Frame && !hasLabels(found) {
				t.Errorf("wrote\n%s\nnot\n%s", got, c.Frame)
			}
		})
	}
}

// hasLabels: more than one, whose order is nobody's.
func hasLabels(r record) bool {
	e, ok := r.(*execution)
	return ok && len(e.labels) > 1
}

func TestWhatIsNoFrameIsRefused(t *testing.T) {
	var cases frameCases
	casesOf(t, "frames.json", &cases)
	for _, c := range cases.Refused {
		if c.Not["go"] != "" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			if err := decode(c.bytes(t), c.Record, newRecord(c.Record)); err == nil {
				t.Error("it was read")
			}
		})
	}
	for _, c := range cases.RefusedWhenCut {
		frame := c.bytes(t)
		if err := decode(frame, c.Record, newRecord(c.Record)); err != nil {
			t.Error(err)
		}
		for size := range frame {
			if decode(frame[:size], c.Record, newRecord(c.Record)) == nil {
				t.Errorf("%d bytes of a %s of %d were read", size, c.Record, len(frame))
			}
		}
	}
}

func TestExecutionsOverALimitArePassedOverAsInAllLanguages(t *testing.T) {
	var cases frameCases
	casesOf(t, "frames.json", &cases)
	for _, c := range cases.AtLimits {
		if c.Not["go"] != "" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			var e execution
			err := decode(c.bytes(t), "ExecutionCreated", &e)
			if err == nil {
				err = checkExecution(&e, 12)
			}
			if (err != nil) != (c.Fault != nil) {
				t.Errorf("%v, and the fault is %v", err, c.Fault)
			}
		})
	}
}

// --- texts.json ---

type textCase struct {
	Name, Of string
	Is       json.RawMessage
	Message  *string
	Not      map[string]string
}

// textOf a case; false: it is of units of UTF-16, which Go's texts have not.
func textOf(t *testing.T, told string) (string, bool) {
	kind, rest, _ := strings.Cut(told, ":")
	switch kind {
	case "t":
		return rest, true
	case "u":
		return "", false
	}
	var out strings.Builder
	for _, word := range strings.Fields(rest) {
		digits, times, isRepeated := strings.Cut(word, "*")
		count := 1
		if isRepeated {
			count, _ = strconv.Atoi(times)
		}
		data, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString(strings.Repeat(string(data), count))
	}
	return out.String(), true
}

func TestTextsAreCutAndEscapedAsInAllLanguages(t *testing.T) {
	var cases struct{ Lines, Messages, Results []textCase }
	casesOf(t, "texts.json", &cases)
	each := func(cases []textCase, check func(t *testing.T, c textCase, of string)) {
		for _, c := range cases {
			of, isOurs := textOf(t, c.Of)
			if isOurs && c.Not["go"] == "" {
				t.Run(c.Name, func(t *testing.T) { check(t, c, of) })
			}
		}
	}
	each(cases.Lines, func(t *testing.T, c textCase, of string) {
		var is [][]string
		json.Unmarshal(c.Is, &is)
		found := linesOf(of)
		if len(found) != len(is) {
			t.Fatalf("%d lines, not %d", len(found), len(is))
		}
		for number, words := range is {
			message, _ := textOf(t, words[0])
			marks := strings.Join(words[1:], " ")
			expected := line{message, strings.Contains(marks, "unfinished"), strings.Contains(marks, "escaped")}
			if found[number] != expected {
				t.Errorf("line %d: %.80q, not %.80q", number+1, fmt.Sprint(found[number]), fmt.Sprint(expected))
			}
		}
	})
	each(cases.Messages, func(t *testing.T, c textCase, of string) {
		var is string
		json.Unmarshal(c.Is, &is)
		if expected, _ := textOf(t, is); cut(of, messageMax) != expected {
			t.Errorf("%.80q", cut(of, messageMax))
		}
	})
	each(cases.Results, func(t *testing.T, c textCase, of string) {
		for _, value := range []any{of, []byte(of)} {
			data, message := resultOf(value)
			var is *string
			json.Unmarshal(c.Is, &is)
			if is == nil {
				if data != nil || message == nil || *message != *c.Message {
					t.Errorf("%d bytes, message %v", len(data), message)
				}
				continue
			}
			if expected, _ := textOf(t, *is); data == nil || string(data) != expected || message != nil {
				t.Errorf("%.80q", data)
			}
		}
	})
}

// --- inbox.json ---

type step struct {
	Do, What, Task, Outcome string
	Partitions              []int32
	Partition               int32
	Offset, Oldest, At, Now int64
	Stored, StartBy         *int64
	Count                   int
	Expect                  json.RawMessage
}

func (s *step) UnmarshalJSON(text []byte) error {
	type bare step
	var told struct {
		bare
		What    *string
		StartBy *int64 `json:"start_by"`
	}
	err := json.Unmarshal(text, &told)
	*s = step(told.bare)
	s.StartBy = told.StartBy
	if told.What != nil {
		s.What = *told.What
	}
	return err
}

// A replay plays the steps of a case with an inbox.
type replay struct {
	inbox  *inbox
	claims map[string]*claim // the last of each name
	commit *commit
}

func executionOf(name string, task string) *execution {
	id, attempt, _ := strings.Cut(name, "/")
	number, _ := strconv.Atoi(attempt)
	if task == "" {
		task = "task"
	}
	return &execution{executionID: id, attempt: int32(number), taskID: task}
}

func namesOf(claims []*claim) []string {
	names := []string{}
	for _, c := range claims {
		names = append(names, fmt.Sprintf("%s/%d", c.execution.executionID, c.execution.attempt))
	}
	return names
}

func toldOf(gone leftovers) map[string]any {
	return map[string]any{"handed": namesOf(gone.handed), "forgotten": namesOf(gone.forgotten)}
}

func (r *replay) play(s step) any {
	b := r.inbox
	switch s.Do {
	case "assign":
		return toldOf(b.assign(s.Partitions))
	case "revoke":
		return toldOf(b.revoke())
	case "begin":
		stored := int64(unknown)
		if s.Stored != nil {
			stored = *s.Stored
		}
		b.begin(s.Partition, stored, s.Oldest)
	case "take":
		var e *execution
		if s.What != "" {
			e = executionOf(s.What, "")
			e.startBy = s.StartBy
		}
		return b.take(s.Partition, s.Offset, e, s.At)
	case "end":
		b.reached(s.Partition, s.Offset)
	case "cancels_known":
		b.cancelsAreKnown()
	case "cancel":
		e := executionOf(s.What, s.Task)
		if c := b.cancel(e.executionID, e.taskID, e.attempt); c != nil {
			return namesOf([]*claim{c})[0]
		}
	case "claim":
		claims := b.claim(s.Now)
		for number, name := range namesOf(claims) {
			r.claims[name] = claims[number]
		}
		return namesOf(claims)
	case "announced":
		return b.announced(r.claims[s.What])
	case "commit":
		return r.committing()
	case "answer":
		map[string]func(*commit){"committed": b.committed, "refused": b.refused, "unanswered": b.unanswered}[s.Outcome](r.commit)
	case "hand_out":
		return namesOf(b.handOut())
	case "done":
		b.done(r.claims[s.What])
	case "note":
		r.note(s)
	case "look":
		return map[string]any{"waiting": len(b.waiting), "busy": b.busy(), "claiming": b.isClaiming(), "alone": b.isAnnouncing(), "paused": b.isPaused}
	}
	return nil
}

func (r *replay) committing() any {
	c := r.inbox.commit()
	if c == nil {
		return nil
	}
	r.commit = c
	found := map[string]int64{}
	for partition, position := range c.positions {
		found[strconv.Itoa(int(partition))] = position
	}
	return found
}

func (r *replay) note(s step) {
	if s.Count == 0 {
		e := executionOf(s.What, "")
		r.inbox.note(e.executionID, e.attempt)
	}
	for number := range s.Count {
		r.inbox.note(fmt.Sprintf("%s-%d", s.What, number), 1)
	}
}

func TestExecutionsAreClaimedAsInAllLanguages(t *testing.T) {
	var cases struct {
		Cases []struct {
			Name              string
			Concurrency, Room int
			Steps             []step
			Not               map[string]string
		}
	}
	casesOf(t, "inbox.json", &cases)
	for _, c := range cases.Cases {
		if c.Not["go"] != "" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			places, room := c.Concurrency, c.Room
			if places == 0 {
				places = 16
			}
			if room == 0 {
				room = inboxRoom
			}
			r := &replay{inbox: newInbox(places, room), claims: map[string]*claim{}}
			for number, s := range c.Steps {
				found := r.play(s)
				if s.Expect != nil && !isAsExpected(found, s.Expect) {
					t.Fatalf("step %d, %s: %v, not %s", number+1, s.Do, found, s.Expect)
				}
			}
		})
	}
}

// isAsExpected: of an object those members that are expected.
func isAsExpected(found any, expected json.RawMessage) bool {
	text, _ := json.Marshal(found)
	var got, want any
	json.Unmarshal(text, &got)
	json.Unmarshal(expected, &want)
	members, isObject := want.(map[string]any)
	all, _ := got.(map[string]any)
	if _, looks := all["busy"]; isObject && looks {
		maps.DeleteFunc(all, func(name string, _ any) bool { _, asked := members[name]; return !asked })
	}
	return reflect.DeepEqual(got, want)
}
