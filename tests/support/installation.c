#include "support/installation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/map.h"
#include "bus/topics.h"
#include "codec/codec.h"

static struct bus *bus;
static struct bus_admin *admin;
static struct bus_producer *producer;
static struct bus_consumer *reader; /* of status and logs */
static struct arena *memory;
static const struct execution_status *statuses[INSTALLATION_RECORDS];
static const struct log_batch *batches[INSTALLATION_RECORDS];
static const struct heartbeat *heartbeats[INSTALLATION_RECORDS];
static size_t status_count, batch_count, heartbeat_count;
static struct history shown;
static struct map tasks; /* by execution, as published */

static void read_from(const char *name)
{
    for (int p = 0; p < INSTALLATION_PARTITIONS; p++)
        MUST(bus_assign_add(reader, (struct bus_position){broker_topic(name), p, BUS_BEGINNING},
                            &test_error));
}

void installation_create(void)
{
    const struct topics_wanted wanted = {.prefix = broker_prefix(),
                                         .partitions = INSTALLATION_PARTITIONS};
    const struct bus_consumer_config config = {.isolation = BUS_COMMITTED};
    struct topics_plan plan = {0};

    bus = broker_bus("installation");
    memory = arena_new(0);
    MUST(bus_admin_new(bus, &admin, &test_error));
    MUST(topics_plan(admin, &wanted, memory, &plan, &test_error));
    MUST(topics_apply(admin, &plan, &test_error));
    MUST(bus_producer_new(bus, &producer, &test_error));
    MUST(bus_consumer_new(bus, &config, &reader, &test_error));
    read_from("status");
    read_from("logs");
    read_from("heartbeats");
}

void installation_add_queue(const char *queue)
{
    MUST(topics_create_queue(admin, broker_prefix(), INSTALLATION_PARTITIONS, 0, queue,
                             &test_error));
}

void installation_end(void)
{
    if (bus == NULL)
        return;
    bus_admin_free(admin);
    bus_producer_free(producer);
    bus_consumer_free(reader);
    bus_free(bus);
    arena_free(memory);
    map_clear(&tasks);
    status_count = batch_count = heartbeat_count = 0;
    bus = NULL;
}

static void on_delivered(void *ctx, enum rc rc, int partition UNUSED, int64_t offset UNUSED,
                         const char *why UNUSED)
{
    *(enum rc *)ctx = rc;
}

static void publish(const char *topic, int partition, const char *key, enum record_kind kind,
                    const void *record)
{
    enum rc rc = RC_CONFLICT; /* not yet answered */
    SCOPED_BUF frame = {0};
    struct bus_record r = {.topic = topic, .partition = partition, .key = bytes_of(key)};

    MUST(codec_encode(kind, record, &frame, &test_error));
    r.value = buf_bytes(&frame);
    MUST(bus_producer_send(producer, &r, on_delivered, &rc, &test_error));
    WAIT_FOR((bus_producer_serve(producer, 100), rc != RC_CONFLICT));
    MUST(rc);
}

static void fill(struct execution_created *e)
{
    static const struct bytes nothing = {.data = "", .len = 0};

    if (uuid_is_nil(e->task_id))
        e->task_id = uuid_random();
    if (e->scheduled_at == 0)
        e->scheduled_at = clock_realtime();
    if (uuid_is_nil(e->execution_id))
        e->execution_id = execution_id_of(e->task_id, e->scheduled_at, "instant", "");
    e->task_key = e->task_key == NULL ? "test" : e->task_key;
    e->project = "default";
    e->attempt = MAX(e->attempt, 1);
    e->max_attempts = MAX(e->max_attempts, 1);
    e->revision = 1;
    e->due_at = e->scheduled_at;
    e->status_partition = partition_of(e->task_id, INSTALLATION_PARTITIONS);
    if (e->trigger == TRIGGER_UNKNOWN)
        e->trigger = TRIGGER_SCHEDULED;
    if (e->payload.data == NULL)
        e->payload = nothing;
}

struct uuid installation_publish(const char *queue, struct execution_created e)
{
    char topic[128], key[UUID_TEXT];

    fill(&e);
    map_put(&tasks, e.execution_id, arena_memdup(memory, &e.task_id, sizeof e.task_id));
    (void)snprintf(topic, sizeof topic, "%sexecutions.%s", broker_prefix(), queue);
    publish(topic, e.status_partition, uuid_to_text(e.task_id, key), RECORD_EXECUTION_CREATED, &e);
    return e.execution_id;
}

struct uuid installation_task_of(struct uuid execution_id)
{
    const struct uuid *task = map_find(&tasks, execution_id);

