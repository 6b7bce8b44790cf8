/*
 * Where each partition is to be read from.
 *
 * As a rule from the group's position. Kafka may know none: at the first start, when the group was empty for longer
 * than offsets.retention.minutes, when somebody deleted it. Reading from the end would lose executions, reading
 * from the beginning would run finished ones again; so it is the beginning of the backlog, without what a worker has
 * reported on already. For that, `status` is read through from the same instant to its end, uncommitted: workers
 * use no transactions, and somebody else's open one must not hide what they have said. What was said before the execution was
 * made (ExecutionCreated.status_from), or in another partition than its task's, is not about it.
 *
 * The positions are asked for here, not left to librdkafka: where its own question fails (a coordinator that moves,
 * a broker that goes), it neither asks again nor ever reads those partitions (its issue 5586).
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/hash.h"
#include "c/worker.h"
#include "model/lifecycle.h"

enum { SCAN_MAX = 5000, ANNOUNCED_MAX = 1 << 19 };

/* What stands in `status` about an execution came after it, by clocks of brokers that may differ a little. */
static const usec_t CLOCKS_DIFFER = USEC_PER_MIN, BACKLOG_MAX = 36600 * USEC_PER_DAY;

static usec_t backlog_start(const struct cronobs_worker *w)
{
    usec_t backlog = MIN(w->config.backlog_ms, BACKLOG_MAX / USEC_PER_MS) * USEC_PER_MS;

    return MAX(w->writer.now - backlog, 0);
}

/* --- the group's positions --- */

static bool is_to_be_asked(const struct inbox_partition *p)
{
    return p->next == BUS_NONE && !p->has_no_position;
}

static bool is_to_be_found(const struct inbox_partition *p)
{
    return p->next == BUS_NONE && p->has_no_position;
}

/* Those partitions of the queue of which `which` holds; the list is the caller's. */
static struct bus_position *list_of(const struct cronobs_worker *w,
                                    bool (*which)(const struct inbox_partition *), size_t *ret)
{
    const struct inbox *b = &w->inbox;
    struct bus_position *list = xcalloc(b->partition_count + 1, sizeof *list);

    *ret = 0;
    for (size_t i = 0; i < b->partition_count; i++)
        if (which(&b->partitions[i]))
            list[(*ret)++] = (struct bus_position){.topic = w->topics.queue,
                                                   .partition = b->partitions[i].partition};
    return list;
}

static enum rc ask_group(struct cronobs_worker *w, struct error *err)
{
    size_t count;
    struct bus_position *list = list_of(w, is_to_be_asked, &count);
    enum rc rc = bus_stored(w->consumer, list, count, WORKER_ASK_MS, err);

    for (size_t i = 0; rc == RC_OK && i < count; i++)
        inbox_begin(inbox_partition(&w->inbox, list[i].partition), list[i].offset);
    free(list);
    return rc;
}

/* The backlog's first records. A partition without any needs no look at `status`. */
static enum rc find_beginnings(struct cronobs_worker *w, struct error *err)
{
    size_t count;
    struct bus_position *list = list_of(w, is_to_be_found, &count);
    enum rc rc = bus_offsets_at(w->consumer, backlog_start(w), list, count, WORKER_ASK_MS, err);

    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        struct inbox_partition *p = inbox_partition(&w->inbox, list[i].partition);

        p->must_wait = list[i].offset >= 0;
        p->next = p->must_wait ? list[i].offset : BUS_BEGINNING;
    }
    free(list);
    return rc;
}

/* --- what `status` knows --- */

static bool waits(const struct inbox_partition *p)
{
    return p->must_wait;
}

static void end_scan(struct cronobs_worker *w)
{
    if (w->scanner != NULL)
        bus_consumer_free(TAKE(w->scanner));
    for (size_t i = 0; i < w->inbox.partition_count; i++)
        w->inbox.partitions[i].must_wait = false;
    w->must_assign = true;
}

/* The partitions of `status` to look through: all, where the queue's do not match them one by one. */
static struct bus_position *list_status(const struct cronobs_worker *w, size_t *ret)
{
    struct bus_position *list = list_of(w, waits, ret);
    bool do_match = w->queue_partitions == w->partitions;

    if (!do_match && *ret > 0) {
        *ret = (size_t)w->partitions;
        list = xrealloc(list, *ret, sizeof *list);
    }
    for (size_t i = 0; i < *ret; i++)
        list[i] = (struct bus_position){.topic = w->topics.status,
                                        .partition = do_match ? list[i].partition : (int)i};
    return list;
}

/* Leaves those that hold something. */
static enum rc find_reports(struct cronobs_worker *w, struct bus_position *list, size_t *count,
                            struct error *err)
{
    usec_t since = MAX(backlog_start(w) - CLOCKS_DIFFER, 0);
    size_t kept = 0;

    TRY(bus_offsets_at(w->consumer, since, list, *count, WORKER_ASK_MS, err));
    for (size_t i = 0; i < *count; i++)
        if (list[i].offset >= 0)
            list[kept++] = list[i];
    *count = kept;
    return RC_OK;
}

static enum rc open_scanner(struct cronobs_worker *w, const struct bus_position *list, size_t count,
                            struct error *err)
{
    const struct bus_consumer_config config = {.isolation = BUS_UNCOMMITTED};

    TRY(bus_consumer_new(w->bus, &config, &w->scanner, err));
    w->scanning = (int)count;
    w->announced.max = ANNOUNCED_MAX;
    return bus_assign(w->scanner, list, count, err);
}

