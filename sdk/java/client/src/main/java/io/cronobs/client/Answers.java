// Written by sdk/answers.py --write.
package io.cronobs.client;

import java.util.List;
import java.util.Map;

/**
 * What the API answers, as records; {@code docs/http-api.md} says what the members mean. What may be missing is null then, a list or a map
 * empty. Instants are texts in RFC 3339, symbols texts. A newer server may say more than is here.
 */
public final class Answers {
    private Answers() {}

    /**
     * Schedule.
     *
     * @param expression {@code expression}
     * @param zone {@code zone}
     * @param dialect {@code dialect}
     * @param dstGap {@code dst_gap}
     * @param dstOverlap {@code dst_overlap}
     */
    public record Schedule(
        String expression,
        String zone,
        String dialect,
        String dstGap,
        String dstOverlap) {}

    /**
     * CalendarRule.
     *
     * @param kind {@code kind}
     * @param value {@code value}
     */
    public record CalendarRule(
        String kind,
        String value) {}

    /**
     * Calendar.
     *
     * @param name {@code name}
     * @param mode {@code mode}
     * @param rules {@code rules}
     */
    public record Calendar(
        String name,
        String mode,
        List<CalendarRule> rules) {}

    /**
     * Window.
     *
     * @param from {@code from}
     * @param until {@code until}
     * @param dailyFrom {@code daily_from}
     * @param dailyTo {@code daily_to}
     * @param zone {@code zone}
     */
    public record Window(
        String from,
        String until,
        String dailyFrom,
        String dailyTo,
        String zone) {}

    /**
     * Misfire.
     *
     * @param policy {@code policy}
     * @param afterMs {@code after_ms}
     * @param windowMs {@code window_ms}
     * @param limit {@code limit}
     */
    public record Misfire(
        String policy,
        long afterMs,
        long windowMs,
        long limit) {}

    /**
     * Retry.
     *
     * @param maxAttempts {@code max_attempts}
     * @param firstDelayMs {@code first_delay_ms}
     * @param maxDelayMs {@code max_delay_ms}
     * @param jitterMs {@code jitter_ms}
     * @param multiplier {@code multiplier}
     * @param on {@code on}
     */
    public record Retry(
        long maxAttempts,
        long firstDelayMs,
        long maxDelayMs,
        long jitterMs,
        double multiplier,
        String on) {}

    /**
     * Then.
     *
     * @param project {@code project}
     * @param task {@code task}
     * @param on {@code on}
     */
    public record Then(
        String project,
        String task,
        String on) {}

    /**
     * TaskSpec.
     *
     * @param key {@code key}
     * @param project {@code project}
     * @param title {@code title}
     * @param description {@code description}
     * @param labels {@code labels}
     * @param queue {@code queue}
     * @param payload {@code payload}
     * @param payloadBase64 {@code payload_base64}
     * @param contentType {@code content_type}
     * @param schedules {@code schedules}
     * @param calendars {@code calendars}
     * @param window {@code window}
     * @param jitterMs {@code jitter_ms}
     * @param misfire {@code misfire}
     * @param overlap {@code overlap}
     * @param maxConcurrency {@code max_concurrency}
     * @param retry {@code retry}
     * @param startDeadlineMs {@code start_deadline_ms}
     * @param runTimeoutMs {@code run_timeout_ms}
     * @param finishByMs {@code finish_by_ms}
     * @param heartbeatMs {@code heartbeat_ms}
     * @param pauseAfterFailures {@code pause_after_failures}
     * @param then {@code then}
     */
    public record TaskSpec(
        String key,
        String project,
        String title,
        String description,
        Map<String, String> labels,
        String queue,
        String payload,
        String payloadBase64,
        String contentType,
        List<Schedule> schedules,
        List<Calendar> calendars,
        Window window,
        long jitterMs,
        Misfire misfire,
        String overlap,
        long maxConcurrency,
        Retry retry,
        Long startDeadlineMs,
        Long runTimeoutMs,
        Long finishByMs,
        Long heartbeatMs,
        Long pauseAfterFailures,
        List<Then> then) {}

    /**
     * Recent.
     *
     * @param executionId {@code execution_id}
     * @param status {@code status}
     * @param runMs {@code run_ms}
     */
    public record Recent(
        String executionId,
        String status,
        Long runMs) {}

    /**
     * Lint.
     *
     * @param schedule {@code schedule}
     * @param pointer {@code pointer}
     * @param code {@code code}
     * @param column {@code column}
     * @param text {@code text}
     */
    public record Lint(
        Long schedule,
        String pointer,
        String code,
        Long column,
        String text) {}

    /**
     * ClockNote.
     *
     * @param schedule {@code schedule}
     * @param at {@code at}
     * @param text {@code text}
     */
    public record ClockNote(
        long schedule,
        String at,
        String text) {}

    /**
     * Reachable.
     *
     * @param reachable {@code reachable}
     * @param why {@code why}
     */
    public record Reachable(
        boolean reachable,
        String why) {}

    /**
     * Parent.
     *
     * @param taskId {@code task_id}
     * @param project {@code project}
     * @param key {@code key}
     * @param on {@code on}
     */
    public record Parent(
        String taskId,
        String project,
        String key,
        String on) {}

