#include "api/resources/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/resources/verdict_words.h"
#include "story.h"

static const char berlin[] =
    "{\"schedules\":[{\"expression\":\"*/20 * * * *\",\"zone\":\"Europe/Berlin\"}]}";
static const char hourly[] = "{\"schedules\":[{\"expression\":\"0 * * * *\"}]}";
static const char by_hand[] = "{\"schedules\":[]}";
static const char unreadable[] = "{\"schedules\":[{\"expression\":\"of a newer version\"}]}";
static const char jittered[] =
    "{\"schedules\":[{\"expression\":\"0 * * * *\"}],\"jitter_ms\":3600000}";
static const char office[] =
    "{\"schedules\":[{\"expression\":\"0 * * * *\"}],"
    "\"calendars\":[{\"name\":\"holidays\",\"mode\":\"EXCLUDE\",\"rules\":[{\"kind\":\"yearly\",\"value\":\"06-15\"}]}],"
    "\"window\":{\"daily_from\":\"08:00\",\"daily_to\":\"18:00\"}}";
static const char night[] =
    "{\"schedules\":[{\"expression\":\"30 2 * * *\",\"zone\":\"Europe/Berlin\"}]}";

/* --- what is said of it --- */

static void words_are_sentences(const struct story *s, const struct verdict *v)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED(zone) struct zone *utc = zone_utc();
    const struct verdict_sources sources = {.facts = &s->facts, .zone = utc};
    struct verdict_words w;

    verdict_words(v, &sources, memory, &w);
    assert_non_null(w.text);
    assert_int_equal(w.text[strlen(w.text) - 1], '.');
    assert_null(strstr(w.text, "(null)"));
    for (size_t i = 0; i < w.detail_count; i++) {
        assert_null(strstr(w.details[i], "(null)"));
        assert_null(strstr(w.details[i], "1970-"));
    }
}

