/*
 * story.c - what people did, what went wrong, and how a run is drawn.
 */
#include "cli/demo/story.h"

#include <string.h>

#include "model/spec.h"

enum { HOUR = 3600, DAY = 86400 };

/* --- what went wrong --- */

/* clang-format off */
static const struct story_step certificate_steps[] = {
    {'E', 1, "could not reach gateway.eastpay.example: certificate has expired"},
    {'T', 1, "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: NotAfter: it was valid until this morning"},
    {'T', 1, "\tat sun.security.ssl.Alert.createSSLException(Alert.java:131)"},
    {'T', 1, "\tat sun.security.ssl.TransportContext.fatal(TransportContext.java:378)"},
    {'T', 1, "\tat example.settlement.Acquirer.connect(Acquirer.java:88)"},
    {'T', 1, "\tat example.settlement.Main.main(Main.java:31)"},
    {0, 0, NULL},
};
static const struct story_step bank_steps[] = {
    {'W', 3, "503 Service Unavailable from api.nordbank.example, trying again in {2-30} s"},
    {'E', 1, "given up after 3 tries: 503 Service Unavailable"},
    {0, 0, NULL},
};
static const struct story_step lock_steps[] = {
    {'W', 4, "still waiting for the lock on table stock, held by session {1000-9999} (VACUUM FULL)"},
    {0, 0, NULL},
};
static const struct story_step stall_steps[] = {
    {'W', 2, "no answer from cold-eu-1 for {60-600} s, waiting"},
    {'W', 1, "transfer stalled at object {20000-30000}"},
    {0, 0, NULL},
};
static const struct story_step traceback_steps[] = {
    {'E', 1, "could not save: server closed the connection unexpectedly"},
    {'T', 1, "Traceback (most recent call last):"},
    {'T', 1, "  File \"/srv/jobs/main.py\", line {40-90}, in <module>"},
    {'T', 1, "    run(Settings.load())"},
    {'T', 1, "  File \"/srv/jobs/store.py\", line {100-400}, in save"},
    {'T', 1, "    cursor.executemany(INSERT, rows)"},
    {'T', 1, "psycopg.OperationalError: consuming input failed: server closed the connection unexpectedly"},
    {0, 0, NULL},
};
static const struct story_step refused_steps[] = {
    {'E', 1, "could not connect to 10.40.2.{10-90}:5432: Connection refused"},
    {0, 0, NULL},
};
static const struct story_step disk_steps[] = {
    {'W', 1, "/var/spool is {95-99} % full"},
    {'E', 1, "write failed: No space left on device"},
    {0, 0, NULL},
};

/* What fails by chance ends with one of these. */
static const struct story_trouble by_chance[] = {
    {.rc = RC_NOT_FOUND, .steps = traceback_steps},
    {.rc = RC_RETRY, .steps = refused_steps},
    {.rc = RC_FATAL, .steps = disk_steps},
};

const struct story_trouble story_troubles[] = {
    {"card-settlement", 9 * HOUR, 0, false, RC_RETRY, certificate_steps},
    {"reorder-points", 2 * DAY + HOUR, 0, false, RC_NOT_FOUND, traceback_steps},
    {"transcode", 17 * HOUR, 15 * HOUR, false, RC_FATAL, disk_steps},
    {"stock-levels", 20 * HOUR, 19 * HOUR, true, RC_OK, lock_steps},
    {"ledger-sync", 26 * DAY + 4 * HOUR, 26 * DAY + HOUR, false, RC_FATAL, bank_steps},
    {"ledger-sync", 11 * DAY, 11 * DAY - 2 * HOUR, false, RC_FATAL, bank_steps},
    {"stock-levels", 18 * DAY, 18 * DAY - 5 * HOUR, true, RC_OK, lock_steps},
    {"sales-europe", 6 * DAY + 12 * HOUR, 5 * DAY, false, RC_NOT_FOUND, traceback_steps},
    {"transcode", 37 * DAY, 37 * DAY - 6 * HOUR, false, RC_FATAL, disk_steps},
    {"archive", 8 * HOUR, 2 * HOUR - 1, true, RC_OK, stall_steps},
    {.key = NULL},
};

const struct story_absence story_absences[] = {
    {NULL, 40 * DAY + 2 * HOUR, 40 * DAY - HOUR / 3},
    {NULL, 13 * DAY, 13 * DAY - 25 * 60},
    {"batch", 33 * DAY, 33 * DAY - 50 * 60},
    {"batch", 20 * DAY + 7 * HOUR, 20 * DAY + 5 * HOUR},
    {"batch", 5 * HOUR + 30 * 60, 4 * HOUR + 10 * 60},
    {"media", 22 * DAY, 22 * DAY - 2 * HOUR},
    {"gpu", 3 * HOUR + 10 * 60, 0},
    {NULL, 0, 0},
};

/* --- what people did --- */

const struct story_change story_changes[] = {
    {"supplier-feeds", 44 * DAY, "priya", "Purchasing wants fresher prices", "25 */3 * * *", 0},
    {"ledger-sync", 31 * DAY, "anna", "The bank allows three calls an hour now", "*/30 * * * *", 0},
    {"invoices", 24 * DAY + 3 * HOUR, "priya", "An hour later: deliveries of the night are in by then", "0 8 * * MON-FRI", 0},
    {"stock-levels", 17 * DAY + 18 * HOUR, "jonas", "It hangs on the lock: sooner out is sooner tried again", NULL, 300},
    {.key = NULL},
};

