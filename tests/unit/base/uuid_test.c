#include "base/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

static struct uuid parsed(const char *text)
{
    struct uuid id = UUID_NIL;

    assert_int_equal(uuid_from_text(text, &id, NULL), RC_OK);
    return id;
}

static void text_goes_round_in_lower_case(void **state UNUSED)
{
    char text[UUID_TEXT];

    assert_string_equal(uuid_to_text(parsed("4B5A1F0E-8F5C-5D1B-9A43-C20B0B5E7A11"), text),
                        "4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a11");
}

static void refuses_what_is_no_uuid(void **state UNUSED)
{
    static const char *const wrong[] = {"",
                                        "x",
                                        "4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a1",
                                        "4b5a1f0e8f5c5d1b9a43c20b0b5e7a11",
                                        "4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a1g",
                                        "{4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a11}"};
    struct error err;
    struct uuid id = UUID_NIL;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        assert_int_equal(uuid_from_text(wrong[i], &id, &err), RC_INVALID);
    assert_int_equal(uuid_from_text(NULL, &id, NULL), RC_INVALID);
    assert_true(uuid_is_nil(id));
}

static void named_ids_follow_rfc_4122(void **state UNUSED)
{
    /* RFC 9562, A.4: version 5 of "www.example.com" in the DNS namespace */
    struct uuid dns = parsed("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    char text[UUID_TEXT];

    assert_string_equal(uuid_to_text(uuid_named(dns, "www.example.com"), text),
                        "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

static void an_execution_id_carries_its_time_and_is_version_8(void **state UNUSED)
{
    static const struct {
        usec_t at;
        int64_t ms;
    } cases[] = {{0, 0},
                 {999, 0},
                 {1000, 1},
                 {1774749600000001, 1774749600000},
                 {1774749600999999, 1774749600999}};
    struct uuid task = task_id_of("default", "report");

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct uuid id = execution_id_of(task, cases[i].at, "instant", "");

        assert_int_equal(uuid_version(id), 8);
        assert_int_equal(execution_id_ms(id), cases[i].ms);
        assert_true(uuid_equal(id, execution_id_of(task, cases[i].at, "instant", "")));
        assert_false(uuid_equal(id, execution_id_of(task, cases[i].at, "command", "x")));
    }
}

static void ids_sort_by_time(void **state UNUSED)
{
    struct uuid task = task_id_of("default", "report");

    for (usec_t at = 0; at < 100 * USEC_PER_SEC; at += USEC_PER_SEC / 3)
        assert_true(uuid_order(execution_id_of(task, at, "instant", ""),
                               execution_id_of(task, at + USEC_PER_SEC / 3, "instant", "")) < 0);
}

static void murmur2_agrees_with_kafka(void **state UNUSED)
{
    /* from Kafka's UtilsTest.testMurmur2 */
    static const struct {
        const char *text;
        int32_t hash;
    } cases[] = {{"21", -973932308},
                 {"foobar", -790332482},
                 {"a-little-bit-long-string", -985981536},
                 {"a-little-bit-longer-string", -1486304829},
                 {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
                 {"abc", 479470107}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal((int32_t)murmur2(cases[i].text, strlen(cases[i].text)), cases[i].hash);
}

static void sha256_of_abc(void **state UNUSED)
{
    SCOPED(sha256) struct sha256 *sum = sha256_new();
    uint8_t digest[SHA256_SIZE];
    char text[SHA256_TEXT];

    sha256_add(sum, "ab", 2);
    sha256_add(sum, "c", 1);
    sha256_finish(sum, digest);
    assert_string_equal(sha256_to_text(digest, text),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void commands_under_one_key_share_its_id(void **state UNUSED)
{
    static const uint8_t a[8] = {0xff, 1, 2, 3, 4, 5, 6, 7}, b[8] = {0};
    struct uuid task = task_id_of("default", "backup");
    struct uuid key = idempotent_command_id_of(task, "me", "k"),
                other = idempotent_command_id_of(task, "me", "l");
    struct uuid first = keyed_command_id_of(key, a), second = keyed_command_id_of(key, b);

    assert_int_equal(uuid_version(first), 8);
    assert_int_equal(first.b[8] & 0xc0, 0x80);
    assert_false(uuid_equal(first, second));
    assert_true(commands_share_key(first, second));
    assert_true(commands_share_key(key, first)); /* an id from before there were digests */
    assert_false(commands_share_key(first, keyed_command_id_of(other, a)));
    assert_false(commands_share_key(key, key)); /* two that have none are told by equality */
    assert_false(commands_share_key(uuid_random(), first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_goes_round_in_lower_case),
        cmocka_unit_test(refuses_what_is_no_uuid),
        cmocka_unit_test(named_ids_follow_rfc_4122),
        cmocka_unit_test(an_execution_id_carries_its_time_and_is_version_8),
        cmocka_unit_test(ids_sort_by_time),
        cmocka_unit_test(murmur2_agrees_with_kafka),
        cmocka_unit_test(commands_under_one_key_share_its_id),
        cmocka_unit_test(sha256_of_abc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
