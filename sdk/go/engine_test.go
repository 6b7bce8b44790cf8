package cronobs

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// --- claims ---

func TestAnExecutionIsAnnouncedThenCommittedThenHandedOut(t *testing.T) {
	w := newWorld(t)
	w.reads()
	w.fetched(w.queued(0))
	w.expectStatuses(w.answers(), "RUNNING")
	if len(w.begun) != 0 {
		t.Error("handed out before the position was committed")
	}
	if positions := w.stores(storeMade); positions[0] != 1 || len(w.begun) != 1 {
		t.Errorf("committed %v, begun %d", positions, len(w.begun))
	}
}

func TestNothingIsClaimedBeforeControlWasReadToItsEnd(t *testing.T) {
	w := newWorld(t)
	w.engine.started(worldPartitions, worldPartitions)
	w.isAssigned(spot{partition: 0, stored: 0, oldest: unknown})
	w.fetched(w.queued(0))
	if len(w.sent) != 0 {
		t.Error("claimed")
	}
	w.engine.controlIsRead()
	w.engine.step()
	w.expectStatuses(w.answers(), "RUNNING")
}

func TestNoMoreAreClaimedThanHavePlacesAndTheNextWhenOneIsFree(t *testing.T) {
	w := newWorld(t, func(l *limits) { l.concurrency = 2 })
	w.reads()
	runs := w.runs(w.queued(0), w.queued(1), w.queued(2))
	if len(runs) != 2 || len(w.sent) != 0 {
		t.Fatalf("%d begun, %d sent", len(runs), len(w.sent))
	}
	w.ends(runs[0], succeeded)
	w.expectStatuses(w.answers(), "SUCCEEDED", "RUNNING")
}

func TestARefusedClaimIsForgottenWithItsAssignmentAndMayBeClaimedAgain(t *testing.T) {
	w := newWorld(t)
	w.reads()
	again := w.queued(0)
	w.fetched(again)
	w.answers()
	w.stores(storeRefused)
	if !w.isRevoked() || len(w.begun) != 0 || len(w.engine.runs) != 0 {
		t.Fatalf("begun %d, runs %d", len(w.begun), len(w.engine.runs))
	}
	w.passes(retryAfter)
	w.isAssigned(spot{partition: 0, stored: 0, oldest: unknown})
	if len(w.runs(again)) != 1 {
		t.Error("it was not claimed again")
	}
}

func TestAClaimWhoseCommitHadNoAnswerIsHandedOutWhenTheAssignmentGoes(t *testing.T) {
	w := newWorld(t)
	w.reads()
	w.fetched(w.queued(0))
	w.answers()
	w.stores(storeUnanswered)
	if len(w.begun) != 0 {
		t.Fatal("handed out while it may be committed again")
	}
	if !w.isRevoked() || len(w.begun) != 1 {
		t.Error("nobody else might run it")
	}
}

func TestTheAssignmentIsOverBehindTheAnswerToTheCommit(t *testing.T) {
	w := newWorld(t)
	w.reads()
	w.fetched(w.queued(0))
	w.answers()
	isOver := false
	w.engine.revoking(func() { isOver = true })
	w.engine.step()
	if isOver {
		t.Fatal("over while a commit is on its way")
	}
	w.stores(storeMade)
	if !isOver || len(w.begun) != 1 {
		t.Errorf("over %v, begun %d", isOver, len(w.begun))
	}
}

func TestWhatCameDuringATurnIsClaimedWhenItIsOver(t *testing.T) {
	w := newWorld(t, func(l *limits) { l.concurrency = 2 })
	w.reads()
	w.fetched(w.queued(0))
	w.fetched(w.queued(1))
	w.expectStatuses(w.answers(), "RUNNING")
	w.stores(storeMade) // nothing else happens
	if len(w.begun) != 1 || len(w.sent) != 1 {
		t.Errorf("begun %d, being announced %d", len(w.begun), len(w.sent))
	}
}

// withoutPosition: a world whose partition has none, with a claim that is being announced.
func withoutPosition(t *testing.T) *world {
	w := newWorld(t)
	w.engine.started(worldPartitions, worldPartitions)
	w.engine.controlIsRead()
	w.isAssigned(spot{partition: 0, stored: unknown, oldest: 0, end: 1})
	w.engine.scanned(w.engine.scanning)
	w.engine.step()
	w.fetched(w.queued(0))
	return w
}

