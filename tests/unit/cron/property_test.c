/*
 * What holds for every schedule: random expressions of every dialect, in every zone of zones.h, from a fixed seed.
 */
#include "cron/schedule.h"
#include "unit/cron/schedules.h"

enum { EXPRESSIONS = 12000, STEPS = 6 };

static uint64_t dice;

static int roll(int sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (int)(dice >> 33) % sides;
}

static bool chance(int percent)
{
    return roll(100) < percent;
}

/* --- random expressions --- */

struct shape {
    int min, max;
};

static const struct shape shapes[] = {{0, 59}, {0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 7}};

static void add_term(struct buf *out, struct shape s, bool strict)
{
    int from = s.min + roll(s.max - s.min + 1), to = s.min + roll(s.max - s.min + 1);
    int step = 1 + roll(s.max);

    if (strict && from > to) {
        int swap = from;

        from = to;
        to = swap;
    }
    switch (roll(strict ? 4 : 6)) {
    case 0:
        buf_printf(out, "*/%d", step);
        break;
    case 1:
        buf_printf(out, "%d-%d", from, to);
        break;
    case 2:
        buf_printf(out, "%d-%d/%d", from, to, step);
        break;
    case 3:
        buf_printf(out, "%d", from);
        break;
    case 4:
        buf_printf(out, "%d/%d", from, step);
        break;
    default:
        buf_add_text(out, "H");
        break;
    }
}

static void add_list(struct buf *out, struct shape s, bool strict)
{
    if (chance(35)) {
        buf_add_text(out, "*");
        return;
    }
    add_term(out, s, strict);
    while (chance(25)) {
        buf_add_char(out, ',');
        if (chance(10))
            buf_add_char(out, '*');
        else
            add_term(out, s, strict);
    }
}

static void add_special_day(struct buf *out)
{
    static const char *const texts[] = {"L",   "LW",  "L-2",  "L-4W", "1W",
                                        "15W", "31W", "L,15", "L-30"};

    buf_add_text(out, texts[roll(ARRAY_LEN(texts))]);
}

static void add_special_weekday(struct buf *out)
{
    static const char *const texts[] = {"5L",    "FRI#L", "1#1",     "TUE#5",
                                        "2-4#3", "7L,3",  "MON#1,6", "SAT#2,SUN#2"};

    buf_add_text(out, texts[roll(ARRAY_LEN(texts))]);
}

/* Both day fields, and the month between them. */
static void add_days(struct buf *out, enum dialect dialect)
{
    bool strict = dialect == DIALECT_VIXIE || dialect == DIALECT_OCPS;
    bool quartz = dialect == DIALECT_QUARTZ, no_day = quartz && chance(50);
    bool special = dialect != DIALECT_VIXIE && chance(30);

    if (no_day)
        buf_add_char(out, '?');
    else if (special)
        add_special_day(out);
    else
        add_list(out, shapes[3], strict);
    buf_add_char(out, ' ');
    add_list(out, shapes[4], strict);
    buf_add_char(out, ' ');
    if (quartz && !no_day)
        buf_add_char(out, '?');
    else if (special && chance(50))
        add_special_weekday(out);
    else
        add_list(out, (struct shape){quartz, 6 + quartz}, strict);
}

static void add_fields(struct buf *out, enum dialect dialect)
{
    bool strict = dialect == DIALECT_VIXIE || dialect == DIALECT_OCPS;
    bool seconds = dialect == DIALECT_QUARTZ || (dialect != DIALECT_VIXIE && chance(25));

    for (size_t i = seconds ? 0 : 1; i < 3; i++) {
        add_list(out, shapes[i], strict);
        buf_add_char(out, ' ');
    }
    add_days(out, dialect);
    if (seconds && chance(20))
        buf_printf(out, " %d-%d", 1970 + roll(60), 2030 + roll(170));
}

static void add_other_form(struct buf *out, enum dialect dialect)
{
    int kinds = dialect == DIALECT_VIXIE ? 3 : 5;
    static const char *const days[] = {"", " on MON-FRI", " on 1,3", " on FRI#3", " on SUN#L,2"};

    if (chance(50))
        buf_printf(out, "@every %ds/%ds", 1 + roll(200000), roll(200000));
    else
        buf_printf(out, "@every %dm from %02d:%02d to %02d:%02d%s", 1 + roll(400), roll(24),
                   roll(60), roll(24), roll(60), days[roll(kinds)]);
}

/* --- what holds --- */

