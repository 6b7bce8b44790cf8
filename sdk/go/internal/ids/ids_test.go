package ids

import "testing"

func TestTheIDOfATaskIsComputedAsEverywhere(t *testing.T) {
	if found := Task("default", "backup").String(); found != "25863586-ab2e-5a4d-ae75-e2f830b9b6e4" {
		t.Error(found)
	}
}

func TestTheIDOfAnExternalExecutionSaysWhenItWas(t *testing.T) {
	task := Task("default", "backup")
	for at, first := range map[int64]string{0: "00000000-0000-8", 1_764_000_000_000_000: "019ab697-e800-8", -1: "ffffffff-ffff-8"} {
		if found := External(task, at, "n").String(); found[:15] != first {
			t.Errorf("%d: %s, not %s", at, found, first)
		}
	}
	if External(task, 0, "n") == External(task, 0, "m") {
		t.Error("two runs of one instant are one")
	}
}

func TestRandomIDsAreOfVersion4(t *testing.T) {
	if one, other := Random(), Random(); one == other || len(one) != 36 || one[14] != '4' {
		t.Errorf("%s, %s", one, other)
	}
}
