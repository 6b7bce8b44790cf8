package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    private static final Map<String, Object> QUEUE = Map.of("queue", "reports");

    private static void refuses(String message, Map<String, Object> arguments, Map<String, String> environment) {
        assertEquals(message, assertThrows(SettingException.class, () -> Settings.resolve(arguments, environment)).getMessage());
    }

    @Test
    void whatNobodyGivesHasItsDefault() {
        Settings found = Settings.resolve(QUEUE, Map.of());
        assertEquals("127.0.0.1:9092", found.brokers());
        assertEquals("cronobs-work-reports", found.group());
        assertEquals(16, found.concurrency());
        assertEquals(25_000, found.drain());
        assertEquals(86_400_000, found.backlog());
        assertEquals(10_000, found.sessionTimeout());
        assertNull(found.instance());
        assertEquals(ProcessHandle.current().pid(), Long.parseLong(found.name().substring(found.name().indexOf('/') + 1)));
    }

    @Test
    void anArgumentCountsBeforeTheEnvironment() {
        Map<String, String> environment = Map.of("CRONOBS_QUEUE", "other", "CRONOBS_WORKER_CONCURRENCY", "8", "CRONOBS_WORKER_DRAIN", "1m",
            "CRONOBS_TOPIC_PREFIX", "test.", "CRONOBS_BROKERS", "");
        Settings found = Settings.resolve(Map.of("queue", "reports", "drain", Duration.ofSeconds(3)), environment);
        assertEquals("reports", found.queue());
        assertEquals(3_000, found.drain());
        assertEquals(8, found.concurrency());
        assertEquals("test-work-reports", found.group());
        assertEquals("127.0.0.1:9092", found.brokers());
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0s", "250ms, 250, 250ms", "90s, 90000, 1m30s", "1h30m, 5400000, 1h30m", "1d, 86400000, 1d", "2w, 1209600000, 14d"})
    void readsDurations(String text, long milliseconds, String shortest) {
        assertEquals(milliseconds, Durations.parse(text));
        assertEquals(shortest, Durations.text(milliseconds));
    }

    @ParameterizedTest
    @CsvSource({"5", "''", "1x", "s", "1s x", "-1s", "1.5s", "999999999999999999w"})
    void refusesWhatIsNoDuration(String text) {
        assertNull(Durations.parse(text));
    }

    @Test
    void aWrongSettingIsNamedWithItsValueItsLimitAndTheWayOut() {
        refuses("queue: none given; set CRONOBS_QUEUE, or Worker.builder().queue(\"reports\")", Map.of(), Map.of());
        refuses("queue: 'Reports' must be of a-z 0-9 . _ - and begin with a-z or 0-9", Map.of("queue", "Reports"), Map.of());
        refuses("queue: '" + "q".repeat(40) + "...' has 101 characters, the limit is 100", Map.of("queue", "q".repeat(101)), Map.of());
        refuses("concurrency: 0 is outside 1-1000", Map.of("queue", "q", "concurrency", 0), Map.of());
        refuses("CRONOBS_WORKER_CONCURRENCY: 'many' is not a whole number; give one from 1 to 1000", QUEUE, Map.of("CRONOBS_WORKER_CONCURRENCY", "many"));
        refuses("drain: PT-1S is outside 0s-1d", Map.of("queue", "q", "drain", Duration.ofSeconds(-1)), Map.of());
        refuses("CRONOBS_WORKER_DRAIN: 2d is outside 0s-1d", QUEUE, Map.of("CRONOBS_WORKER_DRAIN", "2d"));
        refuses("CRONOBS_KAFKA_SESSION_TIMEOUT: 'soon' is not a duration like 250ms, 90s, 1h30m or 1d", QUEUE, Map.of("CRONOBS_KAFKA_SESSION_TIMEOUT", "soon"));
        refuses("name: has 201 bytes, the limit is 200", Map.of("queue", "q", "name", "n".repeat(201)), Map.of());
        refuses("brokers: names and passwords do not belong there; give sasl.username and sasl.password in kafka",
            Map.of("queue", "q", "brokers", "joe:secret@broker:9092"), Map.of());
    }

    @Test
    void propertiesOfTheClientComeFromBothAndWhatAllWorkersDependOnIsRefused() {
        Settings found = Settings.resolve(Map.of("queue", "q", "kafka", Map.of("client.dns.lookup", "use_all_dns_ips")),
            Map.of("CRONOBS_KAFKA_SECURITY_PROTOCOL", "SSL", "CRONOBS_KAFKA_SESSION_TIMEOUT", "10s"));
        assertEquals(Map.of("client.dns.lookup", "use_all_dns_ips", "security.protocol", "SSL"), found.kafka());
        refuses("kafka: the property 'acks' may not be set; leave it out: all workers of a queue depend on it",
            Map.of("queue", "q", "kafka", Map.of("acks", "1")), Map.of());
        refuses("kafka: the property 'group.id' may not be set; give the setting group", QUEUE, Map.of("CRONOBS_KAFKA_GROUP_ID", "g"));
    }

    @Test
    void aLoginIsThatOfEveryLanguageAndIsNotShown() {
        Settings found = Settings.resolve(QUEUE,
            Map.of("CRONOBS_KAFKA_SASL_USERNAME", "joe", "CRONOBS_KAFKA_SASL_PASSWORD", "s\"cret", "CRONOBS_KAFKA_SASL_MECHANISMS", "SCRAM-SHA-512"));
        assertEquals(Map.of("sasl.mechanism", "SCRAM-SHA-512", "sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"joe\" password=\"s\\\"cret\";"), found.kafka());
        assertFalse(found.toString().contains("cret"));
        refuses("kafka: sasl.username and sasl.password go together", QUEUE, Map.of("CRONOBS_KAFKA_SASL_USERNAME", "joe"));
    }

    @Test
    void certificatesAreReadFromFiles(@TempDir Path folder) throws Exception {
        Path chain = Files.writeString(folder.resolve("chain.pem"), "CHAIN");
        Path key = Files.writeString(folder.resolve("key.pem"), "KEY");
        Map<String, String> found = Security.properties(
            Map.of("ssl.ca.location", "ca.pem", "ssl.certificate.location", chain.toString(), "ssl.key.location", key.toString()));
        assertEquals(Map.of("ssl.truststore.type", "PEM", "ssl.truststore.location", "ca.pem", "ssl.keystore.type", "PEM",
            "ssl.keystore.certificate.chain", "CHAIN", "ssl.keystore.key", "KEY"), found);
    }
}