func TestWithoutAPositionTheAssignmentIsOverBehindTheAnswersToReports(t *testing.T) {
	w := withoutPosition(t)
	isOver := false
	w.engine.revoking(func() { isOver = true })
	w.engine.step()
	if isOver {
		t.Fatal("the next owner would not find it in status")
	}
	w.expectStatuses(w.answers(), "RUNNING")
	if !isOver || len(w.begun) != 1 {
		t.Errorf("over %v, begun %d", isOver, len(w.begun))
	}
}

func TestWithoutAPositionTheAssignmentWaitsTwoSecondsForAnswersToReports(t *testing.T) {
	w := withoutPosition(t)
	isOver := false
	w.engine.revoking(func() { isOver = true })
	w.passes(letGoAfter - time.Millisecond)
	if wake := w.engine.wake(); isOver || wake != w.engine.tick+time.Millisecond {
		t.Fatalf("over %v, wakes at %v", isOver, wake)
	}
	w.passes(time.Millisecond)
	if !isOver || len(w.begun) != 0 {
		t.Errorf("over %v, begun %d", isOver, len(w.begun))
	}
	w.answers()
	if len(w.begun) != 1 {
		t.Error("nobody else is sure to run it")
	}
}

func TestNothingIsClaimedOrCommittedWhileTheAssignmentEnds(t *testing.T) {
	w := newWorld(t, func(l *limits) { l.concurrency = 1 })
	w.reads()
	w.fetched(w.queued(0), w.queued(1))
	w.answers()
	w.engine.revoking(func() {})
	w.stores(storeMade)
	w.ends(w.begun[0], succeeded)
	w.expectStatuses(w.answers(), "SUCCEEDED")
	if len(w.commits)+len(w.sent) != 0 {
		t.Errorf("%d commits, %d records", len(w.commits), len(w.sent))
	}
}

func TestWhatWasReadForAnAssignmentBeforeIsDropped(t *testing.T) {
	w := newWorld(t)
	w.reads()
	before := w.engine.inbox.generation
	w.isRevoked()
	w.isAssigned(spot{partition: 0, stored: 5, oldest: unknown})
	w.engine.fetched(before, []message{w.queued(0)}, nil)
	w.engine.step()
	if len(w.sent) != 0 {
		t.Error("it was claimed")
	}
}

func TestWhatCannotBeReadIsToldWithItsPlaceAndReadingGoesOn(t *testing.T) {
	w := newWorld(t)
	w.reads()
	w.fetched(message{offset: 7, value: []byte("{}")}, message{offset: 8}, w.queued(9, func(e *execution) { e.statusPartition = 3 }), w.queued(10))
	w.expectStatuses(w.answers(), "RUNNING")
	if w.stores(storeMade)[0] != 11 || len(w.notices) != 1 {
		t.Errorf("notices %q", w.notices)
	}
	w.expectNotice("passed over executions.q[0] at 7: ")
}

func TestMarkersOfTransactionsMoveThePositionOn(t *testing.T) {
	w := newWorld(t)
	w.reads()
	w.fetched(w.queued(0), message{offset: 1, at: markerOfTransaction})
	w.answers()
	if at := w.stores(storeMade)[0]; at != 2 || len(w.notices) != 0 {
		t.Errorf("committed %d, notices %q", at, w.notices)
	}
}

func TestAFullInboxIsNotReadUntilHalfOfItIsGone(t *testing.T) {
	w := newWorld(t, func(l *limits) { l.concurrency = 1 })
	w.reads()
	w.room = 0
	messages := make([]message, inboxRoom+1)
	for number := range messages {
		messages[number] = w.queued(int64(number))
	}
	w.fetched(messages...)
	if w.room != 0 {
		t.Errorf("room for %d was asked for", w.room)
	}
}

// --- where to begin ---

func TestAPositionThatIsGoneIsLookedForAgain(t *testing.T) {
	w := newWorld(t)
	w.reads()
	w.engine.positionLost(w.engine.inbox.generation, 0)
	w.engine.step()
	if last := w.located[len(w.located)-1]; !maps.Equal(last, map[int32]bool{0: true}) {
		t.Errorf("asked for %v", last)
	}
}