static void say_what_is_done(struct cronobs_worker *w, size_t partitions)
{
    char text[DURATION_TEXT_MAX];

    worker_notice(w, CRONOBS_NOTICE_INFO,
                  "the group %s has no position in %zu partitions of %s: takes what came in the "
                  "last %s, and of that what no worker has reported on",
                  w->config.group, partitions, w->topics.queue,
                  duration_text(w->config.backlog_ms, text));
}

static enum rc begin_scan(struct cronobs_worker *w, struct error *err)
{
    size_t count, waiting;
    struct bus_position *list;
    enum rc rc;

    free(list_of(w, waits, &waiting));
    if (waiting == 0)
        return RC_OK;
    if (w->scanner != NULL)
        bus_consumer_free(TAKE(w->scanner));
    list = list_status(w, &count);
    rc = find_reports(w, list, &count, err);
    if (rc == RC_OK)
        say_what_is_done(w, waiting);
    if (rc == RC_OK && count > 0)
        rc = open_scanner(w, list, count, err);
    else if (rc == RC_OK)
        end_scan(w);
    free(list);
    return rc;
}

/* What nobody takes in may take no place of what somebody does. */
static bool is_taken_in(const struct cronobs_worker *w, const struct execution_status *report,
                        int partition)
{
    return partition == partition_of(report->task_id, w->partitions) &&
           lifecycle_check(report, NULL) == RC_OK;
}

static void take_report(struct cronobs_worker *w, const struct bus_event *event)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct execution_status *report;
    const void *record;

    if (event->value.data == NULL ||
        codec_decode_as(RECORD_EXECUTION_STATUS, event->value, memory, &record, NULL) != RC_OK)
        return;
    report = record;
    if (!is_taken_in(w, report, event->partition))
        return;
    if (report->worker != NULL &&
        (report->status == STATUS_RUNNING || status_is_final(report->status)))
        seen_note(&w->announced, seen_key(report->execution_id, report->task_id), report->attempt,
                  event->offset, event->timestamp);
}

static void scan(struct cronobs_worker *w)
{
    struct bus_event event = {.kind = BUS_MESSAGE};

    for (int i = 0; i < SCAN_MAX && event.kind != BUS_NOTHING && w->scanning > 0; i++) {
        bus_poll(w->scanner, 0, &event);
        if (event.kind == BUS_MESSAGE) {
            take_report(w, &event);
        } else if (event.kind == BUS_EOF) {
            bus_assign_remove(w->scanner, event.topic, event.partition);
            w->scanning--;
        } else if (event.kind == BUS_FAILED) {
            worker_notice(w, CRONOBS_NOTICE_WARNING, "%s", event.err.text);
            w->must_locate = w->must_locate || event.err.rc != RC_RETRY; /* looks once more */
        }
    }
    w->has_more = w->has_more || event.kind != BUS_NOTHING;
    if (w->scanning == 0)
        end_scan(w);
}

/* --- */

bool locate_leaves_out(struct cronobs_worker *w, const struct execution_created *e,
                       const struct bus_event *event)
{
    const struct inbox_partition *p = inbox_partition(&w->inbox, event->partition);

    if (p == NULL || !p->has_no_position)
        return false;
    if (event->timestamp < backlog_start(w) ||
        seen_has(&w->announced, seen_key(e->execution_id, e->task_id), e->attempt,
                 e->status_from)) {
        w->left_out++;
        return true;
    }
    if (event->timestamp > w->announced.forgotten)
        return false;
    w->left_unknown++;
    return true;
}

static void say_what_was_left_out(struct cronobs_worker *w)
{
    if (w->left_out > 0)
        worker_notice(w, CRONOBS_NOTICE_INFO,
                      "left out %zu executions of %s that were reported on or are older",
                      w->left_out, w->topics.queue);
    if (w->left_unknown > 0)
        worker_notice(
            w, CRONOBS_NOTICE_WARNING,
            "left out %zu executions of %s, since reports as old as they had no room: those "
            "still PENDING never ran (cronobs execution list, cronobs task trigger)",
            w->left_unknown, w->topics.queue);
    w->left_out = w->left_unknown = 0;
}

/* What partitions have settled is settled for good: nobody else will say what was left out of them. */
void locate_forget(struct cronobs_worker *w)
{
    if (w->scanner != NULL)
        bus_consumer_free(TAKE(w->scanner));
    seen_clear(&w->announced);
    say_what_was_left_out(w);
    w->must_locate = false;
}

static void locate(struct cronobs_worker *w)
{
    struct error err = {0};
    enum rc rc = ask_group(w, &err);

    if (rc == RC_OK)
        rc = find_beginnings(w, &err);
    if (rc == RC_OK)
        rc = begin_scan(w, &err);
    w->must_locate = rc != RC_OK;
    w->must_assign = w->must_assign || rc == RC_OK;
    if (rc == RC_OK)
        return;
    worker_notice(w, CRONOBS_NOTICE_WARNING, "%s", err.text);
    w->locate_at = w->tick + WORKER_RETRY_US;
}

static bool has_no_position(const struct inbox_partition *p)
{
    return p->has_no_position;
}

/* All that lay there is settled: what was found in `status` is needed no more. */
static void end_if_settled(struct cronobs_worker *w)
{
    size_t count;

    free(list_of(w, has_no_position, &count));
    if (count > 0)
        return;
    say_what_was_left_out(w);
    seen_clear(&w->announced);
}

void locate_step(struct cronobs_worker *w)
{
    if (w->must_locate && w->tick >= w->locate_at)
        locate(w);
    if (w->scanner != NULL)
        scan(w);
    else if (w->announced.ring != NULL || w->left_out + w->left_unknown > 0)
        end_if_settled(w);
}