    /**
     * Follower.
     *
     * @param project {@code project}
     * @param key {@code key}
     */
    public record Follower(
        String project,
        String key) {}

    /**
     * Pause.
     *
     * @param commandId {@code command_id}
     * @param at {@code at}
     * @param by {@code by}
     * @param reason {@code reason}
     * @param until {@code until}
     */
    public record Pause(
        String commandId,
        String at,
        String by,
        String reason,
        String until) {}

    /**
     * Skip.
     *
     * @param commandId {@code command_id}
     * @param at {@code at}
     * @param by {@code by}
     * @param reason {@code reason}
     */
    public record Skip(
        String commandId,
        String at,
        String by,
        String reason) {}

    /**
     * Task.
     *
     * @param taskId {@code task_id}
     * @param revision {@code revision}
     * @param state {@code state}
     * @param effectiveAt {@code effective_at}
     * @param receivedAt {@code received_at}
     * @param project {@code project}
     * @param key {@code key}
     * @param title {@code title}
     * @param queue {@code queue}
     * @param nextAt {@code next_at}
     * @param skipUntil {@code skip_until}
     * @param skip {@code skip}
     * @param paused {@code paused}
     * @param spec {@code spec}
     * @param words {@code words}
     * @param recent {@code recent}
     * @param after {@code after}
     * @param absent {@code absent}
     */
    public record Task(
        String taskId,
        long revision,
        String state,
        String effectiveAt,
        String receivedAt,
        String project,
        String key,
        String title,
        String queue,
        String nextAt,
        String skipUntil,
        Skip skip,
        Pause paused,
        TaskSpec spec,
        List<String> words,
        List<Recent> recent,
        List<Parent> after,
        List<Follower> absent) {}

    /**
     * TaskList.
     *
     * @param items {@code items}
     * @param next {@code next}
     */
    public record TaskList(
        List<Task> items,
        String next) {}

    /**
     * Revision.
     *
     * @param taskId {@code task_id}
     * @param revision {@code revision}
     * @param state {@code state}
     * @param effectiveAt {@code effective_at}
     * @param receivedAt {@code received_at}
     * @param commandId {@code command_id}
     * @param actor {@code actor}
     * @param reason {@code reason}
     * @param spec {@code spec}
     */
    public record Revision(
        String taskId,
        long revision,
        String state,
        String effectiveAt,
        String receivedAt,
        String commandId,
        String actor,
        String reason,
        TaskSpec spec) {}

    /**
     * RevisionNote.
     *
     * @param taskId {@code task_id}
     * @param revision {@code revision}
     * @param state {@code state}
     * @param effectiveAt {@code effective_at}
     * @param receivedAt {@code received_at}
     * @param commandId {@code command_id}
     * @param actor {@code actor}
     * @param reason {@code reason}
     */
    public record RevisionNote(
        String taskId,
        long revision,
        String state,
        String effectiveAt,
        String receivedAt,
        String commandId,
        String actor,
        String reason) {}

    /**
     * RevisionList.
     *
     * @param items {@code items}
     * @param next {@code next}
     */
    public record RevisionList(
        List<Revision> items,
        String next) {}

    /**
     * Gap.
     *
     * @param taskId {@code task_id}
     * @param revision {@code revision}
     * @param fromAt {@code from_at}
     * @param reason {@code reason}
     * @param toAt {@code to_at}
     * @param receivedAt {@code received_at}
     * @param count {@code count}
     * @param more {@code more}
     */
    public record Gap(
        String taskId,
        long revision,
        String fromAt,
        String reason,
        String toAt,
        String receivedAt,
        long count,
        boolean more) {}

    /**
     * GapList.
     *
     * @param items {@code items}
     * @param next {@code next}
     */
    public record GapList(
        List<Gap> items,
        String next) {}

    /**
     * Outcome.
     *
     * @param commandId {@code command_id}
     * @param taskId {@code task_id}
     * @param result {@code result}
     * @param code {@code code}
     * @param message {@code message}
     * @param revision {@code revision}
     * @param executionId {@code execution_id}
     * @param clockChanges {@code clock_changes}
     * @param lints {@code lints}
     */
    public record Outcome(
        String commandId,
        String taskId,
        String result,
        String code,
        String message,
        Long revision,
        String executionId,
        List<ClockNote> clockChanges,
        List<Lint> lints) {}

    /**
     * Change.
     *
     * @param pointer {@code pointer}
     * @param from {@code from}
     * @param to {@code to}
     */
    public record Change(
        String pointer,
        Object from,
        Object to) {}

    /**
     * DraftInstant.
     *
     * @param schedule {@code schedule}
     * @param at {@code at}
     * @param local {@code local}
     * @param zone {@code zone}
     * @param dueAt {@code due_at}
     * @param dst {@code dst}
     * @param skip {@code skip}
     */
    public record DraftInstant(
        long schedule,
        String at,
        String local,
        String zone,
        String dueAt,
        String dst,
        Skip skip) {}

    /**
     * LeftOut.
     *
     * @param schedule {@code schedule}
     * @param at {@code at}
     * @param local {@code local}
     * @param zone {@code zone}
     * @param by {@code by}
     * @param pointer {@code pointer}
     */
    public record LeftOut(
        long schedule,
        String at,
        String local,
        String zone,
        String by,
        String pointer) {}

