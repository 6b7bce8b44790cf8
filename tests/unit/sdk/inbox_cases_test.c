/* The rules of claiming that every SDK keeps (sdk/conformance/inbox.json) are those of the C library. */
#include <stdint.h>

#include "bus/driver.h"
#include "c/worker.h"
#include "support/broker.h"
#include "support/cases.h"

static struct cronobs_worker w;

/* --- Kafka: answers a commit as the case says, and brings one cancellation --- */

static enum rc outcome;       /* of the next commit */
static json_t *committed;     /* what it was; NULL: there was none */
static struct bytes incoming; /* for the reader of `control`; NULL: nothing */

static enum rc take_commit(struct bus_consumer *c UNUSED, const struct bus_position *next,
                           size_t count, int timeout_ms UNUSED, struct error *err)
{
    committed = json_object();
    for (size_t i = 0; i < count; i++) {
        char partition[16];

        (void)snprintf(partition, sizeof partition, "%d", next[i].partition);
        json_object_set_new(committed, partition, json_integer(next[i].offset));
    }
    return outcome == RC_OK ? RC_OK : error_set(err, outcome, "as the case says");
}

static void poll_once(struct bus_consumer *c UNUSED, int timeout_ms UNUSED, struct bus_event *ret)
{
    *ret = (struct bus_event){
        .kind = incoming.data == NULL ? BUS_NOTHING : BUS_MESSAGE, .topic = "", .value = incoming};
    incoming = (struct bytes){0};
}

static const struct bus_driver driver = {.commit = take_commit, .poll = poll_once};
static struct bus_consumer kafka = {.driver = &driver};

static void begin_worker(const json_t *c)
{
    const json_t *concurrency = json_object_get(c, "concurrency");

    w = (struct cronobs_worker){
        .consumer = &kafka,
        .config.concurrency = concurrency == NULL ? 16 : (int)json_integer_value(concurrency),
        .partitions = 4,
        .wake_io = -1,
        .wake_user = -1,
        .control = {.reader = &kafka, .cancelled = {.max = WORKER_CANCELS_MAX}}};
    pthread_mutex_init(&w.lock, NULL);
    pthread_mutex_init(&w.notice_lock, NULL);
    pthread_cond_init(&w.changed, NULL);
}

static void end_worker(void)
{
    struct cronobs_job *job;

    while ((job = inbox_first(&w.inbox, JOB_WAITING)) != NULL) {
        inbox_remove(&w.inbox, job);
        job_free(job);
    }
    for (size_t i = 0; i < w.job_count; i++)
        job_free(w.jobs[i]);
    free(w.jobs);
    seen_clear(&w.control.cancelled);
    inbox_clear(&w.inbox);
}

/* --- names: an execution's task key is what the case calls it --- */

static struct uuid id_of(const char *name)
{
    return task_id_of("cases", name);
}

/* "a/2" */
static struct execution_created execution_of(const char *what, const char *task)
{
    SCOPED(text) char *id = xstrdup(what);
    char *slash = strchr(id, '/');

    assert_non_null(slash);
    *slash = '\0';
    return (struct execution_created){.execution_id = id_of(id),
                                      .task_id = id_of(task),
                                      .task_key = what,
                                      .attempt = (int)strtol(slash + 1, NULL, 10)};
}

static json_t *name_of(const struct cronobs_job *job)
{
    return json_string(job->view.task_key);
}

/* The last claim of that name. */
static struct cronobs_job *claim_named(const json_t *step)
{
    for (size_t i = w.job_count; i > 0; i--)
        if (text_equal(w.jobs[i - 1]->view.task_key, case_text(step, "what")))
            return w.jobs[i - 1];
    fail_msg("there is no claim %s", case_text(step, "what"));
    return NULL;
}

static int64_t number_in(const json_t *step, const char *name)
{
    return json_integer_value(json_object_get(step, name));
}

/* Claims in that state, which become `next`. */
static json_t *claims_in(enum job_state state, enum job_state next)
{
    json_t *names = json_array();

    for (size_t i = 0; i < w.job_count; i++) {
        if (w.jobs[i]->state != state)
            continue;
        json_array_append_new(names, name_of(w.jobs[i]));
        w.jobs[i]->state = next;
    }
    return names;
}

/* --- steps: what each returns is what the case expects --- */