func TestAScanThatFailsIsBegunAnewWithoutAPositionWhateverTheGroupHas(t *testing.T) {
	w := newWorld(t)
	w.engine.started(worldPartitions, worldPartitions)
	w.isAssigned(spot{partition: 0, stored: unknown, oldest: 0, end: 1})
	w.engine.notScanned(w.engine.scanning, errors.New("away"))
	w.passes(retryAfter)
	if last := w.located[len(w.located)-1]; !maps.Equal(last, map[int32]bool{0: true}) {
		t.Errorf("asked for %v", last)
	}
}

func TestPositionsThatCannotBeAskedForAreAskedForAgain(t *testing.T) {
	w := newWorld(t)
	w.engine.started(worldPartitions, worldPartitions)
	w.engine.assigned([]int32{0})
	w.engine.step()
	w.engine.notLocated(w.engine.inbox.generation, errors.New("no brokers"))
	w.engine.step()
	if len(w.located) != 1 {
		t.Fatal("at once")
	}
	if wake := w.engine.wake(); wake != w.engine.tick+retryAfter {
		t.Errorf("wakes at %v", wake)
	}
	w.passes(retryAfter)
	if len(w.located) != 2 {
		t.Error("not again")
	}
}

func TestAPartitionThatCannotBeLocatedDoesNotHoldUpTheOthers(t *testing.T) {
	w := newWorld(t)
	w.engine.started(worldPartitions, worldPartitions)
	w.engine.controlIsRead()
	w.engine.assigned([]int32{0, 1})
	w.engine.step()
	w.engine.located(w.engine.inbox.generation, []spot{{partition: 0, stored: 0, oldest: unknown, end: 0}})
	w.engine.notLocated(w.engine.inbox.generation, errors.New("no leader"))
	w.engine.step()
	if len(w.spots) != 1 || w.room == 0 || len(w.located) != 1 {
		t.Fatalf("it reads %v, and looked %d times", w.spots, len(w.located))
	}
	w.passes(retryAfter)
	if len(w.located) != 2 || !maps.Equal(w.located[1], map[int32]bool{1: false}) {
		t.Errorf("it looks for %v", w.located)
	}
}

func TestWithoutAPositionWhatWasReportedOnIsLeftOut(t *testing.T) {
	w := newWorld(t)
	w.engine.started(worldPartitions, worldPartitions)
	w.engine.controlIsRead()
	w.isAssigned(spot{partition: 0, stored: unknown, oldest: 4, end: 6})
	if len(w.scans) != 1 || !slices.Equal(w.scans[0], []int32{0}) || len(w.spots) != 0 {
		t.Fatalf("looks through %v, reads %v", w.scans, w.spots)
	}
	known, fresh := w.queued(4), w.queued(5)
	var e execution
	if err := decode(known.value, "ExecutionCreated", &e); err != nil {
		t.Fatal(err)
	}
	report := reported{status: status{executionID: e.executionID, taskID: e.taskID, attempt: 1, status: "SUCCEEDED"},
		partition: partitionOf(e.taskID, worldPartitions)}
	report.status.worker.value = &workerName{"w", e.taskID}
	w.engine.reported(w.engine.scanning, []reported{report})
	w.engine.scanned(w.engine.scanning)
	w.engine.step()
	if len(w.spots) != 1 || w.spots[0].stored != 4 {
		t.Fatalf("reads %v", w.spots)
	}
	w.engine.fetched(w.engine.inbox.generation, []message{known, fresh}, map[int32]int64{0: 6})
	w.engine.step()
	w.expectStatuses(w.answers(), "RUNNING")
	if w.stores(storeMade)[0] != 6 || len(w.begun) != 1 {
		t.Errorf("begun %d", len(w.begun))
	}
	w.expectNotice("left out 1 executions")
}

func TestWithoutAPositionAndABacklogReadingBeginsAtTheEnd(t *testing.T) {
	w := newWorld(t)
	w.engine.started(worldPartitions, worldPartitions)
	w.engine.controlIsRead()
	w.isAssigned(spot{partition: 0, stored: unknown, oldest: unknown, end: 70})
	if len(w.spots) != 1 || w.spots[0].stored != 70 || len(w.scans) != 0 {
		t.Fatalf("reads %v, looks through %v", w.spots, w.scans)
	}
	w.engine.reached(w.engine.inbox.generation, map[int32]int64{0: 70})
	w.engine.step()
	if at := w.stores(storeMade)[0]; at != 70 {
		t.Errorf("committed %d", at)
	}
}