    /**
     * Draft.
     *
     * @param taskId {@code task_id}
     * @param result {@code result}
     * @param revision {@code revision}
     * @param state {@code state}
     * @param changes {@code changes}
     * @param schedules {@code schedules}
     * @param next {@code next}
     * @param leftOut {@code left_out}
     * @param leftOutTo {@code left_out_to}
     * @param clockChanges {@code clock_changes}
     * @param lints {@code lints}
     */
    public record Draft(
        String taskId,
        String result,
        long revision,
        String state,
        List<Change> changes,
        List<Explained> schedules,
        List<DraftInstant> next,
        List<LeftOut> leftOut,
        String leftOutTo,
        List<ClockNote> clockChanges,
        List<Lint> lints) {}

    /**
     * BackfillInstant.
     *
     * @param executionId {@code execution_id}
     * @param scheduledAt {@code scheduled_at}
     * @param local {@code local}
     * @param zone {@code zone}
     * @param dst {@code dst}
     */
    public record BackfillInstant(
        String executionId,
        String scheduledAt,
        String local,
        String zone,
        String dst) {}

    /**
     * BackfillDraft.
     *
     * @param taskId {@code task_id}
     * @param project {@code project}
     * @param key {@code key}
     * @param state {@code state}
     * @param revision {@code revision}
     * @param from {@code from}
     * @param to {@code to}
     * @param items {@code items}
     * @param count {@code count}
     * @param more {@code more}
     * @param limit {@code limit}
     * @param atOnce {@code at_once}
     * @param next {@code next}
     */
    public record BackfillDraft(
        String taskId,
        String project,
        String key,
        String state,
        long revision,
        String from,
        String to,
        List<BackfillInstant> items,
        long count,
        boolean more,
        long limit,
        long atOnce,
        String next) {}

    /**
     * Command.
     *
     * @param commandId {@code command_id}
     * @param taskId {@code task_id}
     * @param kind {@code kind}
     * @param expectedRevision {@code expected_revision}
     * @param receivedAt {@code received_at}
     * @param actor {@code actor}
     * @param reason {@code reason}
     * @param body {@code body}
     * @param code {@code code}
     * @param revision {@code revision}
     * @param executionId {@code execution_id}
     * @param outcomeAt {@code outcome_at}
     * @param message {@code message}
     * @param result {@code result}
     */
    public record Command(
        String commandId,
        String taskId,
        String kind,
        Long expectedRevision,
        String receivedAt,
        String actor,
        String reason,
        Object body,
        String code,
        Long revision,
        String executionId,
        String outcomeAt,
        String message,
        String result) {}

    /**
     * Planned.
     *
     * @param taskId {@code task_id}
     * @param project {@code project}
     * @param key {@code key}
     * @param title {@code title}
     * @param scheduledAt {@code scheduled_at}
     * @param dueAt {@code due_at}
     * @param local {@code local}
     * @param zone {@code zone}
     * @param dst {@code dst}
     * @param skip {@code skip}
     */
    public record Planned(
        String taskId,
        String project,
        String key,
        String title,
        String scheduledAt,
        String dueAt,
        String local,
        String zone,
        String dst,
        Skip skip) {}

    /**
     * Upcoming.
     *
     * @param state {@code state}
     * @param from {@code from}
     * @param complete {@code complete}
     * @param items {@code items}
     */
    public record Upcoming(
        String state,
        String from,
        boolean complete,
        List<Planned> items) {}

    /**
     * Day.
     *
     * @param day {@code day}
     * @param from {@code from}
     * @param to {@code to}
     * @param total {@code total}
     * @param runMs {@code run_ms}
     * @param counts {@code counts}
     * @param planned {@code planned}
     * @param gaps {@code gaps}
     */
    public record Day(
        String day,
        String from,
        String to,
        long total,
        long runMs,
        Map<String, Long> counts,
        Long planned,
        Map<String, Long> gaps) {}

    /**
     * Days.
     *
     * @param tz {@code tz}
     * @param unit {@code unit}
     * @param keptFrom {@code kept_from}
     * @param items {@code items}
     */
    public record Days(
        String tz,
        String unit,
        String keptFrom,
        List<Day> items) {}

    /**
     * ForecastTask.
     *
     * @param taskId {@code task_id}
     * @param project {@code project}
     * @param key {@code key}
     * @param title {@code title}
     */
    public record ForecastTask(
        String taskId,
        String project,
        String key,
        String title) {}

    /**
     * ForecastPart.
     *
     * @param schedule {@code schedule}
     * @param firings {@code firings}
     * @param tasks {@code tasks}
     * @param examples {@code examples}
     */
    public record ForecastPart(
        String schedule,
        long firings,
        long tasks,
        List<ForecastTask> examples) {}

    /**
     * ForecastPeak.
     *
     * @param at {@code at}
     * @param local {@code local}
     * @param firings {@code firings}
     * @param tasks {@code tasks}
     * @param by {@code by}
     * @param more {@code more}
     */
    public record ForecastPeak(
        String at,
        String local,
        long firings,
        long tasks,
        List<ForecastPart> by,
        boolean more) {}

