package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UnsentTest {
    private final Room room = new Room(1000);
    private final Unsent lines = new Unsent(room);

    private boolean add(String text) {
        return lines.add("INFO", Text.lines(text), 1, () -> 5);
    }

    @Test
    void aBatchLeavesAfterAFifthOfASecondOrWhenItIsFull() {
        assertEquals(Tick.NEVER, lines.dueAt());
        assertTrue(add("one"));
        assertFalse(add("two"));
        assertEquals(5 + Tick.SECOND / 5, lines.dueAt());
        assertEquals(List.of("one", "two"), lines.take(9).entries().stream().map(entry -> entry.line().message()).toList());
        assertTrue(lines.isEmpty());
    }

    @Test
    void aBatchHasAThousandLines() {
        Unsent many = new Unsent(new Room(Room.UNSENT_MAX));
        for (int number = 0; number < 1001; number++) {
            many.add("INFO", Text.lines("x"), 1, () -> 5);
        }
        assertEquals(Tick.AT_ONCE, many.dueAt());
        assertEquals(1000, many.take(9).entries().size());
        assertEquals(1, many.take(9).entries().size());
    }

    @Test
    void whoeverFindsNoRoomWaitsForIt() throws Exception {
        add("x".repeat(900));
        CompletableFuture<Boolean> waits = CompletableFuture.supplyAsync(() -> add("y".repeat(200)));
        awaitWaiter();
        assertFalse(waits.isDone());
        room.sent(lines.take(9).weight());
        assertTrue(waits.get());
        assertEquals(List.of("y".repeat(200)), lines.take(9).entries().stream().map(entry -> entry.line().message()).toList());
    }

    @Test
    void whoeverSaysMuchAtOnceWaitsUntilThatFitsHoweverMuchRoomThereIs() throws Exception {
        add("x".repeat(300));
        CompletableFuture<Boolean> waits = CompletableFuture.supplyAsync(() -> add("y".repeat(900)));
        awaitWaiter();
        room.sent(lines.take(9).weight());
        assertTrue(waits.get(20, TimeUnit.SECONDS));
    }

    @Test
    void whoeverIsToldToEndWaitsNoMoreAndWhatIsLeftOutIsCounted() throws Exception {
        add("x".repeat(900));
        CompletableFuture<Boolean> waits = CompletableFuture.supplyAsync(() -> add("y".repeat(200)));
        awaitWaiter();
        lines.stop();
        assertFalse(waits.get());
        lines.close(7, 9);
        assertFalse(add("late"));
        List<Unsent.Entry> sent = lines.take(9).entries();
        assertEquals("WARN", sent.get(1).level());
        assertTrue(sent.get(1).line().message().startsWith("1 lines were left out"));
    }

    private void awaitWaiter() {
        boolean isThere = false;
        for (long until = System.nanoTime() + 20 * Tick.SECOND; !isThere && System.nanoTime() < until; Thread.onSpinWait()) {
            room.lock.lock();
            isThere = room.lock.hasWaiters(room.changed);
            room.lock.unlock();
        }
        assertTrue(isThere);
    }
}