// --- records ---

func TestOneRecordIsOnItsWayAtATimeAndTheFinalComesLast(t *testing.T) {
	w := newWorld(t)
	w.reads()
	r := w.runs(w.queued(0))[0]
	w.says(r, "one")
	w.ends(r, succeeded)
	w.expectStatuses(w.answers(), "LogBatch")
	w.expectStatuses(w.answers(), "SUCCEEDED")
	if len(w.engine.runs) != 0 {
		t.Error("it is not over")
	}
}

func TestTheSameBytesGoOutAgainUntilTheBrokersHaveThem(t *testing.T) {
	w := newWorld(t)
	w.reads()
	w.fetched(w.queued(0))
	first := w.sent[0]
	w.sent = nil
	w.engine.answered(first.run, errors.New("away"), false)
	w.engine.step()
	if len(w.sent) != 0 {
		t.Fatal("at once")
	}
	w.passes(retryAfter)
	if len(w.sent) != 1 || !bytes.Equal(w.sent[0].output.value, first.output.value) {
		t.Errorf("sent %v", w.sent)
	}
	w.expectNotice("will publish it again: away")
}

func TestWhatIsRefusedForGoodIsDroppedAndToldAndTheJobGoesOn(t *testing.T) {
	w := newWorld(t)
	w.reads()
	r := w.runs(w.queued(0))[0]
	w.says(r, "too long")
	w.ends(r, succeeded)
	lines := w.sent[0]
	w.sent = nil
	w.engine.answered(lines.run, errors.New("too large"), true)
	w.engine.step()
	w.expectStatuses(w.answers(), "SUCCEEDED")
	w.expectNotice("dropped a record of execution")
}

func TestALineWaitsAtMost200MillisecondsForCompany(t *testing.T) {
	w := newWorld(t)
	w.reads()
	r := w.runs(w.queued(0))[0]
	w.says(r, "one")
	w.passes(batchWait - time.Millisecond)
	w.says(r, "two")
	if len(w.sent) != 0 {
		t.Fatal("it did not wait")
	}
	w.passes(time.Millisecond)
	said := w.answers()
	w.expectStatuses(said, "LogBatch")
	if batch := said[0].(*logBatch); batch.firstSeq != 1 || len(batch.lines.items) != 2 {
		t.Errorf("%+v", batch)
	}
}

// --- signs of life ---

func TestHeartbeatsGoTwiceAsOftenAsTheyAreAskedForUntilTheEnd(t *testing.T) {
	w := newWorld(t)
	w.reads()
	r := w.runs(w.queued(0, func(e *execution) { e.heartbeat = new(int64(2000)) }))[0]
	for range 3 {
		w.passes(time.Second)
		w.expectStatuses(w.answers(), "Heartbeat")
	}
	w.ends(r, succeeded)
	w.passes(time.Second)
	w.expectStatuses(w.answers(), "SUCCEEDED", "Heartbeat")
}

func TestContactIsLostAfterThreeHeartbeatsWithoutAnAnswer(t *testing.T) {
	w := newWorld(t, func(l *limits) { l.stopWhenLost = true })
	w.reads()
	r := w.runs(w.queued(0, func(e *execution) { e.heartbeat = new(int64(1000)) }))[0]
	w.passes(3*time.Second - time.Millisecond)
	if len(w.told) != 0 {
		t.Fatal("told early")
	}
	w.passes(time.Millisecond)
	if len(w.told) != 1 || r.cause != ErrLost {
		t.Errorf("told %q", w.told)
	}
}

func TestASignOfLifeThatTheBrokersRefuseIsTold(t *testing.T) {
	w := newWorld(t)
	w.reads()
	r := w.runs(w.queued(0, func(e *execution) { e.heartbeat = new(int64(2000)) }))[0]
	w.passes(time.Second)
	w.engine.beatAnswered(r, errors.New("not authorized"))
	w.expectNotice("a sign of life was lost: not authorized")
}