    /**
     * ForecastHour.
     *
     * @param at {@code at}
     * @param local {@code local}
     * @param firings {@code firings}
     * @param most {@code most}
     * @param mostAt {@code most_at}
     */
    public record ForecastHour(
        String at,
        String local,
        long firings,
        long most,
        String mostAt) {}

    /**
     * ForecastQuiet.
     *
     * @param at {@code at}
     * @param local {@code local}
     * @param to {@code to}
     * @param firings {@code firings}
     */
    public record ForecastQuiet(
        String at,
        String local,
        String to,
        long firings) {}

    /**
     * WhatIf.
     *
     * @param expression {@code expression}
     * @param zone {@code zone}
     * @param minutes {@code minutes}
     * @param most {@code most}
     * @param mostAt {@code most_at}
     * @param mostLocal {@code most_local}
     * @param laterBy {@code later_by}
     * @param laterMost {@code later_most}
     */
    public record WhatIf(
        String expression,
        String zone,
        long minutes,
        Long most,
        String mostAt,
        String mostLocal,
        Long laterBy,
        Long laterMost) {}

    /**
     * Forecast.
     *
     * @param day {@code day}
     * @param tz {@code tz}
     * @param from {@code from}
     * @param to {@code to}
     * @param since {@code since}
     * @param at {@code at}
     * @param tasks {@code tasks}
     * @param due {@code due}
     * @param paused {@code paused}
     * @param firings {@code firings}
     * @param complete {@code complete}
     * @param hours {@code hours}
     * @param peaks {@code peaks}
     * @param quiet {@code quiet}
     * @param whatIf {@code what_if}
     * @param minutes {@code minutes}
     */
    public record Forecast(
        String day,
        String tz,
        String from,
        String to,
        String since,
        String at,
        long tasks,
        long due,
        long paused,
        long firings,
        boolean complete,
        List<ForecastHour> hours,
        List<ForecastPeak> peaks,
        List<ForecastQuiet> quiet,
        WhatIf whatIf,
        List<Long> minutes) {}

    /**
     * Late.
     *
     * @param executions {@code executions}
     * @param tasks {@code tasks}
     * @param oldestDueAt {@code oldest_due_at}
     */
    public record Late(
        long executions,
        long tasks,
        String oldestDueAt) {}

    /**
     * Step.
     *
     * @param from {@code from}
     * @param counts {@code counts}
     */
    public record Step(
        String from,
        Map<String, Long> counts) {}

    /**
     * Summary.
     *
     * @param at {@code at}
     * @param lateAfterMs {@code late_after_ms}
     * @param open {@code open}
     * @param late {@code late}
     * @param day {@code day}
     * @param failingTasks {@code failing_tasks}
     * @param tasks {@code tasks}
     * @param steps {@code steps}
     * @param complete {@code complete}
     */
    public record Summary(
        String at,
        long lateAfterMs,
        Map<String, Long> open,
        Late late,
        Map<String, Long> day,
        long failingTasks,
        Map<String, Long> tasks,
        List<Step> steps,
        boolean complete) {}

    /**
     * LastFailure.
     *
     * @param executionId {@code execution_id}
     * @param status {@code status}
     * @param at {@code at}
     * @param message {@code message}
     */
    public record LastFailure(
        String executionId,
        String status,
        String at,
        String message) {}

    /**
     * FailingTask.
     *
     * @param taskId {@code task_id}
     * @param project {@code project}
     * @param key {@code key}
     * @param title {@code title}
     * @param counts {@code counts}
     * @param inARow {@code in_a_row}
     * @param since {@code since}
     * @param last {@code last}
     * @param recent {@code recent}
     */
    public record FailingTask(
        String taskId,
        String project,
        String key,
        String title,
        Map<String, Long> counts,
        long inARow,
        String since,
        LastFailure last,
        List<Recent> recent) {}

    /**
     * Failing.
     *
     * @param items {@code items}
     * @param tasks {@code tasks}
     * @param complete {@code complete}
     */
    public record Failing(
        List<FailingTask> items,
        long tasks,
        boolean complete) {}

    /**
     * Heartbeat.
     *
     * @param workerIncarnation {@code worker_incarnation}
     * @param receivedAt {@code received_at}
     * @param occurredAt {@code occurred_at}
     * @param attempt {@code attempt}
     * @param progress {@code progress}
     * @param worker {@code worker}
     * @param message {@code message}
     */
    public record Heartbeat(
        String workerIncarnation,
        String receivedAt,
        String occurredAt,
        long attempt,
        Long progress,
        String worker,
        String message) {}

