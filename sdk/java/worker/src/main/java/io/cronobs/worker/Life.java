package io.cronobs.worker;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.event.Level;

/** A worker that was started: its threads, and the mailbox between them and the engine, which has one of its own. */
final class Life implements Port {
    static final int ENOUGH = 3; // signals end it at once

    private static final long STOP = 2000; // milliseconds for the threads to end

    private final Settings settings;
    private final Topics topics;
    private final Handlers handlers;
    private final Notices notices;
    private final long began = System.nanoTime();
    private final LinkedBlockingQueue<Consumer<Engine>> mail = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1); // all is reported, or the time for it is over
    private final Engine engine;
    private final Threads threads; // of its own; null: the user's
    private final Sender sender;
    private final LoneReader control;
    private final QueueReader queue;
    private final Thread thread = new Thread(this::work, "cronobs-engine");
    private LoneReader status; // the engine's thread owns it
    private volatile boolean isDefect;
    private int signals;
    private int code = -1; // not finished

    Life(Settings settings, Map<String, Handler> handlers, Executor executor, boolean stopWhenLost, Notices notices) {
        this.settings = settings;
        this.notices = notices;
        topics = Topics.of(settings);
        Limits limits = new Limits(topics.queue(), topics.control(), settings.group(), settings.concurrency(), settings.backlog(), settings.drain(),
            settings.sessionTimeout(), stopWhenLost);
        Room room = new Room(Room.UNSENT_MAX);
        engine = new Engine(limits, settings.name(), Ids.random(), this, room);
        threads = executor == null ? new Threads(settings.concurrency()) : null;
        this.handlers = new Handlers(handlers, executor == null ? threads : executor, (run, outcome) -> post(e -> e.ended(run, outcome)));
        sender = new Sender(settings, topics, this::answered);
        control = new LoneReader.Control(settings, topics, this::post, notices);
        queue = new QueueReader(settings, topics, this::post, notices, control::start, () -> Clients.consumer(Clients.member(settings)));
        thread.setDaemon(true);
        thread.start();
        queue.start();
    }

    // --- the engine's thread ---

    private void post(Consumer<Engine> what) {
        mail.add(what);
    }

    private long tick() {
        return System.nanoTime() - began;
    }

    private static long now() {
        return Clock.microseconds();
    }

    private void work() {
        try {
            while (!engine.isOver() && over.getCount() > 0) {
                takeMail();
                engine.step();
            }
        } catch (InterruptedException | RuntimeException | Error thrown) { // a defect; whoever started us starts us again
            isDefect = true;
            notices.defect("the worker cannot go on", thrown);
        } finally {
            over.countDown();
        }
    }

    /** All that is there, waiting for the first. */
    private void takeMail() throws InterruptedException {
        long wake = engine.wake();
        Consumer<Engine> next = wake == Tick.NEVER ? mail.take() : wake == Tick.AT_ONCE ? mail.poll() : mail.poll(wake - tick(), TimeUnit.NANOSECONDS);
        engine.now = now();
        engine.tick = tick();
        for (; next != null; next = mail.poll()) {
            next.accept(engine);
        }
    }

    private void answered(Run run, boolean isBeat, String error, boolean isHopeless) {
        if (isBeat) {
            post(e -> e.beatAnswered(run, error));
        } else {
            post(e -> e.answered(run, error, isHopeless));
        }
    }

    // --- what the engine does ---

    @Override
    public void read(Command command) {
        queue.commands.add(command);
    }

    @Override
    public void scan(int scan, Collection<Integer> partitions, long since) {
        stopScan();
        status = new LoneReader.Scan(settings, topics, this::post, notices, scan, partitions, since);
        status.start();
    }

    @Override
    public void stopScan() {
        if (status != null) {
            status.end();
            status = null;
        }
    }

    @Override
    public void send(Output output, Run run) {
        sender.send(output, run);
    }

    @Override
    public void start(List<Run> runs) {
        for (Run run : runs) {
            run.job = new Job(run.execution, settings.queue(), new RunVoice(run));
            handlers.start(run);
        }
    }

    @Override
    public void tell(Run run) {
        run.job.tell(run.cause);
    }

    @Override
    public void close(Run run) {
        if (run.job != null) {
            run.job.close();
        }
    }

    @Override
    public void notice(Level level, String text) {
        notices.say(level, text);
    }

    // --- the end ---

    void drain() {
        post(Engine::drain);
    }

    /** SIGTERM or SIGINT came. */
    synchronized void signalled() {
        signals++;
        if (signals < ENOUGH) {
            post(signals == 1 ? Engine::drain : Engine::hurry);
        } else {
            over.countDown();
        }
    }

    /** Waits for the end, and answers the exit code. */
    int await() {
        boolean wasInterrupted = false;
        while (over.getCount() > 0) {
            try {
                over.await();
            } catch (InterruptedException hurry) { // whoever waits wants it to end
                wasInterrupted = true;
                post(Engine::hurry);
            }
        }
        int found = finish();
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
        return found;
    }

    /** Stops the threads; what hangs is left behind. */
    private synchronized int finish() {
        if (code >= 0) {
            return code;
        }
        post(e -> {}); // the engine's thread looks whether it is to end
        queue.commands.add(new Command.Leave()); // where that ended without having it leave: a member that nobody polls keeps its partitions for minutes
        control.end();
        sender.stop();
        if (threads != null) {
            threads.stop();
        }
        if (signals < ENOUGH) {
            join();
        }
        int left = engine.unreported();
        if (left > 0) {
            notices.say(Level.ERROR, left + " executions were not reported to the end");
        }
        code = engine.isBroken() || isDefect ? Worker.BROKEN : left > 0 || !engine.hasLeft() ? Worker.LEFT : Worker.DONE;
        return code;
    }

    private void join() {
        long until = System.nanoTime() + STOP * 1_000_000;
        try {
            for (Thread one : List.of(thread, queue, control)) {
                one.join(Math.max((until - System.nanoTime()) / 1_000_000, 1));
            }
            sender.join(Math.max((until - System.nanoTime()) / 1_000_000, 1));
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where the words of a job go. */
    private final class RunVoice implements Voice {
        private final Run run;

        RunVoice(Run run) {
            this.run = run;
        }

        @Override
        public void line(String level, List<Line> lines) {
            if (run.lines.add(level, lines, now(), Life.this::tick)) {
                post(e -> e.logged(run));
            }
        }

        @Override
        public void progress(Integer percent, String note) {
            post(e -> e.progressed(run, percent, note));
        }

        @Override
        public boolean contactLost() {
            return run.hasLostContact(tick());
        }
    }
}
