package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;

/** Nobody answers at these brokers' address. */
class SenderTest {
    private static final Output OUTPUT = new Output(Topic.STATUS, 0, "key", new byte[] {1});

    private static Sender sender(Sender.Answers answers, Map<String, String> kafka) {
        Settings settings = Settings.resolve(Map.of("queue", "q", "brokers", "127.0.0.1:1", "kafka", kafka), Map.of());
        return new Sender(settings, Topics.of(settings), answers);
    }

    /** Its send throws what no client should. */
    public static final class Broken implements ProducerInterceptor<String, byte[]> {
        @Override
        public ProducerRecord<String, byte[]> onSend(ProducerRecord<String, byte[]> message) {
            throw new NoClassDefFoundError("lost");
        }

        @Override
        public void onAcknowledgement(RecordMetadata place, Exception thrown) {
            // nothing to do
        }

        @Override
        public void close() {
            // nothing is open
        }

        @Override
        public void configure(Map<String, ?> properties) {
            // none of its own
        }
    }

    @Test
    void whateverTheClientThrowsIsAnAnswer() throws Exception {
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        Sender sender = sender((run, isBeat, error, isHopeless) -> heard.add(error), Map.of("interceptor.classes", Broken.class.getName()));
        for (int time = 0; time < 2; time++) {
            sender.send(OUTPUT, null);
            assertEquals("NoClassDefFoundError: lost", heard.poll(20, TimeUnit.SECONDS));
        }
        sender.stop();
        sender.join(20_000);
    }

    @Test
    void whoIsStoppedWhileItWaitsForTheBrokersEndsInSilence() throws Exception {
        List<Throwable> thrown = new CopyOnWriteArrayList<>();
        var before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, why) -> thrown.add(why));
        try {
            Sender sender = sender((run, isBeat, error, isHopeless) -> { }, Map.of());
            sender.send(OUTPUT, null);
            awaitWaiting();
            sender.stop();
            sender.join(20_000);
            assertFalse(isThere("cronobs-sender", ""));
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
        assertEquals(List.of(), thrown);
    }

    private static void awaitWaiting() {
        boolean isThere = false;
        for (long until = System.nanoTime() + 20 * Tick.SECOND; !isThere && System.nanoTime() < until; Thread.onSpinWait()) {
            isThere = isThere("cronobs-sender", "awaitUpdate");
        }
        assertTrue(isThere);
    }

    /** Is there such a thread, and in that method? method "": in any. */
    private static boolean isThere(String thread, String method) {
        return Thread.getAllStackTraces().entrySet().stream().anyMatch(each -> each.getKey().getName().equals(thread)
            && (method.isEmpty() || Arrays.stream(each.getValue()).anyMatch(frame -> frame.getMethodName().equals(method))));
    }
}
