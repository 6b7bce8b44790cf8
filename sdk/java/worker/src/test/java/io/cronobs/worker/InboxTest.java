package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cronobs.client.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The rules of claiming, as all languages replay them: sdk/conformance/cases.md. */
class InboxTest {
    private static final Path CASES = Path.of("..", "..", "conformance", "inbox.json");

    @TestFactory
    Stream<DynamicTest> claimsAsInAllLanguages() throws IOException {
        List<Map<String, Object>> cases = list(map(Json.parse(Files.readString(CASES))).get("cases"));
        return cases.stream()
            .filter(one -> !map(one.getOrDefault("not", Map.of())).containsKey("java"))
            .map(one -> DynamicTest.dynamicTest((String) one.get("name"), () -> new Replay(one).play()));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    private static <T> List<T> list(Object value) {
        return (List<T>) value;
    }

    /** Plays the steps of a case with an inbox. */
    private static final class Replay {
        private final List<Map<String, Object>> steps;
        private final Inbox inbox;
        private final Map<String, Claim> claims = new HashMap<>(); // the last of each name
        private Commit commit;
        private Map<String, Object> step;

        Replay(Map<String, Object> told) {
            steps = list(told.get("steps"));
            inbox = new Inbox(((Number) told.getOrDefault("concurrency", 16)).intValue(), ((Number) told.getOrDefault("room", Inbox.ROOM)).intValue());
        }

        void play() {
            for (int number = 0; number < steps.size(); number++) {
                step = steps.get(number);
                Object found = take();
                if (step.containsKey("expect")) {
                    Object expected = step.get("expect");
                    if (step.get("do").equals("look")) {
                        map(found).keySet().retainAll(map(expected).keySet());
                    }
                    assertEquals(expected, Json.parse(Json.write(found)), "step " + (number + 1) + ", " + step.get("do"));
                }
            }
        }

        private Object take() {
            String what = (String) step.get("what");
            return switch ((String) step.get("do")) {
                case "assign" -> gone(inbox.assign(Replay.<Number>partitions(step).stream().map(Number::intValue).toList()));
                case "revoke" -> gone(inbox.revoke());
                case "begin" -> nothing(() -> inbox.begin(partition(), (Long) step.get("stored"), number("oldest")));
                case "take" -> inbox.take(partition(), number("offset"), what == null ? null : execution(what), number("at"));
                case "end" -> nothing(() -> inbox.end(partition(), number("offset")));
                case "cancels_known" -> nothing(inbox::cancelsAreKnown);
                case "cancel" -> cancel(execution(what));
                case "claim" -> claim();
                case "announced" -> inbox.announced(claims.get(what));
                case "commit" -> commit();
                case "answer" -> nothing(this::answer);
                case "hand_out" -> names(inbox.handOut());
                case "done" -> nothing(() -> inbox.done(claims.get(what)));
                case "note" -> nothing(() -> note(what));
                case "look" -> new LinkedHashMap<>(Map.of("waiting", inbox.waiting(), "busy", inbox.busy(), "claiming", inbox.isClaiming(),
                    "alone", inbox.isAnnouncingWithoutPosition(), "paused", inbox.isPaused()));
                default -> throw new IllegalStateException("no step " + step.get("do"));
            };
        }

        private static <T> List<T> partitions(Map<String, Object> step) {
            return list(step.get("partitions"));
        }

        private int partition() {
            return (int) number("partition");
        }

        private long number(String name) {
            return ((Number) step.getOrDefault(name, 0L)).longValue();
        }

        private static Object nothing(Runnable does) {
            does.run();
            return null;
        }

        private Execution execution(String name) {
            Execution execution = new Execution();
            String[] parts = name.split("/");
            execution.executionId = parts[0];
            execution.attempt = Integer.parseInt(parts[1]);
            execution.taskId = (String) step.getOrDefault("task", "task");
            execution.startBy = (Long) step.get("start_by");
            return execution;
        }

        private static String name(Claim claim) {
            return claim.key.executionId() + "/" + claim.key.attempt();
        }

        private static List<String> names(Collection<Claim> of) {
            return of.stream().map(Replay::name).toList();
        }

        private static Map<String, Object> gone(Inbox.Gone gone) {
            return Map.of("handed", names(gone.handed()), "forgotten", names(gone.forgotten()));
        }

        private Object cancel(Execution execution) {
            Claim claim = inbox.cancel(execution.executionId, execution.taskId, execution.attempt);
            return claim == null ? null : name(claim);
        }

        private Object claim() {
            List<Claim> begun = inbox.claim(number("now"));
            begun.forEach(claim -> claims.put(name(claim), claim));
            return names(begun);
        }

        private Object commit() {
            Commit made = inbox.commit();
            if (made == null) {
                return null;
            }
            commit = made;
            Map<String, Long> positions = new HashMap<>();
            made.positions.forEach((partition, position) -> positions.put(partition.toString(), position));
            return positions;
        }

        private void answer() {
            switch ((String) step.get("outcome")) {
                case "committed" -> inbox.committed(commit);
                case "refused" -> inbox.refused(commit);
                default -> inbox.unanswered(commit);
            }
        }

        private void note(String what) {
            if (!step.containsKey("count")) {
                Execution execution = execution(what);
                inbox.note(execution.executionId, execution.attempt);
            }
            for (long number = number("count"); number > 0; number--) {
                inbox.note(what + "-" + number, 1);
            }
        }
    }
}
