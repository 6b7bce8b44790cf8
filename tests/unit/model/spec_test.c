#include "model/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "model/tables.h"

/* A spec that is fine, and room to spoil it. */
struct draft {
    struct task_spec spec;
    struct schedule_spec schedules[20];
    struct pair labels[40];
    char text[200000];
};

static struct draft *draft_new(void)
{
    struct draft *d = xcalloc(1, sizeof *d);

    d->spec = (struct task_spec){
        .key = "backup", .schedules = d->schedules, .schedule_count = 1, .labels = {d->labels, 1}};
    for (size_t i = 0; i < ARRAY_LEN(d->schedules); i++)
        d->schedules[i] = (struct schedule_spec){.expression = "0 3 * * *"};
    for (size_t i = 0; i < ARRAY_LEN(d->labels); i++)
        d->labels[i] = (struct pair){"team", "ops"};
    memset(d->text, 'x', sizeof d->text - 1);
    return d;
}

static void draft_free(struct draft *d)
{
    free(d);
}

DEFINE_SCOPED(draft, struct draft, draft_free)

static enum rc validate(struct draft *d, struct error *err)
{
    SCOPED(zoneset) struct zoneset *zones = zoneset_new("");

    spec_normalise(&d->spec);
    return spec_validate(&d->spec, zones, err);
}

static void fills_in_the_defaults(void **state UNUSED)
{
    SCOPED(draft) struct draft *d = draft_new();
    struct error err = {0};

    d->spec.title = "";
    d->schedules[0].zone = "";
    assert_int_equal(validate(d, &err), RC_OK);
    assert_string_equal(d->spec.project, "default");
    assert_string_equal(d->spec.queue, "default");
    assert_null(d->spec.title);
    assert_null(d->schedules[0].zone);
    assert_int_equal(d->spec.misfire.policy, MISFIRE_LAST);
    assert_int_equal(d->spec.misfire.after_ms, 60000);
    assert_int_equal(d->spec.misfire.window_ms, 86400000);
    assert_int_equal(d->spec.misfire.limit, 100);
    assert_int_equal(d->spec.max_concurrency, 1);
    assert_int_equal(d->spec.retry.max_attempts, 1);
    assert_int_equal(d->spec.run_timeout_ms, 0);
    assert_int_equal(d->spec.start_deadline_ms, 0);
}

static void gives_deadlines_to_a_task_that_waits_for_itself(void **state UNUSED)
{
    SCOPED(draft) struct draft *d = draft_new();

    d->spec.overlap = OVERLAP_SKIP;
    d->spec.run_timeout_ms = 5000;
    assert_int_equal(validate(d, NULL), RC_OK);
    assert_int_equal(d->spec.run_timeout_ms, 5000);
    assert_int_equal(d->spec.start_deadline_ms, 86400000);
}

static void sees_that_two_specs_mean_the_same(void **state UNUSED)
{
    SCOPED(draft) struct draft *a = draft_new();
    SCOPED(draft) struct draft *b = draft_new();

    a->spec.labels.count = b->spec.labels.count = 2;
    a->labels[1].name = b->labels[0].name = "area";
    b->spec.project = "default";
    b->spec.payload.data = "";
    spec_normalise(&a->spec);
    spec_normalise(&b->spec);
    assert_true(spec_equal(&a->spec, &b->spec));
    b->schedules[0].dst_gap = DST_GAP_SKIP;
    assert_false(spec_equal(&a->spec, &b->spec));
}

static void takes_an_empty_window_for_none(void **state UNUSED)
{
    SCOPED(draft) struct draft *d = draft_new();
    struct window_spec empty = {.daily_from = "", .daily_to = "", .zone = ""};

    d->spec.window = &empty;
    assert_int_equal(validate(d, NULL), RC_OK);
    assert_null(d->spec.window);
    empty = (struct window_spec){.from = USEC_PER_DAY, .daily_from = ""};
    d->spec.window = &empty;
    assert_int_equal(validate(d, NULL), RC_OK);
    assert_non_null(d->spec.window);
    assert_null(empty.daily_from);
}

