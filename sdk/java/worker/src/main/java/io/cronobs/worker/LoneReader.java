package io.cronobs.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.event.Level;

/** Reads partitions of a topic without a group. */
abstract class LoneReader extends BusThread {
    static final Duration ASK = Duration.ofSeconds(2); // that a question to the brokers may take

    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration CLOSE = Duration.ofSeconds(1);

    final Settings settings;
    final Notices notices;
    private final CountDownLatch stops = new CountDownLatch(1);
    private volatile KafkaConsumer<byte[], byte[]> consumer;

    private LoneReader(String role, Settings settings, Post post, Notices notices) {
        super("cronobs-" + role, post);
        this.settings = settings;
        this.notices = notices;
    }

    /** It ends soon. Any thread. */
    final void end() {
        stops.countDown();
        KafkaConsumer<byte[], byte[]> waits = consumer;
        if (waits != null) {
            waits.wakeup();
        }
    }

    final boolean isStopped() {
        return stops.getCount() == 0;
    }

    final void rest(Duration time) throws InterruptedException {
        stops.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** What is done with a consumer; it is closed behind that. */
    interface Use {
        void with(KafkaConsumer<byte[], byte[]> consumer);
    }

    final void use(String role, String isolation, Use use) {
        KafkaConsumer<byte[], byte[]> opened = Clients.consumer(Clients.lone(settings, role, isolation));
        consumer = opened;
        try {
            use.with(opened);
        } catch (WakeupException told) {
            if (!isStopped()) {
                throw told;
            }
        } finally {
            consumer = null;
            opened.close(CloseOptions.timeout(CLOSE));
        }
    }

    static List<Message> poll(KafkaConsumer<byte[], byte[]> consumer) {
        List<Message> found = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(POLL)) {
            found.add(QueueReader.message(message));
        }
        return found;
    }

    /**
     * How many partitions a topic has. 0: that is not to be learned within two seconds, and why is told. A reader asks: where brokers make topics by
     * themselves, they would for a producer.
     */
    static int countPartitions(Settings settings, String topic, Notices notices) {
        try (KafkaConsumer<byte[], byte[]> asks = Clients.consumer(Clients.lone(settings, "partitions", Clients.COMMITTED))) {
            int count = asks.partitionsFor(topic, ASK).size();
            if (count == 0) {
                notices.say(Level.WARN, "there is no topic " + topic + ": run `cronobs topics apply`");
            }
            return count;
        } catch (KafkaException failed) {
            notices.say(Level.WARN, "waiting for the brokers " + settings.brokers() + ": " + Clients.why(failed));
            return 0;
        }
    }

    /** What the scheduler has to say to workers, from the beginning and for as long as the worker lives. */
    static final class Control extends LoneReader {
        private static final Duration AGAIN = Duration.ofSeconds(1);

        private final TopicPartition place;
        private boolean isRead; // to its end, once

        Control(Settings settings, Topics topics, Post post, Notices notices) {
            super("control", settings, post, notices);
            this.place = new TopicPartition(topics.control(), 0);
        }

        @Override
        void work() throws InterruptedException {
            while (!isStopped()) {
                try {
                    use("control", Clients.COMMITTED, this::readAll);
                } catch (KafkaException failed) {
                    notices.say(Level.WARN, "could not read " + place.topic() + ": " + Clients.why(failed));
                    rest(AGAIN);
                }
            }
        }

        private void readAll(KafkaConsumer<byte[], byte[]> consumer) {
            consumer.assign(List.of(place));
            long end = consumer.endOffsets(List.of(place), ASK).get(place);
            while (!isStopped()) {
                List<Message> messages = poll(consumer);
                if (!messages.isEmpty()) {
                    post.post(engine -> engine.signalled(messages));
                }
                if (!isRead && consumer.position(place, ASK) >= end) {
                    isRead = true;
                    post.post(Engine::controlIsRead);
                }
            }
        }
    }

    /**
     * Partitions of status from an instant to their ends, uncommitted: workers use no transactions, and somebody else's open one must not hide what they
     * have said.
     */
    static final class Scan extends LoneReader {
        private final int number;
        private final List<TopicPartition> places;
        private final long since;

        Scan(Settings settings, Topics topics, Post post, Notices notices, int number, Collection<Integer> partitions, long since) {
            super("status", settings, post, notices);
            this.number = number;
            this.places = partitions.stream().map(partition -> new TopicPartition(topics.status(), partition)).toList();
            this.since = since;
        }

        @Override
        void work() {
            try {
                use("status", Clients.UNCOMMITTED, this::readAll);
            } catch (KafkaException failed) {
                String why = "could not look through status: " + Clients.why(failed);
                post.post(engine -> engine.notScanned(number, why));
            }
        }

        private void readAll(KafkaConsumer<byte[], byte[]> consumer) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(places, ASK);
            Map<TopicPartition, Long> wanted = new HashMap<>();
            places.forEach(place -> wanted.put(place, since / 1000));
            Map<TopicPartition, Long> starts = new HashMap<>();
            consumer.offsetsForTimes(wanted, ASK).forEach((place, found) -> {
                if (found != null && found.offset() < ends.get(place)) {
                    starts.put(place, found.offset());
                }
            });
            consumer.assign(starts.keySet());
            starts.forEach(consumer::seek);
            Set<TopicPartition> left = new HashSet<>(starts.keySet());
            while (!left.isEmpty() && !isStopped()) {
                List<Engine.Reported> reports = reportsOf(poll(consumer));
                post.post(engine -> engine.reported(number, reports));
                left.removeIf(place -> consumer.position(place, ASK) >= ends.get(place));
            }
            if (!isStopped()) {
                post.post(engine -> engine.scanned(number));
            }
        }

        private static List<Engine.Reported> reportsOf(List<Message> messages) {
            List<Engine.Reported> reports = new ArrayList<>();
            for (Message message : messages) {
                try {
                    reports.add(new Engine.Reported(Codec.decodeStatus(message.value()), message.partition(), message.offset(), message.at()));
                } catch (Malformed other) {
                    continue; // it says nothing of ours
                }
            }
            return reports;
        }
    }
}
