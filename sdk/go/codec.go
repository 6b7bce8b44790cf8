package cronobs

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Records to bytes and back: frames (0x00, schema id in four bytes, Avro), as schemas/README.md describes them. Each schema is
// compiled once, into a tree of the places in it; a record (records.go) says where the value of each field is kept. Texts are UTF-8;
// where foreign bytes are not, decode puts \xHH for each that offends.

const (
	frameMax   = 1 << 20 // bytes; no record is longer: the log's own limit for a batch
	headerSize = 5
)

// A malformed error: bytes that are no record of the kind that was expected, or a value that is none.
type malformed struct{ why string }

func (m *malformed) Error() string { return m.why }

func malformedf(format string, args ...any) error { return &malformed{fmt.Sprintf(format, args...)} }

var errCutOff = errors.New("cut off")

type kind uint8

const (
	kindBoolean kind = iota
	kindInt
	kindLong
	kindDouble
	kindBytes
	kindString
	kindID
	kindEnum
	kindRecord
	kindArray
	kindMap
	kindUnion
)

var kinds = map[string]kind{"boolean": kindBoolean, "int": kindInt, "long": kindLong, "double": kindDouble, "bytes": kindBytes, "string": kindString,
	"enum": kindEnum, "record": kindRecord, "array": kindArray, "map": kindMap}

// A place is one in a schema.
type place struct {
	kind     kind
	symbols  []string
	fallback string  // of an enumeration: what an unknown symbol of a newer program is
	of       *place  // of an array, or a union with null
	fields   []field // of a record
}

type field struct {
	name     string
	place    *place
	fallback any // what a writer of an older version did not have
}

// A schema is one version of a record.
type schema struct {
	id   int
	root *place
}

// schemasOf has the versions of each record, the newest last.
var schemasOf = sync.OnceValue(func() map[string][]schema {
	found := map[string][]schema{}
	for _, text := range schemaTexts {
		found[text.record] = append(found[text.record], schema{text.id, compile(json.RawMessage(text.text), map[string]*place{})})
	}
	return found
})

// compile panics where a schema is none: they are ours. named: types that were told before, which stand by name then.
func compile(text json.RawMessage, named map[string]*place) *place {
	var union []json.RawMessage
	if json.Unmarshal(text, &union) == nil {
		return &place{kind: kindUnion, of: compile(union[1], named)}
	}
	var name string
	if json.Unmarshal(text, &name) == nil {
		if known := named[name]; known != nil {
			return known
		}
		return &place{kind: kinds[name]}
	}
	return compileObject(text, named)
}

func compileObject(text json.RawMessage, named map[string]*place) *place {
	var told struct {
		Type, Name, LogicalType, Default string
		Symbols                          []string
		Items, Values                    json.RawMessage
		Fields                           []struct {
			Name    string
			Type    json.RawMessage
			Default any
		}
	}
	if err := json.Unmarshal(text, &told); err != nil {
		panic(err)
	}
	p := &place{kind: kinds[told.Type], symbols: told.Symbols, fallback: told.Default}
	switch {
	case told.LogicalType == "uuid":
		p.kind = kindID
	case told.Items != nil:
		p.of = compile(told.Items, named)
	}
	if told.Name != "" {
		named[told.Name] = p
	}
	for _, f := range told.Fields {
		p.fields = append(p.fields, field{f.Name, compile(f.Type, named), f.Default})
	}
	return p
}

// decode reads the record in a frame, where only records of that name can be; what its writer did not have yet keeps its zero, or has its
// default. A schema id that is newer than this program is read as the newest version that it knows: bytes behind it are ignored, an
// unknown symbol is the enumeration's default. The error is a *malformed.
func decode(frame []byte, name string, into record) error {
	if len(frame) > frameMax {
		return malformedf("the record has %d bytes, the limit is %d", len(frame), frameMax)
	}
	if len(frame) < headerSize || frame[0] != 0 {
		return malformedf("not a frame: no magic byte 0 and schema id")
	}
	number := binary.BigEndian.Uint32(frame[1:])
	versions := schemasOf()[name]
	newest := versions[len(versions)-1]
	r := reader{rest: frame[headerSize:], isNewer: number > newestID}
	used := newest
	if !r.isNewer {
		at := slices.IndexFunc(versions, func(s schema) bool { return s.id == int(number) })
		if at < 0 {
			return malformedf("the schema id %d is not of %s", number, name)
		}
		used = versions[at]
	}
	r.record(used.root, into)
	if r.err == nil && len(r.rest) > 0 && !r.isNewer {
		r.err = fmt.Errorf("%d bytes behind its end", len(r.rest))
	}
	if r.err != nil {
		return malformedf("malformed %s: %v", name, r.err)
	}
	fillIn(newest.root.fields[len(used.root.fields):], into)
	return nil
}

