package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.junit.jupiter.api.Test;

class SilenceTest {
    private final Silence silence = new Silence();
    private long tick = 7 * Tick.SECOND;

    private Silence.Word after(int seconds, double answers) {
        tick += seconds * Tick.SECOND;
        return silence.look(answers, tick);
    }

    @Test
    void whoAnswersIsThere() {
        for (int second = 0; second < 100; second++) {
            assertEquals(Silence.Word.NONE, after(1, second / 2));
        }
    }

    @Test
    void whoDoesNotIsAwayAndThenBack() {
        assertEquals(Silence.Word.NONE, after(0, 5));
        for (int second = 1; second < 12; second++) {
            assertEquals(Silence.Word.NONE, after(1, 5));
        }
        assertEquals(Silence.Word.AWAY, after(1, 5));
        assertEquals(Silence.Word.AWAY, after(1, 5));
        assertEquals(Silence.Word.BACK, after(1, 6));
        assertEquals(Silence.Word.NONE, after(1, 6));
    }

    @Test
    void timeInWhichNobodyListenedDoesNotCount() {
        assertEquals(Silence.Word.NONE, after(0, 5));
        assertEquals(Silence.Word.NONE, after(3600, 5));
        assertEquals(Silence.Word.NONE, after(3600, 5));
    }

    /** Not of the test's own making, since the reader goes by its name. */
    @Test
    void theClientCountsAnswers() {
        Settings settings = Settings.resolve(Map.of("queue", "q", "brokers", "127.0.0.1:1"), Map.of());
        try (KafkaConsumer<byte[], byte[]> client = Clients.consumer(Clients.member(settings))) {
            assertNotNull(Clients.answers(client));
            assertEquals(0.0, Clients.answers(client).metricValue());
        }
    }
}
