/* Bodies: packed or not, they say what the spec said; what many say alike is there once. */
#include "scheduler/body.h"

#include <stdio.h>

#include "model/spec_timeline.h"
#include "support/sample.h"
#include "unit/cron/zones.h"
#include "world.h"

enum { SAMPLES = 50, MANY = 10000 };

static struct core_env env = {.prefix = "t."};
static struct bodies bodies;

static int begin(void **state UNUSED)
{
    env.zones = zoneset_new("");
    bodies_init(&bodies, &env);
    return 0;
}

static int end(void **state UNUSED)
{
    assert_int_equal(bodies.terms.count, 0); /* nobody has them any more */
    bodies_clear(&bodies);
    zoneset_free(env.zones);
    return 0;
}

static struct body *made(const struct task_spec *spec)
{
    struct error err = {0};
    struct body *b = NULL;

    if (body_new(&bodies, task_of(spec->key), spec, &b, &err) != RC_OK)
        fail_msg("%s", err.text);
    return b;
}

/* So many others are asked that nothing stays unpacked. */
static void cool_all(void)
{
    static char key[32];

    for (int i = 0; bodies.weight > 0 && i < MANY; i++) {
        struct task_spec spec = spec_of(key, "@every 1h");
        struct body *b;

        (void)snprintf(key, sizeof key, "other%d", i);
        b = made(&spec);
        (void)body_spec(b);
        body_free(b);
        bodies_cool(&bodies);
    }
    assert_int_equal(bodies.weight, 0);
}

static void say_what_the_spec_says(void **state UNUSED)
{
    for (int n = 0; n < SAMPLES; n++) {
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct sample sample = {memory, n};
        const struct task_spec *spec = sample_of(&sample, &task_spec_type);
        SCOPED(body) struct body *b = body_pack(&bodies, UUID_NIL, spec);

        assert_true(record_equal(&task_spec_type, spec, body_spec(b)));
        cool_all();
        assert_true(record_equal(&task_spec_type, spec, body_spec(b)));
    }
}

static void keep_once_what_many_say(void **state UNUSED)
{
    static struct body *list[100];
    static char keys[100][16];
    const struct timeline *timeline;

    for (int i = 0; i < 100; i++) {
        struct task_spec spec = spec_of(keys[i], "*/5 * * * *");

        (void)snprintf(keys[i], sizeof keys[i], "task%d", i);
        spec.payload = bytes_of(keys[i]);
        list[i] = made(&spec);
    }
    assert_int_equal(bodies.terms.count, 1);
    timeline = body_timeline(list[0]);
    for (int i = 0; i < 100; i++) {
        assert_ptr_equal(body_timeline(list[i]), timeline);
        assert_string_equal(body_spec(list[i])->key, keys[i]);
        assert_string_equal(body_topic(list[i]), "t.executions.default");
        body_free(list[i]);
    }
}

static usec_t first_of(struct body *b)
{
    struct occurrence o;

    assert_int_equal(timeline_next(body_timeline(b), EPOCH, &o), RC_OK);
    return o.due;
}

static void keep_apart_what_depends_on_the_task(void **state UNUSED)
{
    static const char *const expressions[] = {"H H * * *", "~ 3 * * *", "0 0 * * *"};

    for (size_t i = 0; i < ARRAY_LEN(expressions); i++) {
        struct task_spec one = spec_of("one", expressions[i]), two = spec_of("two", expressions[i]);
        usec_t first;

        one.jitter_ms = two.jitter_ms = i == 2 ? 3600000 : 0;
        SCOPED(body) struct body *a = made(&one);
        SCOPED(body) struct body *b = made(&two);

        assert_int_equal(bodies.terms.count, 1);
        first = first_of(a);
        assert_true(first != first_of(b));
        cool_all();
        assert_true(first == first_of(a));
    }
}