// fillIn gives the fields that came later their defaults, where these are not zero.
func fillIn(added []field, into record) {
	for _, f := range added {
		if text, ok := f.fallback.(string); ok {
			*into.field(f.name).(*string) = text
		}
	}
}

// --- reading ---

// A reader takes values off the front; after the first error it gives zeros.
type reader struct {
	rest    []byte
	isNewer bool
	err     error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.rest = nil
}

func (r *reader) record(p *place, into record) {
	for i := range p.fields {
		r.value(p.fields[i].place, into.field(p.fields[i].name))
		if r.err != nil {
			return
		}
	}
}

func (r *reader) value(p *place, into any) {
	switch p.kind {
	case kindUnion:
		r.optional(p.of, into)
	case kindRecord:
		r.record(p, into.(record))
	case kindArray:
		items := into.(records)
		r.blocks(func() { r.value(p.of, items.grow()) })
	case kindMap:
		labels := into.(*map[string]string)
		r.blocks(func() {
			name := r.text()
			if *labels == nil {
				*labels = map[string]string{}
			}
			if _, isTwice := (*labels)[name]; isTwice {
				r.fail(fmt.Errorf("'%.60s' is there twice", name))
			}
			(*labels)[name] = r.text()
		})
	default:
		r.plain(p, into)
	}
}

func (r *reader) plain(p *place, into any) {
	switch into := into.(type) {
	case *bool:
		*into = r.boolean()
	case *int32:
		*into = r.int()
	case *int64:
		*into = r.long()
	case *float64:
		*into = r.double()
	case *[]byte:
		*into = slices.Clone(r.bytes())
		if *into == nil {
			*into = []byte{}
		}
	case *string:
		*into = r.word(p)
	}
}

// word reads what is kept as a text: one, an id, or a symbol.
func (r *reader) word(p *place) string {
	switch p.kind {
	case kindID:
		return r.id()
	case kindEnum:
		return r.symbol(p)
	}
	return r.text()
}

func (r *reader) optional(p *place, into any) {
	switch branch := r.byte(); {
	case r.err != nil || branch == 0:
		return
	case branch != 2:
		r.fail(fmt.Errorf("a union has no branch %d", branch))
		return
	}
	switch into := into.(type) {
	case records:
		r.value(p, into.grow())
	case **string:
		*into = new(r.word(p))
	case **int32:
		*into = new(r.int())
	case **int64:
		*into = new(r.long())
	default:
		r.plain(p, into)
	}
}

// blocks reads the items of an array or a map, which come in blocks; a count is believed only as far as there are bytes.
func (r *reader) blocks(item func()) {
	for {
		count := r.long()
		if count < 0 {
			r.long() // the block's size in bytes
			count = -count
		}
		if count <= 0 {
			if count < 0 {
				r.fail(errors.New("a count of items that is none"))
			}
			return
		}
		for ; count > 0 && r.err == nil; count-- {
			item()
		}
		if r.err != nil {
			return
		}
	}
}

func (r *reader) byte() byte {
	if len(r.rest) == 0 {
		r.fail(errCutOff)
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) long() int64 {
	number, size := binary.Uvarint(r.rest)
	switch {
	case size == 0:
		r.fail(errCutOff)
		return 0
	case size < 0:
		r.fail(errors.New("a number has more than 64 bits"))
		return 0
	}
	r.rest = r.rest[size:]
	return int64(number>>1) ^ -int64(number&1)
}

func (r *reader) int() int32 {
	number := r.long()
	if number < math.MinInt32 || number > math.MaxInt32 {
		r.fail(fmt.Errorf("%d is no int", number))
		return 0
	}
	return int32(number)
}

func (r *reader) boolean() bool {
	b := r.byte()
	if b > 1 {
		r.fail(fmt.Errorf("%d is no boolean", b))
	}
	return b == 1
}

func (r *reader) double() float64 {
	if len(r.rest) < 8 {
		r.fail(errCutOff)
		return 0
	}
	number := math.Float64frombits(binary.LittleEndian.Uint64(r.rest))
	r.rest = r.rest[8:]
	return number
}

// bytes are a part of the frame.
func (r *reader) bytes() []byte {
	size := r.long()
	if size < 0 || size > int64(len(r.rest)) {
		r.fail(fmt.Errorf("a text or bytes of length %d, with %d bytes left", size, len(r.rest)))
		return nil
	}
	found := r.rest[:size]
	r.rest = r.rest[size:]
	return found
}

func (r *reader) text() string {
	data := r.bytes()
	if utf8.Valid(data) {
		return string(data)
	}
	var out strings.Builder
	for len(data) > 0 {
		char, size := utf8.DecodeRune(data)
		if char == utf8.RuneError && size == 1 {
			fmt.Fprintf(&out, `\x%02x`, data[0])
		} else {
			out.Write(data[:size])
		}
		data = data[size:]
	}
	return out.String()
}

func (r *reader) id() string {
	text := r.text()
	if r.err == nil && !isID(text) {
		r.fail(fmt.Errorf("'%.60s' is not a UUID", text))
	}
	return strings.ToLower(text)
}

func isID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for at := range len(text) {
		if char := text[at]; at == 8 || at == 13 || at == 18 || at == 23 {
			if char != '-' {
				return false
			}
		} else if !isHex(char) {
			return false
		}
	}
	return true
}