static const struct verdict_case {
    const char *name;
    struct told told[ROWS_MAX];
    const char *at;
    struct told_gap gap;
    struct {
        enum verdict_answer answer;
        enum verdict_cause cause;
        enum reason rule;
        int revision; /* 0: none */
    } expected;
} verdict_cases[] = {
    /* not scheduled */
    {"before it was made",
     {{TASK_ACTIVE, "06-01T00:00", berlin}},
     "05-31T12:00",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_NO_TASK, 0, 0}},
    {"at the instant at which it was made",
     {{TASK_ACTIVE, "06-01T12:00", berlin}},
     "06-01T12:00",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_NO_TASK, 0, 0}},
    {"after it was deleted",
     {{TASK_ACTIVE, "06-01T00:00", berlin}, {TASK_DELETED, "06-02T00:00", berlin}},
     "06-03T12:00",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_DELETED, REASON_DELETED, 2}},
    {"while it was deleted, made again later",
     {{TASK_ACTIVE, "06-01T00:00", berlin},
      {TASK_DELETED, "06-02T00:00", berlin},
      {TASK_ACTIVE, "06-04T00:00", berlin}},
     "06-03T12:00",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_DELETED, REASON_DELETED, 2}},
    {"between two instants",
     {{TASK_ACTIVE, "06-01T00:00", berlin}},
     "06-15T12:07",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_BETWEEN, 0, 1}},
    {"between two instants of a pause",
     {{TASK_ACTIVE, "06-01T00:00", berlin}, {TASK_PAUSED, "06-10T00:00", berlin}},
     "06-15T12:07",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_BETWEEN, 0, 2}},
    {"no schedules",
     {{TASK_ACTIVE, "06-01T00:00", by_hand}},
     "06-15T12:00",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_BY_HAND, 0, 1}},
    {"a schedule of a newer version",
     {{TASK_ACTIVE, "06-01T00:00", unreadable}},
     "06-15T12:00",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_UNREADABLE, 0, 1}},
    {"a spec of a newer version",
     {{TASK_ACTIVE, "06-01T00:00", "[]"}},
     "06-15T12:00",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_UNREADABLE, 0, 1}},
    {"left out by a calendar",
     {{TASK_ACTIVE, "06-01T00:00", office}},
     "06-15T12:00",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_CALENDAR, REASON_CALENDAR, 1}},
    {"outside the window",
     {{TASK_ACTIVE, "06-01T00:00", office}},
     "06-16T07:00",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_WINDOW, REASON_WINDOW, 1}},
    {"both: the calendar is asked first",
     {{TASK_ACTIVE, "06-01T00:00", office}},
     "06-15T07:00",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_CALENDAR, REASON_CALENDAR, 1}},
    {"the revision before had it",
     {{TASK_ACTIVE, "06-01T00:00", berlin}, {TASK_ACTIVE, "06-10T00:00", hourly}},
     "06-15T12:20",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_REVISION, 0, 2}},
    {"the revision behind has it",
     {{TASK_ACTIVE, "06-01T00:00", hourly}, {TASK_ACTIVE, "06-16T00:00", berlin}},
     "06-15T12:20",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_REVISION, 0, 1}},
    /* passed over */
    {"paused, and the pause goes on",
     {{TASK_ACTIVE, "06-01T00:00", berlin}, {TASK_PAUSED, "06-10T00:00", berlin}},
     "06-15T12:00",
     {0},
     {VERDICT_NOT_FIRED, 0, REASON_PAUSED, 2}},
    {"paused, and resumed since",
     {{TASK_ACTIVE, "06-01T00:00", berlin},
      {TASK_PAUSED, "06-10T00:00", berlin},
      {TASK_ACTIVE, "06-16T00:00", berlin}},
     "06-15T12:00",
     {"06-10T00:00", "06-16T00:00", REASON_PAUSED, 432},
     {VERDICT_NOT_FIRED, 0, REASON_PAUSED, 2}},
    {"an outage",
     {{TASK_ACTIVE, "06-01T00:00", berlin}},
     "06-15T12:00",
     {"06-15T11:40", "06-15T13:00", REASON_MISFIRE, 4},
     {VERDICT_NOT_FIRED, 0, REASON_MISFIRE, 1}},
    {"the beginning of a gap is none of its",
     {{TASK_ACTIVE, "06-01T00:00", berlin}},
     "06-15T11:40",
     {"06-15T11:40", "06-15T13:00", REASON_MISFIRE, 4},
     {VERDICT_UNEXPLAINED, 0, 0, 1}},
    {"between two instants of an outage",
     {{TASK_ACTIVE, "06-01T00:00", berlin}},
     "06-15T12:07",
     {"06-15T11:40", "06-15T13:00", REASON_MISFIRE, 4},
     {VERDICT_NOT_SCHEDULED, CAUSE_BETWEEN, 0, 1}},
    {"deleted while it was due",
     {{TASK_ACTIVE, "06-01T00:00", berlin}, {TASK_DELETED, "06-15T12:05", berlin}},
     "06-15T12:00",
     {"06-15T11:40", "06-15T12:05", REASON_DELETED, 1},
     {VERDICT_NOT_FIRED, 0, REASON_DELETED, 1}},
    {"dropped by an edit",
     {{TASK_ACTIVE, "06-01T00:00", jittered}, {TASK_ACTIVE, "06-15T12:01", berlin}},
     "06-15T12:30",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_BETWEEN, 0, 2}},
    {"moved into the past by other clocks",
     {{TASK_ACTIVE, "06-01T00:00", berlin}},
     "06-15T12:30",
     {"06-15T12:29", "06-15T12:30", REASON_TZDATA, 1},
     {VERDICT_NOT_FIRED, 0, REASON_TZDATA, 1}},
    {"a reason of a newer version",
     {{TASK_ACTIVE, "06-01T00:00", berlin}},
     "06-15T12:00",
     {"06-15T11:40", "06-15T13:00", REASON_UNKNOWN, 4},
     {VERDICT_NOT_FIRED, 0, REASON_UNKNOWN, 1}},
    /* edits */
    {"an edit at the very instant: it was the old one's",
     {{TASK_ACTIVE, "06-01T00:00", berlin}, {TASK_ACTIVE, "06-15T12:20", hourly}},
     "06-15T12:20",
     {0},
     {VERDICT_UNEXPLAINED, 0, 0, 1}},
    {"the instant after it is the new one's",
     {{TASK_ACTIVE, "06-01T00:00", hourly}, {TASK_ACTIVE, "06-15T12:20", berlin}},
     "06-15T12:40",
     {0},
     {VERDICT_UNEXPLAINED, 0, 0, 2}},
    /* to come, not yet */
    {"to come",
     {{TASK_ACTIVE, "06-01T00:00", berlin}},
     "06-21T12:00",
     {0},
     {VERDICT_TO_COME, 0, 0, 1}},
    {"to come, but paused",
     {{TASK_ACTIVE, "06-01T00:00", berlin}, {TASK_PAUSED, "06-10T00:00", berlin}},
     "06-21T12:00",
     {0},
     {VERDICT_TO_COME, 0, REASON_PAUSED, 2}},
    {"to come, but left out",
     {{TASK_ACTIVE, "06-01T00:00", office}},
     "06-21T07:00",
     {0},
     {VERDICT_NOT_SCHEDULED, CAUSE_WINDOW, REASON_WINDOW, 1}},
    {"nothing is known of it",
     {{TASK_ACTIVE, "06-01T00:00", berlin}},
     "06-15T12:00",
     {0},
     {VERDICT_UNEXPLAINED, 0, 0, 1}},
};

