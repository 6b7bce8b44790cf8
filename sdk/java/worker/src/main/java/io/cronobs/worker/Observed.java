package io.cronobs.worker;

import io.cronobs.client.ApiException;
import io.cronobs.client.Client;
import io.cronobs.client.WriteOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.event.Level;

/** One observed run: a thread that sends what is to be said about it. It is the voice of its job and the engine of its sender. */
final class Observed implements Voice {
    static final long END = 5 * Tick.SECOND; // for what is unsent at the end
    private static final long AGAIN = Tick.SECOND; // before the brokers are looked for again

    private final long origin = System.nanoTime();
    private final Notices notices = new Notices();
    private final LinkedBlockingQueue<Runnable> mail = new LinkedBlockingQueue<>();
    private final Map<String, Object> arguments;
    private final Map<String, ?> ensure;
    private final Execution execution;
    private final Room room = new Room(Room.UNSENT_MAX);
    private final Run run;
    private final Job job;
    private final Thread thread = new Thread(this::work, "cronobs-observe");
    private volatile boolean isMute; // nothing can be reported, and that was told
    private volatile boolean isReported; // to its end

    // Of the thread:
    private Outcome outcome;
    private long endedAt; // wall clock, microseconds
    private long lookAt = Tick.AT_ONCE;
    private long until = Tick.NEVER;
    private long now; // wall clock, microseconds
    private long tick;

    /** ensure: null for none. */
    Observed(String key, String project, Map<String, Object> arguments, Map<String, ?> ensure) {
        this.arguments = arguments;
        this.ensure = ensure;
        execution = execution(key, project);
        run = new Run(new Claim(execution, 0, Claim.NOWHERE), new Writer("", Ids.random(), 0), room, false);
        run.lines.stop(); // nobody waits for room: a job must not hang for its log
        job = new Job(execution, "", this);
        thread.setDaemon(true);
        thread.start();
    }

    private static Execution execution(String key, String project) {
        Execution made = new Execution();
        made.scheduledAt = Clock.microseconds();
        made.dueAt = made.scheduledAt;
        made.taskId = Ids.taskId(project, key);
        made.executionId = Ids.externalId(made.taskId, made.scheduledAt, Ids.random());
        made.taskKey = key;
        made.project = project;
        made.attempt = 1;
        made.maxAttempts = 1;
        made.trigger = "EXTERNAL";
        return made;
    }

    Job job() {
        return job;
    }

    /** Waits until all is said, five seconds at most; whatever interrupts it. */
    void end(Outcome how) {
        long at = Clock.microseconds();
        job.close();
        mail.add(() -> {
            outcome = how;
            endedAt = at;
            until = tick + END;
        });
        boolean wasInterrupted = Thread.interrupted();
        try {
            TimeUnit.NANOSECONDS.timedJoin(thread, END + AGAIN);
        } catch (InterruptedException e) {
            wasInterrupted = true;
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
        if (!isReported && !isMute) {
            notices.say(Level.ERROR, "the run of '" + job.task() + "' was not reported to its end: " + job.executionId());
        }
    }

    // --- the voice of the job; any thread ---

    @Override
    public void line(String level, List<Line> lines) {
        if (run.lines.add(level, lines, Clock.microseconds(), this::ticks)) {
            mail.add(() -> { });
        }
    }

    @Override
    public void progress(Integer percent, String note) {
        mail.add(() -> run.beat.say(percent, note));
    }

    @Override
    public boolean contactLost() {
        return false;
    }

    private long ticks() {
        return System.nanoTime() - origin;
    }

    // --- the thread ---

    private void work() {
        try {
            if (ensure != null) {
                putTask();
            }
            serve(Settings.resolve(arguments, System.getenv()));
        } catch (SettingException e) {
            isMute = true;
            notices.say(Level.ERROR, "the run of '" + job.task() + "' is not reported: " + e.getMessage());
        } catch (RuntimeException | Error e) {
            notices.defect("the run of '" + job.task() + "' is not reported any more", e);
        }
    }

    private void putTask() {
        try {
            Client client = Client.builder().url((String) arguments.get("url")).timeout(Duration.ofNanos(END)).build();
            client.task(job.project(), job.task()).put(specOf(ensure), WriteOption.waitFor(Duration.ZERO));
        } catch (ApiException | IllegalArgumentException e) {
            notices.say(Level.WARN, "could not put the task '" + job.task() + "': " + e.getMessage());
        }
    }

    /** As the API has it: one schedule may be given by its expression and zone alone. Pure. */
    static Map<String, Object> specOf(Map<String, ?> ensure) {
        Map<String, Object> spec = new HashMap<>(ensure);
        Object expression = spec.remove("schedule");
        Object zone = spec.remove("zone");
        if (expression != null) {
            spec.put("schedules", List.of(zone == null ? Map.of("expression", expression) : Map.of("expression", expression, "zone", zone)));
        }
        return spec;
    }

    private void serve(Settings settings) {
        Clients.check(settings);
        Sender sender = new Sender(settings, Topics.of(settings), this::answered);
        try {
            while (!run.isOver() && tick < until) {
                takeMail();
                place(settings);
                step(sender);
            }
            isReported = run.phase == Run.Phase.GONE;
        } catch (InterruptedException e) {
            notices.defect("nobody interrupts this thread", e);
        } finally {
            sender.stop();
        }
    }

    private void takeMail() throws InterruptedException {
        long wake = Math.min(run.writer.partitions() == 0 ? lookAt : run.wake(), until);
        long wait = wake == Tick.NEVER ? Tick.NEVER : Math.max(wake, 0) - Math.min(ticks(), Math.max(wake, 0));
        Runnable first = mail.poll(wait, TimeUnit.NANOSECONDS);
        now = Clock.microseconds();
        tick = ticks();
        if (first != null) {
            first.run();
        }
    }

    /** Finds out how many partitions there are: before that nobody knows where to send it. */
    private void place(Settings settings) {
        if (run.writer.partitions() > 0 || tick < lookAt) {
            return;
        }
        int count = LoneReader.countPartitions(settings, Topics.of(settings).status(), notices);
        lookAt = ticks() + AGAIN;
        if (count > 0) {
            execution.statusPartition = Placement.partitionOf(job.taskId(), count);
            run.writer = new Writer(settings.name(), run.writer.author().incarnation(), count);
        }
    }

    private void step(Sender sender) {
        if (run.writer.partitions() == 0) {
            return;
        }
        if (run.phase == Run.Phase.CLAIMED) {
            run.start(tick);
        }
        if (run.phase == Run.Phase.WORKING && outcome != null) {
            run.end(outcome, endedAt, tick);
        }
        if (run.beatDue() <= tick) {
            run.beat.sent(tick);
            sender.send(run.heartbeat(now), run);
        }
        Output output = run.nextRecord(timeOfRun(), tick);
        if (output != null) {
            sender.send(output, run);
        }
    }

    /** What was begun or ended before the brokers were there was begun or ended then. */
    private long timeOfRun() {
        if (run.phase == Run.Phase.CLAIMING) {
            return execution.scheduledAt;
        }
        return outcome == null ? now : endedAt;
    }

    /** Of the brokers; any thread. */
    private void answered(Run of, boolean isBeat, String error, boolean isHopeless) {
        mail.add(() -> {
            if (error != null) {
                notices.say(Level.WARN, "could not report the run of '" + job.task() + "': " + error);
            }
            if (isBeat) {
                run.beatAnswered(error == null, tick);
                return;
            }
            long weight = run.answered(error == null || isHopeless, tick);
            if (weight > 0) {
                room.sent(weight);
            }
        });
    }
}
