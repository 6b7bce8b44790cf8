package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;

class ClientsTest {
    private static final Settings SETTINGS = Settings.resolve(Map.of("queue", "q"), Map.of());

    @Test
    void whatIsReadIsCheckedByItsSum() {
        for (Map<String, Object> reader : List.of(Clients.member(SETTINGS), Clients.lone(SETTINGS, "control", Clients.COMMITTED))) {
            assertTrue(new ConsumerConfig(reader).getBoolean(ConsumerConfig.CHECK_CRCS_CONFIG));
        }
    }

    @Test
    void whatWentWrongIsToldInTheSameWordsEachTime() {
        String late = "no answer of the brokers in time";
        assertEquals(late, Clients.why(new TimeoutException("after 30003 ms")));
        assertEquals(late, Clients.why(new KafkaException("outside", new TimeoutException("after 30004 ms"))));
        assertEquals("UnknownTopicOrPartitionException: gone",
            Clients.why(new TimeoutException("after 2000 ms", new UnknownTopicOrPartitionException("gone"))));
        assertEquals("IllegalStateException: odd", Clients.why(new IllegalStateException("odd")));
    }
}
