/*
 * What is no list of brokers: librdkafka would tell all of it whenever it cannot find such a host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bus/bus.h"
#include "support/secrets.h"

static enum rc make(const char *brokers, struct error *err)
{
    const struct bus_config config = {.brokers = brokers, .instance = "i"};
    SCOPED(bus) struct bus *bus = NULL;

    return bus_kafka_new(&config, &bus, err);
}

static void a_password_among_brokers_is_refused_and_not_said(void **state UNUSED)
{
    static const char *const forms[] = {"u:%s@h:9092", "h:9092,u:%s@h:9092", "SASL_SSL://u:%s@h",
                                        "sasl.password=%s", "h:9092 password=%s"};
    char password[SECRET_TEXT];

    for (unsigned seed = 0; seed < 100; seed++)
        for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
            const char *at = strstr(forms[i], "%s");
            struct error err = {0};
            SCOPED(text)
            char *brokers = xasprintf("%.*s%s%s", (int)(at - forms[i]), forms[i],
                                      secret_of(seed, password), at + 2);

            if (make(brokers, &err) != RC_INVALID)
                fail_msg("%s", brokers);
            assert_string_equal(err.hint,
                                "write HOST:PORT,...; Kafka is spoken to without a login");
            assert_nothing_of(password, &err);
        }
}

static void a_list_of_addresses_is_taken(void **state UNUSED)
{
    static const char *const lists[] = {"h", "h:9092", "h:9092,[::1]:9093", "PLAINTEXT://h:9092",
                                        "password.example.org:9092"};

    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        assert_int_equal(make(lists[i], NULL), RC_OK);
    assert_int_equal(make("", NULL), RC_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_password_among_brokers_is_refused_and_not_said),
        cmocka_unit_test(a_list_of_addresses_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
