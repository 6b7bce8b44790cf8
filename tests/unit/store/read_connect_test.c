/* A resolver that says nothing: it has this program's getaddrinfo. */
#include "store/read_connect.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <netdb.h>
#include <sched.h>
#include <semaphore.h>

#include "base/clock.h"
#include "store/read_pool.h"

enum { CONNECTIONS = 2, DEADLINE_S = 20 };

static pthread_t own;
static atomic_int asked, asked_here, answered;
static sem_t answers;
static int fds[CONNECTIONS];

int getaddrinfo(const char *restrict name UNUSED, const char *restrict service UNUSED,
                const struct addrinfo *restrict hints UNUSED, struct addrinfo **restrict ret UNUSED)
{
    struct timespec deadline;

    atomic_fetch_add(&asked_here, pthread_equal(pthread_self(), own) != 0);
    atomic_fetch_add(&asked, 1);
    (void)clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += DEADLINE_S;
    (void)sem_timedwait(&answers, &deadline);
    atomic_fetch_add(&answered, 1);
    return EAI_AGAIN;
}

static void wait_for(const atomic_int *count, int wanted)
{
    usec_t deadline = clock_monotonic() + DEADLINE_S * USEC_PER_SEC;

    while (atomic_load(count) < wanted && clock_monotonic() < deadline)
        (void)sched_yield();
    assert_int_equal(atomic_load(count), wanted);
}

static void watch(void *ctx UNUSED, int slot, int fd, int wants UNUSED)
{
    fds[slot] = fd;
}

static void on_rows(void *ctx, const PGresult *r UNUSED, bool missing UNUSED,
                    const struct error *err)
{
    *(struct error *)ctx = *err;
}

static struct error submit(struct read_pool *p, struct error *answer)
{
    struct read_query q = {0};

    buf_add_text(&q.sql, "SELECT 1");
    read_submit(p, &q, on_rows, answer);
    return *answer;
}

static struct read_pool *pool_of_a_silent_resolver(const char *database)
{
    const struct read_config config = {
        .database = database, .connections = CONNECTIONS, .watch = watch};

    own = pthread_self();
    atomic_store(&asked, 0);
    atomic_store(&asked_here, 0);
    atomic_store(&answered, 0);
    (void)sem_init(&answers, 0, 0);
    return read_pool_new(&config, clock_monotonic());
}

static void resolver_answers(void)
{
    for (int i = 0; i < CONNECTIONS; i++)
        (void)sem_post(&answers);
}

static const char *const databases[] = {
    "host=silent.example dbname=d",
    "postgresql://u@silent.example,silent2.example:5433/d",
};

static void a_silent_resolver_holds_up_nobody(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(databases); i++) {
        SCOPED(read_pool) struct read_pool *p = pool_of_a_silent_resolver(databases[i]);
        struct error early = {0}, late = {0};

        wait_for(&asked, CONNECTIONS);
        assert_int_equal(atomic_load(&asked_here), 0);
        assert_int_equal(submit(p, &early).rc, RC_OK); /* it waits: somebody is connecting */
        read_pool_step(p, clock_monotonic() + 6 * USEC_PER_SEC);
        assert_int_equal(early.rc, RC_RETRY);
        assert_string_equal(read_pool_trouble(p), "connecting takes too long");
        assert_int_equal(submit(p, &late).rc, RC_RETRY);
        read_pool_step(p, clock_monotonic() + 60 * USEC_PER_SEC);
        assert_int_equal(atomic_load(&asked), CONNECTIONS); /* no second thread behind the first */
        for (int k = 0; k < 2; k++)                         /* for each host of a list */
            resolver_answers();
        for (int slot = 0; slot < CONNECTIONS; slot++) {
            struct pollfd one = {.fd = fds[slot], .events = POLLIN};

            assert_int_equal(poll(&one, 1, DEADLINE_S * 1000), 1);
            read_pool_ready(p, slot, clock_monotonic());
        }
        assert_non_null(strstr(read_pool_trouble(p), "could not translate host name"));
    }
}

static void the_pool_ends_while_the_resolver_says_nothing(void **state UNUSED)
{
    struct read_pool *p = pool_of_a_silent_resolver("host=silent.example dbname=d");
    struct error answer = {0};

    wait_for(&asked, CONNECTIONS);
    (void)submit(p, &answer);
    read_pool_free(p);
    assert_int_equal(answer.rc, RC_RETRY);
    assert_int_equal(atomic_load(&answered), 0);
    resolver_answers();
    wait_for(&answered, CONNECTIONS);
}

static void what_cannot_be_read_is_asked_of_nobody(void **state UNUSED)
{
    SCOPED(read_pool)
    struct read_pool *p = pool_of_a_silent_resolver("postgresql://u:S3c@ret@host/db");

    assert_int_equal(atomic_load(&asked), 0);
    assert_string_equal(read_pool_trouble(p), "the connection string cannot be read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_resolver_holds_up_nobody),
        cmocka_unit_test(the_pool_ends_while_the_resolver_says_nothing),
        cmocka_unit_test(what_cannot_be_read_is_asked_of_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
