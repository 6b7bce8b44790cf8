#include "scheduler/observed.h"

#include "model/lifecycle.h"
#include "model/limits.h"
#include "scheduler/open.h"

enum { EXECUTION_ID_VERSION = 8 };

static bool begins_a_run(const struct execution_status *status)
{
    return status->status == STATUS_RUNNING && status->attempt == 1 &&
           lifecycle_speaker(status) == SPEAKER_WORKER && lifecycle_is_birth(status);
}

/* NULL: no such task, or one without limits, whose runs may take as long as they like. */
static struct task *find_task(const struct core *c, const struct execution_status *status)
{
    struct task *t = registry_find(c, status->task_id);
    const struct task_spec *spec;

    if (t == NULL || task_seen(t)->body == NULL)
        return NULL;
    spec = body_spec(task_seen(t)->body);
    return spec->run_timeout_ms > 0 || spec->heartbeat_ms > 0 ? t : NULL;
}

bool observed_matters(struct core *c, const struct execution_status *status)
{
    if (!begins_a_run(status))
        return c->observes && registry_find(c, status->task_id) != NULL;
    if (c->plan == NULL) /* specs are unpacked to be looked at, of any number of tasks */
        bodies_cool(&c->bodies);
    if (find_task(c, status) == NULL)
        return false;
    c->observes = true;
    return true;
}

/* What the history takes (consumer/intake.c), and no schedule of the task can have made. */
static bool may_be_external(const struct execution_status *status, usec_t at)
{
    usec_t scheduled_at = execution_id_ms(status->execution_id) * USEC_PER_MS;

    return uuid_version(status->execution_id) == EXECUTION_ID_VERSION &&
           scheduled_at >= HISTORY_START && scheduled_at <= at + USEC_PER_DAY &&
           !uuid_equal(status->execution_id,
                       execution_id_of(status->task_id, scheduled_at, "instant", ""));
}

static bool has_room(const struct core *c, const struct task *t)
{
    return task_seen(t)->observed < (c->observed < OBSERVED_MANY ? OBSERVED_MAX : OBSERVED_FEW);
}

struct open *observed_begin(struct plan *p, const struct execution_status *status,
                            const struct input *input)
{
    struct core *c = p->core;
    struct task *t = begins_a_run(status) ? find_task(c, status) : NULL;
    usec_t began = execution_id_ms(status->execution_id) * USEC_PER_MS;
    const struct task_spec *spec;
    struct open_execution e;

    if (t == NULL || !may_be_external(status, input->at) || !has_room(c, t))
        return NULL;
    spec = body_spec(task_seen(t)->body);
    e = (struct open_execution){
        .execution_id = status->execution_id,
        .task_id = t->node.id,
        .revision = task_seen(t)->revision,
        .spec_since = task_seen(t)->body->since,
        .attempt = 1,
        .max_attempts = 1,
        .status = STATUS_PENDING,
        .trigger = TRIGGER_EXTERNAL,
        .scheduled_at = began,
        .due_at = began,
        .queue = spec->queue,
        .run_timeout_ms = spec->run_timeout_ms,
        .heartbeat_ms = spec->heartbeat_ms,
        .status_from = input->offset,
    };
    plan_add_open(p, t, &e);
    return registry_find_open(c, e.execution_id, e.task_id);
}
