/*
 * Reading: the queue, as a member of the workers' group.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "c/worker.h"
#include "model/lifecycle.h"

enum { READ_MAX = 500, READ_BYTES_MAX = 4 * 1024 * 1024 };

static const usec_t TELL_EVERY = 10 * USEC_PER_SEC;

/* --- starting --- */

static enum rc count_partitions(struct cronobs_worker *w, struct bus_admin *admin,
                                struct error *err)
{
    const char *const topics[] = {w->topics.logs, w->topics.status, w->topics.heartbeats,
                                  w->topics.control, w->topics.queue};
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct bus_topic topic = {0};
    int partitions = 0;

    for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
        enum rc rc = bus_topic_read(admin, topics[i], memory, &topic, err);

        if (rc == RC_NOT_FOUND && i + 1 == ARRAY_LEN(topics))
            return error_set(err, rc, "waiting for queue '%s': there is no topic %s yet",
                             w->config.queue, topics[i]);
        if (rc == RC_NOT_FOUND)
            return error_set(err, rc, "there is no topic %s: run `cronobs topics apply`",
                             topics[i]);
        TRY(rc);
        if (i == 0)
            partitions = topic.partitions;
    }
    w->partitions = partitions;
    w->queue_partitions = topic.partitions; /* the last of them */
    return RC_OK;
}

static enum rc look_at_topics(struct cronobs_worker *w, struct error *err)
{
    SCOPED(bus_admin) struct bus_admin *admin = NULL;

    TRY(bus_admin_new(w->bus, &admin, err));
    return count_partitions(w, admin, err);
}

static enum rc join(struct cronobs_worker *w, struct error *err)
{
    const char *const topics[] = {w->topics.queue, NULL};
    const struct bus_consumer_config config = {.group = w->config.group,
                                               .static_member = w->config.instance != NULL,
                                               .topics = topics,
                                               .isolation = BUS_COMMITTED,
                                               .before_revoked = claim_settle,
                                               .ctx = w};

    if (w->producer == NULL)
        TRY(bus_producer_new(w->bus, &w->producer, err));
    return bus_consumer_new(w->bus, &config, &w->consumer, err);
}

void read_start(struct cronobs_worker *w)
{
    struct error err = {0};
    enum rc rc = RC_OK;

    if (w->tick < w->start_at)
        return;
    if (w->partitions == 0)
        rc = look_at_topics(w, &err);
    if (rc == RC_OK)
        rc = join(w, &err);
    if (rc != RC_OK) {
        worker_notice(w, CRONOBS_NOTICE_WARNING, "%s", err.text);
        w->start_at = w->tick + WORKER_START_US;
        return;
    }
    pthread_mutex_lock(&w->lock);
    w->phase = WORKER_READING;
    pthread_mutex_unlock(&w->lock);
}

static void forget(struct cronobs_worker *w)
{
    claim_forget(w);
    locate_forget(w);
    w->has_more = false;
}

void read_stop(struct cronobs_worker *w)
{
    forget(w);
    if (w->consumer != NULL)
        bus_consumer_close(TAKE(w->consumer));
}

/* Without leaving the group: a consumer that does not work cannot be trusted to do that either. */
void read_anew(struct cronobs_worker *w, const char *why)
{
    worker_notice(w, CRONOBS_NOTICE_ERROR, "starts anew: %s", why);
    forget(w);
    bus_consumer_free(TAKE(w->consumer));
    inbox_assign(&w->inbox, NULL, 0);
    w->must_assign = false;
    w->start_at = w->tick + WORKER_START_US;
}

/* --- the assignment --- */

static void assign(struct cronobs_worker *w)
{
    const struct inbox *b = &w->inbox;
    struct bus_position *positions = xcalloc(b->partition_count + 1, sizeof *positions);
    struct error err = {0};
    size_t count = 0;

    for (size_t i = 0; i < b->partition_count && !w->is_paused; i++)
        if (b->partitions[i].next != BUS_NONE && !b->partitions[i].must_wait)
            positions[count++] = (struct bus_position){.topic = w->topics.queue,
                                                       .partition = b->partitions[i].partition,
                                                       .offset = b->partitions[i].next};
    w->must_assign = bus_assign(w->consumer, positions, count, &err) != RC_OK;
    free(positions);
    if (!w->must_assign)
        return;
    worker_notice(w, CRONOBS_NOTICE_WARNING, "%s", err.text);
    w->assign_at = w->tick + WORKER_RETRY_US; /* else they would never be read */
}

/* Full: read nothing more of the queue until half of it is gone. */
static void pause_or_go_on(struct cronobs_worker *w)
{
    bool was_paused = w->is_paused;

    if (w->inbox.count >= WORKER_INBOX_MAX)
        w->is_paused = true;
    else if (w->inbox.count <= WORKER_INBOX_MAX / 2)
        w->is_paused = false;
    w->must_assign = w->must_assign || was_paused != w->is_paused;
}

static void take_assignment(struct cronobs_worker *w, const struct bus_event *event)
{
    forget(w);
    inbox_assign(&w->inbox, event->positions, event->position_count);
    w->is_paused = false;
    w->must_assign = w->must_locate = event->position_count > 0;
}

static void take_revocation(struct cronobs_worker *w)
{
    forget(w);
    inbox_assign(&w->inbox, NULL, 0);
    w->must_assign = false;
}

