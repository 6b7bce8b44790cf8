package io.cronobs.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cronobs.client.Recorded.Asked;
import io.cronobs.client.Recorded.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** The client of the HTTP API against answers that were recorded, and connections that break. */
class ClientTest {
    private static final String TASK = new Client().task("hello").id();
    private static final Map<String, Object> OUTCOME = Map.of("command_id", "c1", "task_id", TASK, "result", "ACCEPTED", "code", "OK", "revision", 2, "execution_id", "e1");
    private static final Reply DONE = Reply.of(OUTCOME);
    private static final Reply AWAY = new Reply(503, Map.of("status", 503, "title", "A part that is needed is away", "detail", "Kafka cannot be asked yet"),
        Map.of("Retry-After", "1"));
    private static final Reply EMPTY = Reply.of(Map.of("items", List.of()));

    /** A clock that only pauses move. */
    private static final class Paused implements Transport.Time {
        final List<Duration> pauses = new ArrayList<>();
        private long nanos = 1_000_000;

        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public void sleep(Duration time) {
            pauses.add(time);
            nanos += time.toNanos();
        }
    }

    private static Reply page(List<?> items, String next) {
        return Reply.of(next == null ? Map.of("items", items) : Map.of("items", items, "next", next));
    }

    // --- reading ---

    @Test
    void aListGoesOnOverEmptyPagesUntilThereIsNoNext() throws IOException {
        try (Recorded api = new Recorded(page(List.of(Map.of("key", "a"), Map.of("key", "b")), "x+/="), page(List.of(), "y"), page(List.of(Map.of("key", "c")), null))) {
            var tasks = new Client(api.url()).tasks(Map.of("queue", "q", "state", List.of("ACTIVE", "DELETED"), "limit", 2));
            assertEquals(List.of("a", "b", "c"), tasks.stream().map(Answers.Task::key).toList());
            assertEquals(List.of("/v1/tasks?limit=2&queue=q&state=ACTIVE%2CDELETED", "/v1/tasks?cursor=x%2B%2F%3D&limit=2&queue=q&state=ACTIVE%2CDELETED",
                "/v1/tasks?cursor=y&limit=2&queue=q&state=ACTIVE%2CDELETED"), api.targets());
        }
    }

    @Test
    void aPageIsAskedForWhenItIsNeeded() throws IOException {
        try (Recorded api = new Recorded(page(List.of(Map.of("execution_id", "1"), Map.of("execution_id", "2")), "x"))) {
            var executions = new Client(api.url()).executions(Map.of("task", "hello"));
            assertEquals(2, executions.stream().limit(2).count());
            assertEquals(List.of("/v1/executions?limit=100&task=default~hello"), api.targets());
        }
    }

    @Test
    void logsGoOnByNextWhileThereAreMore() throws IOException {
        Map<String, String> line = Map.of("message", "m");
        try (Recorded api = new Recorded(Reply.of(Map.of("items", List.of(line, line), "next", "p1", "more", true)),
                Reply.of(Map.of("items", List.of(line), "next", "p2", "more", false)))) {
            assertEquals(3, new Client(api.url()).execution("e1").logs(Map.of("level", "WARN", "attempt", 2)).stream().count());
            assertEquals(List.of("/v1/executions/e1/logs?attempt=2&level=WARN&limit=500", "/v1/executions/e1/logs?after=p1&level=WARN&limit=500"), api.targets());
        }
    }

    @Test
    void followingLogsLooksOnceMoreBehindTheEnd() throws IOException {
        List<Reply> lines = List.of("a", "b").stream().map(text -> Reply.of(Map.of("items", List.of(Map.of("message", text)), "next", text, "more", false))).toList();
        try (Recorded api = new Recorded(lines.get(0), Reply.of(Map.of("status", "SUCCEEDED")), lines.get(1))) {
            assertEquals(List.of("a", "b"), new Client(api.url()).execution("e1").followLogs(Map.of()).stream().map(Answers.LogLine::message).toList());
        }
    }

