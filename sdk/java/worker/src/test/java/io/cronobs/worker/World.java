package io.cronobs.worker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.event.Level;

/** An engine, and a world around it that does nothing by itself: the test plays brokers, readers and handlers. */
final class World implements Port {
    record Sent(Output output, Run run) {}

    static final long SESSION = 45_000;

    final Engine engine;
    final List<Command> commands = new ArrayList<>();
    private final Consumer<Command> reader;
    final List<Sent> sent = new ArrayList<>(); // not answered yet
    final List<Run> begun = new ArrayList<>();
    final List<Run> told = new ArrayList<>();
    final List<String> notices = new ArrayList<>();
    final List<Integer> scans = new ArrayList<>(); // of status
    private int next; // offset in partition 0

    World(int concurrency) {
        this(concurrency, null);
        engine.started(1, 1);
        engine.controlIsRead();
        engine.step();
    }

    /** reader: takes its commands; null: the test does. */
    World(int concurrency, Consumer<Command> reader) {
        this.reader = reader == null ? commands::add : reader;
        engine = new Engine(new Limits("q", "control", "g", concurrency, 86_400_000, 25_000, SESSION, true), "me", Ids.random(), this, new Room(Room.UNSENT_MAX));
        engine.now = 1_700_000_000_000_000L;
    }

    // --- what the engine does ---

    @Override
    public void read(Command command) {
        reader.accept(command);
    }

    @Override
    public void scan(int scan, Collection<Integer> partitions, long since) {
        scans.add(scan);
    }

    @Override
    public void stopScan() {
        // nothing is looked through
    }

    @Override
    public void send(Output output, Run run) {
        sent.add(new Sent(output, run));
    }

    @Override
    public void start(List<Run> runs) {
        begun.addAll(runs);
    }

    @Override
    public void tell(Run run) {
        told.add(run);
    }

    @Override
    public void close(Run run) {
        // no handler is there
    }

    @Override
    public void notice(Level level, String text) {
        notices.add(level + " " + text);
    }

    // --- what a test does ---

    /** So many milliseconds later. */
    void pass(long milliseconds) {
        engine.tick += milliseconds * 1_000_000;
        engine.now += milliseconds * 1000;
        engine.step();
    }

    /** The reader has partition 0, with that position. stored null: the group has none. */
    void assign(Long stored) {
        locate(stored);
        if (stored == null) {
            engine.scanned(scans.get(scans.size() - 1));
            engine.step();
        }
        Command.Begin begin = (Command.Begin) last();
        engine.began(null, begin.offsets());
        engine.step();
    }

    /** Begins to. */
    void locate(Long stored) {
        next = stored == null ? 0 : stored.intValue();
        answerRead();
        engine.assigned(List.of(0));
        engine.step();
        answerRead();
        engine.located(List.of(new Spot(0, stored, stored == null ? 0L : null)));
        engine.step();
    }

    Command last() {
        return commands.get(commands.size() - 1);
    }

    private void answerRead() {
        if (!commands.isEmpty() && last() instanceof Command.Read) {
            engine.fetched(List.of(), Map.of());
            engine.step();
        }
    }

    static Execution execution() {
        Execution execution = new Execution();
        execution.executionId = Ids.random();
        execution.taskId = Ids.random();
        execution.taskKey = "job";
        execution.project = "default";
        execution.attempt = 1;
        execution.maxAttempts = 1;
        execution.trigger = "MANUAL";
        execution.dst = "NONE";
        return execution;
    }

    /** The reader has read these. */
    void read(Execution... executions) {
        List<Message> messages = new ArrayList<>();
        for (Execution execution : executions) {
            messages.add(new Message(0, next++, engine.now, Codec.encode(execution), null));
        }
        engine.fetched(messages, Map.of());
        engine.step();
    }

    /** The brokers answer all that was sent. */
    void acknowledge() {
        List<Sent> now = List.copyOf(sent);
        sent.clear();
        for (Sent one : now) {
            if (one.output.topic() == Topic.HEARTBEATS) {
                engine.beatAnswered(one.run, null);
            } else {
                engine.answered(one.run, null, false);
            }
        }
        engine.step();
    }

    /** The reader is asked to commit, and hears this. */
    void store(Engine.Stored how) {
        if (last() instanceof Command.Read) {
            engine.fetched(List.of(), Map.of());
            engine.step();
        }
        if (!(last() instanceof Command.Store)) {
            throw new AssertionError("no commit is asked for: " + last());
        }
        engine.stored(how, "it was so");
        engine.step();
    }

    /** One that its handler has. */
    Run start(Execution execution) {
        read(execution);
        acknowledge();
        store(Engine.Stored.MADE);
        return begun.get(begun.size() - 1);
    }

    List<String> statuses() throws Malformed {
        List<String> found = new ArrayList<>();
        for (Sent one : sent) {
            if (one.output.topic() == Topic.STATUS) {
                Status status = Codec.decodeStatus(one.output.value());
                found.add(status.status + " " + status.reason);
            }
        }
        return found;
    }
}