static void accepts_calendars_a_window_and_jitter(void **state UNUSED)
{
    SCOPED(draft) struct draft *d = draft_new();
    struct calendar_rule rules[] = {{"weekday", "SAT"}, {"range", "2026-12-24/2027-01-06"}};
    struct calendar_spec calendar = {.rules = rules, .rule_count = ARRAY_LEN(rules)};
    struct window_spec window = {.until = 1, .daily_from = "22:00", .daily_to = "06:00"};
    struct error err = {0};

    d->spec.calendars = &calendar;
    d->spec.calendar_count = 1;
    d->spec.jitter_ms = SPEC_JITTER_MAX_MS;
    assert_int_equal(validate(d, &err), RC_OK);
    assert_string_equal(calendar.name, "");
    d->spec.window = &window;
    assert_int_equal(validate(d, &err), RC_INVALID); /* over before anything was due */
    window.until = 0;
    assert_int_equal(validate(d, &err), RC_OK);
    d->spec.schedule_count = 0;
    window.daily_to = "21:00";
    assert_int_equal(validate(d, &err), RC_OK); /* by hand only */
}

/* --- one change to a good spec, and what comes of it --- */

static void no_key(struct draft *d)
{
    d->spec.key = NULL;
}
static void empty_key(struct draft *d)
{
    d->spec.key = "";
}
static void upper_case_key(struct draft *d)
{
    d->spec.key = "Backup";
}
static void key_with_a_blank(struct draft *d)
{
    d->spec.key = "back up";
}
static void dotted_project(struct draft *d)
{
    d->spec.project = ".x";
}
static void long_queue(struct draft *d)
{
    d->text[101] = '\0';
    d->spec.queue = d->text;
}
static void long_title(struct draft *d)
{
    d->text[501] = '\0';
    d->spec.title = d->text;
}
static void odd_content_type(struct draft *d)
{
    d->spec.content_type = "text/plain\r\nx: y";
}
static void foreign_content_type(struct draft *d)
{
    d->spec.content_type = "text/pl\x7fin";
}
static void long_content_type(struct draft *d)
{
    d->text[201] = '\0';
    d->spec.content_type = d->text;
}
static void large_payload(struct draft *d)
{
    d->spec.payload = (struct bytes){d->text, 65537};
}
static void large_description(struct draft *d)
{
    d->text[131072] = '\0';
    d->spec.description = d->text;
}
static void many_labels(struct draft *d)
{
    d->spec.labels.count = 33;
}
static void nameless_label(struct draft *d)
{
    d->labels[0].name = "";
}
static void long_label(struct draft *d)
{
    d->text[125] = '\0';
    d->labels[0].value = d->text;
}
static void double_label(struct draft *d)
{
    d->spec.labels.count = 2;
}
static void negative_timeout(struct draft *d)
{
    d->spec.run_timeout_ms = -1;
}
static void long_deadline(struct draft *d)
{
    d->spec.start_deadline_ms = SPEC_DURATION_MAX_MS + 1;
}
static void high_limit(struct draft *d)
{
    d->spec.misfire.limit = 1001;
}
static void negative_concurrency(struct draft *d)
{
    d->spec.max_concurrency = -1;
}
static void many_schedules(struct draft *d)
{
    d->spec.schedule_count = 17;
}
/* One calendar with one rule, to spoil. */
static struct calendar_spec *calendar_of(struct draft *d, const char *kind, const char *value)
{
    static struct calendar_rule rules[2];
    static struct calendar_spec calendars[17];

    rules[0] = rules[1] = (struct calendar_rule){kind, value};
    for (size_t i = 0; i < ARRAY_LEN(calendars); i++)
        calendars[i] = (struct calendar_spec){.name = "holidays", .rules = rules, .rule_count = 1};
    d->spec.calendars = calendars;
    d->spec.calendar_count = 1;
    return calendars;
}
static struct window_spec *window_of(struct draft *d)
{
    static struct window_spec window;