static void explains_an_instant(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(verdict_cases); i++) {
        const struct verdict_case *c = &verdict_cases[i];
        struct story s;
        struct verdict v;
        int revision;

        tell(&s, c->told, c->at);
        if (c->gap.from != NULL)
            add_gap(&s, &c->gap);
        verdict_of_schedule(&s.facts, &v);
        revision = v.revision == NULL ? 0 : v.revision->row->revision;
        if (v.answer != c->expected.answer || v.cause != c->expected.cause ||
            v.rule != c->expected.rule || revision != c->expected.revision)
            fail_msg("%s: %s, cause %d, rule %s, revision %d", c->name,
                     verdict_answer_name(v.answer), (int)v.cause,
                     enum_name(&reason_enum, (int)v.rule), revision);
        words_are_sentences(&s, &v);
        revision_set_free(s.set);
    }
}

static void what_is_to_come_may_have_to_be_skipped(void **state UNUSED)
{
    static const struct told active[] = {{TASK_ACTIVE, "06-01T00:00", berlin}, {.spec = NULL}},
                             paused[] = {{TASK_ACTIVE, "06-01T00:00", berlin},
                                         {TASK_PAUSED, "06-10T00:00", berlin},
                                         {.spec = NULL}};
    static const struct {
        const struct told *told;
        const char *at, *skip_until;
        enum reason rule;
    } cases[] = {
        {active, "06-21T12:00", NULL, REASON_NONE},
        {active, "06-21T12:00", "06-21T12:00", REASON_SKIP_NEXT},
        {active, "06-21T12:00", "06-21T12:20", REASON_SKIP_NEXT}, /* and the one after it */
        {active, "06-21T12:00", "06-21T11:40", REASON_NONE},
        {paused, "06-21T12:00", "06-21T12:00", REASON_PAUSED}, /* asked first */
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct story s;
        struct verdict v;

        tell(&s, cases[i].told, cases[i].at);
        s.facts.skip_until = at(cases[i].skip_until);
        verdict_of_schedule(&s.facts, &v);
        assert_int_equal(v.answer, VERDICT_TO_COME);
        assert_int_equal(v.rule, cases[i].rule);
        words_are_sentences(&s, &v);
        revision_set_free(s.set);
    }
}

static const struct told since_june[] = {{TASK_ACTIVE, "06-01T00:00", berlin}, {.spec = NULL}};