func isHex(char byte) bool {
	return char >= '0' && char <= '9' || char >= 'a' && char <= 'f' || char >= 'A' && char <= 'F'
}

func (r *reader) symbol(p *place) string {
	number := r.int()
	if number >= 0 && int(number) < len(p.symbols) {
		return p.symbols[number]
	}
	if number < 0 || !r.isNewer {
		r.fail(fmt.Errorf("there is no symbol %d: there are %v", number, p.symbols))
	}
	return p.fallback
}

// --- writing ---

// encode makes the frame of a record, in its newest version. The error is a *malformed: an enumeration has no such symbol.
func encode(name string, value record) ([]byte, error) {
	versions := schemasOf()[name]
	newest := versions[len(versions)-1]
	out := make([]byte, 1, 256)
	out = binary.BigEndian.AppendUint32(out, uint32(newest.id))
	w := writer{out: out}
	w.record(newest.root, value)
	if w.err != nil {
		return nil, malformedf("%s.%v", name, w.err)
	}
	return w.out, nil
}

type writer struct {
	out []byte
	err error
}

func (w *writer) record(p *place, value record) {
	for i := range p.fields {
		f := &p.fields[i]
		at := value.field(f.name)
		if word, ok := at.(*string); ok && *word == "" && f.place.kind == kindEnum && f.fallback != nil {
			at = new(f.fallback.(string))
		}
		w.value(f, f.place, at)
	}
}

func (w *writer) value(f *field, p *place, at any) {
	switch at := at.(type) {
	case records:
		w.records(f, p, at)
	case record:
		w.record(p, at)
	case *[]byte:
		if p.kind == kindUnion {
			w.branch(*at != nil)
		}
		if *at != nil || p.kind != kindUnion {
			w.text(string(*at))
		}
	case *map[string]string:
		w.labels(*at)
	case **string:
		writeOptional(w, f, p, *at)
	case **int32:
		writeOptional(w, f, p, *at)
	case **int64:
		writeOptional(w, f, p, *at)
	default:
		w.plain(f, p, at)
	}
}

func writeOptional[T any](w *writer, f *field, p *place, at *T) {
	w.branch(at != nil)
	if at != nil {
		w.plain(f, p.of, at)
	}
}

func (w *writer) branch(isThere bool) {
	if isThere {
		w.out = append(w.out, 2)
	} else {
		w.out = append(w.out, 0)
	}
}

func (w *writer) records(f *field, p *place, items records) {
	if p.kind == kindUnion {
		w.branch(items.count() > 0)
	} else if items.count() > 0 {
		w.long(int64(items.count()))
	}
	for number := range items.count() {
		w.value(f, p.of, items.at(number))
	}
	if p.kind == kindArray {
		w.out = append(w.out, 0)
	}
}

// labels go by name, so that the same ones make the same bytes.
func (w *writer) labels(labels map[string]string) {
	if len(labels) > 0 {
		w.long(int64(len(labels)))
		names := make([]string, 0, len(labels))
		for name := range labels {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			w.text(name)
			w.text(labels[name])
		}
	}
	w.out = append(w.out, 0)
}

func (w *writer) plain(f *field, p *place, at any) {
	switch at := at.(type) {
	case *bool:
		if *at {
			w.out = append(w.out, 1)
		} else {
			w.out = append(w.out, 0)
		}
	case *int32:
		w.long(int64(*at))
	case *int64:
		w.long(*at)
	case *float64:
		w.out = binary.LittleEndian.AppendUint64(w.out, math.Float64bits(*at))
	case *string:
		if p.kind == kindEnum {
			w.symbol(f, p, *at)
		} else {
			w.text(*at)
		}
	}
}

func (w *writer) long(number int64) {
	w.out = binary.AppendVarint(w.out, number)
}

func (w *writer) text(text string) {
	w.long(int64(len(text)))
	w.out = append(w.out, text...)
}

func (w *writer) symbol(f *field, p *place, symbol string) {
	number := slices.Index(p.symbols, symbol)
	if number < 0 && w.err == nil {
		w.err = fmt.Errorf("%s: there is no symbol '%s'", f.name, symbol)
	}
	w.long(int64(number))
}