    /**
     * Execution.
     *
     * @param executionId {@code execution_id}
     * @param taskId {@code task_id}
     * @param parentExecutionId {@code parent_execution_id}
     * @param workerIncarnation {@code worker_incarnation}
     * @param blockedBy {@code blocked_by}
     * @param createdAt {@code created_at}
     * @param scheduledAt {@code scheduled_at}
     * @param trigger {@code trigger}
     * @param revision {@code revision}
     * @param queue {@code queue}
     * @param statusFrom {@code status_from}
     * @param dueAt {@code due_at}
     * @param startedAt {@code started_at}
     * @param finishedAt {@code finished_at}
     * @param statusAt {@code status_at}
     * @param nextAttemptAt {@code next_attempt_at}
     * @param startBy {@code start_by}
     * @param finishBy {@code finish_by}
     * @param runTimeoutMs {@code run_timeout_ms}
     * @param heartbeatMs {@code heartbeat_ms}
     * @param nominalLocal {@code nominal_local}
     * @param exitCode {@code exit_code}
     * @param attempt {@code attempt}
     * @param maxAttempts {@code max_attempts}
     * @param status {@code status}
     * @param reason {@code reason}
     * @param dst {@code dst}
     * @param cancelRequested {@code cancel_requested}
     * @param contradicted {@code contradicted}
     * @param zone {@code zone}
     * @param tzdata {@code tzdata}
     * @param worker {@code worker}
     * @param message {@code message}
     * @param contentType {@code content_type}
     * @param labels {@code labels}
     * @param payload {@code payload}
     * @param payloadBase64 {@code payload_base64}
     * @param project {@code project}
     * @param key {@code key}
     * @param title {@code title}
     * @param runMs {@code run_ms}
     * @param usualMs {@code usual_ms}
     * @param progress {@code progress}
     * @param progressMessage {@code progress_message}
     * @param heartbeatAt {@code heartbeat_at}
     * @param heartbeat {@code heartbeat}
     */
    public record Execution(
        String executionId,
        String taskId,
        String parentExecutionId,
        String workerIncarnation,
        String blockedBy,
        String createdAt,
        String scheduledAt,
        String trigger,
        Long revision,
        String queue,
        Long statusFrom,
        String dueAt,
        String startedAt,
        String finishedAt,
        String statusAt,
        String nextAttemptAt,
        String startBy,
        String finishBy,
        Long runTimeoutMs,
        Long heartbeatMs,
        String nominalLocal,
        Long exitCode,
        long attempt,
        Long maxAttempts,
        String status,
        String reason,
        String dst,
        boolean cancelRequested,
        boolean contradicted,
        String zone,
        String tzdata,
        String worker,
        String message,
        String contentType,
        Map<String, String> labels,
        String payload,
        String payloadBase64,
        String project,
        String key,
        String title,
        Long runMs,
        Long usualMs,
        Long progress,
        String progressMessage,
        String heartbeatAt,
        Heartbeat heartbeat) {}

    /**
     * ExecutionList.
     *
     * @param items {@code items}
     * @param next {@code next}
     * @param complete {@code complete}
     */
    public record ExecutionList(
        List<Execution> items,
        String next,
        Boolean complete) {}

    /**
     * ExecutionEvent.
     *
     * @param executionId {@code execution_id}
     * @param taskId {@code task_id}
     * @param eventId {@code event_id}
     * @param workerIncarnation {@code worker_incarnation}
     * @param blockedBy {@code blocked_by}
     * @param receivedAt {@code received_at}
     * @param occurredAt {@code occurred_at}
     * @param nextAttemptAt {@code next_attempt_at}
     * @param kafkaOffset {@code kafka_offset}
     * @param kafkaPartition {@code kafka_partition}
     * @param exitCode {@code exit_code}
     * @param attempt {@code attempt}
     * @param status {@code status}
     * @param reason {@code reason}
     * @param ifUnclaimed {@code if_unclaimed}
     * @param moved {@code moved}
     * @param worker {@code worker}
     * @param message {@code message}
     * @param result {@code result}
     * @param resultBase64 {@code result_base64}
     */
    public record ExecutionEvent(
        String executionId,
        String taskId,
        String eventId,
        String workerIncarnation,
        String blockedBy,
        String receivedAt,
        String occurredAt,
        String nextAttemptAt,
        long kafkaOffset,
        long kafkaPartition,
        Long exitCode,
        long attempt,
        String status,
        String reason,
        boolean ifUnclaimed,
        boolean moved,
        String worker,
        String message,
        String result,
        String resultBase64) {}

    /**
     * ExecutionEventList.
     *
     * @param items {@code items}
     * @param next {@code next}
     */
    public record ExecutionEventList(
        List<ExecutionEvent> items,
        String next) {}

    /**
     * Evidence.
     *
     * @param topic {@code topic}
     * @param partition {@code partition}
     * @param offset {@code offset}
     * @param at {@code at}
     * @param local {@code local}
     * @param text {@code text}
     */
    public record Evidence(
        String topic,
        Long partition,
        Long offset,
        String at,
        String local,
        String text) {}

    /**
     * Verdict.
     *
     * @param at {@code at}
     * @param local {@code local}
     * @param dueAt {@code due_at}
     * @param answer {@code answer}
     * @param rule {@code rule}
     * @param text {@code text}
     * @param details {@code details}
     * @param evidence {@code evidence}
     * @param before {@code before}
     * @param after {@code after}
     * @param revision {@code revision}
     * @param gap {@code gap}
     * @param execution {@code execution}
     */
    public record Verdict(
        String at,
        String local,
        String dueAt,
        String answer,
        String rule,
        String text,
        List<String> details,
        List<Evidence> evidence,
        String before,
        String after,
        RevisionNote revision,
        Gap gap,
        Execution execution) {}

    /**
     * Why.
     *
     * @param taskId {@code task_id}
     * @param project {@code project}
     * @param key {@code key}
     * @param state {@code state}
     * @param tz {@code tz}
     * @param now {@code now}
     * @param note {@code note}
     * @param items {@code items}
     */
    public record Why(
        String taskId,
        String project,
        String key,
        String state,
        String tz,
        String now,
        String note,
        List<Verdict> items) {}

