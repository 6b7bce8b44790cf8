/*
 * The terms of one field. Values are numbered as they are written (day of week 1-7 for Quartz and AWS, else
 * 0-7) until set_values() puts them into the mask. Every list goes through one loop: a range with a step,
 * walked over the field's circle of values, so that a range may wrap.
 */
#include "cron/term.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_DIGITS = 9, NTH_MAX = 5, LAST_BIT = 31, SATURDAY = 6 };

static const char months[] = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
static const char three_letters[] = "names have three letters, such as JAN or MON";
static const char weekdays[] = "SUNMONTUEWEDTHUFRISAT";

static const struct values field_values[FIELD_COUNT] = {
    [FIELD_SECOND] = {"second", 0, 59, 59, ""},
    [FIELD_MINUTE] = {"minute", 0, 59, 59, ""},
    [FIELD_HOUR] = {"hour", 0, 23, 23, ""},
    [FIELD_DAY] = {"day of month", 1, 31, 31, ""},
    [FIELD_MONTH] = {"month", 1, 12, 12, months},
    [FIELD_WEEKDAY] = {"day of week", 0, 6, 7, weekdays},
    [FIELD_YEAR] = {"year", YEAR_FIRST, YEAR_LAST, YEAR_LAST, ""},
};
static const struct values weekday_from_one = {"day of week", 1, 7, 7, weekdays};

static bool is_quartz_like(const struct parse *p)
{
    return p->aws || p->options->dialect == DIALECT_QUARTZ;
}

bool term_is_vixie(const struct parse *p)
{
    return !p->aws && p->options->dialect == DIALECT_VIXIE;
}

static bool is_strict(const struct parse *p)
{
    return !p->aws && (p->options->dialect == DIALECT_VIXIE || p->options->dialect == DIALECT_OCPS);
}

static char peek(const struct term *t)
{
    if (t->at == t->end)
        return '\0';
    return (char)toupper((unsigned char)*t->at);
}

bool term_take(struct term *t, char c)
{
    if (t->at == t->end || peek(t) != c)
        return false;
    t->at++;
    return true;
}

enum rc term_unexpected(const struct term *t)
{
    const char *hint = "";

    if (t->at == t->end)
        return parse_fail(t->p, t->at, "", "%s: a value is missing", t->values->label);
    if (*t->at == '?')
        hint = "looks like AWS: write cron(...)";
    else if (t->values->names[0] != '\0' && isalpha((unsigned char)*t->at))
        hint = three_letters;
    return parse_fail(t->p, t->at, hint, "%s: unexpected '%.*s'", t->values->label,
                      (int)MIN(t->end - t->at, 40), t->at);
}

static enum rc finished(const struct term *t)
{
    return t->at == t->end ? RC_OK : term_unexpected(t);
}

enum rc term_refuse(const struct term *t, const char *at, const char *what)
{
    const char *dialect = t->p->options->dialect == DIALECT_OCPS ? "ocps" : "vixie";

    return parse_fail(t->p, at, "dialect auto takes it", "%s: the dialect %s has no %s",
                      t->values->label, dialect, what);
}

/* --- values --- */

static enum rc check_value(const struct term *t, const char *at, int value)
{
    const struct values *v = t->values;

    if (value >= v->min && value <= v->max)
        return RC_OK;
    if (t->field == FIELD_WEEKDAY && t->p->field_count == 6 && value > v->max && v->min == 0)
        return parse_fail(t->p, at, "",
                          "%s: %d is outside %d-%d: a year needs 7 fields or cron(...)", v->label,
                          value, v->min, v->max);
    return parse_fail(t->p, at, "", "%s: %d is outside %d-%d", v->label, value, v->min, v->max);
}

static enum rc take_number(struct term *t, int *ret)
{
    const char *from = t->at;
    int number = 0;

    if (!isdigit((unsigned char)peek(t)))
        return term_unexpected(t);
    while (isdigit((unsigned char)peek(t))) {
        if (t->at - from == NUMBER_DIGITS)
            return parse_fail(t->p, from, "", "%s: '%.*s...' is too long a number",
                              t->values->label, NUMBER_DIGITS, from);
        number = number * 10 + (*t->at++ - '0');
    }
    *ret = number;
    return RC_OK;
}

static bool take_name(struct term *t, int *ret)
{
    const char *names = t->values->names;

    if (!isalpha((unsigned char)peek(t)))
        return false;
    for (int i = 0; *names != '\0'; i++, names += 3) {
        if (t->end - t->at >= 3 && strncasecmp(t->at, names, 3) == 0) {
            t->at += 3;
            *ret = t->values->min + i;
            return true;
        }
    }
    return false;
}

enum rc term_take_value(struct term *t, int *ret)
{
    const char *from = t->at;

    if (take_name(t, ret))
        return RC_OK;
    if (t->values->names[0] != '\0' && isalpha((unsigned char)peek(t)))
        return parse_fail(t->p, from, three_letters, "%s: '%.*s' is not a name", t->values->label,
                          (int)MIN(t->end - from, 40), from);
    TRY(take_number(t, ret));
    return check_value(t, from, *ret);
}