/* What was made says more than any schedule. */
static const struct execution_case {
    struct told_execution e;
    enum verdict_answer answer;
} execution_cases[] = {
    {{STATUS_PENDING, REASON_NONE, NULL, false, NULL}, VERDICT_WAITS},
    {{STATUS_WAITING, REASON_OVERLAP, NULL, false, NULL}, VERDICT_WAITS},
    {{STATUS_RUNNING, REASON_NONE, "06-15T12:00", false, NULL}, VERDICT_RUNS},
    {{STATUS_CANCELLING, REASON_CANCEL_REQUESTED, "06-15T12:00", false, NULL}, VERDICT_RUNS},
    {{STATUS_CANCELLING, REASON_CANCEL_REQUESTED, NULL, false, NULL}, VERDICT_WAITS},
    {{STATUS_RETRYING, REASON_RETRY, "06-15T12:00", false, NULL}, VERDICT_WAITS},
    {{STATUS_SUCCEEDED, REASON_NONE, "06-15T12:00", false, NULL}, VERDICT_RAN},
    {{STATUS_SUCCEEDED, REASON_NONE, NULL, false, NULL}, VERDICT_RAN},
    {{STATUS_FAILED, REASON_EXIT_CODE, "06-15T12:00", false, NULL}, VERDICT_RAN},
    {{STATUS_FAILED, REASON_EXIT_CODE, NULL, false, NULL}, VERDICT_RAN},
    {{STATUS_TIMED_OUT, REASON_RUN_TIMEOUT, "06-15T12:00", false, NULL}, VERDICT_RAN},
    {{STATUS_LOST, REASON_HEARTBEAT, "06-15T12:00", false, NULL}, VERDICT_RAN},
    {{STATUS_CANCELLED, REASON_CANCEL_REQUESTED, "06-15T12:00", false, NULL}, VERDICT_RAN},
    {{STATUS_CANCELLED, REASON_DELETED, NULL, false, NULL}, VERDICT_DID_NOT_RUN},
    {{STATUS_MISSED, REASON_START_DEADLINE, NULL, false, NULL}, VERDICT_DID_NOT_RUN},
    {{STATUS_MISSED, REASON_FINISH_BY, NULL, false, NULL}, VERDICT_DID_NOT_RUN},
    {{STATUS_SKIPPED, REASON_OVERLAP, NULL, false, NULL}, VERDICT_DID_NOT_RUN},
    {{STATUS_SKIPPED, REASON_QUEUE_FULL, NULL, false, NULL}, VERDICT_DID_NOT_RUN},
    {{STATUS_SKIPPED, REASON_SKIP_NEXT, NULL, false, NULL}, VERDICT_DID_NOT_RUN},
    {{STATUS_SKIPPED, REASON_NO_QUEUE, NULL, false, NULL}, VERDICT_DID_NOT_RUN},
    {{STATUS_UNKNOWN, REASON_UNKNOWN, NULL, false, NULL}, VERDICT_DID_NOT_RUN},
    {{STATUS_FAILED, REASON_EXIT_CODE, "06-15T12:00", false, "06-15T12:05"}, VERDICT_WAITS},
    {{STATUS_LOST, REASON_HEARTBEAT, "06-15T12:00", false, "06-15T12:05"}, VERDICT_WAITS},
    {{STATUS_SUCCEEDED, REASON_NONE, "06-15T12:00", true, NULL}, VERDICT_RAN},
};

static void an_execution_answers_by_what_became_of_it(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(execution_cases); i++) {
        const struct execution_case *c = &execution_cases[i];
        struct story s;
        struct verdict v;

        tell(&s, since_june, "06-15T12:00");
        add_execution(&s, &c->e);
        verdict_of_execution(&s.facts, &s.execution, &v);
        if (v.answer != c->answer)
            fail_msg("%s: %s", enum_name(&status_enum, (int)c->e.status),
                     verdict_answer_name(v.answer));
        assert_int_equal(v.rule, c->e.reason);
        assert_int_equal(v.is_scheduled, !c->e.is_manual);
        words_are_sentences(&s, &v);
        verdict_of_schedule(&s.facts, &v);
        assert_true(c->e.is_manual ? v.answer == VERDICT_UNEXPLAINED : v.answer == c->answer);
        revision_set_free(s.set);
    }
}