    /**
     * AuditLine.
     *
     * @param at {@code at}
     * @param local {@code local}
     * @param to {@code to}
     * @param kind {@code kind}
     * @param count {@code count}
     * @param explained {@code explained}
     * @param rule {@code rule}
     * @param executionId {@code execution_id}
     * @param revision {@code revision}
     * @param text {@code text}
     */
    public record AuditLine(
        String at,
        String local,
        String to,
        String kind,
        long count,
        boolean explained,
        String rule,
        String executionId,
        Long revision,
        String text) {}

    /**
     * AuditTotals.
     *
     * @param expected {@code expected}
     * @param ran {@code ran}
     * @param open {@code open}
     * @param didNotRun {@code did_not_run}
     * @param notFired {@code not_fired}
     * @param undecided {@code undecided}
     * @param notKept {@code not_kept}
     * @param missing {@code missing}
     * @param extra {@code extra}
     * @param twice {@code twice}
     * @param others {@code others}
     */
    public record AuditTotals(
        long expected,
        long ran,
        long open,
        long didNotRun,
        long notFired,
        long undecided,
        long notKept,
        long missing,
        long extra,
        long twice,
        long others) {}

    /**
     * Audit.
     *
     * @param taskId {@code task_id}
     * @param project {@code project}
     * @param key {@code key}
     * @param state {@code state}
     * @param tz {@code tz}
     * @param now {@code now}
     * @param from {@code from}
     * @param to {@code to}
     * @param totals {@code totals}
     * @param items {@code items}
     * @param next {@code next}
     */
    public record Audit(
        String taskId,
        String project,
        String key,
        String state,
        String tz,
        String now,
        String from,
        String to,
        AuditTotals totals,
        List<AuditLine> items,
        String next) {}

    /**
     * LogLine.
     *
     * @param attempt {@code attempt}
     * @param writer {@code writer}
     * @param seq {@code seq}
     * @param at {@code at}
     * @param receivedAt {@code received_at}
     * @param level {@code level}
     * @param stream {@code stream}
     * @param message {@code message}
     * @param escaped {@code escaped}
     * @param unfinished {@code unfinished}
     */
    public record LogLine(
        long attempt,
        String writer,
        long seq,
        String at,
        String receivedAt,
        String level,
        String stream,
        String message,
        Boolean escaped,
        Boolean unfinished) {}

    /**
     * LogPage.
     *
     * @param items {@code items}
     * @param attempt {@code attempt}
     * @param writer {@code writer}
     * @param last {@code last}
     * @param prev {@code prev}
     * @param next {@code next}
     * @param more {@code more}
     */
    public record LogPage(
        List<LogLine> items,
        Long attempt,
        String writer,
        Long last,
        String prev,
        String next,
        boolean more) {}

    /**
     * LogWriter.
     *
     * @param attempt {@code attempt}
     * @param writer {@code writer}
     * @param last {@code last}
     * @param worker {@code worker}
     * @param lines {@code lines}
     * @param missing {@code missing}
     * @param levels {@code levels}
     */
    public record LogWriter(
        long attempt,
        String writer,
        long last,
        String worker,
        long lines,
        List<List<Long>> missing,
        Map<String, Long> levels) {}

    /**
     * LogWriters.
     *
     * @param items {@code items}
     */
    public record LogWriters(
        List<LogWriter> items) {}

    /**
     * LogMatch.
     *
     * @param line {@code line}
     * @param at {@code at}
     * @param level {@code level}
     * @param stream {@code stream}
     * @param message {@code message}
     */
    public record LogMatch(
        long line,
        String at,
        String level,
        String stream,
        String message) {}

    /**
     * LogMatches.
     *
     * @param items {@code items}
     * @param attempt {@code attempt}
     * @param writer {@code writer}
     * @param last {@code last}
     * @param matches {@code matches}
     * @param scanned {@code scanned}
     * @param next {@code next}
     */
    public record LogMatches(
        List<LogMatch> items,
        Long attempt,
        String writer,
        Long last,
        long matches,
        long scanned,
        String next) {}

    /**
     * DeadLetter.
     *
     * @param topic {@code topic}
     * @param partition {@code partition}
     * @param offset {@code offset}
     * @param lastOffset {@code last_offset}
     * @param at {@code at}
     * @param reason {@code reason}
     * @param detail {@code detail}
     * @param key {@code key}
     * @param keyBase64 {@code key_base64}
     * @param bytes {@code bytes}
     * @param sha256 {@code sha256}
     * @param value {@code value}
     * @param valueBase64 {@code value_base64}
     */
    public record DeadLetter(
        String topic,
        long partition,
        long offset,
        Long lastOffset,
        String at,
        String reason,
        String detail,
        String key,
        String keyBase64,
        Long bytes,
        String sha256,
        String value,
        String valueBase64) {}

    /**
     * DeadLetterList.
     *
     * @param items {@code items}
     * @param next {@code next}
     */
    public record DeadLetterList(
        List<DeadLetter> items,
        String next) {}

    /**
     * ScheduleLint.
     *
     * @param code {@code code}
     * @param column {@code column}
     * @param text {@code text}
     */
    public record ScheduleLint(
        String code,
        Long column,
        String text) {}