    window = (struct window_spec){0};
    d->spec.window = &window;
    return &window;
}
static void many_calendars(struct draft *d)
{
    (void)calendar_of(d, "date", "2026-12-24");
    d->spec.calendar_count = 17;
}
static void long_calendar_name(struct draft *d)
{
    d->text[201] = '\0';
    calendar_of(d, "date", "2026-12-24")->name = d->text;
}
static void empty_calendar(struct draft *d)
{
    calendar_of(d, "date", "2026-12-24")->rule_count = 0;
}
static void many_rules(struct draft *d)
{
    calendar_of(d, "date", "2026-12-24")->rule_count = 600;
    d->spec.calendars[1].rule_count = 401;
    d->spec.calendar_count = 2;
    for (size_t i = 0; i < 2; i++) {
        d->spec.calendars[i].rules = (struct calendar_rule *)(void *)d->text;
        memset(d->text, 0, 1000 * sizeof(struct calendar_rule));
    }
}
static void odd_kind(struct draft *d)
{
    (void)calendar_of(d, "fortnight", "1");
}
static void no_kind(struct draft *d)
{
    (void)calendar_of(d, NULL, NULL);
}
static void odd_date(struct draft *d)
{
    calendar_of(d, "date", "2026-12-24")->rule_count = 2;
    d->spec.calendars[0].rules[1].value = "2026-02-30";
}
static void nothing_left_by_calendars(struct draft *d)
{
    (void)calendar_of(d, "hours", "02:00-04:00");
}
static void daily_from_alone(struct draft *d)
{
    window_of(d)->daily_from = "08:00";
}
static void odd_time(struct draft *d)
{
    *window_of(d) = (struct window_spec){.daily_from = "8", .daily_to = "18:00"};
}
static void same_times(struct draft *d)
{
    *window_of(d) = (struct window_spec){.daily_from = "08:00", .daily_to = "08:00"};
}
static void unknown_zone_of_window(struct draft *d)
{
    *window_of(d) =
        (struct window_spec){.daily_from = "08:00", .daily_to = "18:00", .zone = "Europe/Berlim"};
}
static void window_upside_down(struct draft *d)
{
    *window_of(d) = (struct window_spec){.from = 2 * USEC_PER_DAY, .until = USEC_PER_DAY};
}
static void nothing_left_by_window(struct draft *d)
{
    *window_of(d) = (struct window_spec){.daily_from = "08:00", .daily_to = "18:00"};
}
static void nothing_left_by_both(struct draft *d)
{
    nothing_left_by_window(d);
    (void)calendar_of(d, "hours", "01:00-02:00");
}
static void nothing_to_leave_out(struct draft *d)
{
    nothing_left_by_both(d);
    d->schedules[0].expression = "0 0 30 2 *";
}
static void large_jitter(struct draft *d)
{
    d->spec.jitter_ms = 86400001;
}
static void negative_jitter(struct draft *d)
{
    d->spec.jitter_ms = -1;
}
static void fast_heartbeat(struct draft *d)
{
    d->spec.heartbeat_ms = 999;
}
static void negative_heartbeat(struct draft *d)
{
    d->spec.heartbeat_ms = -1;
}
static void slow_heartbeat(struct draft *d)
{
    d->spec.heartbeat_ms = 86400001;
}
static void heartbeat_in_vain(struct draft *d)
{
    d->spec.heartbeat_ms = 15000;
    d->spec.run_timeout_ms = 60000;
}
static void bad_minute(struct draft *d)
{
    d->spec.schedule_count = 2;
    d->schedules[1].expression = "60 * * * *";
}
static void no_expression(struct draft *d)
{
    d->schedules[0].expression = NULL;
}
static void unknown_zone(struct draft *d)
{
    d->schedules[0].zone = "Europe/Berlim";
}
static void never_fires(struct draft *d)
{
    d->spec.schedule_count = 2;
    d->schedules[0].expression = "0 0 30 2 *";
    d->schedules[1].expression = "0 0 31 4 *";
}

