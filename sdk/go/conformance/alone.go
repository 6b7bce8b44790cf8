package main

import (
	"context"
	"os"
	"testing"
)

// alone stands for a test where there is none.
type alone struct{ testing.TB }

func (alone) Helper()                  {}
func (alone) Context() context.Context { return context.Background() }
func (alone) Fatal(args ...any) {
	say(args)
	os.Exit(2)
}