/* The end of a range from `from`: Sunday may end a week that it does not begin. */
enum rc term_take_end(struct term *t, int from, int *ret)
{
    bool named = isalpha((unsigned char)peek(t));

    TRY(term_take_value(t, ret));
    if (named && t->field == FIELD_WEEKDAY && *ret < from && *ret == 0)
        *ret = 7;
    return RC_OK;
}

/* a-L runs to the last day: what lies past the end of a month does not come anyway. */
static enum rc take_last_day(struct term *t, struct range *r)
{
    static const char *const dialects[DIALECT_COUNT] = {
        [DIALECT_QUARTZ] = "the dialect quartz",
        [DIALECT_VIXIE] = "the dialect vixie",
        [DIALECT_OCPS] = "the dialect ocps",
    };
    const char *who = t->p->aws ? "cron(...)" : dialects[t->p->options->dialect];

    if (who != NULL)
        return parse_fail(t->p, t->at, "write 31: a shorter month ends where it ends",
                          "%s: %s has no range that ends in L", t->values->label, who);
    (void)term_take(t, 'L');
    if (t->at != t->end && *t->at != '/')
        return parse_fail(t->p, t->at, "a range ends in a day or in L, a step may follow",
                          "%s: unexpected '%.*s'", t->values->label, (int)MIN(t->end - t->at, 40),
                          t->at);
    r->to = t->values->top;
    return RC_OK;
}

/* The end of a range: a value, or the last day of the month. */
static enum rc take_range_end(struct term *t, struct range *r)
{
    if (t->field == FIELD_DAY && peek(t) == 'L')
        return take_last_day(t, r);
    return term_take_end(t, r->from, &r->to);
}

/* How many values lie on the field's circle. */
static int circle(const struct term *t)
{
    return t->values->top - t->values->min + 1;
}

/* Values go on past the top once around at most. */
static int bit_of(const struct term *t, int value)
{
    int index = value - t->values->min;

    if (index >= circle(t))
        index -= circle(t);
    return t->field == FIELD_DAY || t->field == FIELD_MONTH ? index + 1 : index;
}

static uint8_t field_bit(const struct term *t)
{
    return (uint8_t)(1U << t->field);
}

/* --- ranges --- */

enum rc term_take_step(struct term *t, int *ret)
{
    const char *from = t->at;

    TRY(take_number(t, ret));
    if (*ret == 0)
        return parse_fail(t->p, from, "", "%s: a step of 0 is below 1", t->values->label);
    return RC_OK;
}

static void set_run(uint64_t bits[4], int first, int last)
{
    for (int word = first / 64; word <= last / 64; word++) {
        int low = MAX(first - word * 64, 0), high = MIN(last - word * 64, 63);

        bits[word] |= UINT64_MAX >> (63 - high + low) << low;
    }
}

/* `to` may lie past the top: the values go on around the circle. */
static void set_values(const struct term *t, int from, int to, int step)
{
    if (step == 1 && to <= t->values->top) {
        set_run(t->bits, bit_of(t, from), bit_of(t, to));
        return;
    }
    for (int64_t value = from; value <= to; value += step) {
        int bit = bit_of(t, (int)value);

        t->bits[bit / 64] |= UINT64_C(1) << bit % 64;
    }
}

static enum rc set_range(const struct term *t, const struct range *r)
{
    int to = r->to;

    if (r->from > r->to) {
        if (t->field == FIELD_YEAR)
            return parse_fail(t->p, r->at, "", "year: %d-%d runs backwards", r->from, r->to);
        if (is_strict(t->p))
            return term_refuse(t, r->at, "ranges that wrap");
        if (!is_quartz_like(t->p))
            parse_lint(t->p, LINT_WRAPPED_RANGE, r->at, "%s: the range wraps around",
                       t->values->label);
        to += circle(t);
    }
    if (r->step > to - r->from && r->step > 1)
        parse_lint(t->p, LINT_STEP_TOO_LARGE, r->at, "%s: a step of %d takes the first value only",
                   t->values->label, r->step);
    set_values(t, r->from, to, r->step);
    return RC_OK;
}

enum rc term_finish(const struct term *t, const struct range *r)
{
    TRY(finished(t));
    return set_range(t, r);
}

/* The step of a range, or of a single value: v/n runs to the highest one. */
static enum rc take_range_step(struct term *t, bool is_range, struct range *r)
{
    if (is_range)
        return term_take_step(t, &r->step);
    if (is_strict(t->p))
        return term_refuse(t, t->at - 1, "step from a single value: write a range, a-b/n");
    if (!is_quartz_like(t->p))
        parse_lint(t->p, LINT_STEP_FROM_VALUE, r->at,
                   "%s: %d/n means from %d to the end; crond has no such form", t->values->label,
                   r->from, r->from);
    r->to = MAX(t->values->top, r->from);
    return term_take_step(t, &r->step);
}

static enum rc star_term(struct term *t)
{
    struct range r = {.at = t->at - 1, .from = t->values->min, .to = t->values->top, .step = 1};
    bool stepped = term_take(t, '/');