    /**
     * ClockChange.
     *
     * @param at {@code at}
     * @param local {@code local}
     * @param several {@code several}
     * @param effect {@code effect}
     * @param text {@code text}
     */
    public record ClockChange(
        String at,
        String local,
        boolean several,
        String effect,
        String text) {}

    /**
     * Frequency.
     *
     * @param perDay {@code per_day}
     * @param perMonth {@code per_month}
     * @param perYear {@code per_year}
     */
    public record Frequency(
        long perDay,
        long perMonth,
        long perYear) {}

    /**
     * Occurrence.
     *
     * @param at {@code at}
     * @param local {@code local}
     * @param dst {@code dst}
     * @param nominal {@code nominal}
     */
    public record Occurrence(
        String at,
        String local,
        String dst,
        String nominal) {}

    /**
     * Explained.
     *
     * @param expression {@code expression}
     * @param canonical {@code canonical}
     * @param description {@code description}
     * @param zone {@code zone}
     * @param class_ {@code class}
     * @param lints {@code lints}
     * @param clockChanges {@code clock_changes}
     * @param frequency {@code frequency}
     * @param next {@code next}
     */
    public record Explained(
        String expression,
        String canonical,
        String description,
        String zone,
        String class_,
        List<ScheduleLint> lints,
        List<ClockChange> clockChanges,
        Frequency frequency,
        List<Occurrence> next) {}

    /**
     * ZoneSpan.
     *
     * @param from {@code from}
     * @param offsetS {@code offset_s}
     */
    public record ZoneSpan(
        String from,
        long offsetS) {}

    /**
     * ZoneRules.
     *
     * @param name {@code name}
     * @param tzdata {@code tzdata}
     * @param spans {@code spans}
     */
    public record ZoneRules(
        String name,
        String tzdata,
        List<ZoneSpan> spans) {}

    /**
     * ZoneNames.
     *
     * @param tzdata {@code tzdata}
     * @param items {@code items}
     */
    public record ZoneNames(
        String tzdata,
        List<String> items) {}

    /**
     * QueueGroup.
     *
     * @param name {@code name}
     * @param members {@code members}
     * @param lag {@code lag}
     */
    public record QueueGroup(
        String name,
        Long members,
        Long lag) {}

    /**
     * Queue.
     *
     * @param name {@code name}
     * @param topic {@code topic}
     * @param partitions {@code partitions}
     * @param open {@code open}
     * @param more {@code more}
     * @param oldestDueAt {@code oldest_due_at}
     * @param group {@code group}
     */
    public record Queue(
        String name,
        String topic,
        long partitions,
        Map<String, Long> open,
        Boolean more,
        String oldestDueAt,
        QueueGroup group) {}

    /**
     * QueueList.
     *
     * @param items {@code items}
     */
    public record QueueList(
        List<Queue> items) {}

    /**
     * QueueRun.
     *
     * @param executionId {@code execution_id}
     * @param taskId {@code task_id}
     * @param project {@code project}
     * @param key {@code key}
     * @param title {@code title}
     * @param status {@code status}
     * @param attempt {@code attempt}
     * @param scheduledAt {@code scheduled_at}
     * @param startedAt {@code started_at}
     * @param progress {@code progress}
     * @param progressMessage {@code progress_message}
     * @param heartbeatAt {@code heartbeat_at}
     */
    public record QueueRun(
        String executionId,
        String taskId,
        String project,
        String key,
        String title,
        String status,
        long attempt,
        String scheduledAt,
        String startedAt,
        Long progress,
        String progressMessage,
        String heartbeatAt) {}

    /**
     * QueueWorker.
     *
     * @param worker {@code worker}
     * @param incarnation {@code incarnation}
     * @param since {@code since}
     * @param seenAt {@code seen_at}
     * @param running {@code running}
     * @param finished {@code finished}
     * @param runs {@code runs}
     */
    public record QueueWorker(
        String worker,
        String incarnation,
        String since,
        String seenAt,
        long running,
        long finished,
        List<QueueRun> runs) {}

    /**
     * QueueWorkers.
     *
     * @param queue {@code queue}
     * @param group {@code group}
     * @param from {@code from}
     * @param items {@code items}
     * @param complete {@code complete}
     */
    public record QueueWorkers(
        String queue,
        QueueGroup group,
        String from,
        List<QueueWorker> items,
        boolean complete) {}

    /**
     * Watermark.
     *
     * @param at {@code at}
     * @param writtenAt {@code written_at}
     * @param ageMs {@code age_ms}
     */
    public record Watermark(
        String at,
        String writtenAt,
        long ageMs) {}

    /**
     * PartitionProblem.
     *
     * @param kind {@code kind}
     * @param topic {@code topic}
     * @param by {@code by}
     * @param seconds {@code seconds}
     * @param offset {@code offset}
     * @param offsets {@code offsets}
     * @param why {@code why}
     * @param cure {@code cure}
     */
    public record PartitionProblem(
        String kind,
        String topic,
        String by,
        Long seconds,
        Long offset,
        Long offsets,
        String why,
        String cure) {}

