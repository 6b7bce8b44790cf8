package io.cronobs.worker;

import io.cronobs.worker.Engine.Stored;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.RetriableCommitFailedException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.CoordinatorLoadInProgressException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.NotCoordinatorException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.event.Level;

/**
 * Reads the queue, as a member of the workers' group: one command of the engine after the other. Nothing here decides.
 *
 * <p>Of Kafka's consumer is known: it does the group's work in poll, where the listener is called, too; a partition that it is assigned it reads from the
 * group's position at once, and fails where there is none, so it is paused at the beginning until the engine has said where to begin; commitSync
 * repeats what had no answer, and what is refused then may have been made before, so a position is committed by commitAsync, once, and its answer is
 * waited for.
 */
final class QueueReader extends BusThread implements ConsumerRebalanceListener {
    private static final Duration ASK = Duration.ofSeconds(2); // that a question to the brokers may take
    private static final Duration CLOSE = Duration.ofSeconds(3); // that leaving the group may take
    private static final Duration LET_GO = Duration.ofSeconds(3); // more than the engine takes, unless it has ended
    private static final Duration AGAIN = Duration.ofSeconds(1); // before brokers and topics are looked for again
    private static final Duration MISHAP = Duration.ofMillis(200); // before it polls again
    private static final long COMMIT = 2 * Tick.SECOND; // that the answer to a commit is waited for

    /** Answers by which nothing was committed. */
    private static final List<Class<? extends KafkaException>> REFUSALS = List.of(CommitFailedException.class, RebalanceInProgressException.class,
        FencedInstanceIdException.class, AuthorizationException.class, NotCoordinatorException.class, CoordinatorLoadInProgressException.class);

    final LinkedBlockingQueue<Command> commands = new LinkedBlockingQueue<>();

    private final Settings settings;
    private final Topics topics;
    private final Notices notices;
    private final Runnable onTopics;
    private final Supplier<Consumer<byte[], byte[]>> opens;
    private Consumer<byte[], byte[]> consumer;
    private Metric answers; // that it has had; null: it does not count them
    private final Silence silence = new Silence();
    private final Set<TopicPartition> reading = new HashSet<>(); // what is read
    private final ArrayDeque<Message> early = new ArrayDeque<>(); // more than there was room for
    private boolean isPaused;
    private boolean isStoring; // the engine waits for the answer to a commit
    private Throwable refusal; // the answer; null: it was made
    private boolean isAnswered;
    private int storing; // which commit it is: late answers to others are nobody's
    private long storeUntil;

    /** onTopics: is called when the topics are there; opens: a member of the group, which resolves the brokers' names. */
    QueueReader(Settings settings, Topics topics, Post post, Notices notices, Runnable onTopics, Supplier<Consumer<byte[], byte[]>> opens) {
        super("cronobs-queue", post);
        this.settings = settings;
        this.topics = topics;
        this.notices = notices;
        this.onTopics = onTopics;
        this.opens = opens;
    }

    @Override
    void work() throws InterruptedException {
        if (awaitTopics()) {
            onTopics.run();
            consumer.subscribe(List.of(topics.queue()), this);
            for (Command command = commands.take(); !(command instanceof Command.Leave); command = commands.take()) {
                obey(command);
            }
        }
    }

    @Override
    void over() {
        try {
            if (consumer != null) {
                consumer.close(CloseOptions.timeout(CLOSE));
            }
        } catch (KafkaException failed) {
            notices.say(Level.WARN, "could not leave the group: " + Clients.why(failed));
        } finally {
            post.post(Engine::left);
        }
    }

    private void obey(Command command) throws InterruptedException {
        if (command instanceof Command.Read read) {
            read(read);
        } else if (command instanceof Command.Store store) {
            store(store);
        } else if (command instanceof Command.Locate locate) {
            locate(locate);
        } else if (command instanceof Command.Begin begin) {
            begin(begin);
        }
    }

    // --- starting ---

    /** False: the worker is to end before they were there. */
    private boolean awaitTopics() throws InterruptedException {
        for (String why = lookAtTopics(); why != null; why = lookAtTopics()) {
            notices.say(Level.WARN, why);
            if (commands.poll(AGAIN.toMillis(), TimeUnit.MILLISECONDS) != null) {
                return false; // there is nothing else to be told yet
            }
        }
        return true;
    }

    private String lookAtTopics() {
        Map<String, Integer> counts = new HashMap<>();
        try {
            if (consumer == null) {
                consumer = opens.get();
                answers = Clients.answers(consumer);
            }
            for (String topic : topics.all()) {
                counts.put(topic, consumer.partitionsFor(topic, ASK).size());
            }
        } catch (KafkaException failed) {
            return "waiting for the brokers " + settings.brokers() + ": " + Clients.why(failed);
        }
        for (String topic : topics.all()) {
            if (counts.get(topic) == 0) {
                return topic.equals(topics.queue())
                    ? "waiting for the queue: there is no topic " + topic + " yet"
                    : "there is no topic " + topic + ": run `cronobs topics apply`";
            }
        }
        post.post(engine -> engine.started(counts.get(topics.status()), counts.get(topics.queue())));
        return null;
    }

