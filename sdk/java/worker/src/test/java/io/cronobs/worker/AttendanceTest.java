package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttendanceTest {
    private final Attendance attendance = new Attendance();
    private final List<Run> seen = new ArrayList<>();

    private static Run run() {
        return new Run(new Claim(World.execution(), 0, 0), new Writer("me", Ids.random(), 1), new Room(1), false);
    }

    @Test
    void whoWasMarkedIsLookedAtOnce() {
        Run run = run();
        attendance.mark(run);
        attendance.mark(run);
        assertEquals(Tick.AT_ONCE, attendance.wake());
        attendance.attend(0, seen::add);
        attendance.attend(0, seen::add);
        assertEquals(List.of(run), seen);
    }

    @Test
    void theEarliestTimeOfARunCounts() {
        Run run = run();
        attendance.lookAgain(run, 5);
        attendance.lookAgain(run, 9);
        assertEquals(5, attendance.wake());
        attendance.lookAgain(run, 3);
        attendance.attend(3, seen::add);
        assertEquals(List.of(run), seen);
        assertEquals(Tick.NEVER, attendance.wake());
    }

    @Test
    void twoMayHaveTheSameTime() {
        Run one = run();
        Run two = run();
        attendance.lookAgain(one, 5);
        attendance.lookAgain(two, 5);
        attendance.attend(5, seen::add);
        assertEquals(List.of(one, two), seen);
    }

    @Test
    void whoIsForgottenHasNoTimeAnyMore() {
        Run run = run();
        attendance.lookAgain(run, 5);
        attendance.forget(run);
        attendance.forget(run);
        assertEquals(Tick.NEVER, attendance.wake());
    }
}