static bool same(const struct occurrence *a, const struct occurrence *b)
{
    return a->at == b->at && a->nominal == b->nominal && a->offset == b->offset && a->dst == b->dst;
}

static usec_t between(usec_t from, usec_t to)
{
    return from + (usec_t)((uint64_t)roll(1 << 30) * (uint64_t)(to - from) >> 30);
}

/* From one instant to the next, and back; whatever is asked in between tells the same. */
static void check_steps(const struct schedule *s, const char *text, usec_t from)
{
    struct occurrence last = {.at = from}, o, again;

    for (int i = 0; i < STEPS && schedule_next(s, last.at, &o) == RC_OK; i++, last = o) {
        usec_t middle = between(last.at, o.at);

        if (o.at <= last.at || o.due != o.at)
            fail_msg("%s: not later", text);
        if (schedule_next(s, middle, &again) != RC_OK || !same(&o, &again))
            fail_msg("%s: another one from in between", text);
        if (i > 0 && (schedule_prev(s, o.at, &again) != RC_OK || !same(&last, &again)))
            fail_msg("%s: not the way back", text);
        if (i > 0 && (schedule_prev(s, middle + 1, &again) != RC_OK || !same(&last, &again)))
            fail_msg("%s: another one back from in between", text);
        if (o.dst == DST_NONE && o.nominal != o.at + o.offset * USEC_PER_SEC)
            fail_msg("%s: another wall time", text);
    }
}

static void check_text(const struct schedule *s, const char *text, enum dialect dialect)
{
    SCOPED_BUF canonical = {0}, second = {0};
    SCOPED(schedule) struct schedule *again = NULL;
    struct schedule_options options = {.zone = schedule_zone(s), .dialect = dialect, .task = task};

    schedule_format(s, &canonical);
    if (schedule_parse(buf_text(&canonical), &options, zones, NULL, &again, NULL) != RC_OK ||
        !schedule_equal(s, again))
        fail_msg("%s is not %s", text, buf_text(&canonical));
    schedule_format(again, &second);
    assert_string_equal(buf_text(&second), buf_text(&canonical));
}

static void check_random(enum dialect dialect)
{
    struct schedule_options options = {
        .zone = test_zones[roll(ARRAY_LEN(test_zones))].name,
        .dialect = dialect,
        .task = task,
    };
    SCOPED(schedule) struct schedule *s = NULL;
    SCOPED_BUF text = {0};
    struct error err = {0};

    if (chance(10))
        add_other_form(&text, dialect);
    else
        add_fields(&text, dialect);
    if (schedule_parse(buf_text(&text), &options, zones, NULL, &s, &err) != RC_OK)
        fail_msg("%s: %s", buf_text(&text), err.text);
    check_text(s, buf_text(&text), dialect);
    for (int i = 0; i < 3; i++)
        check_steps(s, buf_text(&text), (usec_t)roll(INT32_MAX) * 3 * USEC_PER_SEC);
}

static void holds_what_holds_for_every_schedule(void **state UNUSED)
{
    dice = UINT64_C(0x9e3779b97f4a7c15);
    for (int i = 0; i < EXPRESSIONS; i++)
        check_random((enum dialect)(i % DIALECT_COUNT));
}

/* At the changes themselves: every hour of the two days around. */
static void holds_around_every_clock_change(void **state UNUSED)
{
    static const char *const texts[] = {"30 2 * * *",   "0,30 * * * *",
                                        "*/20 * * * *", "15 0-4 * * *",
                                        "0 0 * * *",    "@every 45m from 22:00 to 05:00",
                                        "45 1,2 * * *", "10 0 1-31 * *"};

    for (size_t z = 0; z < ARRAY_LEN(test_zones); z++) {
        for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
            struct schedule_options options = {.zone = test_zones[z].name};
            SCOPED(schedule) struct schedule *s = NULL;
            struct clock_change c = {.at = instant("2006-01-01T00:00:00Z")};

            assert_int_equal(schedule_parse(texts[i], &options, zones, NULL, &s, NULL), RC_OK);
            for (int n = 0; n < 8 && schedule_next_change(s, c.at, USEC_MAX, &c) == RC_OK; n++)
                for (int hour = -24; hour < 24; hour++)
                    check_steps(s, texts[i], c.at + (usec_t)hour * 60 * USEC_PER_MIN);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_holds_for_every_schedule),
        cmocka_unit_test(holds_around_every_clock_change),
    };

    return cmocka_run_group_tests(tests, set_up_zones, tear_down_zones);
}