    // --- the assignment ---

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        forget();
        partitions.forEach(partition -> consumer.seek(partition, 0));
        consumer.pause(partitions); // until it is known from where it is read
        List<Integer> numbers = partitions.stream().map(TopicPartition::partition).toList();
        post.post(engine -> engine.assigned(numbers));
    }

    /** The answer to a commit that is on its way comes first. */
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        finishStoring();
        letGo();
        forget();
    }

    /** While this waits the group does, too: what lies here is nobody else's yet. */
    private void letGo() {
        CountDownLatch isOver = new CountDownLatch(1);
        post.post(engine -> engine.revoking(isOver::countDown));
        try {
            isOver.await(LET_GO.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException nobody) { // has a reason to
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        finishStoring();
        forget();
        post.post(Engine::lost);
    }

    private void finishStoring() {
        if (isStoring) {
            hearAnswer();
            tellStored();
        }
    }

    /** A commit waits until the coordinator is known, and only then counts as under way: so that is asked for something, too. */
    private void hearAnswer() {
        try {
            awaitAnswers();
            if (!isAnswered && System.nanoTime() < storeUntil) {
                consumer.committed(Set.of(place(0)), left());
                awaitAnswers();
            }
        } catch (KafkaException failed) {
            notices.say(Level.WARN, "could not wait for the answer to a commit: " + Clients.why(failed));
        }
    }

    private void awaitAnswers() {
        if (!isAnswered && System.nanoTime() < storeUntil) {
            consumer.commitSync(Map.of(), left()); // of nothing: it waits for the answers to those before
        }
    }

    private Duration left() {
        return Duration.ofNanos(Math.max(storeUntil - System.nanoTime(), 1));
    }

    private void forget() {
        reading.clear();
        early.clear();
        isPaused = false;
    }

    private TopicPartition place(int partition) {
        return new TopicPartition(topics.queue(), partition);
    }

    // --- where to begin ---

    private void locate(Command.Locate command) {
        try {
            List<Spot> found = spots(command.partitions());
            post.post(engine -> engine.located(found));
        } catch (KafkaException failed) {
            String why = "could not ask for the group's positions: " + Clients.why(failed);
            post.post(engine -> engine.notLocated(why));
        }
    }

    private List<Spot> spots(Map<Integer, Boolean> partitions) {
        Set<TopicPartition> asked = new HashSet<>();
        partitions.forEach((partition, isLost) -> {
            if (!isLost) {
                asked.add(place(partition));
            }
        });
        Map<TopicPartition, OffsetAndMetadata> stored = asked.isEmpty() ? Map.of() : consumer.committed(asked, ASK);
        long since = Math.max(System.currentTimeMillis() - settings.backlog(), 0);
        Map<TopicPartition, Long> lacking = new HashMap<>();
        for (int partition : partitions.keySet()) {
            if (stored.get(place(partition)) == null) {
                lacking.put(place(partition), since);
            }
        }
        Map<TopicPartition, OffsetAndTimestamp> oldest = lacking.isEmpty() ? Map.of() : consumer.offsetsForTimes(lacking, ASK);
        return partitions.keySet().stream().map(partition -> spot(partition, stored.get(place(partition)), oldest.get(place(partition)))).toList();
    }

    private static Spot spot(int partition, OffsetAndMetadata stored, OffsetAndTimestamp oldest) {
        return new Spot(partition, stored == null ? null : (Long) stored.offset(), oldest == null ? null : (Long) oldest.offset());
    }

    private void begin(Command.Begin command) {
        String why = null;
        try {
            command.offsets().forEach(this::begin);
        } catch (KafkaException | IllegalStateException failed) { // of an assignment that is over, too
            why = "could not begin to read: " + Clients.why(failed);
        }
        String wrong = why;
        post.post(engine -> engine.began(wrong, command.offsets()));
    }

    private void begin(int partition, Long offset) {
        TopicPartition place = place(partition);
        early.removeIf(message -> message.partition() == partition);
        if (offset == null) {
            consumer.seekToBeginning(List.of(place));
        } else {
            consumer.seek(place, offset);
        }
        reading.add(place);
        if (!isPaused) {
            consumer.resume(List.of(place));
        }
    }

    // --- reading ---

    private void read(Command.Read command) throws InterruptedException {
        boolean isFull = command.room() <= early.size();
        setPaused(isFull);
        poll(Duration.ofMillis(isFull || !early.isEmpty() ? 0 : command.waitMs()));
        List<Message> messages = new ArrayList<>();
        while (messages.size() < command.room() && !early.isEmpty()) {
            messages.add(early.poll());
        }
        Map<Integer, Long> ends = early.isEmpty() ? ends() : Map.of();
        post.post(engine -> engine.fetched(messages, ends));
    }

    private void poll(Duration wait) throws InterruptedException {
        listen();
        carefully(() -> consumer.poll(wait).forEach(message -> early.add(message(message))));
    }

    /** Whoever waits for executions hears nothing else of brokers that are away: the client looks for them without an end, and throws nothing. */
    private void listen() {
        if (answers == null) {
            return;
        }
        switch (silence.look((double) answers.metricValue(), System.nanoTime())) {
            case AWAY -> notices.say(Level.WARN, "waiting for the brokers " + settings.brokers() + ": they do not answer any more");
            case BACK -> notices.say(Level.INFO, "the brokers " + settings.brokers() + " answer again");
            case NONE -> { }
        }
    }

    /** What the client throws is told, and the next poll tries again. */
    private void carefully(Runnable call) throws InterruptedException {
        try {
            call.run();
        } catch (InvalidOffsetException lost) {
            notices.say(Level.WARN, "could not read " + topics.queue() + ": " + Clients.why(lost));
            lost.partitions().forEach(this::lose);
        } catch (FencedInstanceIdException fenced) {
            fenced(fenced);
            TimeUnit.NANOSECONDS.sleep(MISHAP.toNanos());
        } catch (KafkaException failed) {
            notices.say(Level.WARN, "could not read " + topics.queue() + ": " + Clients.why(failed));
            TimeUnit.NANOSECONDS.sleep(MISHAP.toNanos());
        }
    }

    private void fenced(Throwable why) {
        String text = "another process has the instance '" + settings.instance() + "': " + why.getMessage();
        post.post(engine -> engine.broke(text));
    }

    private void lose(TopicPartition place) {
        reading.remove(place);
        consumer.pause(List.of(place));
        consumer.seek(place, 0);
        post.post(engine -> engine.positionLost(place.partition()));
    }

    /** Where the end of what may be read is reached, as far as the client knows. */
    private Map<Integer, Long> ends() throws InterruptedException {
        Map<Integer, Long> found = new HashMap<>();
        carefully(() -> reading.forEach(place -> {
            if (consumer.currentLag(place).orElse(1) == 0) {
                addPosition(place, found);
            }
        }));
        return found;
    }

    /** Not while the client makes sure of it, as after a leader of the partition has gone: that may take as long as the brokers are away. */
    private void addPosition(TopicPartition place, Map<Integer, Long> found) {
        try {
            found.put(place.partition(), consumer.position(place, Duration.ZERO));
        } catch (TimeoutException notNow) {
            return;
        }
    }

    private void setPaused(boolean paused) {
        if (paused != isPaused) {
            isPaused = paused;
            if (paused) {
                consumer.pause(reading);
            } else {
                consumer.resume(reading);
            }
        }
    }

    static Message message(ConsumerRecord<byte[], byte[]> record) {
        var header = record.headers().lastHeader("traceparent");
        String traceparent = header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.US_ASCII);
        return new Message(record.partition(), record.offset(), record.timestamp() * 1000, record.value(), traceparent);
    }

    // --- positions ---

    private void store(Command.Store command) throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        command.positions().forEach((partition, position) -> positions.put(place(partition), new OffsetAndMetadata(position)));
        isStoring = true;
        isAnswered = false;
        refusal = null;
        storeUntil = System.nanoTime() + COMMIT;
        int number = ++storing;
        setPaused(true); // what is read meanwhile would lie about
        try {
            consumer.commitAsync(positions, (places, thrown) -> answer(number, thrown));
        } catch (KafkaException failed) {
            answer(number, failed);
        }
        while (isStoring && !isAnswered && System.nanoTime() < storeUntil) {
            poll(Duration.ofMillis(1)); // its answer comes in there, and so may the end of the assignment
        }
        if (isStoring) {
            tellStored();
        }
    }

    private void answer(int number, Throwable thrown) {
        if (number == storing && isStoring) {
            isAnswered = true;
            refusal = thrown;
        }
    }

    private void tellStored() {
        isStoring = false;
        Stored how = !isAnswered ? Stored.UNANSWERED : refusal == null ? Stored.MADE : isRefused(refusal) ? Stored.REFUSED : Stored.UNANSWERED;
        String why = !isAnswered ? "no answer within 2 s" : refusal == null ? null : Clients.why(refusal);
        if (refusal instanceof FencedInstanceIdException) {
            fenced(refusal);
        }
        post.post(engine -> engine.stored(how, why));
    }

    /** Was it certainly not made? */
    private static boolean isRefused(Throwable thrown) {
        Throwable answer = thrown instanceof RetriableCommitFailedException ? thrown.getCause() : thrown;
        return REFUSALS.stream().anyMatch(refusal -> refusal.isInstance(answer));
    }
}