    if (stepped)
        TRY(term_take_step(t, &r.step));
    t->f->stars |= field_bit(t);
    if (!stepped)
        t->f->bare |= field_bit(t);
    return term_finish(t, &r);
}

static enum rc question_term(struct term *t)
{
    struct range r = {.at = t->at, .from = t->values->min, .to = t->values->top, .step = 1};

    t->f->bare |= field_bit(t);
    return term_finish(t, &r);
}

/* --- days --- */

/* L, L-n, LW, L-nW */
static enum rc last_day_term(struct term *t)
{
    const char *at = t->at;
    uint32_t bit;
    int before = 0;

    if (term_is_vixie(t->p))
        return term_refuse(t, at - 1, "L");
    if (term_take(t, '-')) {
        at = t->at;
        TRY(take_number(t, &before));
        if (before > 30)
            return parse_fail(t->p, at, "", "day of month: L-%d is outside L-0 to L-30", before);
    }
    bit = UINT32_C(1) << (LAST_BIT - before);
    *(term_take(t, 'W') ? &t->f->last_near_days : &t->f->last_days) |= bit;
    t->f->special = true;
    return finished(t);
}

static enum rc near_day_term(struct term *t, int day)
{
    if (term_is_vixie(t->p))
        return term_refuse(t, t->at - 1, "W");
    t->f->near_days |= UINT32_C(1) << day;
    t->f->special = true;
    return finished(t);
}

/* dL, d#n, d#L, a-b#n, a-b#L: the weekdays from..to are taken already. */
static enum rc nth_weekday_term(struct term *t, const struct range *r)
{
    uint8_t *set = &t->f->last_weekdays;
    uint64_t days[4] = {0};
    struct term into = *t;
    const char *at;
    int nth;

    if (term_is_vixie(t->p))
        return term_refuse(t, t->at, peek(t) == '#' ? "#" : "L");
    if (term_take(t, '#') && peek(t) != 'L') {
        at = t->at;
        TRY(take_number(t, &nth));
        if (nth < 1 || nth > NTH_MAX)
            return parse_fail(t->p, at, "", "day of week: #%d is outside #1-#5", nth);
        set = &t->f->nth_weekdays[nth - 1];
    } else {
        (void)term_take(t, 'L');
    }
    TRY(finished(t));
    into.bits = days;
    TRY(set_range(&into, r));
    *set |= (uint8_t)days[0];
    t->f->special = true;
    return RC_OK;
}

/* --- one term, one field --- */

static bool is_nth_weekday(const struct term *t, bool is_range)
{
    return t->field == FIELD_WEEKDAY && (peek(t) == '#' || (peek(t) == 'L' && !is_range));
}

/* A value, a range or either with a step; what may follow a value in the day fields only comes first. */
static enum rc value_term(struct term *t)
{
    struct range r = {.at = t->at, .step = 1};
    bool is_range;

    TRY(term_take_value(t, &r.from));
    r.to = r.from;
    if (term_take(t, '~'))
        return tilde_term(t, r.at, r.from);
    if (t->field == FIELD_DAY && term_take(t, 'W'))
        return near_day_term(t, r.from);
    is_range = term_take(t, '-');
    if (is_range)
        TRY(take_range_end(t, &r));
    if (is_nth_weekday(t, is_range))
        return nth_weekday_term(t, &r);
    if (term_take(t, '/'))
        TRY(take_range_step(t, is_range, &r));
    return term_finish(t, &r);
}

static enum rc term_parse(struct term *t)
{
    bool is_day = t->field == FIELD_DAY || t->field == FIELD_WEEKDAY;
    const char *at = t->at;

    if (term_take(t, '*'))
        return star_term(t);
    if (is_day && !term_is_vixie(t->p) && term_take(t, '?'))
        return question_term(t);
    if (term_take(t, 'H'))
        return hash_term(t);
    if (term_take(t, '~'))
        return tilde_term(t, at, t->values->min);
    if (t->field == FIELD_DAY && term_take(t, 'L'))
        return last_day_term(t);
    if (t->field == FIELD_WEEKDAY && peek(t) == 'L' && is_quartz_like(t->p)) {
        t->at++; /* the last day of the week */
        t->bits[0] |= 1 << SATURDAY;
        return finished(t);
    }
    return value_term(t);
}

enum rc field_parse(const struct parse *p, enum field field, struct slice text, struct fields *f)
{
    bool from_one = field == FIELD_WEEKDAY && is_quartz_like(p);
    const char *at = text.at, *comma;
    uint64_t bits[4] = {0};

    do {
        struct term t = {
            .p = p,
            .field = field,
            .values = from_one ? &weekday_from_one : &field_values[field],
            .at = at,
            .bits = bits,
            .f = f,
        };

        comma = memchr(at, ',', (size_t)(text.end - at));
        t.end = comma != NULL ? comma : text.end;
        if (t.at == t.end)
            return parse_fail(p, at, "", "%s: a value is missing", t.values->label);
        TRY(term_parse(&t));
        at = t.end + 1;
    } while (comma != NULL);
    fields_set(f, field, bits);
    return RC_OK;
}
