package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** With Kafka's own stand-in for its client, and an engine that tells the reader what to do. */
class QueueReaderTest {
    private static final Settings SETTINGS = Settings.resolve(Map.of("queue", "q", "brokers", "127.0.0.1:1"), Map.of());
    private static final Topics TOPICS = Topics.of(SETTINGS);
    private static final TopicPartition PLACE = new TopicPartition(TOPICS.queue(), 0);

    private static final MetricName ANSWERS = new MetricName("response-total", "consumer-metrics", "", Map.of());

    private final ListAppender<ILoggingEvent> words = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("cronobs");
    private final long began = System.nanoTime();
    private final LinkedBlockingQueue<Consumer<Engine>> mail = new LinkedBlockingQueue<>();
    private volatile double answers = 1; // that the client has had
    private final AtomicInteger unknown = new AtomicInteger(); // so often no position is known
    private final Client client = new Client();
    private final QueueReader reader = new QueueReader(SETTINGS, TOPICS, mail::add, new Notices(), () -> { }, () -> client);
    private final World world = new World(4, reader.commands::add);

    private final class Client extends MockConsumer<byte[], byte[]> {
        Client() {
            super("none");
            for (String topic : TOPICS.all()) {
                updatePartitions(topic, List.of(new PartitionInfo(topic, 0, Node.noNode(), new Node[0], new Node[0])));
            }
            updateBeginningOffsets(Map.of(PLACE, 0L));
            schedulePollTask(() -> rebalance(List.of(PLACE)));
        }

        @Override
        public synchronized Map<TopicPartition, OffsetAndMetadata> committed(Set<TopicPartition> places, Duration time) {
            return Map.of(PLACE, new OffsetAndMetadata(0));
        }

        @Override
        public synchronized Map<MetricName, ? extends Metric> metrics() {
            return Map.of(ANSWERS, new Metric() {
                @Override
                public MetricName metricName() {
                    return ANSWERS;
                }

                @Override
                public Object metricValue() {
                    return answers;
                }
            });
        }

        @Override
        public synchronized long position(TopicPartition place) {
            if (unknown.getAndUpdate(left -> Math.max(left - 1, 0)) > 0) {
                throw new TimeoutException("the leader has changed");
            }
            return super.position(place);
        }
    }

    /** The engine goes on until it is so. */
    private void runUntil(BooleanSupplier isSo) throws InterruptedException {
        while (!isSo.getAsBoolean()) {
            assertTrue(System.nanoTime() - began < 60 * Tick.SECOND, world.notices.toString());
            Consumer<Engine> next = mail.poll(20, TimeUnit.MILLISECONDS);
            world.engine.tick = System.nanoTime() - began;
            if (next != null) {
                next.accept(world.engine);
            }
            world.engine.step();
        }
    }

    @BeforeEach
    void listen() {
        words.list = new CopyOnWriteArrayList<>();
        words.start();
        logger.addAppender(words);
    }

    @AfterEach
    void leave() throws InterruptedException {
        world.engine.drain();
        runUntil(world.engine::hasLeft);
        reader.join(20_000);
        assertFalse(reader.isAlive());
        logger.detachAppender(words);
    }

    private boolean hasSaid(String word) {
        return words.list.stream().anyMatch(said -> said.getFormattedMessage().equals(word));
    }

    @Test
    void aPositionThatIsNotKnownForAWhileBreaksNothing() throws InterruptedException {
        unknown.set(3);
        world.engine.controlIsRead();
        reader.start();
        runUntil(() -> unknown.get() == 0);
        client.schedulePollTask(() -> client.addRecord(new ConsumerRecord<>(TOPICS.queue(), 0, 0, null, Codec.encode(World.execution()))));
        runUntil(() -> !world.sent.isEmpty());
        assertFalse(world.engine.isBroken());
        world.acknowledge();
    }

    @Test
    void whoWaitsWhileTheBrokersAreAwaySaysSoAndThatTheyAreBack() throws InterruptedException {
        world.engine.controlIsRead();
        reader.start();
        runUntil(() -> hasSaid("waiting for the brokers 127.0.0.1:1: they do not answer any more"));
        assertFalse(hasSaid("the brokers 127.0.0.1:1 answer again"));
        answers = 2;
        runUntil(() -> hasSaid("the brokers 127.0.0.1:1 answer again"));
    }
}
