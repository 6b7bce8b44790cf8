package io.cronobs.worker;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's clients, and their properties: those of the settings may be added to, but none of these may be changed by them. */
final class Clients {
    static final String COMMITTED = "read_committed";
    static final String UNCOMMITTED = "read_uncommitted";
    static final int BATCH = 500; // messages that one poll gives

    private static final int HEARTBEAT_MS = 2000;

    private Clients() {}

    // --- properties ---

    private static Map<String, Object> common(Settings settings, String role) {
        Map<String, Object> found = new HashMap<>();
        found.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, 50);
        found.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
        found.put(CommonClientConfigs.RETRY_BACKOFF_MS_CONFIG, 50);
        found.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, 10_000); // so long a question waits for a broker that hangs
        found.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, ""); // nobody asked for any
        found.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
        found.putAll(settings.kafka());
        found.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, settings.brokers());
        found.put(CommonClientConfigs.CLIENT_ID_CONFIG, (settings.instance() == null ? settings.name() : settings.instance()) + "-" + role);
        return found;
    }

    private static Map<String, Object> reader(Settings settings, String role, String isolation) {
        Map<String, Object> found = common(settings, role);
        found.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100);
        found.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, BATCH);
        found.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        found.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        found.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation);
        found.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        found.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        return found;
    }

    /** Of the queue's reader, a member of the workers' group. */
    static Map<String, Object> member(Settings settings) {
        Map<String, Object> found = reader(settings, "queue", COMMITTED);
        found.put(ConsumerConfig.GROUP_ID_CONFIG, settings.group());
        found.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        found.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, RangeAssignor.class.getName());
        found.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) settings.sessionTimeout());
        found.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, (int) Math.min(HEARTBEAT_MS, settings.sessionTimeout() / 3));
        found.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none"); // a lost position is never guessed
        if (settings.instance() != null) {
            found.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, settings.instance());
        }
        return found;
    }

    /** Of a reader without a group. */
    static Map<String, Object> lone(Settings settings, String role, String isolation) {
        Map<String, Object> found = reader(settings, role, isolation);
        found.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return found;
    }

    static Map<String, Object> producer(Settings settings) {
        Map<String, Object> found = common(settings, "sender");
        found.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 1);
        found.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        found.put(ProducerConfig.ACKS_CONFIG, "all");
        found.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
        found.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 2000); // that the sender's thread may be held
        found.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, 86_400_000); // it is known where topics lie, also after an idle night
        found.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, StringSerializer.class);
        found.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        return found;
    }

    // --- clients ---

    /** Throws SettingException where a client would refuse its properties. No name is resolved, and no broker asked. */
    static void check(Settings settings) {
        try {
            new ConsumerConfig(member(settings));
            new ProducerConfig(producer(settings));
        } catch (KafkaException wrong) {
            throw new SettingException("kafka: " + wrong.getMessage());
        }
    }

    static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> properties) {
        return new KafkaConsumer<>(properties);
    }

    static KafkaProducer<String, byte[]> newProducer(Settings settings) {
        return new KafkaProducer<>(producer(settings));
    }

    /** So many answers has a client had of the brokers; null: it does not count them. */
    static Metric answers(Consumer<?, ?> consumer) {
        for (Map.Entry<MetricName, ? extends Metric> each : consumer.metrics().entrySet()) {
            if (each.getKey().group().equals("consumer-metrics") && each.getKey().name().equals("response-total")) {
                return each.getValue();
            }
        }
        return null;
    }

    /** What went wrong, without what makes each time another text of it. */
    static String why(Throwable thrown) {
        Throwable cause = thrown.getCause() instanceof KafkaException deeper ? deeper : thrown;
        if (cause instanceof TimeoutException) {
            return "no answer of the brokers in time";
        }
        return cause.getClass().getSimpleName() + ": " + cause.getMessage();
    }
}
