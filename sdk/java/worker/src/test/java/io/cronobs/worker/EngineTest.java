package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EngineTest {
    private final World world = new World(4);

    @Test
    void aHandlerBeginsWhenRunningIsInTheLogAndThePositionIsPastIt() throws Malformed {
        world.assign(17L);
        world.read(World.execution());
        assertEquals(List.of("RUNNING NONE"), world.statuses());
        assertTrue(world.begun.isEmpty());
        world.acknowledge();
        assertTrue(world.begun.isEmpty());
        world.store(Engine.Stored.MADE);
        assertEquals(1, world.begun.size());
    }

    @Test
    void whatTheBrokersDidNotTakeIsSentAgainWithTheSameBytes() {
        world.assign(0L);
        world.read(World.execution());
        World.Sent first = world.sent.remove(0);
        world.engine.answered(first.run(), "NotEnoughReplicas", false);
        world.pass(100);
        assertTrue(world.sent.isEmpty());
        world.pass(100);
        assertSame(first.output(), world.sent.get(0).output());
    }

    @Test
    void aCommitThatWasRefusedForgetsItsClaimsWithTheAssignment() {
        world.assign(0L);
        world.read(World.execution());
        world.acknowledge();
        world.store(Engine.Stored.REFUSED);
        letGo();
        assertTrue(world.begun.isEmpty());
        assertEquals(0, world.engine.unreported());
    }

    @Test
    void aCommitWithoutAnAnswerHandsOutWhenTheAssignmentGoes() {
        world.assign(0L);
        world.read(World.execution());
        world.acknowledge();
        world.store(Engine.Stored.UNANSWERED);
        assertTrue(world.begun.isEmpty());
        letGo();
        assertEquals(1, world.begun.size());
    }

    @Test
    void whoWasFrozenAsksTheGroupBeforeItClaims() {
        world.assign(17L);
        world.start(World.execution());
        world.pass(World.SESSION);
        world.read(World.execution());
        assertTrue(world.sent.isEmpty());
        assertEquals(new Command.Store(Map.of(0, 18L)), world.last());
        world.store(Engine.Stored.UNANSWERED);
        assertTrue(world.sent.isEmpty());
        world.pass(200);
        world.store(Engine.Stored.MADE);
        assertEquals(1, world.sent.size());
    }

    @Test
    void whatIsAnnouncedAfterAFreezeIsForgottenWhenOthersHaveIt() {
        world.assign(17L);
        world.read(World.execution());
        world.pass(World.SESSION);
        world.acknowledge();
        world.store(Engine.Stored.UNANSWERED);
        world.engine.lost();
        assertTrue(world.begun.isEmpty());
    }

    @Test
    void anAnswerToWhatWasAskedBeforeAFreezeSaysNothingAboutAfterwards() {
        world.assign(17L);
        world.read(World.execution());
        world.acknowledge();
        world.engine.fetched(List.of(), Map.of());
        world.engine.step();
        world.engine.tick += World.SESSION * 1_000_000;
        world.store(Engine.Stored.MADE);
        assertEquals(1, world.begun.size());
        world.read(World.execution());
        assertTrue(world.sent.isEmpty());
        world.store(Engine.Stored.MADE);
        assertEquals(1, world.sent.size());
    }

    @Test
    void aPartitionWithoutAPositionIsKeptUntilRunningIsInTheLog() {
        world.assign(null);
        world.read(World.execution());
        List<String> letGo = new ArrayList<>();
        world.engine.revoking(() -> letGo.add("now"));
        world.engine.step();
        assertTrue(letGo.isEmpty());
        world.acknowledge();
        assertEquals(List.of("now"), letGo);
        assertEquals(1, world.begun.size());
    }

    @Test
    void whatCameDuringATurnIsClaimedWhenItIsOver() {
        world.assign(0L);
        world.read(World.execution());
        world.read(World.execution());
        world.acknowledge();
        world.store(Engine.Stored.MADE);
        assertEquals(1, world.begun.size());
        assertEquals(1, world.sent.size()); // the second is being announced
    }

    @Test
    void aScanThatFailsIsBegunAnewWithoutAPositionWhateverTheGroupHas() {
        world.locate(null);
        world.engine.notScanned(world.scans.get(0), "away");
        world.pass(200);
        while (world.last() instanceof Command.Read) {
            world.engine.fetched(List.of(), Map.of());
            world.pass(200);
        }
        assertEquals(new Command.Locate(Map.of(0, true)), world.last());
    }

    @Test
    void aPartitionIsKeptForTwoSecondsAtMost() {
        world.assign(null);
        world.read(World.execution());
        List<String> letGo = new ArrayList<>();
        world.engine.revoking(() -> letGo.add("now"));
        world.engine.step();
        assertTrue(world.engine.wake() <= world.engine.tick + 2 * Tick.SECOND);
        world.pass(2000);
        assertEquals(List.of("now"), letGo);
    }

    @Test
    void anAssignmentThatCameMeanwhileIsNotGivenBack() {
        world.assign(null);
        world.read(World.execution());
        world.engine.revoking(() -> {});
        world.assign(5L);
        world.pass(2000);
        world.acknowledge();
        world.read(World.execution());
        assertTrue(world.sent.stream().anyMatch(one -> one.run().claim.offset == 5));
    }

    @Test
    void oneThatIsCancelledBeforeItBeganIsNotBegun() throws Malformed {
        world.assign(0L);
        Execution execution = World.execution();
        world.read(execution);
        cancel(execution);
        world.acknowledge();
        world.store(Engine.Stored.MADE);
        assertTrue(world.begun.isEmpty());
        assertEquals(List.of("CANCELLED NONE"), world.statuses());
    }

    @Test
    void aRunningOneIsToldOnceAndNamedWhenItGoesOn() {
        world.assign(0L);
        Execution execution = World.execution();
        Run run = world.start(execution);
        cancel(execution);
        cancel(execution);
        assertEquals(List.of(run), world.told);
        assertEquals(Cause.CANCEL, run.cause);
        world.pass(31_000);
        assertTrue(world.notices.stream().anyMatch(text -> text.contains(execution.executionId)));
    }

    @Test
    void theRunTimeoutIsOneSecondBehindTheSchedulers() {
        world.assign(0L);
        Execution execution = World.execution();
        execution.runTimeoutMs = 5000L;
        world.start(execution);
        world.pass(5999);
        assertTrue(world.told.isEmpty());
        world.pass(1);
        assertEquals(Cause.TIMEOUT, world.told.get(0).cause);
    }

    @Test
    void whoeverGetsNoSignOfLifeOutIsToldThatItIsLost() {
        world.assign(0L);
        Execution execution = World.execution();
        execution.heartbeatMs = 2000L;
        Run run = world.start(execution);
        world.pass(1000);
        world.acknowledge();
        world.pass(5999);
        assertFalse(run.hasLostContact(world.engine.tick));
        world.pass(2);
        assertTrue(run.hasLostContact(world.engine.tick));
        assertEquals(Cause.LOST, run.cause);
    }

    @Test
    void aSignOfLifeThatTheBrokersRefuseIsTold() {
        world.assign(0L);
        Execution execution = World.execution();
        execution.heartbeatMs = 2000L;
        Run run = world.start(execution);
        world.pass(1000);
        world.sent.clear();
        world.engine.beatAnswered(run, "TopicAuthorizationException: Not authorized");
        assertTrue(world.notices.contains("WARN a sign of life was lost: TopicAuthorizationException: Not authorized"), world.notices.toString());
    }

    @Test
    void aDrainLeavesTellsAndSaysFailedInThatOrder() throws Malformed {
        world.assign(0L);
        Run run = world.start(World.execution());
        world.engine.drain();
        world.engine.fetched(List.of(), Map.of());
        world.engine.step();
        assertEquals(new Command.Leave(), world.commands.get(world.commands.size() - 1));
        world.engine.left();
        world.pass(24_999);
        assertTrue(world.told.isEmpty());
        world.pass(1);
        assertEquals(List.of(run), world.told);
        world.pass(3000);
        assertEquals(List.of("FAILED WORKER_SHUTDOWN"), world.statuses());
        assertFalse(world.engine.isOver());
        world.acknowledge();
        assertTrue(world.engine.isOver());
    }

    @Test
    void theSecondSignalSkipsTheWait() {
        world.assign(0L);
        Run run = world.start(World.execution());
        world.engine.drain();
        world.engine.hurry();
        world.pass(1);
        assertEquals(List.of(run), world.told);
    }

    @Test
    void whatStaysUnsentIsGivenUpAfterFiveSeconds() {
        world.assign(0L);
        world.start(World.execution());
        world.engine.hurry();
        world.pass(0);
        world.pass(3000);
        world.pass(4999);
        assertFalse(world.engine.isOver());
        world.pass(1);
        assertTrue(world.engine.isOver());
        assertEquals(1, world.engine.unreported());
    }

    @Test
    void aRunThatIsOverIsForgottenThoughItsTimeoutIsFarAway() {
        world.assign(0L);
        Execution execution = World.execution();
        execution.runTimeoutMs = 86_400_000L;
        Run run = world.start(execution);
        assertEquals(world.engine.tick + 86_401 * Tick.SECOND, run.later.at());
        world.engine.ended(run, new Outcome("SUCCEEDED", "NONE", null));
        world.engine.step();
        world.acknowledge();
        assertEquals(0, world.engine.unreported());
        assertNull(run.later);
    }

    @Test
    void theRunTimeoutOfWhatWasCancelledWhileItWasClaimedWakesNobody() {
        world.assign(0L);
        Execution execution = World.execution();
        execution.runTimeoutMs = 1000L;
        world.read(execution);
        cancel(execution);
        world.acknowledge();
        world.pass(5000);
        assertTrue(world.engine.wake() > world.engine.tick);
    }

    @Test
    void runningOfAForgottenClaimIsNotSentAgain() {
        world.assign(0L);
        world.read(World.execution());
        World.Sent first = world.sent.remove(0);
        world.engine.answered(first.run(), "NotEnoughReplicas", false);
        world.engine.tick += Tick.SECOND;
        world.engine.lost();
        world.engine.step();
        assertTrue(world.sent.isEmpty());
        assertEquals(0, world.engine.unreported());
    }

    private void letGo() {
        world.engine.revoking(() -> {});
        world.engine.step();
    }

    private void cancel(Execution execution) {
        Signal signal = new Signal();
        signal.executionId = execution.executionId;
        signal.taskId = execution.taskId;
        signal.attempt = 1;
        signal.signal = "CANCEL";
        world.engine.signalled(List.of(new Message(0, 0, 0, Codec.encode(signal), null)));
        world.engine.step();
    }
}