/* A position is gone from the topic: its records were deleted, or the topic was made anew. */
static void take_lost_position(struct cronobs_worker *w, const struct bus_event *event)
{
    struct inbox_partition *p = inbox_partition(&w->inbox, event->partition);

    worker_notice(w, CRONOBS_NOTICE_WARNING, "%s", event->err.text);
    if (strcmp(event->topic, w->topics.queue) == 0 && p != NULL) {
        inbox_lose(&w->inbox, p);
        w->must_locate = true;
        w->locate_at = w->tick + WORKER_RETRY_US;
    }
}

/* --- messages --- */

/* What nobody can use is counted and told, not each by itself: there may be millions. */
void read_pass_over(struct cronobs_worker *w, const struct bus_event *event, const char *why)
{
    w->passed_over++;
    if (w->tick < w->tell_at)
        return;
    worker_notice(w, CRONOBS_NOTICE_ERROR, "passed over %s[%d] at %lld: %s (%llu so far)",
                  event->topic, event->partition, (long long)event->offset, why,
                  (unsigned long long)w->passed_over);
    w->tell_at = w->tick + TELL_EVERY;
}

/*
 * Of these, nobody would take in what is said about them. An odd id or a partition that is not its task's is no reason to
 * leave work undone: whoever writes queues of their own may number as they like, at the price of a run without a history.
 */
static enum rc check(const struct cronobs_worker *w, const struct execution_created *e,
                     struct error *err)
{
    if (e->status_partition < 0 || e->status_partition >= w->partitions)
        return error_set(err, RC_INVALID, "its status_partition %d does not exist",
                         e->status_partition);
    return lifecycle_check_created(e, err);
}

/* NULL: nothing to do for it. The codec bounds what a message may ask for by its own length. */
static struct cronobs_job *job_of(struct cronobs_worker *w, const struct bus_event *event)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const struct execution_created *e;
    struct error err = {.text = "no value"};
    struct cronobs_job *job;
    const void *record;

    if (event->value.data == NULL ||
        codec_decode_as(RECORD_EXECUTION_CREATED, event->value, memory, &record, &err) != RC_OK) {
        read_pass_over(w, event, err.text);
        return NULL;
    }
    e = record;
    if (check(w, e, &err) != RC_OK) {
        read_pass_over(w, event, err.text);
        return NULL;
    }
    if (locate_leaves_out(w, e, event))
        return NULL;
    job = job_new(e, w->config.queue, w->partitions);
    job_set_trace(job, event->traceparent);
    return job;
}

static void take_execution(struct cronobs_worker *w, const struct bus_event *event)
{
    struct cronobs_job *job = job_of(w, event);

    if (!inbox_take(&w->inbox, event->partition, event->offset, job))
        job_free(job);
}

static void take_unreadable(struct cronobs_worker *w, const struct bus_event *event)
{
    char why[128];

    (void)snprintf(why, sizeof why, "the batch, up to %lld, cannot be unpacked (%s)",
                   (long long)event->next - 1, event->code);
    read_pass_over(w, event, why);
    (void)inbox_take(&w->inbox, event->partition, event->next - 1, NULL);
}

static void take_end(struct cronobs_worker *w, const struct bus_event *event)
{
    struct inbox_partition *p = inbox_partition(&w->inbox, event->partition);

    if (p != NULL)
        inbox_end(p, event->offset);
}

static void take_failure(struct cronobs_worker *w, const struct bus_event *event)
{
    switch (event->err.rc) {
    case RC_NOT_FOUND:
        take_lost_position(w, event);
        return;
    case RC_FENCED:
    case RC_INVALID:
        worker_break(w, &event->err);
        return;
    case RC_FATAL:
        read_anew(w, event->err.text);
        return;
    default:
        worker_notice(w, CRONOBS_NOTICE_WARNING, "%s", event->err.text);
    }
}

static void take_event(struct cronobs_worker *w, const struct bus_event *event)
{
    switch (event->kind) {
    case BUS_MESSAGE:
        take_execution(w, event);
        break;
    case BUS_UNREADABLE:
        take_unreadable(w, event);
        break;
    case BUS_EOF:
        take_end(w, event);
        break;
    case BUS_ASSIGNED:
        take_assignment(w, event);
        break;
    case BUS_REVOKED:
        take_revocation(w);
        break;
    case BUS_FAILED:
        take_failure(w, event);
        break;
    case BUS_NOTHING:
        break;
    }
}

/* So much as may be taken before somebody looks whether the inbox is full. */
static void take_events(struct cronobs_worker *w)
{
    struct bus_event event = {.kind = BUS_MESSAGE};
    size_t bytes = 0;

    for (int i = 0;
         i < READ_MAX && bytes < READ_BYTES_MAX && event.kind != BUS_NOTHING && w->consumer != NULL;
         i++) {
        bus_poll(w->consumer, 0, &event);
        bytes += event.kind == BUS_MESSAGE ? event.value.len : 0;
        take_event(w, &event);
    }
    w->has_more = w->consumer != NULL && event.kind != BUS_NOTHING;
}

void read_step(struct cronobs_worker *w)
{
    take_events(w);
    if (w->consumer == NULL)
        return;
    locate_step(w);
    pause_or_go_on(w);
    if (w->must_assign && w->tick >= w->assign_at)
        assign(w);
    watch_step(w);
}