/* It was asked for long afterwards, under a revision that is not at hand: that of then did not make it. */
static void what_was_asked_for_names_no_revision_but_its_own(void **state UNUSED)
{
    for (int32_t revision = 1; revision <= 9; revision += 8) {
        struct story s;
        struct verdict v;

        tell(&s, since_june, "06-15T12:00");
        add_execution(&s, &(struct told_execution){STATUS_SUCCEEDED, REASON_NONE, "06-15T12:00",
                                                   .is_manual = true});
        s.execution.revision = revision;
        verdict_of_execution(&s.facts, &s.execution, &v);
        if (revision == 1)
            assert_int_equal(v.revision->row->revision, 1);
        else
            assert_null(v.revision);
        words_are_sentences(&s, &v);
        revision_set_free(s.set);
    }
}

static void what_is_not_there_is_told_apart(void **state UNUSED)
{
    static const struct {
        const char *decided, *kept_from, *now;
        int64_t behind;
        enum verdict_answer answer;
    } cases[] = {
        {"06-15T12:00", "01-01T00:00", "06-20T00:00", 0, VERDICT_UNEXPLAINED},
        {"06-15T12:00", "01-01T00:00", "06-20T00:00", -1, VERDICT_UNEXPLAINED},
        {"06-15T12:00", "01-01T00:00", "06-20T00:00", 3, VERDICT_UNSTORED},
        {"06-15T12:00", "01-01T00:00", "06-15T12:00", 0, VERDICT_UNSTORED},
        {"06-15T11:40", "01-01T00:00", "06-20T00:00", 0, VERDICT_UNDECIDED},
        {NULL, "01-01T00:00", "06-20T00:00", 0, VERDICT_UNDECIDED},
        {"06-20T00:00", "06-16T00:00", "06-20T00:00", 0, VERDICT_NOT_KEPT},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct story s;
        struct verdict v;

        tell(&s, since_june, "06-15T12:00");
        s.facts.decided = at(cases[i].decided);
        s.facts.kept_from = at(cases[i].kept_from);
        s.facts.now = at(cases[i].now);
        s.facts.behind = cases[i].behind;
        verdict_of_schedule(&s.facts, &v);
        assert_int_equal(v.answer, cases[i].answer);
        words_are_sentences(&s, &v);
        revision_set_free(s.set);
    }
}

/* The revision that answers is the one at the due time: jitter may bring an instant past an edit. */
static void jitter_may_bring_an_instant_to_the_next_revision(void **state UNUSED)
{
    struct told told[] = {{TASK_ACTIVE, "06-01T00:00", jittered},
                          {TASK_ACTIVE, "06-15T12:00", jittered},
                          {.spec = NULL}};
    struct story s;
    struct verdict v;

    tell(&s, told, "06-15T12:00");
    verdict_of_schedule(&s.facts, &v);
    assert_true(v.due > v.at && v.due < v.at + 60 * USEC_PER_MIN);
    assert_int_equal(v.revision->row->revision, 2);
    revision_set_free(s.set);
    told[0].since = "06-15T12:00"; /* made then: what is scheduled at it is none of its */
    told[1].spec = NULL;
    tell(&s, told, "06-15T12:00");
    verdict_of_schedule(&s.facts, &v);
    assert_int_equal(v.answer, VERDICT_NOT_SCHEDULED);
    assert_int_equal(v.cause, CAUSE_BEFORE);
    words_are_sentences(&s, &v);
    revision_set_free(s.set);
}

static void clock_changes_are_told(void **state UNUSED)
{
    static const struct told told[] = {{TASK_ACTIVE, "01-01T00:00", night}, {.spec = NULL}};
    struct story s;
    struct verdict v;

    tell(&s, told, "03-29T01:00"); /* 03:00 in Berlin, the first instant after the gap */
    verdict_of_schedule(&s.facts, &v);
    assert_int_equal(v.answer, VERDICT_UNEXPLAINED);
    assert_int_equal(v.occurrence.dst, DST_MOVED);
    words_are_sentences(&s, &v);
    revision_set_free(s.set);
    tell(&s, told, "10-25T01:30"); /* 02:30 for the second time */
    s.facts.now = at("12-01T00:00");
    verdict_of_schedule(&s.facts, &v);
    assert_int_equal(v.cause, CAUSE_SECOND_PASS);
    assert_int_equal(v.occurrence.at, at("10-25T00:30"));
    words_are_sentences(&s, &v);
    revision_set_free(s.set);
}