func TestProgressIsToldOnceASecondAndTheLastOneAtTheEnd(t *testing.T) {
	w := newWorld(t)
	w.reads()
	r := w.runs(w.queued(0))[0]
	for percent := range int32(5) {
		w.engine.progressed(r, new(percent), nil)
		w.engine.step()
	}
	said := w.answers()
	w.expectStatuses(said, "Heartbeat")
	if *said[0].(*heartbeat).progress != 0 {
		t.Errorf("%v", *said[0].(*heartbeat).progress)
	}
	w.ends(r, succeeded)
	said = w.answers()
	w.expectStatuses(said, "Heartbeat", "SUCCEEDED")
	if *said[0].(*heartbeat).progress != 4 {
		t.Errorf("%v", *said[0].(*heartbeat).progress)
	}
}

// --- causes ---

func TestWhatIsOverIsForgottenHoweverFarItsRunTimeoutIs(t *testing.T) {
	w := newWorld(t)
	w.reads()
	for offset := range int64(1000) {
		r := w.runs(w.queued(offset, func(e *execution) { e.runTimeout = new(int64(86_400_000)) }))[0]
		w.ends(r, succeeded)
		w.answers()
	}
	if len(w.engine.runs) != 0 || len(w.engine.later) != 0 {
		t.Errorf("it remembers %d and %d runs", len(w.engine.runs), len(w.engine.later))
	}
}

func TestARunThatLogsForLongIsRememberedOnceAndToldOfItsRunTimeout(t *testing.T) {
	w := newWorld(t)
	w.reads()
	r := w.runs(w.queued(0, func(e *execution) { e.runTimeout = new(int64(86_400_000)) }))[0]
	for range 1000 {
		w.says(r, "one")
		w.passes(250 * time.Millisecond)
		w.answers()
	}
	if len(w.engine.later) != 1 {
		t.Errorf("it remembers %d looks", len(w.engine.later))
	}
	w.passes(day)
	if len(w.told) != 1 {
		t.Errorf("told %q", w.told)
	}
}

func TestRunningOfAForgottenClaimIsNotSentAgain(t *testing.T) {
	w := newWorld(t)
	w.reads()
	w.fetched(w.queued(0), w.queued(1))
	for _, s := range w.sent {
		w.engine.answered(s.run, errors.New("cut"), false)
	}
	w.sent = nil
	w.engine.step()
	if !w.isRevoked() {
		t.Error("the assignment is not over")
	}
	w.passes(retryAfter)
	w.passes(retryAfter)
	if len(w.sent) != 0 {
		t.Errorf("%d records were sent", len(w.sent))
	}
}

func TestARunTimeoutOfWhatWasCancelledWhileItWasClaimedWakesNobody(t *testing.T) {
	w := newWorld(t)
	w.reads()
	m := w.queued(0, func(e *execution) { e.runTimeout = new(int64(1000)) })
	w.fetched(m)
	w.engine.signalled([]message{w.cancelOf(m)})
	w.answers()
	w.passes(5 * time.Second)
	if w.engine.wake() <= w.engine.tick {
		t.Error("it wakes again and again")
	}
}

func TestACancelledRunIsToldAndOthersAreNot(t *testing.T) {
	w := newWorld(t)
	w.reads()
	one, other := w.queued(0), w.queued(1)
	w.runs(one, other)
	w.engine.signalled([]message{w.cancelOf(one), w.cancelOf(other, func(s *signal) { s.attempt = 2 }),
		w.cancelOf(other, func(s *signal) { s.taskID = "25863586-ab2e-5a4d-ae75-000000000000" })})
	w.engine.step()
	if len(w.told) != 1 || !strings.HasSuffix(w.told[0], "0: cancelled") {
		t.Errorf("told %q", w.told)
	}
}

func TestWhatIsCancelledWhileItIsClaimedIsNotBegun(t *testing.T) {
	w := newWorld(t)
	w.reads()
	one := w.queued(0)
	w.fetched(one)
	w.engine.signalled([]message{w.cancelOf(one)})
	w.answers()
	w.stores(storeMade)
	w.expectStatuses(w.answers(), "CANCELLED")
	if len(w.begun) != 0 || w.engine.inbox.busy() != 0 {
		t.Error("begun")
	}
}

