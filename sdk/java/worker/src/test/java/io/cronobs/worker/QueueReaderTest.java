package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** With Kafka's own stand-in for its client, and an engine that tells the reader what to do. */
class QueueReaderTest {
    private static final Settings SETTINGS = Settings.resolve(Map.of("queue", "q", "brokers", "127.0.0.1:1"), Map.of());
    private static final Topics TOPICS = Topics.of(SETTINGS);
    private static final TopicPartition PLACE = new TopicPartition(TOPICS.queue(), 0);

    private final long began = System.nanoTime();
    private final LinkedBlockingQueue<Consumer<Engine>> mail = new LinkedBlockingQueue<>();
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
            assertTrue(System.nanoTime() - began < 30 * Tick.SECOND, world.notices.toString());
            Consumer<Engine> next = mail.poll(20, TimeUnit.MILLISECONDS);
            world.engine.tick = System.nanoTime() - began;
            if (next != null) {
                next.accept(world.engine);
            }
            world.engine.step();
        }
    }

    @AfterEach
    void leave() throws InterruptedException {
        world.engine.drain();
        runUntil(world.engine::hasLeft);
        reader.join(20_000);
        assertFalse(reader.isAlive());
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
}