static const struct refusal {
    void (*spoil)(struct draft *d);
    const char *pointer, *text; /* the text begins so */
} refusals[] = {
    {no_key, "/key", "key is missing"},
    {empty_key, "/key", "key is missing"},
    {upper_case_key, "/key", "key: 'Backup' is not a name of at most 200 "},
    {key_with_a_blank, "/key", "key: 'back up' is not a name of at most 200 "},
    {dotted_project, "/project", "project: '.x' is not a name of at most 200 "},
    {long_queue, "/queue", "queue: 'xxx"},
    {long_title, "/title", "title: 501 bytes are more than 500"},
    {odd_content_type, "/content_type", "content_type: is not ASCII"},
    {foreign_content_type, "/content_type", "content_type: is not ASCII"},
    {long_content_type, "/content_type", "content_type: 201 bytes are more than 200"},
    {large_payload, "/payload", "payload: 65537 bytes are more than 65536"},
    {large_description, "", "the task: 131108 bytes in all are more than 131072"},
    {many_labels, "/labels", "labels: 33 are more than 32"},
    {nameless_label, "/labels", "labels: a label without a name"},
    {long_label, "/labels", "labels: 129 bytes of 'team' are more than 128"},
    {double_label, "/labels", "labels: 'team' is there twice"},
    {negative_timeout, "/run_timeout_ms", "run_timeout_ms: -1 is outside 0-31622400000"},
    {long_deadline, "/start_deadline_ms",
     "start_deadline_ms: 31622400001 is outside 0-31622400000"},
    {high_limit, "/misfire/limit", "misfire/limit: 1001 is outside 1-1000"},
    {negative_concurrency, "/max_concurrency", "max_concurrency: -1 is outside 1-1000"},
    {many_schedules, "/schedules", "schedules: 17 are more than 16"},
    {many_calendars, "/calendars", "calendars: 17 are more than 16"},
    {long_calendar_name, "/calendars/0/name", "calendars/0/name: 201 bytes are more than 200"},
    {empty_calendar, "/calendars/0/rules", "calendars/0/rules: there are none"},
    {many_rules, "/calendars/1/rules", "calendars/1/rules: the calendars have more than 1000 "},
    {odd_kind, "/calendars/0/rules/0/kind", "calendars/0/rules/0/kind: "},
    {no_kind, "/calendars/0/rules/0/kind", "calendars/0/rules/0/kind: "},
    {odd_date, "/calendars/0/rules/1/value", "calendars/0/rules/1/value: "},
    {nothing_left_by_calendars, "/calendars",
     "calendars: they leave out every instant of the schedules"},
    {daily_from_alone, "/window/daily_to", "window/daily_to: is missing"},
    {odd_time, "/window/daily_from", "window/daily_from: '8' is not a time"},
    {same_times, "/window/daily_to", "window/daily_to: is the same time as daily_from"},
    {unknown_zone_of_window, "/window/zone", "window/zone: unknown time zone 'Europe/Berlim'"},
    {window_upside_down, "/window/until", "window/until: is not later than from"},
    {nothing_left_by_window, "/window", "window: it leaves out every instant of the schedules"},
    {nothing_left_by_both, "/calendars", "calendars and window: together they leave out every "},
    {nothing_to_leave_out, "/schedules", "schedules: none of them ever fires"},
    {large_jitter, "/jitter_ms", "jitter_ms: 86400001 is outside 0-86400000"},
    {negative_jitter, "/jitter_ms", "jitter_ms: -1 is outside 0-86400000"},
    {fast_heartbeat, "/heartbeat_ms", "heartbeat_ms: 999 is less than 1000"},
    {negative_heartbeat, "/heartbeat_ms", "heartbeat_ms: -1 is outside 0-86400000"},
    {slow_heartbeat, "/heartbeat_ms", "heartbeat_ms: 86400001 is outside 0-86400000"},
    {heartbeat_in_vain, "/heartbeat_ms",
     "heartbeat_ms: 4 times 15000 is not less than run_timeout_ms, 60000: "},
    {bad_minute, "/schedules/1/expression", "schedules/1/expression: minute: 60 is outside 0-59"},
    {no_expression, "/schedules/0/expression", "schedules/0/expression: "},
    {unknown_zone, "/schedules/0/zone", "schedules/0/zone: "},
    {never_fires, "/schedules", "schedules: none of them ever fires"},
};

static void refuses_what_is_outside_its_limits_and_says_where(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        SCOPED(draft) struct draft *d = draft_new();
        struct error err = {0};

        refusals[i].spoil(d);
        assert_int_equal(validate(d, &err), RC_INVALID);
        if (!text_starts(err.text, refusals[i].text))
            fail_msg("says: %s", err.text);
        assert_string_equal(err.pointer, refusals[i].pointer);
        assert_int_equal(err.rc, RC_INVALID);
        assert_int_equal(validate(d, NULL), RC_INVALID);
    }
}

static void keeps_the_column_of_an_expression(void **state UNUSED)
{
    SCOPED(draft) struct draft *d = draft_new();
    struct error err = {0};

    bad_minute(d);
    assert_int_equal(validate(d, &err), RC_INVALID);
    assert_int_equal(err.column, 1);
}

static void takes_what_is_just_inside_its_limits(void **state UNUSED)
{
    SCOPED(draft) struct draft *d = draft_new();
    struct error err = {0};

    d->text[200] = '\0';
    d->spec.key = d->spec.project = d->text;
    d->spec.payload = (struct bytes){d->text + 1000, 65536};
    d->spec.schedule_count = 16;
    d->spec.run_timeout_ms = SPEC_DURATION_MAX_MS;
    d->spec.misfire.limit = 1000;
    d->spec.max_concurrency = 1000;
    d->spec.content_type = "application/vnd.cronobs.command+json; x=\"~\"";
    if (validate(d, &err) != RC_OK)
        fail_msg("%s", err.text);
    d->labels[1].name = "zone";
    d->spec.labels.count = 2;
    d->schedules[0].zone = "UTC";
    assert_int_equal(validate(d, &err), RC_OK);
    d->spec.schedule_count = 0;
    d->spec.content_type = NULL;
    assert_int_equal(validate(d, &err), RC_OK); /* triggered by hand only */
}