/* What was due and not decided when the pause was heard of is the pause's. */
static void a_pause_takes_what_was_not_decided_before_it(void **state UNUSED)
{
    static const struct told told[] = {
        {TASK_ACTIVE, "06-01T00:00", berlin}, {TASK_PAUSED, "06-15T12:01", berlin}, {.spec = NULL}};
    struct story s;
    struct verdict v;

    tell(&s, told, "06-15T12:00");
    verdict_of_schedule(&s.facts, &v);
    assert_int_equal(v.answer, VERDICT_UNEXPLAINED);
    s.facts.decided = at("06-15T11:40");
    verdict_of_schedule(&s.facts, &v);
    assert_int_equal(v.answer, VERDICT_NOT_FIRED);
    assert_int_equal(v.rule, REASON_PAUSED);
    assert_int_equal(v.revision->row->revision, 2);
    words_are_sentences(&s, &v);
    revision_set_free(s.set);
}

static void the_nearest_instants_are_named(void **state UNUSED)
{
    struct story s;
    struct verdict v;

    tell(&s, since_june, "06-15T12:07");
    verdict_of_schedule(&s.facts, &v);
    assert_int_equal(v.before, at("06-15T12:00"));
    assert_int_equal(v.after, at("06-15T12:20"));
    revision_set_free(s.set);
}

/* Who writes a minute means what is in it. */
static void a_minute_is_looked_at_whole(void **state UNUSED)
{
    static const struct told told[] = {
        {TASK_ACTIVE, "06-01T00:00", "{\"schedules\":[{\"expression\":\"30 0 12 * * *\"}]}"},
        {.spec = NULL}};
    struct story s;
    struct verdict v;

    tell(&s, told, "06-15T12:00");
    verdict_of_schedule(&s.facts, &v);
    assert_int_equal(v.answer, VERDICT_NOT_SCHEDULED);
    s.facts.span = USEC_PER_MIN;
    verdict_of_schedule(&s.facts, &v);
    assert_int_equal(v.answer, VERDICT_UNEXPLAINED);
    assert_int_equal(v.at, at("06-15T12:00") + 30 * USEC_PER_SEC);
    revision_set_free(s.set);
}

static void every_reason_has_words(void **state UNUSED)
{
    for (int i = 0; i < REASON_COUNT; i++) {
        assert_non_null(verdict_reason((enum reason)i));
        assert_true(i == REASON_UNKNOWN ||
                    verdict_reason((enum reason)i) != verdict_reason(REASON_UNKNOWN));
    }
    assert_ptr_equal(verdict_reason((enum reason)4711), verdict_reason(REASON_UNKNOWN));
}

static int set_up(void **state UNUSED)
{
    task_id = task_id_of("default", "report");
    zones = zoneset_new(NULL);
    return 0;
}

static int tear_down(void **state UNUSED)
{
    zoneset_free(zones);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explains_an_instant),
        cmocka_unit_test(what_is_to_come_may_have_to_be_skipped),
        cmocka_unit_test(an_execution_answers_by_what_became_of_it),
        cmocka_unit_test(what_was_asked_for_names_no_revision_but_its_own),
        cmocka_unit_test(what_is_not_there_is_told_apart),
        cmocka_unit_test(jitter_may_bring_an_instant_to_the_next_revision),
        cmocka_unit_test(clock_changes_are_told),
        cmocka_unit_test(a_pause_takes_what_was_not_decided_before_it),
        cmocka_unit_test(the_nearest_instants_are_named),
        cmocka_unit_test(a_minute_is_looked_at_whole),
        cmocka_unit_test(every_reason_has_words),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