const struct story_deed story_deeds[] = {
    {COMMAND_PAUSE_TASK, "stock-levels", 47 * DAY + 9 * HOUR, "jonas", "The database moves to new hardware"},
    {COMMAND_RESUME_TASK, "stock-levels", 47 * DAY + 3 * HOUR, "jonas", "It has moved"},
    {COMMAND_DELETE_TASK, "fax-invoices", 35 * DAY, "priya", "Nobody has a fax any more"},
    {COMMAND_TRIGGER_TASK, "ledger-sync", 26 * DAY + HOUR / 2, "anna", "The bank is back"},
    {COMMAND_TRIGGER_TASK, "stocktake", 37 * DAY - 3 * HOUR, "lena", "Hall 3 was counted twice"},
    {COMMAND_PAUSE_TASK, "customs-export", 12 * DAY + 2 * HOUR, "jonas", "The customs office refuses the new form until it has been certified (WH-4711)"},
    {COMMAND_TRIGGER_TASK, "sales-europe", 5 * DAY - HOUR, "anna", "Repaired, see the change of Tuesday"},
    {COMMAND_TRIGGER_TASK, "card-settlement", 2 * HOUR + 40 * 60, "anna", "To see whether the certificate was renewed"},
    {.key = NULL},
};
/* clang-format on */

const char *const story_queues[] = {"default", "batch", "gpu", "media", NULL};

const struct story_task *story_find(const char *key)
{
    for (const struct story_task *t = story_tasks; t->key != NULL; t++)
        if (text_equal(t->key, key))
            return t;
    return NULL;
}

/* --- a task --- */

static void take_back_changes(const struct story_task *t, int64_t ago_s, struct task_spec *spec)
{
    for (const struct story_change *c = story_changes; c->key != NULL; c++) {
        if (strcmp(c->key, t->key) != 0 || c->ago_s >= ago_s)
            continue;
        if (c->expression != NULL)
            spec->schedules[0].expression = c->expression;
        if (c->run_timeout_s != 0)
            spec->run_timeout_ms = INT64_C(1000) * c->run_timeout_s;
    }
}

void story_spec(const struct story_task *t, int64_t ago_s, struct arena *memory,
                struct task_spec *ret)
{
    struct schedule_spec *schedule = arena_alloc(memory, sizeof *schedule);
    struct pair *label = arena_alloc(memory, sizeof *label);

    *schedule = (struct schedule_spec){.expression = t->expression, .zone = t->zone};
    *label = (struct pair){"team", t->team};
    *ret = (struct task_spec){
        .key = t->key,
        .project = t->project,
        .title = t->title,
        .description = t->description,
        .labels = {label, 1},
        .queue = t->queue,
        .payload = bytes_of(t->payload),
        .content_type = "application/json",
        .schedules = schedule,
        .schedule_count = 1,
        .overlap = t->skips_overlap ? OVERLAP_SKIP : OVERLAP_ALLOW,
        .start_deadline_ms = INT64_C(1000) * t->start_deadline_s,
        .run_timeout_ms = INT64_C(1000) * t->run_timeout_s,
    };
    take_back_changes(t, ago_s, ret);
    spec_normalise(ret);
}

/* --- a run --- */

/* splitmix64 */
uint64_t story_draw(uint64_t *seed, uint64_t below)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

static const struct story_trouble *find_trouble(const char *key, int64_t ago_s)
{
    for (const struct story_trouble *t = story_troubles; t->key != NULL; t++)
        if (strcmp(t->key, key) == 0 && ago_s <= t->from_ago_s &&
            (ago_s > t->to_ago_s || t->to_ago_s == 0))
            return t;
    return NULL;
}

/* Around the usual, a little longer each week, some far longer. */
static int64_t draw_length(const struct story_task *t, uint64_t *seed, int64_t ago_s)
{
    int64_t usual_ms = INT64_C(1000) * t->usual_s, age_ms = usual_ms * MAX(ago_s, 0) / DAY / 240;
    int64_t length = usual_ms * (int64_t)(82 + story_draw(seed, 40)) / 100 - age_ms;

    length += (int64_t)story_draw(seed, 997);
    return story_draw(seed, 1000) < (uint64_t)t->slow ? 4 * length : length;
}

struct story_run story_run_of(const struct story_task *t, struct uuid execution, int64_t ago_s)
{
    struct story_run run = {.task = t};
    const struct story_trouble *trouble = find_trouble(t->key, ago_s);
    uint64_t chance;

    memcpy(&run.seed, execution.b + 8, sizeof run.seed);
    run.run_ms = draw_length(t, &run.seed, ago_s);
    chance = story_draw(&run.seed, 1000);
    if (trouble == NULL && chance < (uint64_t)t->fails)
        trouble = &by_chance[story_draw(&run.seed, ARRAY_LEN(by_chance))];
    if (trouble == NULL) {
        run.hangs = chance >= (uint64_t)(1000 - t->hangs);
        run.last_words = run.hangs ? lock_steps : NULL;
        return run;
    }
    run.hangs = trouble->hangs;
    run.fails = !trouble->hangs;
    run.rc = trouble->rc;
    run.last_words = trouble->steps;
    if (run.fails) {
        int64_t percent = 5 + (int64_t)story_draw(&run.seed, 60);

        run.run_ms = MAX(run.run_ms * percent / 100, 400);
    }
    return run;
}
