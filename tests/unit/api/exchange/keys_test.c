#include "api/exchange/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct uuid id_of(uint32_t n)
{
    struct uuid id = UUID_NIL;

    memcpy(id.b, &n, sizeof n);
    id.b[15] = 1;
    return id;
}

static const uint8_t sum_a[SHA256_SIZE] = {1}, sum_b[SHA256_SIZE] = {2};

static void the_same_request_is_told_from_another(void **state UNUSED)
{
    SCOPED(keys) struct keys *k = keys_new();

    keys_note(k, id_of(1), sum_a);
    assert_int_equal(keys_check(k, id_of(1), sum_a), KEY_SENT);
    assert_int_equal(keys_check(k, id_of(1), sum_b), KEY_OTHER);
    keys_acked(k, id_of(1));
    assert_int_equal(keys_check(k, id_of(1), sum_a), KEY_ACKED);
    assert_int_equal(keys_check(k, id_of(1), sum_b), KEY_OTHER);
    keys_note(k, id_of(1), sum_b); /* sent once more */
    assert_int_equal(keys_check(k, id_of(1), sum_a), KEY_ACKED);
    assert_int_equal(keys_check(k, id_of(2), sum_b), KEY_NEW);
    keys_acked(k, id_of(3)); /* nobody knows it */
}

static void what_the_log_refuses_frees_the_key(void **state UNUSED)
{
    SCOPED(keys) struct keys *k = keys_new();

    keys_refused(k, id_of(1)); /* nobody knows it */
    keys_note(k, id_of(1), sum_a);
    keys_refused(k, id_of(1));
    assert_int_equal(keys_check(k, id_of(1), sum_b), KEY_NEW);
    keys_note(k, id_of(1), sum_b);
    keys_acked(k, id_of(1));
    keys_refused(k, id_of(1)); /* another sending of it has arrived */
    assert_int_equal(keys_check(k, id_of(1), sum_b), KEY_ACKED);
    for (uint32_t n = 2; n < 2 + KEYS_MAX; n++)
        keys_note(k, id_of(n), sum_a);
    assert_int_equal(keys_check(k, id_of(1), sum_b), KEY_NEW);
}

/* What is refused after it was looked up has had no effect: the key is free for the corrected request. */
static void a_look_leaves_nothing(void **state UNUSED)
{
    SCOPED(keys) struct keys *k = keys_new();

    assert_int_equal(keys_check(k, id_of(1), sum_a), KEY_NEW);
    assert_int_equal(keys_check(k, id_of(1), sum_b), KEY_NEW);
}

static void the_oldest_is_forgotten_first(void **state UNUSED)
{
    SCOPED(keys) struct keys *k = keys_new();

    for (uint32_t n = 0; n <= KEYS_MAX; n++)
        keys_note(k, id_of(n), sum_a);
    assert_int_equal(keys_check(k, id_of(1), sum_b), KEY_OTHER);
    assert_int_equal(keys_check(k, id_of(0), sum_b), KEY_NEW);
    keys_note(k, id_of(0), sum_b); /* takes the place of 1 */
    assert_int_equal(keys_check(k, id_of(1), sum_b), KEY_NEW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_request_is_told_from_another),
        cmocka_unit_test(what_the_log_refuses_frees_the_key),
        cmocka_unit_test(a_look_leaves_nothing),
        cmocka_unit_test(the_oldest_is_forgotten_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