static void takes_a_schedule_whose_zone_is_in_its_expression(void **state UNUSED)
{
    SCOPED(draft) struct draft *d = draft_new();

    d->schedules[0].expression = "TZ=UTC 0 0 * * *";
    assert_int_equal(validate(d, NULL), RC_OK);
}

static void limits_what_a_command_carries_beside_a_spec(void **state UNUSED)
{
    SCOPED(draft) struct draft *d = draft_new();
    struct command c = {.kind = COMMAND_TRIGGER_TASK, .actor = "x", .reason = "y"};
    struct error err = {0};

    c.body.trigger_task.payload = (struct bytes){d->text, PAYLOAD_MAX_BYTES};
    assert_int_equal(command_check(&c, 0, &err), RC_OK);
    c.body.trigger_task.payload.len++;
    assert_int_equal(command_check(&c, 0, &err), RC_INVALID);
    assert_string_equal(err.pointer, "/payload");
    d->text[COMMAND_NOTE_MAX + 1] = '\0';
    c.reason = d->text;
    assert_int_equal(command_check(&c, 0, &err), RC_INVALID);
    assert_string_equal(err.text, "reason: 4097 bytes are more than 4096");
    c.actor = d->text;
    assert_int_equal(command_check(&c, 0, &err), RC_INVALID);
    assert_string_equal(err.pointer, "/actor");
    d->text[COMMAND_NOTE_MAX] = '\0';
    c.kind = COMMAND_DELETE_TASK;
    assert_int_equal(command_check(&c, 0, &err), RC_OK);
}

static void a_pause_ends_later_than_now(void **state UNUSED)
{
    static const struct {
        usec_t until, now;
        enum rc rc;
    } cases[] = {
        {0, 1000, RC_OK},          {1001, 1000, RC_OK},       {1000, 1000, RC_INVALID},
        {999, 1000, RC_INVALID},   {-1, 1000, RC_INVALID},    {USEC_MAX, 1000, RC_OK},
        {USEC_MIN, 0, RC_INVALID}, {1, USEC_MAX, RC_INVALID},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct command c = {.kind = COMMAND_PAUSE_TASK, .body.pause_task.until = cases[i].until};
        struct error err = {0};

        assert_int_equal(command_check(&c, cases[i].now, &err), cases[i].rc);
        assert_string_equal(err.pointer, cases[i].rc == RC_OK ? "" : "/until");
        assert_int_equal(text_starts(err.hint, "leave it out"), cases[i].rc != RC_OK);
    }
}

static void a_zone_without_daily_hours_means_nothing(void **state UNUSED)
{
    SCOPED(draft) struct draft *d = draft_new();
    struct window_spec w = {.from = 1, .zone = "Europe/Berlin"};
    struct error err = {0};

    d->spec.window = &w;
    spec_normalise(&d->spec);
    assert_int_equal(spec_check_limits(&d->spec, &err), RC_INVALID);
    assert_string_equal(err.pointer, "/window/zone");
    /* that the other one is missing is told elsewhere */
    w.daily_from = "08:00";
    assert_int_equal(spec_check_limits(&d->spec, &err), RC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_ends_later_than_now),
        cmocka_unit_test(a_zone_without_daily_hours_means_nothing),
        cmocka_unit_test(fills_in_the_defaults),
        cmocka_unit_test(gives_deadlines_to_a_task_that_waits_for_itself),
        cmocka_unit_test(sees_that_two_specs_mean_the_same),
        cmocka_unit_test(takes_an_empty_window_for_none),
        cmocka_unit_test(accepts_calendars_a_window_and_jitter),
        cmocka_unit_test(refuses_what_is_outside_its_limits_and_says_where),
        cmocka_unit_test(keeps_the_column_of_an_expression),
        cmocka_unit_test(takes_what_is_just_inside_its_limits),
        cmocka_unit_test(takes_a_schedule_whose_zone_is_in_its_expression),
        cmocka_unit_test(limits_what_a_command_carries_beside_a_spec),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
