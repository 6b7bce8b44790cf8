#include "api/resources/verdict_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "api/resources/revision_set.h"

#define NOON       INT64_C(1781524800000000) /* 2026-06-15T12:00:00Z */
#define SECONDS(n) ((usec_t)(n)*USEC_PER_SEC)

/* What became of the instant at noon, of a revision in force since an hour before it unless `since` says otherwise. */
static const struct words_case {
    struct execution_row e;
    const char *spec;
    usec_t since;
    const char *text, *detail, *never; /* NULL: whatever */
    usec_t paused;                     /* since; 0: it is not */
} cases[] = {
    /* held by a pause */
    {{.status = STATUS_WAITING},
     "{\"overlap\":\"QUEUE_ALL\"}",
     0,
     "Not yet: the task is paused, since 2026-06-15 12:01:00, by bert: moving, and what waits stays where it is.",
     NULL,
     NULL,
     NOON + SECONDS(60)},
    {{.status = STATUS_FAILED, .started_at = NOON, .next_attempt_at = NOON + SECONDS(90)},
     "{}",
     0,
     "Not yet: the task is paused, since 2026-06-15 12:01:00, by bert: moving, and what waits stays where it is.",
     NULL,
     NULL,
     NOON + SECONDS(60)},
    {{.status = STATUS_RETRYING, .attempt = 2, .next_attempt_at = NOON + SECONDS(30)},
     "{}",
     0,
     "Not just now: attempt 2 is due at 2026-06-15 12:00:30.",
     NULL,
     NULL,
     NOON + SECONDS(60)},
    /* cancelled for the sake of another */
    {{.status = STATUS_CANCELLED, .reason = REASON_OVERLAP},
     "{\"overlap\":\"CANCEL_OTHER\"}",
     0,
     "No: it was cancelled before anybody began it, because a later one of the task took its place.",
     "The task's overlap rule is CANCEL_OTHER, with 1 at a time.",
     NULL,
     0},
    {{.status = STATUS_CANCELLED,
      .reason = REASON_OVERLAP,
      .started_at = NOON,
      .finished_at = NOON + SECONDS(3),
      .cancel_requested = true},
     "{\"overlap\":\"CANCEL_OTHER\"}",
     0,
     "It ran, and was cancelled after 3s: a later one of the task took its place.",
     NULL,
     "It was asked to stop before.",
     0},
    {{.status = STATUS_SKIPPED, .reason = REASON_OVERLAP},
     "{\"overlap\":\"SKIP\"}",
     0,
     "No: it was skipped, because another execution of the task was not finished, and no more may overlap.",
     NULL,
     NULL,
     0},
    /* asked to stop */
    {{.status = STATUS_CANCELLING, .started_at = NOON, .cancel_requested = true},
     "{}",
     0,
     NULL,
     NULL,
     "It was asked to stop before.",
     0},
    {{.status = STATUS_SUCCEEDED, .started_at = NOON, .cancel_requested = true},
     "{}",
     0,
     NULL,
     "It was asked to stop before.",
     NULL,
     0},
    /* what makes up for another */
    {{.status = STATUS_WAITING, .trigger = TRIGGER_CATCH_UP},
     "{}",
     0,
     NULL,
     "It makes up for an instant that was not decided in time.",
     NULL,
     0},
    {{.status = STATUS_WAITING, .trigger = TRIGGER_CATCH_UP},
     "{}",
     NOON + SECONDS(60),
     NULL,
     "It makes up for an instant that a pause passed over.",
     NULL,
     0},
    {{.status = STATUS_WAITING, .trigger = TRIGGER_CATCH_UP},
     "{}",
     NOON + SECONDS(60),
     NULL,
     "Revision 1 ended the pause, at 2026-06-15 12:01:00, by anna.",
     "Revision 1 was in force, since 2026-06-15 12:01:00, by anna.",
     0},
    /* edited, and resumed, between the instant and the time that jitter makes it due */
    {{.status = STATUS_MISSED, .trigger = TRIGGER_CATCH_UP, .due_at = NOON + SECONDS(90)},
     "{}",
     NOON + SECONDS(60),
     NULL,
     "It makes up for an instant that was not decided in time.",
     "Revision 1 ended the pause, at 2026-06-15 12:01:00, by anna.",
     0},
    {{.status = STATUS_MISSED, .trigger = TRIGGER_CATCH_UP, .due_at = NOON + SECONDS(60)},
     "{}",
     NOON + SECONDS(60),
     NULL,
     "It makes up for an instant that a pause passed over.",
     NULL,
     0},
    /* its revision is not at hand */
    {{.status = STATUS_MISSED, .trigger = TRIGGER_CATCH_UP, .revision = 2},
     "{}",
     0,
     NULL,
     "It makes up for an instant that was passed over.",
     "It makes up for an instant that was not decided in time.",
     0},
    {{.status = STATUS_FAILED, .started_at = NOON, .attempt = 1, .max_attempts = 9, .revision = 2},
     "{\"retry\":{\"max_attempts\":9,\"on\":\"LOST\"},\"heartbeat_ms\":9000}",
     0,
     NULL,
     NULL,
     "No attempt 2: what ended FAILED is not to be tried again.",
     0},
    /* no further attempt */
    {{.status = STATUS_FAILED,
      .started_at = NOON,
      .finished_at = NOON + SECONDS(10),
      .attempt = 2,
      .max_attempts = 9,
      .finish_by = NOON + SECONDS(11)},
     "{\"retry\":{\"max_attempts\":9,\"first_delay_ms\":4000,\"multiplier\":1},\"finish_by_ms\":11000}",
     0,
     NULL,
     "No attempt 3: it would have begun at 2026-06-15 12:00:14, and all had to be finished by 2026-06-15 12:00:11.",
     NULL,
     0},
    {{.status = STATUS_FAILED, .started_at = NOON, .attempt = 1, .max_attempts = 9},
     "{\"retry\":{\"max_attempts\":9,\"on\":\"LOST\"},\"heartbeat_ms\":9000}",
     0,
     NULL,
     "No attempt 2: what ended FAILED is not to be tried again.",
     NULL,
     0},
    {{.status = STATUS_TIMED_OUT,
      .started_at = NOON,
      .attempt = 1,
      .max_attempts = 9,
      .cancel_requested = true},
     "{\"retry\":{\"max_attempts\":9}}",
     0,
     NULL,
     "No attempt 2: it was being cancelled.",
     NULL,
     0},
    {{.status = STATUS_FAILED, .started_at = NOON, .attempt = 9, .max_attempts = 9},
     "{\"retry\":{\"max_attempts\":9}}",
     0,
     NULL,
     "Attempt 9 of at most 9.",
     "No attempt 10: what ended FAILED is not to be tried again.",
     0},
};