    /**
     * Partition.
     *
     * @param partition {@code partition}
     * @param scheduler {@code scheduler}
     * @param consumer {@code consumer}
     * @param watermark {@code watermark}
     * @param lag {@code lag}
     * @param problems {@code problems}
     */
    public record Partition(
        long partition,
        String scheduler,
        String consumer,
        Watermark watermark,
        Long lag,
        List<PartitionProblem> problems) {}

    /**
     * Lateness.
     *
     * @param from {@code from}
     * @param fired {@code fired}
     * @param p50Ms {@code p50_ms}
     * @param p99Ms {@code p99_ms}
     */
    public record Lateness(
        String from,
        long fired,
        Long p50Ms,
        Long p99Ms) {}

    /**
     * DeadLetterCount.
     *
     * @param count {@code count}
     * @param more {@code more}
     * @param newestAt {@code newest_at}
     */
    public record DeadLetterCount(
        long count,
        boolean more,
        String newestAt) {}

    /**
     * TopicRetention.
     *
     * @param topic {@code topic}
     * @param policy {@code policy}
     * @param ms {@code ms}
     */
    public record TopicRetention(
        String topic,
        String policy,
        Long ms) {}

    /**
     * Retention.
     *
     * @param historyFrom {@code history_from}
     * @param logsFrom {@code logs_from}
     * @param topics {@code topics}
     */
    public record Retention(
        String historyFrom,
        String logsFrom,
        List<TopicRetention> topics) {}

    /**
     * Versions.
     *
     * @param cronobs {@code cronobs}
     * @param schema {@code schema}
     * @param postgresql {@code postgresql}
     */
    public record Versions(
        String cronobs,
        Long schema,
        String postgresql) {}

    /**
     * NodeTzdata.
     *
     * @param node {@code node}
     * @param tzdata {@code tzdata}
     */
    public record NodeTzdata(
        String node,
        String tzdata) {}

    /**
     * System.
     *
     * @param at {@code at}
     * @param database {@code database}
     * @param broker {@code broker}
     * @param versions {@code versions}
     * @param tzdata {@code tzdata}
     * @param lateness {@code lateness}
     * @param deadLetters {@code dead_letters}
     * @param retention {@code retention}
     * @param partitions {@code partitions}
     */
    public record System(
        String at,
        Reachable database,
        Reachable broker,
        Versions versions,
        List<NodeTzdata> tzdata,
        Lateness lateness,
        DeadLetterCount deadLetters,
        Retention retention,
        List<Partition> partitions) {}

    /**
     * Session.
     *
     * @param auth {@code auth}
     * @param can {@code can}
     */
    public record Session(
        String auth,
        List<String> can) {}

    /**
     * ImportEntry.
     *
     * @param line {@code line}
     * @param key {@code key}
     * @param taskId {@code task_id}
     * @param schedule {@code schedule}
     * @param zone {@code zone}
     * @param user {@code user}
     * @param nextAt {@code next_at}
     * @param command {@code command}
     * @param result {@code result}
     * @param why {@code why}
     * @param hint {@code hint}
     */
    public record ImportEntry(
        long line,
        String key,
        String taskId,
        String schedule,
        String zone,
        String user,
        String nextAt,
        String command,
        String result,
        String why,
        String hint) {}

    /**
     * ImportNote.
     *
     * @param line {@code line}
     * @param column {@code column}
     * @param key {@code key}
     * @param text {@code text}
     * @param why {@code why}
     * @param hint {@code hint}
     */
    public record ImportNote(
        Long line,
        Long column,
        String key,
        String text,
        String why,
        String hint) {}

    /**
     * ImportSetting.
     *
     * @param line {@code line}
     * @param name {@code name}
     * @param entries {@code entries}
     */
    public record ImportSetting(
        long line,
        String name,
        long entries) {}

    /**
     * ImportVanished.
     *
     * @param key {@code key}
     * @param deleted {@code deleted}
     * @param why {@code why}
     */
    public record ImportVanished(
        String key,
        boolean deleted,
        String why) {}

    /**
     * ImportCounts.
     *
     * @param read {@code read}
     * @param new_ {@code new}
     * @param known {@code known}
     * @param created {@code created}
     * @param updated {@code updated}
     * @param unchanged {@code unchanged}
     * @param pending {@code pending}
     * @param refused {@code refused}
     * @param unknown {@code unknown}
     * @param ignored {@code ignored}
     */
    public record ImportCounts(
        long read,
        long new_,
        long known,
        long created,
        long updated,
        long unchanged,
        long pending,
        long refused,
        long unknown,
        long ignored) {}

    /**
     * ImportReport.
     *
     * @param source {@code source}
     * @param project {@code project}
     * @param queue {@code queue}
     * @param zone {@code zone}
     * @param dryRun {@code dry_run}
     * @param asked {@code asked}
     * @param entries {@code entries}
     * @param refused {@code refused}
     * @param ignored {@code ignored}
     * @param settings {@code settings}
     * @param notes {@code notes}
     * @param vanished {@code vanished}
     * @param counts {@code counts}
     */
    public record ImportReport(
        String source,
        String project,
        String queue,
        String zone,
        boolean dryRun,
        boolean asked,
        List<ImportEntry> entries,
        List<ImportNote> refused,
        List<ImportNote> ignored,
        List<ImportSetting> settings,
        List<ImportNote> notes,
        List<ImportVanished> vanished,
        ImportCounts counts) {}
}
