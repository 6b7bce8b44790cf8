#include "worker.h"

#include <stdio.h>
#include <string.h>

struct cronobs_error worker_why;

int worker_passed_over;

static void on_notice(void *ctx UNUSED, enum cronobs_notice kind, const char *text)
{
    worker_passed_over += strncmp(text, "passed over ", 12) == 0 ? 1 : 0;
    if (kind != CRONOBS_NOTICE_INFO)
        print_message("worker: %s\n", text);
}

char worker_queue[16];

int worker_begin(void **state UNUSED)
{
    installation_create();
    return 0;
}

int worker_add_queue(void **state UNUSED)
{
    static int count;

    (void)snprintf(worker_queue, sizeof worker_queue, "q%d", count++);
    installation_add_queue(worker_queue);
    return 0;
}

int worker_end(void **state UNUSED)
{
    installation_end();
    return 0;
}

struct cronobs_config worker_config(int concurrency)
{
    return (struct cronobs_config){.brokers = broker_address(),
                                   .topic_prefix = broker_prefix(),
                                   .queue = worker_queue,
                                   .concurrency = concurrency,
                                   .session_timeout_ms = 6000,
                                   .on_notice = on_notice};
}

struct cronobs_worker *worker_open(const struct cronobs_config *config)
{
    struct cronobs_worker *w = NULL;

    assert_int_equal(cronobs_open(config, &w, &worker_why), CRONOBS_OK);
    return w;
}

struct cronobs_job *worker_next(struct cronobs_worker *w)
{
    struct cronobs_job *job = NULL;
    enum cronobs_rc rc = cronobs_next(w, TEST_DEADLINE_MS, &job, &worker_why);

    if (rc != CRONOBS_OK)
        print_error("cronobs_next: %s\n", worker_why.text);
    assert_int_equal(rc, CRONOBS_OK);
    return job;
}

void worker_finish(struct cronobs_job *job)
{
    assert_int_equal(cronobs_finish(job, &(struct cronobs_outcome){.status = CRONOBS_SUCCEEDED}),
                     CRONOBS_OK);
}

void worker_close(struct cronobs_worker *w)
{
    enum cronobs_rc rc = cronobs_close(w, TEST_DEADLINE_MS, &worker_why);

    if (rc != CRONOBS_OK)
        print_error("cronobs_close: %s\n", worker_why.text);
    assert_int_equal(rc, CRONOBS_OK);
}

void worker_log(struct cronobs_job *job, enum cronobs_stream stream, const char *text)
{
    assert_int_equal(cronobs_log(job, CRONOBS_LEVEL_INFO, stream, text, strlen(text)), CRONOBS_OK);
}

size_t worker_work_off(struct cronobs_worker *w, const struct uuid *ids, size_t count)
{
    struct cronobs_job *job;

    while (cronobs_next(w, 10, &job, &worker_why) == CRONOBS_OK)
        worker_finish(job);
    return count == 0 ? 0 : installation_told(ids, count, 2);
}