static struct arena *test_memory;

static bool is_said(const struct verdict_words *w, const char *text)
{
    for (size_t i = 0; i < w->detail_count; i++)
        if (strcmp(w->details[i], text) == 0)
            return true;
    return false;
}

static void look(const struct words_case *c, const struct verdict_words *w)
{
    if (c->text != NULL)
        assert_string_equal(w->text, c->text);
    for (size_t i = 0; i < w->detail_count; i++)
        if (c->never != NULL && strcmp(w->details[i], c->never) == 0)
            fail_msg("'%s' is said", c->never);
    if (c->detail != NULL && !is_said(w, c->detail))
        fail_msg("'%s' is not said", c->detail);
}

static enum verdict_answer answer_of(const struct execution_row *e)
{
    if (e->status == STATUS_CANCELLING)
        return VERDICT_RUNS;
    if (status_is_open((enum status)e->status) || e->next_attempt_at != 0)
        return VERDICT_WAITS;
    return e->started_at != 0 ? VERDICT_RAN : VERDICT_DID_NOT_RUN;
}

static void says_why_it_ended_as_it_did(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct words_case *c = &cases[i];
        SCOPED(arena) struct arena *memory = arena_new(0);
        SCOPED(zone) struct zone *utc = zone_utc();
        struct zoneset *zones = zoneset_new(NULL);
        const struct task_row revision = {.revision = 1,
                                          .state = TASK_ACTIVE,
                                          .effective_at =
                                              c->since != 0 ? c->since : NOON - SECONDS(3600),
                                          .actor = "anna",
                                          .spec = c->spec};
        struct revision_set *set = revision_set_new(&revision, 1, zones);
        const struct verdict_facts facts = {.at = NOON, .span = USEC_PER_SEC, .now = NOON + 1};
        const struct task_row pause = {
            .state = TASK_PAUSED, .effective_at = c->paused, .actor = "bert", .reason = "moving"};
        const struct verdict_sources sources = {
            .facts = &facts, .zone = utc, .pause = c->paused != 0 ? &pause : NULL};
        struct execution_row e = c->e;
        const struct verdict v = {.answer = answer_of(&c->e),
                                  .rule = (enum reason)e.reason,
                                  .due = NOON,
                                  .revision = &set->items[0],
                                  .execution = &e};
        struct verdict_words w = {0};

        e.scheduled_at = NOON;
        if (e.revision == 0)
            e.revision = revision.revision;
        verdict_words(&v, &sources, memory, &w);
        look(c, &w);
        revision_set_free(set);
        zoneset_free(zones);
    }
}

static void look_at_commands(const struct command_place *commands, size_t count,
                             const struct verdict *v, bool has_more, struct verdict_words *ret)
{
    static const struct verdict_facts facts = {.at = NOON, .span = USEC_PER_SEC, .now = NOON - 1};
    SCOPED(zone) struct zone *utc = zone_utc();
    const struct verdict_sources sources = {.facts = &facts,
                                            .zone = utc,
                                            .commands = commands,
                                            .command_count = count,
                                            .has_more_commands = has_more};

    verdict_words(v, &sources, test_memory, ret);
}

/* --- who asked for it --- */

