/* More is due at once than a turn holds: the rest is decided beside it, and what becomes of that when a turn fails. */
#include <stdio.h>

#include "base/hash.h"
#include "base/rfc3339.h"
#include "shell.h"

/* As much as 13,600 small records, a third more than a turn; and so much that each of five partitions has more than its part of one. */
enum { STORM = 800, LARGE_STORM = 1600, PAYLOAD = 65536 };

/* Answers when they are due: half a second after the last one is saved, at least. */
static usec_t begin_storm(void **state, int count)
{
    static const char payload[PAYLOAD];
    char at[RFC3339_TEXT], expression[RFC3339_TEXT + 8];
    usec_t due;

    (void)shell_end(state);
    (void)shell_begin(state);
    due = shell.real + 4500 * USEC_PER_MS;
    (void)snprintf(expression, sizeof expression, "@at %s", rfc3339_format(due, at));
    for (int n = 0; n < count; n++)
        shell_put("q", n, expression, (struct bytes){payload, sizeof payload});
    shell_start(&shell.processes[0]);
    shell_pass(4);
    assert_int_equal(shell.fired_count, 0);
    return due;
}

static void judge_storm(usec_t due)
{
    static bool has_fired[STORM];

    memset(has_fired, 0, sizeof has_fired);
    assert_int_equal(shell.fired_count, STORM);
    for (int n = 0; n < STORM; n++)
        for (size_t i = 0; i < shell.fired_count; i++)
            has_fired[n] = has_fired[n] || uuid_equal(shell.fired[i].task_id, shell_task(n));
    for (int n = 0; n < STORM; n++)
        assert_true(has_fired[n]);
    for (size_t i = 0; i < shell.fired_count; i++)
        assert_true(shell.fired[i].at >= due && shell.fired[i].scheduled_at == due);
}

static void what_a_turn_cannot_hold_follows_in_the_same_step(void **state)
{
    usec_t due = begin_storm(state, STORM);

    shell_pass(1);
    judge_storm(due);
    for (size_t i = 0; i < shell.fired_count; i++)
        assert_true(shell.fired[i].at == shell.fired[0].at);
}

struct mishap { /* in the nth call of that name since */
    const char *call;
    int nth;
    enum rc rc;
    usec_t takes;
    bool has_come;
};

static enum rc befall(void *ctx, const char *instance UNUSED, const char *call)
{
    struct mishap *m = ctx;

    if (m->has_come || strcmp(call, m->call) != 0 || --m->nth > 0)
        return RC_OK;
    m->has_come = true;
    shell.real += m->takes;
    shell.mono += m->takes;
    return m->rc;
}

/* A turn flushes twice: the second time the next one is decided already. */
static void fires_once_whatever_becomes_of_either_turn(void **state)
{
    static const struct mishap mishaps[] = {
        {"flush", 2, RC_CONFLICT, 0, false},  {"offsets", 1, RC_FATAL, 0, false},
        {"commit", 1, RC_CONFLICT, 0, false}, {"commit", 1, RC_FATAL, 0, false},
        {"begin", 2, RC_CONFLICT, 0, false},  {"begin", 2, RC_FATAL, 0, false},
        {"commit", 2, RC_CONFLICT, 0, false}, {"commit", 2, RC_FATAL, 0, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(mishaps); i++) {
        usec_t due = begin_storm(state, STORM);
        struct mishap m = mishaps[i];

        memlog_on_step(shell.memory, befall, &m);
        shell_pass(4);
        memlog_on_step(shell.memory, NULL, NULL);
        assert_true(m.has_come);
        judge_storm(due);
    }
}

/* What was decided beside a slow commit is a second old: it waits for what has come meanwhile. */
static void what_was_decided_long_ago_is_decided_anew(void **state)
{
    usec_t due = begin_storm(state, STORM);
    struct mishap slow = {"flush", 2, RC_OK, 3 * USEC_PER_SEC, false};

    memlog_on_step(shell.memory, befall, &slow);
    shell_pass(4);
    memlog_on_step(shell.memory, NULL, NULL);
    judge_storm(due);
    assert_true(shell.fired[0].at < shell.fired[STORM - 1].at);
}

static int partition_of_fired(size_t i)
{
    return partition_of(shell.fired[i].task_id, PARTITIONS);
}

/* The second flush of each turn. */
static enum rc slow_down(void *ctx, const char *instance UNUSED, const char *call)
{
    int *flushes = ctx;

    if (strcmp(call, "flush") == 0 && ++*flushes % 2 == 0) {
        shell.real += 3 * USEC_PER_SEC;
        shell.mono += 3 * USEC_PER_SEC;
    }
    return RC_OK;
}

/* Else one that is behind would be passed over for as long as the broker is slow. */
static void whose_turn_was_dropped_comes_next(void **state)
{
    bool was_first[PARTITIONS] = {false};
    int flushes = 0;
    size_t i = 0;
    usec_t second;

    (void)begin_storm(state, LARGE_STORM);
    memlog_on_step(shell.memory, slow_down, &flushes);
    shell_pass(30);
    memlog_on_step(shell.memory, NULL, NULL);
    assert_int_equal(shell.fired_count, LARGE_STORM);
    for (; shell.fired[i].at == shell.fired[0].at; i++)
        was_first[partition_of_fired(i)] = true;
    for (second = shell.fired[i].at; shell.fired[i].at == second; i++)
        assert_false(was_first[partition_of_fired(i)]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_turn_cannot_hold_follows_in_the_same_step,
                                        shell_begin, shell_end),
        cmocka_unit_test_setup_teardown(fires_once_whatever_becomes_of_either_turn, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(what_was_decided_long_ago_is_decided_anew, shell_begin,
                                        shell_end),
        cmocka_unit_test_setup_teardown(whose_turn_was_dropped_comes_next, shell_begin, shell_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