    @Test
    void waitingForAnExecutionGoesOnWhileAnAttemptFollows() throws Exception {
        try (Recorded api = new Recorded(Reply.of(Map.of("status", "FAILED", "next_attempt_at", "2026-11-24T13:00:00Z")), Reply.of(Map.of("status", "FAILED")),
                Reply.of(Map.of("status", "RUNNING")))) {
            ExecutionHandle run = new Client(api.url()).execution("e1");
            assertEquals("FAILED", run.await(Duration.ofMinutes(1)).status());
            assertEquals("execution e1 is still RUNNING after 0 ms", assertThrows(TimeoutException.class, () -> run.await(Duration.ZERO)).getMessage());
        }
    }

    @Test
    void namesAreEscapedAndAProjectMayBeInTheKey() throws IOException {
        try (Recorded api = new Recorded(Reply.of(Map.of()), Reply.of(Map.of()), Reply.of(Map.of()))) {
            Client client = new Client(api.url());
            client.task("a/b c").get();
            client.task("billing", "k").get();
            client.task("billing~k").get();
            assertEquals(List.of("/v1/tasks/default~a%2Fb%20c", "/v1/tasks/billing~k", "/v1/tasks/billing~k"), api.targets());
        }
    }

    @Test
    void instantsMayBeOfJavasOwnTypes() throws IOException {
        try (Recorded api = new Recorded(EMPTY, Reply.of(Map.of()), DONE)) {
            TaskHandle task = new Client(api.url()).task("hello");
            task.upcoming(Map.of("from", OffsetDateTime.parse("2026-11-24T13:00:00+02:00"), "to", Instant.parse("2026-11-25T00:00:00Z")));
            task.why(Map.of("at", LocalDateTime.of(2026, 11, 24, 9, 0), "tz", "Europe/Berlin"));
            task.backfill(Instant.EPOCH, Instant.EPOCH.plusSeconds(60));
            assertEquals(List.of("/v1/tasks/default~hello/upcoming?from=2026-11-24T13%3A00%3A00%2B02%3A00&to=2026-11-25T00%3A00%3A00Z",
                "/v1/tasks/default~hello:why?at=2026-11-24T09%3A00%3A00&tz=Europe%2FBerlin"), api.targets().subList(0, 2));
            assertEquals(Map.of("from", "1970-01-01T00:00:00Z", "to", "1970-01-01T00:01:00Z"), api.asked().get(2).body());
        }
    }

    @Test
    void anAnswerIsARecordAndWhatIsMissingIsEmpty() throws IOException {
        Map<String, Object> task = Map.of("key", "k", "revision", 3, "spec", Map.of("queue", "q", "schedules", List.of(Map.of("expression", "@daily"))), "newer", 1);
        try (Recorded api = new Recorded(Reply.of(task), DONE)) {
            TaskHandle handle = new Client(api.url()).task("k");
            Answers.Task found = handle.get();
            assertEquals(3L, found.revision());
            assertEquals("@daily", found.spec().schedules().get(0).expression());
            assertNull(found.spec().title());
            assertEquals(List.of(), found.spec().calendars());
            handle.put(found.spec());
            assertEquals("q", ((Map<?, ?>) api.asked().get(1).body()).get("queue"));
        }
    }

    // --- writing ---