    return task == NULL ? UUID_NIL : *task;
}

void installation_signal(const struct execution_signal *signal)
{
    char key[UUID_TEXT];

    publish(broker_topic("control"), 0, uuid_to_text(signal->execution_id, key),
            RECORD_EXECUTION_SIGNAL, signal);
}

void installation_cancel(struct uuid execution_id)
{
    const struct execution_signal signal = {.execution_id = execution_id,
                                            .task_id = installation_task_of(execution_id),
                                            .attempt = 1,
                                            .signal = SIGNAL_CANCEL,
                                            .requested_at = clock_realtime()};

    installation_signal(&signal);
}

/* --- what was said --- */

static void keep(const struct bus_event *event)
{
    enum record_kind kind;
    const void *record;

    MUST(codec_decode(event->value, memory, &kind, &record, &test_error));
    if (kind == RECORD_EXECUTION_STATUS && status_count < INSTALLATION_RECORDS)
        statuses[status_count++] = record;
    if (kind == RECORD_LOG_BATCH && batch_count < INSTALLATION_RECORDS)
        batches[batch_count++] = record;
    if (kind == RECORD_HEARTBEAT && heartbeat_count < INSTALLATION_RECORDS)
        heartbeats[heartbeat_count++] = record;
}

/* All that has come; a little longer than it takes to come. */
static void read_on(void)
{
    struct bus_event event = {.kind = BUS_MESSAGE};

    while (event.kind != BUS_NOTHING) {
        bus_poll(reader, 20, &event);
        if (event.kind == BUS_MESSAGE)
            keep(&event);
    }
}

/* Of what has been read. */
static const struct history *show(struct uuid execution_id)
{
    shown = (struct history){0};
    for (size_t i = 0; i < status_count; i++)
        if (uuid_equal(statuses[i]->execution_id, execution_id))
            shown.statuses[shown.status_count++] = statuses[i];
    for (size_t i = 0; i < batch_count; i++) {
        if (!uuid_equal(batches[i]->execution_id, execution_id))
            continue;
        shown.batches[shown.batch_count++] = batches[i];
        shown.line_count += batches[i]->line_count;
    }
    for (size_t i = 0; i < heartbeat_count; i++)
        if (uuid_equal(heartbeats[i]->execution_id, execution_id)) {
            shown.heartbeat_count++;
            shown.heartbeat = heartbeats[i];
        }
    return &shown;
}

const struct history *installation_history(struct uuid execution_id)
{
    read_on();
    return show(execution_id);
}

size_t installation_told(const struct uuid *ids, size_t count, size_t least)
{
    size_t told = 0;

    read_on();
    for (size_t i = 0; i < count; i++)
        told += show(ids[i])->status_count >= least ? 1 : 0;
    return told;
}

static const struct execution_status *final_of(const struct history *h)
{
    for (size_t i = 0; i < h->status_count; i++)
        if (status_is_final(h->statuses[i]->status))
            return h->statuses[i];
    return NULL;
}

const struct execution_status *installation_final(struct uuid execution_id)
{
    const struct execution_status *final;

    WAIT_FOR((final = final_of(show(execution_id))) != NULL || (read_on(), false));
    return final;
}

/* Does the line go on with the next one of its stream? *mark: the first one that may be about it. */
static bool is_unfinished(const struct log_batch *batch, size_t line, size_t *mark)
{
    if (*mark == batch->mark_count || batch->marks[*mark].line != (int32_t)line + 1)
        return false;
    return batch->marks[(*mark)++].unfinished;
}

const char *installation_lines(struct uuid execution_id, enum log_stream stream)
{
    const struct history *h = installation_history(execution_id);
    bool goes_on[STREAM_COUNT] = {false};
    int64_t next = 1;
    SCOPED_BUF out = {0};

    for (size_t b = 0; b < h->batch_count; b++) {
        const struct log_batch *batch = h->batches[b];

        if (batch->first_seq != next)
            MUST(error_set(&test_error, RC_INVALID, "line %lld follows line %lld",
                           (long long)batch->first_seq, (long long)next - 1));
        next += (int64_t)batch->line_count;
        for (size_t i = 0, mark = 0; i < batch->line_count; i++) {
            const struct log_line *line = &batch->lines[i];
            bool is_rest = goes_on[line->stream];

            goes_on[line->stream] = is_unfinished(batch, i, &mark);
            if (stream != STREAM_COUNT && line->stream != stream)
                continue;
            buf_add_text(&out, out.len > 0 && !is_rest ? "\n" : "");
            buf_add(&out, line->message, line->message_len);
        }
    }
    return arena_strdup(memory, buf_text(&out));
}
