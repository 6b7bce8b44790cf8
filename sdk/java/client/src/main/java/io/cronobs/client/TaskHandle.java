package io.cronobs.client;

import static io.cronobs.client.ApiSession.with;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A task by project and key, whether it is there or not. */
public final class TaskHandle {
    private final ApiSession session;
    private final String project;
    private final String key;
    private final String id;
    private final String path;

    TaskHandle(ApiSession session, String project, String key) {
        this.session = session;
        this.project = project;
        this.key = key;
        id = TaskIds.of(project, key);
        path = "/v1/tasks/" + ApiSession.segment(this.toString());
    }

    /**
     * Its id, which is computed of project and key.
     *
     * @return a UUID
     */
    public String id() {
        return id;
    }

    /** project~key. */
    @Override
    public String toString() {
        return project + "~" + key;
    }

    /**
     * The task as it is.
     *
     * @return the task
     */
    public Answers.Task get() {
        return session.read(Answers.Task.class, path, Map.of(), id);
    }

    /**
     * Makes it, or replaces its whole specification; an equal one makes no new revision.
     *
     * @param spec an {@link Answers.TaskSpec}, or a map with the same members as JSON has them
     * @param options how it is written
     * @return what became of it
     */
    public Answers.Outcome put(Object spec, WriteOption... options) {
        return session.write("PUT", path, spec, Terms.of(options));
    }

    /**
     * What would come of such a put: what changes, when it is due next, what calendars leave out. Writes nothing.
     *
     * @param spec as of {@link #put}
     * @return the draft
     */
    public Answers.Draft draft(Object spec) {
        return session.ask(Answers.Draft.class, "PUT", session.behindWrites(path, Map.of("dry_run", true), id), spec);
    }

    /**
     * Changes some members of its specification.
     *
     * @param changes the members, as JSON has them; null resets one to its default
     * @param options how it is written
     * @return what became of it
     */
    public Answers.Outcome patch(Map<String, ?> changes, WriteOption... options) {
        return session.write("PATCH", session.behindWrites(path, Map.of(), id), changes, Terms.of(options));
    }

    /**
     * Deletes it; its history stays.
     *
     * @param options how it is written
     * @return what became of it
     */
    public Answers.Outcome delete(WriteOption... options) {
        Terms terms = Terms.of(options);
        return session.write("DELETE", ApiSession.target(path, with(Map.of(), "reason", terms.reason)), null, terms);
    }

    /**
     * Nothing more is fired until it is resumed.
     *
     * @param options how it is written
     * @return what became of it
     */
    public Answers.Outcome pause(WriteOption... options) {
        return act("pause", Map.of(), options);
    }

    /**
     * Nothing more is fired until it is resumed, or until then.
     *
     * @param until when it goes on by itself
     * @param options how it is written
     * @return what became of it
     */
    public Answers.Outcome pauseUntil(Instant until, WriteOption... options) {
        return act("pause", with(Map.of(), "until", until), options);
    }

    /**
     * Ends a pause; instants that passed are made up for as its policy says.
     *
     * @param options how it is written
     * @return what became of it
     */
    public Answers.Outcome resume(WriteOption... options) {
        return act("resume", Map.of(), options);
    }

    /**
     * Ends a pause.
     *
     * @param gap which of the instants that passed are made up for: NONE, LAST or ALL
     * @param options how it is written
     * @return what became of it
     */
    public Answers.Outcome resumeWith(String gap, WriteOption... options) {
        return act("resume", with(Map.of(), "gap", gap), options);
    }

    /**
     * One execution now, with the task's own payload.
     *
     * @return what became of it; {@code executionId} names the execution
     */
    public Answers.Outcome trigger() {
        return trigger(null);
    }

    /**
     * One execution now.
     *
     * @param payload bytes, a text, or what becomes JSON; null: the task's own
     * @param options how it is written
     * @return what became of it; {@code executionId} names the execution
     */
    public Answers.Outcome trigger(Object payload, WriteOption... options) {
        return act("trigger", ApiSession.payload(payload), options);
    }

    /**
     * One execution now, whatever else runs: the overlap policy is not asked.
     *
     * @param payload as of {@link #trigger(Object, WriteOption...)}
     * @param options how it is written
     * @return what became of it
     */
    public Answers.Outcome triggerAnyway(Object payload, WriteOption... options) {
        return act("trigger", with(ApiSession.payload(payload), "ignore_overlap", true), options);
    }

    /**
     * The next instant that is due is left out; {@code message} says which.
     *
     * @param options how it is written
     * @return what became of it
     */
    public Answers.Outcome skipNext(WriteOption... options) {
        return act("skip-next", Map.of(), options);
    }

    /**
     * Runs each instant of a range in the past, 1,000 at most.
     *
     * @param from the instants after this
     * @param to and up to this
     * @param options how it is written
     * @return what became of it
     */
    public Answers.Outcome backfill(Instant from, Instant to, WriteOption... options) {
        return act("backfill", range(from, to), options);
    }

    /**
     * Which instants such a backfill would run. Writes nothing.
     *
     * @param from as of {@link #backfill}
     * @param to as of {@link #backfill}
     * @return the draft
     */
    public Answers.BackfillDraft draftBackfill(Instant from, Instant to) {
        String target = session.behindWrites(path + ":backfill", Map.of("dry_run", true), id);
        return session.ask(Answers.BackfillDraft.class, "POST", target, range(from, to));
    }

    private static Map<String, Object> range(Instant from, Instant to) {
        return with(with(Map.of(), "from", from), "to", to);
    }

    /**
     * When it is due next.
     *
     * @return as many instants as the API gives unasked
     */
    public List<Answers.Planned> upcoming() {
        return upcoming(Map.of());
    }

    /**
     * When it is due.
     *
     * @param query {@code from}, {@code to}, {@code limit}
     * @return the instants, in their order
     */
    public List<Answers.Planned> upcoming(Map<String, ?> query) {
        return session.read(Answers.Upcoming.class, path + "/upcoming", query, id).items();
    }

    /**
     * Whether it ran at an instant, and if not, why.
     *
     * @param query {@code at}, with {@code tz} where that is a wall time; without: the last instant
     * @return the verdict
     */
    public Answers.Why why(Map<String, ?> query) {
        return session.read(Answers.Why.class, path + ":why", query, null);
    }

    /**
     * What it was, newest first.
     *
     * @return all its revisions
     */
    public Pages<Answers.Revision> revisions() {
        return session.pages(Answers.Revision.class, path + "/revisions", Map.of(), id);
    }

    /**
     * Instants that were not fired, and why, newest first.
     *
     * @return all of them
     */
    public Pages<Answers.Gap> gaps() {
        return session.pages(Answers.Gap.class, path + "/gaps", Map.of(), id);
    }

    private Answers.Outcome act(String verb, Map<String, ?> members, WriteOption... options) {
        Terms terms = Terms.of(options);
        return session.write("POST", path + ":" + verb, with(new HashMap<>(members), "reason", terms.reason), terms);
    }
}