/* What the API tells of a task is what fires: whatever hashes is hashed by the task here, too. */
static void fire_when_the_api_says(void **state UNUSED)
{
    static const char *const expressions[] = {"H H * * *",
                                              "~ 3 * * *",
                                              "0 3 * * H",
                                              "@every 15m from 08:00 to 18:00 on H",
                                              "@every 15m from 08:00 to 18:00\ton  H",
                                              "@every 15m from 08:00 to 18:00 on MON-FRI",
                                              "@every 1h/10m",
                                              "@daily",
                                              "0 9 * * *",
                                              "rate(1 hour)"};
    static const char *const keys[] = {"one", "two", "three", "four", "five", "six", "seven"};

    for (size_t i = 0; i < ARRAY_LEN(expressions) * ARRAY_LEN(keys); i++) {
        const char *key = keys[i % ARRAY_LEN(keys)];
        struct task_spec spec = spec_of(key, expressions[i / ARRAY_LEN(keys)]);
        SCOPED(timeline) struct timeline *told = NULL;
        SCOPED(body) struct body *b = made(&spec);
        struct occurrence o;

        assert_int_equal(spec_timeline(&spec, task_of(key), env.zones, &told, NULL), RC_OK);
        assert_int_equal(timeline_next(told, EPOCH, &o), RC_OK);
        assert_int_equal(first_of(b), o.due);
    }
}

static void refuse_what_cannot_be_read_however_often(void **state UNUSED)
{
    struct task_spec spec = spec_of("a", "61 * * * *");
    struct body *b = NULL;
    struct error err = {0};

    for (int i = 0; i < 3; i++) {
        assert_int_equal(body_new(&bodies, task_of("a"), &spec, &b, &err), RC_INVALID);
        assert_non_null(strstr(err.text, "minute"));
    }
    b = body_pack(&bodies, task_of("a"), &spec);
    assert_null(body_timeline(b));
    assert_string_equal(body_spec(b)->key, "a");
    body_free(b);
}

static struct zoneset *zones_at(int hours)
{
    const struct test_zone t = {"Test/Place", hours * 3600, {{0}}, hours == 0 ? "UTC0" : "<+02>-2"};
    struct zoneset *zones = zoneset_new("");
    SCOPED_BUF bytes = {0};
    struct zone *z;

    add_tzif(&bytes, &t);
    assert_int_equal(zone_parse(t.name, buf_bytes(&bytes), &z, NULL), RC_OK);
    zoneset_add(zones, z);
    zone_unref(z);
    return zones;
}

static struct body *noon_at(const char *zone)
{
    struct task_spec spec = spec_of("a", "0 12 * * *");

    spec.schedules->zone = zone;
    return made(&spec);
}

static void go_by_the_clocks_they_were_made_under(void **state UNUSED)
{
    static const char *const changed[] = {"Test/Place"};
    struct body *old, *other, *new;

    zoneset_free(env.zones);
    env.zones = zones_at(0);
    old = noon_at("Test/Place");
    other = noon_at("UTC");
    cool_all();
    zoneset_free(env.zones);
    env.zones = zones_at(2);
    bodies_rezone(&bodies, changed, 1);
    assert_true(body_is_stale(old) && !body_is_stale(other));
    new = noon_at("Test/Place");
    assert_false(body_is_stale(new));
    assert_int_equal(SINCE(first_of(old)), 12 * 3600);
    assert_int_equal(SINCE(first_of(new)), 10 * 3600);
    assert_int_equal(SINCE(first_of(other)), 12 * 3600);
    body_free(old);
    body_free(other);
    body_free(new);
}

/* A key is a hash: whoever has lost its place there to another is found all the same. */
static void are_found_though_others_have_their_place(void **state UNUSED)
{
    static const char *const changed[] = {"Test/Place"};
    struct body *old, *new;

    zoneset_free(env.zones);
    env.zones = zones_at(0);
    old = noon_at("Test/Place");
    zoneset_free(env.zones);
    env.zones = zones_at(0);
    new = noon_at("Test/Place"); /* before anybody says that there is another set */
    zoneset_free(env.zones);
    env.zones = zones_at(2);
    bodies_rezone(&bodies, changed, 1);
    assert_true(body_is_stale(old) && body_is_stale(new));
    body_free(old);
    body_free(new);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(say_what_the_spec_says, begin, end),
        cmocka_unit_test_setup_teardown(keep_once_what_many_say, begin, end),
        cmocka_unit_test_setup_teardown(keep_apart_what_depends_on_the_task, begin, end),
        cmocka_unit_test_setup_teardown(fire_when_the_api_says, begin, end),
        cmocka_unit_test_setup_teardown(refuse_what_cannot_be_read_however_often, begin, end),
        cmocka_unit_test_setup_teardown(go_by_the_clocks_they_were_made_under, begin, end),
        cmocka_unit_test_setup_teardown(are_found_though_others_have_their_place, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