    @Test
    void everyWriteSaysWhatItShould() throws IOException {
        Reply[] replies = new Reply[10];
        java.util.Arrays.fill(replies, DONE);
        try (Recorded api = new Recorded(replies)) {
            TaskHandle task = new Client(api.url()).task("hello");
            ExecutionHandle run = new Client(api.url()).execution("e1");
            task.put(Map.of("queue", "q"), WriteOption.ifMatch(3), WriteOption.waitFor(Duration.ofMinutes(1)));
            task.put(Map.of("queue", "q"), WriteOption.onlyNew(), WriteOption.waitFor(Duration.ZERO), WriteOption.idempotencyKey("mine"));
            task.patch(java.util.Collections.singletonMap("title", null), WriteOption.ifMatch(4));
            task.delete(WriteOption.because("not needed"));
            task.pauseUntil(Instant.parse("2026-12-01T00:00:00Z"), WriteOption.because("r"));
            task.resumeWith("LAST");
            task.triggerAnyway(Map.of("a", 1));
            task.skipNext();
            run.cancel(WriteOption.because("r"));
            run.retry(new byte[] {(byte) 0xff});
            List<Asked> asked = api.asked();
            assertEquals(List.of("PUT tasks/default~hello {queue=q}", "PUT tasks/default~hello {queue=q}", "PATCH tasks/default~hello {title=null}",
                "DELETE tasks/default~hello null", "POST tasks/default~hello:pause {reason=r, until=2026-12-01T00:00:00Z}", "POST tasks/default~hello:resume {gap=LAST}",
                "POST tasks/default~hello:trigger {ignore_overlap=true, payload={\"a\":1}}", "POST tasks/default~hello:skip-next {}",
                "POST executions/e1:cancel {reason=r}", "POST executions/e1:retry {payload_base64=/w==}"),
                asked.stream().map(a -> a.method() + " " + a.target().split("\\?")[0].substring(4) + " " + a.body()).toList());
            assertEquals("\"3\"", asked.get(0).headers().getFirst("If-Match"));
            assertEquals("wait=60", asked.get(0).headers().getFirst("Prefer"));
            assertEquals("*", asked.get(1).headers().getFirst("If-None-Match"));
            assertNull(asked.get(1).headers().getFirst("Prefer"));
            assertEquals("wait=10", asked.get(2).headers().getFirst("Prefer"));
            assertEquals("application/merge-patch+json", asked.get(2).headers().getFirst("Content-Type"));
            assertTrue(asked.get(3).target().contains("reason=not%20needed"));
            List<String> keys = asked.stream().map(a -> a.headers().getFirst("Idempotency-Key")).toList();
            assertEquals("mine", keys.get(1));
            assertEquals(10, new HashSet<>(keys).size());
        }
    }

    @Test
    void whatYouWroteYouRead() throws IOException {
        Reply other = Reply.of(Map.of("command_id", "c2", "task_id", "other", "result", "ACCEPTED"));
        try (Recorded api = new Recorded(DONE, other, Reply.of(Map.of()), EMPTY, EMPTY)) {
            Client client = new Client(api.url());
            client.task("hello").put(Map.of());
            client.task("other").put(Map.of());
            client.tasks().stream().count();
            client.task("hello").upcoming();
            assertEquals(List.of("/v1/commands/c1?after_command=c1", "/v1/tasks?after_command=c2&limit=100", "/v1/tasks/default~hello/upcoming"), api.targets().subList(2, 5));
        }
    }

    @Test
    void whatManyWroteIsRememberedUpToALimit() {
        Unseen unseen = new Unseen();
        for (int i = 0; i <= Unseen.MOST; i++) {
            unseen.wrote("t" + i, "c" + i);
        }
        assertEquals(Unseen.MOST, unseen.of(null).size());
        assertEquals(List.of(), unseen.of("t0"));
    }

    // --- what goes wrong ---

    @Test
    void aWriteIsSentAgainUnderItsKeyWithPausesThatDouble() throws IOException {
        Paused time = new Paused();
        try (Recorded api = new Recorded(Recorded.BROKEN, Recorded.BROKEN, AWAY, DONE)) {
            assertEquals("e1", Client.builder().url(api.url()).time(time).build().task("hello").trigger("x").executionId());
            assertEquals(1, api.asked().stream().map(a -> a.headers().getFirst("Idempotency-Key")).distinct().count());
            assertEquals(4, api.asked().size());
        }
        assertTrue(time.pauses.get(0).toMillis() >= 100 && time.pauses.get(0).toMillis() <= 150, time.pauses.toString());
        assertTrue(time.pauses.get(1).toMillis() >= 200 && time.pauses.get(1).toMillis() <= 300, time.pauses.toString());
        assertEquals(Duration.ofSeconds(1), time.pauses.get(2));
    }