static const struct asked_case {
    enum trigger trigger;
    int kind; /* of the command; -1: it is not known */
    const char *text;
} asked_cases[] = {
    {TRIGGER_MANUAL, COMMAND_TRIGGER_TASK,
     "It was triggered by hand, asked for at 2026-06-15 12:00:00, by anna: lost."},
    {TRIGGER_BACKFILL, COMMAND_BACKFILL,
     "It is of a backfill, asked for at 2026-06-15 12:00:00, by anna: lost."},
    {TRIGGER_RETRY, COMMAND_RETRY_EXECUTION,
     "It repeats another one, asked for at 2026-06-15 12:00:00, by anna: lost."},
    {TRIGGER_CHAIN, COMMAND_TRIGGER_TASK,
     "It follows another task's execution, set off at 2026-06-15 12:00:00, by anna: lost."},
    {TRIGGER_SCHEDULED, COMMAND_CANCEL_EXECUTION,
     "To cancel it was asked for at 2026-06-15 12:00:00, by anna: lost."},
    {TRIGGER_SCHEDULED, COMMAND_SKIP_NEXT,
     "To skip it was asked for at 2026-06-15 12:00:00, by anna: lost."},
    {TRIGGER_MANUAL, -1, "It was triggered by hand."},
    {TRIGGER_BACKFILL, -1, "It is of a backfill."},
    {TRIGGER_RETRY, -1, "It repeats another one."},
    {TRIGGER_CHAIN, -1, "It follows another task's execution."},
};

static void who_asked_for_it_is_named(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(asked_cases); i++) {
        const struct asked_case *c = &asked_cases[i];
        const struct command_place place = {.kind = c->kind,
                                            .received_at = NOON,
                                            .actor = "anna",
                                            .reason = "lost",
                                            .kafka_offset = 7,
                                            .outcome_offset = -1};
        const struct execution_row e = {.status = STATUS_SUCCEEDED,
                                        .trigger = (int32_t)c->trigger,
                                        .scheduled_at = NOON,
                                        .started_at = NOON};
        const struct verdict v = {.answer = VERDICT_RAN, .at = NOON, .due = NOON, .execution = &e};
        struct verdict_words w;

        look_at_commands(&place, c->kind >= 0, &v, false, &w);
        if (!is_said(&w, c->text))
            fail_msg("'%s' is not said", c->text);
    }
}

static void of_many_who_ended_it_the_first_one_is_told(void **state UNUSED)
{
    static const struct execution_row e = {
        .status = STATUS_CANCELLED, .reason = REASON_CANCEL_REQUESTED, .scheduled_at = NOON};
    const struct verdict v = {
        .answer = VERDICT_DID_NOT_RUN, .at = NOON, .due = NOON, .execution = &e};
    struct command_place commands[20];
    struct verdict_words w;

    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        commands[i] = (struct command_place){.kind = COMMAND_CANCEL_EXECUTION,
                                             .received_at = NOON + SECONDS(i),
                                             .actor = i == 0 ? "anna" : "bert",
                                             .outcome_offset = -1};
    look_at_commands(commands, 1, &v, false, &w);
    assert_true(is_said(&w, "To cancel it was asked for at 2026-06-15 12:00:00, by anna."));
    assert_false(is_said(&w, "That was asked for 1 times."));
    look_at_commands(commands, ARRAY_LEN(commands), &v, false, &w);
    assert_true(is_said(&w, "To cancel it was asked for at 2026-06-15 12:00:00, by anna."));
    assert_false(is_said(&w, "To cancel it was asked for at 2026-06-15 12:00:01, by bert."));
    assert_true(is_said(&w, "That was asked for 20 times."));
    assert_int_equal(w.record_count, 1);
    look_at_commands(commands, ARRAY_LEN(commands), &v, true, &w);
    assert_true(is_said(&w, "That was asked for 20 times or more."));
}

static void what_is_to_come_and_to_be_skipped_says_so(void **state UNUSED)
{
    const struct verdict v = {
        .answer = VERDICT_TO_COME, .rule = REASON_SKIP_NEXT, .at = NOON, .due = NOON};
    const struct command_place skip = {
        .kind = COMMAND_SKIP_NEXT, .received_at = NOON - SECONDS(60), .outcome_offset = -1};
    struct verdict_words w;

    look_at_commands(&skip, 1, &v, false, &w);
    assert_true(strstr(w.text, "It is still to come, and will be skipped: due at") == w.text);
    assert_true(is_said(&w, "To skip it was asked for at 2026-06-15 11:59:00."));
}

static int begin(void **state UNUSED)
{
    test_memory = arena_new(0);
    return 0;
}

static int end(void **state UNUSED)
{
    arena_free(test_memory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_why_it_ended_as_it_did),
        cmocka_unit_test(who_asked_for_it_is_named),
        cmocka_unit_test(of_many_who_ended_it_the_first_one_is_told),
        cmocka_unit_test(what_is_to_come_and_to_be_skipped_says_so),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