func TestARunTimeoutIsToldASecondLate(t *testing.T) {
	w := newWorld(t)
	w.reads()
	r := w.runs(w.queued(0, func(e *execution) { e.runTimeout = new(int64(1000)) }))[0]
	w.passes(2*time.Second - time.Millisecond)
	if r.cause != nil {
		t.Fatal("told early")
	}
	w.passes(time.Millisecond)
	if r.cause != ErrTimeout {
		t.Errorf("cause %v", r.cause)
	}
}

func TestWhoIgnoresItsCauseIsNamedOnceAndKeepsItsPlace(t *testing.T) {
	w := newWorld(t)
	w.reads()
	one := w.queued(0)
	w.runs(one)
	w.engine.signalled([]message{w.cancelOf(one)})
	w.engine.step()
	w.passes(ignoresAfter)
	w.passes(ignoresAfter)
	w.expectNotice("goes on 30 s after it was told to end (cancelled)")
	if len(w.notices) != 1 || w.engine.inbox.busy() != 1 {
		t.Errorf("notices %q, busy %d", w.notices, w.engine.inbox.busy())
	}
}

// --- the end ---

func TestDrainingLeavesTheGroupOnceClaimsAreThroughAndRunsGoOn(t *testing.T) {
	w := newWorld(t, func(l *limits) { l.concurrency = 1 })
	w.reads()
	w.fetched(w.queued(0), w.queued(1))
	w.engine.drain()
	w.engine.step()
	if w.hasLeft {
		t.Fatal("left with a claim under way")
	}
	w.answers()
	w.stores(storeMade)
	if !w.hasLeft || len(w.begun) != 1 {
		t.Fatalf("left %v, begun %d", w.hasLeft, len(w.begun))
	}
	w.engine.left()
	w.engine.step()
	w.ends(w.begun[0], succeeded)
	w.expectStatuses(w.answers(), "SUCCEEDED")
	if !w.engine.isOver() {
		t.Error("not over")
	}
}

func TestWhoeverLeavesLooksForNoPositionsAndIsNotWokenForThem(t *testing.T) {
	w := newWorld(t)
	w.reads()
	w.isRevoked()
	w.engine.assigned([]int32{0})
	w.engine.step()
	w.engine.notLocated(w.engine.inbox.generation, errors.New("why"))
	w.engine.drain()
	w.engine.step()
	w.passes(time.Second)
	if !w.hasLeft || w.engine.wake() <= w.engine.tick {
		t.Errorf("it leaves: %t, and wakes again and again", w.hasLeft)
	}
}

func TestAfterTheDrainHandlersAreToldAndThenFailedIsSaidForThem(t *testing.T) {
	w := newWorld(t)
	w.reads()
	r := w.runs(w.queued(0))[0]
	w.engine.drain()
	w.engine.left()
	w.passes(25 * time.Second)
	if r.cause != ErrShutdown {
		t.Fatalf("cause %v", r.cause)
	}
	w.passes(afterShutdown)
	said := w.answers()
	w.expectStatuses(said, "FAILED")
	if said[0].(*status).reason != "WORKER_SHUTDOWN" || !w.engine.isOver() {
		t.Errorf("%+v", said[0])
	}
}

func TestWhatTheBrokersDoNotTakeInTimeIsLeft(t *testing.T) {
	w := newWorld(t)
	w.reads()
	w.runs(w.queued(0))
	w.engine.hurry()
	w.engine.left()
	w.passes(0)
	w.passes(afterShutdown)
	if w.engine.isOver() {
		t.Fatal("over at once")
	}
	w.passes(lastReports)
	if !w.engine.isOver() || len(w.engine.runs) != 1 {
		t.Errorf("over %v, left %d", w.engine.isOver(), len(w.engine.runs))
	}
}

func TestAWorkerThatIsFencedDrainsAndSaysWhy(t *testing.T) {
	w := newWorld(t)
	w.reads()
	w.engine.broke(ErrFenced)
	w.engine.broke(errors.New("and more"))
	w.engine.step()
	if !w.hasLeft || !errors.Is(w.engine.broken, ErrFenced) || len(w.notices) != 1 {
		t.Errorf("left %v, broken %v, notices %q", w.hasLeft, w.engine.broken, w.notices)
	}
}