    @Test
    void anAnswerThatStopsInItsMiddleIsNotWaitedForForEver() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread stalls = new Thread(() -> stall(server));
            stalls.start();
            Client client = Client.builder().url("http://127.0.0.1:" + server.getLocalPort()).timeout(Duration.ofSeconds(1)).build();
            ApiException away = assertTimeoutPreemptively(Duration.ofSeconds(30), () -> assertThrows(ApiException.class, client::queues));
            assertEquals(0, away.status());
            assertTrue(away.detail().endsWith("request timed out"), away.detail());
            stalls.join(20_000);
            assertFalse(stalls.isAlive());
        }
    }

    /** Until whoever asked closes the connection. */
    private static void stall(ServerSocket server) {
        try (Socket socket = server.accept()) {
            socket.getOutputStream().write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".getBytes(US_ASCII));
            while (socket.getInputStream().read() >= 0) {
                continue;
            }
        } catch (IOException broken) {
            return;
        }
    }

    @Test
    void anApiThatStaysAwayIsToldWhenTheTimeIsOver() throws IOException {
        try (Recorded api = new Recorded(AWAY, AWAY, AWAY)) {
            Client client = Client.builder().url(api.url()).timeout(Duration.ofMillis(2500)).time(new Paused()).build();
            ApiException error = assertThrows(ApiException.class, () -> client.task("hello").get());
            assertEquals(503, error.status());
            assertEquals("Kafka cannot be asked yet", error.detail());
            assertEquals(3, api.asked().size());
        }
    }

    @Test
    void anApiThatDoesNotAnswerIsStatus0() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Client client = Client.builder().url("http://joe:secret@127.0.0.1:" + port + "/cron/").timeout(Duration.ofSeconds(1)).time(new Paused()).build();
        ApiException error = assertThrows(ApiException.class, () -> client.task("hello").get());
        assertEquals(0, error.status());
        assertNotNull(error.getCause());
        assertTrue(error.getMessage().startsWith("could not ask http://127.0.0.1:" + port + "/cron: "), error.getMessage());
        assertTrue(error.hint().endsWith("times; the API's address is the url, or CRONOBS_URL"), error.hint());
    }

    @Test
    void whatTheApiRefusesIsTold() throws IOException {
        Reply refused = new Reply(412, Map.of("title", "t", "detail", "the task is at revision 4", "code", "STALE_REVISION", "hint", "read it again"), Map.of());
        Reply wrong = new Reply(422, Map.of("title", "no such field", "pointer", "/schedules/0/expression", "column", 3), Map.of());
        try (Recorded api = new Recorded(refused, wrong, new Reply(418, "<html>a teapot</html>", Map.of()), new Reply(200, "<html>", Map.of()))) {
            Client client = new Client(api.url());
            ApiException error = assertThrows(ApiException.class, () -> client.task("hello").delete(WriteOption.ifMatch(3)));
            assertEquals("the task is at revision 4 (read it again)", error.getMessage());
            assertEquals("412 STALE_REVISION read it again null", error.status() + " " + error.code() + " " + error.hint() + " " + error.pointer());
            ApiException other = assertThrows(ApiException.class, () -> client.task("hello").put(Map.of()));
            assertEquals("no such field /schedules/0/expression 3", other.detail() + " " + other.pointer() + " " + other.column());
            assertEquals("not an answer of the API, but of status 418: <html>a teapot</html>", assertThrows(ApiException.class, () -> client.task("hello").get()).detail());
            assertEquals("not an answer of the API, but of status 200: <html>", assertThrows(ApiException.class, () -> client.task("hello").get()).detail());
        }
    }

    @Test
    void aProxyGetsItsUserAndItsToken() throws IOException {
        try (Recorded api = new Recorded(Reply.of(Map.of()))) {
            String url = api.url().replace("http://", "http://joe:s%40cret@") + "/cron/";
            Client.builder().url(url).header("X-Token", "t").build().task("hello").get();
            Asked asked = api.asked().get(0);
            assertEquals("/cron/v1/tasks/default~hello", asked.target());
            assertEquals("Basic am9lOnNAY3JldA==", asked.headers().getFirst("Authorization"));
            assertEquals("t", asked.headers().getFirst("X-Token"));
        }
    }

    @Test
    void aUrlThatIsNoneIsNamedWithoutItsPassword() {
        for (String url : List.of("ftp://joe:secret@x", "joe:secret@x", "http://joe:secret@x?q=1", "http://joe:se cret@x")) {
            String message = assertThrows(IllegalArgumentException.class, () -> new Client(url)).getMessage();
            assertTrue(message.matches("url: '.*x.*' is no address of an API; it is like http://127.0.0.1:8080"), message);
            assertTrue(!message.contains("cret"), message);
        }
    }
}
