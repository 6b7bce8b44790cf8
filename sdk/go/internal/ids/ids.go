// Package ids makes ids that are computed, so that the same thing has the same one everywhere (schemas/README.md, "Identity"), and random ones.
package ids

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// A UUID in the order of its text.
type UUID [16]byte

var namespace = UUID{0x4b, 0x5a, 0x1f, 0x0e, 0x8f, 0x5c, 0x5d, 0x1b, 0x9a, 0x43, 0xc2, 0x0b, 0x0b, 0x5e, 0x7a, 0x11}

func (u UUID) String() string {
	var text [36]byte
	hex.Encode(text[0:8], u[0:4])
	hex.Encode(text[9:13], u[4:6])
	hex.Encode(text[14:18], u[6:8])
	hex.Encode(text[19:23], u[8:10])
	hex.Encode(text[24:], u[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// named is the UUID of version 5 of a name in a namespace.
func named(space UUID, name string) (u UUID) {
	sum := sha1.Sum(append(space[:], name...))
	copy(u[:], sum[:])
	u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
	return u
}

// Random is the text of a random one.
func Random() string {
	var u UUID
	rand.Read(u[:])
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return u.String()
}

// Task is the id of the task `key` in a project.
func Task(project, key string) UUID {
	return named(named(namespace, "project/"+project), "task/"+key)
}

// External is the id of an execution that somebody else has started, at that instant in microseconds.
func External(task UUID, scheduledAt int64, nonce string) UUID {
	u := named(task, fmt.Sprintf("%d/external/%s", scheduledAt, nonce))
	millis := scheduledAt / 1000
	if scheduledAt%1000 < 0 {
		millis--
	}
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(millis))
	copy(u[:6], at[2:])
	u[6] = u[6]&0x0f | 0x80
	return u
}