static json_t *forget(void)
{
    json_t *result = json_object();

    for (size_t i = 0; i < w.job_count; i++) /* what was forgotten or is done before */
        if (w.jobs[i]->state == JOB_GONE)
            w.jobs[i]->state = JOB_ENDING;
    claim_forget(&w);
    json_object_set_new(result, "handed", claims_in(JOB_READY, JOB_HANDED));
    json_object_set_new(result, "forgotten", claims_in(JOB_GONE, JOB_ENDING));
    return result;
}

static json_t *do_assign(const json_t *step, const json_t *next UNUSED)
{
    const json_t *list = json_object_get(step, "partitions");
    struct bus_position positions[8];
    json_t *result = forget();

    assert_true(json_array_size(list) <= ARRAY_LEN(positions));
    for (size_t i = 0; i < json_array_size(list); i++)
        positions[i] =
            (struct bus_position){.partition = (int)json_integer_value(json_array_get(list, i))};
    inbox_assign(&w.inbox, positions, json_array_size(list));
    return result;
}

static json_t *do_revoke(const json_t *step UNUSED, const json_t *next UNUSED)
{
    json_t *result = forget();

    inbox_assign(&w.inbox, NULL, 0);
    return result;
}

static json_t *do_begin(const json_t *step, const json_t *next UNUSED)
{
    struct inbox_partition *p = inbox_partition(&w.inbox, (int)number_in(step, "partition"));

    if (json_is_integer(json_object_get(step, "stored"))) {
        inbox_begin(p, number_in(step, "stored"));
    } else {
        inbox_lose(&w.inbox, p);
        p->next = BUS_BEGINNING;
    }
    return json_null();
}

static json_t *do_take(const json_t *step, const json_t *next UNUSED)
{
    const char *what = json_string_value(json_object_get(step, "what"));
    struct cronobs_job *job = NULL;
    bool is_taken;

    if (what != NULL) {
        struct execution_created e = execution_of(what, "task");

        e.start_by = number_in(step, "start_by");
        job = job_new(&e, "default", 4);
    }
    is_taken =
        inbox_take(&w.inbox, (int)number_in(step, "partition"), number_in(step, "offset"), job);
    if (!is_taken)
        job_free(job);
    return json_boolean(is_taken);
}

static json_t *do_end(const json_t *step, const json_t *next UNUSED)
{
    inbox_end(inbox_partition(&w.inbox, (int)number_in(step, "partition")),
              number_in(step, "offset"));
    return json_null();
}

static json_t *do_cancels_known(const json_t *step UNUSED, const json_t *next UNUSED)
{
    w.control.is_read = true;
    return json_null();
}

static json_t *do_cancel(const json_t *step, const json_t *next UNUSED)
{
    const char *task = case_text(step, "task");
    const struct execution_created e =
        execution_of(case_text(step, "what"), task[0] == '\0' ? "task" : task);
    const struct execution_signal signal = {.execution_id = e.execution_id,
                                            .task_id = e.task_id,
                                            .attempt = e.attempt,
                                            .signal = SIGNAL_CANCEL};
    SCOPED_BUF frame = {0};

    MUST(codec_encode(RECORD_EXECUTION_SIGNAL, &signal, &frame, &test_error));
    incoming = buf_bytes(&frame);
    for (size_t i = 0; i < w.job_count; i++)
        atomic_store(&w.jobs[i]->is_cancelled, false);
    control_step(&w);
    for (size_t i = 0; i < w.job_count; i++)
        if (atomic_load(&w.jobs[i]->is_cancelled))
            return name_of(w.jobs[i]);
    return json_null();
}

/* A step of the worker's without a commit, and maybe with new claims. */
static void claim_only(bool may_claim)
{
    w.commit_at = USEC_MAX;
    w.is_draining = !may_claim;
    claim_step(&w);
}

static json_t *do_claim(const json_t *step, const json_t *next UNUSED)
{
    json_t *names = json_array();
    size_t before = w.job_count;

    w.writer.now = number_in(step, "now");
    claim_only(true);
    for (size_t i = before; i < w.job_count; i++)
        json_array_append_new(names, name_of(w.jobs[i]));
    return names;
}

static json_t *do_announced(const json_t *step, const json_t *next UNUSED)
{
    struct cronobs_job *job = claim_named(step);

    if (job->state != JOB_CLAIMING)
        return json_false();
    MUST(job_next_frame(job, &w.writer, 0, &test_error));
    (void)job_delivered(job, 0);
    return json_true();
}

/* Its answer is in the step after it. */
static json_t *do_commit(const json_t *step UNUSED, const json_t *next)
{
    const char *answer = case_text(next, "outcome");

    outcome = text_equal(answer, "refused")      ? RC_CONFLICT
              : text_equal(answer, "unanswered") ? RC_RETRY
                                                 : RC_OK;
    committed = NULL;
    w.commit_at = 0;
    w.is_draining = true; /* claims nothing meanwhile */
    claim_step(&w);
    if (committed != NULL)
        return committed;
    assert_true(claim_wake(&w) == USEC_MAX); /* else its thread goes round and round */
    return json_null();
}

static json_t *do_answer(const json_t *step UNUSED, const json_t *next UNUSED)
{
    return json_null();
}

/* What was cancelled meanwhile the library ends by itself. */
static json_t *do_hand_out(const json_t *step UNUSED, const json_t *next UNUSED)
{
    json_t *names, *cancelled = json_array();

    claim_only(false);
    names = claims_in(JOB_READY, JOB_HANDED);
    for (size_t i = 0; i < w.job_count; i++)
        if (w.jobs[i]->state == JOB_ENDING && w.jobs[i]->final.is_set)
            json_array_append_new(cancelled, name_of(w.jobs[i]));
    json_array_extend(names, cancelled);
    json_decref(cancelled);
    return names;
}

static json_t *do_done(const json_t *step, const json_t *next UNUSED)
{
    struct cronobs_job *job = claim_named(step);

    w.busy -= job->state == JOB_HANDED;
    job->state = JOB_ENDING;
    return json_null();
}

static json_t *do_note(const json_t *step, const json_t *next UNUSED)
{
    int64_t count = number_in(step, "count");

    for (int64_t i = 0; i < count; i++) {
        SCOPED(text) char *name = xasprintf("%s-%lld", case_text(step, "what"), (long long)i);

        inbox_note(&w.inbox, id_of(name), 1);
    }
    if (count == 0) {
        const struct execution_created e = execution_of(case_text(step, "what"), "task");

        inbox_note(&w.inbox, e.execution_id, e.attempt);
    }
    return json_null();
}

/* Only what is asked for. */
static json_t *do_look(const json_t *step, const json_t *next UNUSED)
{
    json_t *result = json_deep_copy(json_object_get(step, "expect"));
    int waiting = 0;

    for (size_t i = 0; i < w.inbox.count; i++)
        waiting += w.inbox.entries[i].job->state == JOB_WAITING;
    assert_null(json_object_get(result, "paused")); /* read.c does that, with a room of its own */
    if (json_object_get(result, "waiting") != NULL)
        json_object_set_new(result, "waiting", json_integer(waiting));
    if (json_object_get(result, "busy") != NULL)
        json_object_set_new(result, "busy", json_integer(w.busy));
    if (json_object_get(result, "claiming") != NULL)
        json_object_set_new(result, "claiming", json_boolean(claim_is_under_way(&w)));
    if (json_object_get(result, "alone") != NULL)
        json_object_set_new(result, "alone", json_boolean(inbox_announces_alone(&w.inbox)));
    return result;
}

static const struct verb {
    const char *name;
    json_t *(*run)(const json_t *step, const json_t *next);
} verbs[] = {
    {"assign", do_assign}, {"revoke", do_revoke}, {"begin", do_begin},
    {"take", do_take},     {"end", do_end},       {"cancels_known", do_cancels_known},
    {"cancel", do_cancel}, {"claim", do_claim},   {"announced", do_announced},
    {"commit", do_commit}, {"answer", do_answer}, {"hand_out", do_hand_out},
    {"done", do_done},     {"note", do_note},     {"look", do_look},
};

static json_t *run_step(const json_t *step, const json_t *next)
{
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (text_equal(verbs[i].name, case_text(step, "do")))
            return verbs[i].run(step, next);
    fail_msg("nobody knows the step %s", case_text(step, "do"));
    return NULL;
}

static void check_case(const json_t *c)
{
    const json_t *steps = json_object_get(c, "steps");

    begin_worker(c);
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *step = json_array_get(steps, i);
        const json_t *expected = json_object_get(step, "expect");
        json_t *result = run_step(step, json_array_get(steps, i + 1));
        SCOPED(text) char *text = json_dumps(result, JSON_ENCODE_ANY | JSON_SORT_KEYS);

        if (expected != NULL && !json_equal(result, expected))
            fail_msg("%s: step %zu, %s: %s", case_text(c, "name"), i + 1, case_text(step, "do"),
                     text);
        json_decref(result);
    }
    end_worker();
}

static void does_what_every_sdk_does(void **state UNUSED)
{
    json_t *file = cases_load("inbox.json");

    each_case(file, "cases", check_case);
    json_decref(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(does_what_every_sdk_does)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
