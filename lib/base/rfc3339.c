#include "base/rfc3339.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Days and civil dates: Howard Hinnant, "chrono-compatible low-level date algorithms". */
int64_t civil_to_days(int year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t yoe = y - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void civil_from_days(int64_t days, int *year, int *month, int *day)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2));
}

int civil_month_days(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

struct civil civil_of(usec_t t)
{
    int64_t days = t / USEC_PER_DAY - (t % USEC_PER_DAY < 0);
    usec_t rest = t % USEC_PER_DAY + (t % USEC_PER_DAY < 0 ? USEC_PER_DAY : 0);
    struct civil c;

    civil_from_days(days, &c.year, &c.month, &c.day);
    c.hour = (int)(rest / (60 * USEC_PER_MIN));
    c.minute = (int)(rest / USEC_PER_MIN % 60);
    c.second = (int)(rest / USEC_PER_SEC % 60);
    c.usec = (int)(rest % USEC_PER_SEC);
    return c;
}

usec_t civil_to_usec(struct civil c)
{
    return civil_to_days(c.year, c.month, c.day) * USEC_PER_DAY +
           (c.hour * INT64_C(60) + c.minute) * USEC_PER_MIN + c.second * USEC_PER_SEC + c.usec;
}

const char *rfc3339_format(usec_t t, char text[RFC3339_TEXT])
{
    struct civil c = civil_of(t);
    int len = snprintf(text, RFC3339_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day,
                       c.hour, c.minute, c.second);

    if (c.usec != 0)
        len += snprintf(text + len, (size_t)(RFC3339_TEXT - len), ".%06d", c.usec);
    (void)snprintf(text + len, (size_t)(RFC3339_TEXT - len), "Z");
    return text;
}

const char *rfc3339_format_local(usec_t t, int offset, char text[RFC3339_TEXT])
{
    int seconds = abs(offset);
    /* without the Z */
    size_t len = strlen(rfc3339_format(usec_after(t, offset * INT64_C(1000)), text)) - 1;

    len += (size_t)snprintf(text + len, RFC3339_TEXT - len, "%c%02d:%02d", offset < 0 ? '-' : '+',
                            seconds / 3600, seconds / 60 % 60);
    if (seconds % 60 != 0)
        (void)snprintf(text + len, RFC3339_TEXT - len, ":%02d", seconds % 60);
    return text;
}

static bool take_number(const char **at, int digits, int *ret)
{
    int value = 0;

    for (int i = 0; i < digits; i++) {
        if ((*at)[i] < '0' || (*at)[i] > '9')
            return false;
        value = value * 10 + ((*at)[i] - '0');
    }
    *at += digits;
    *ret = value;
    return true;
}

static bool take_char(const char **at, const char *any)
{
    if (**at == '\0' || strchr(any, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

static bool take_fraction(const char **at, int *usec)
{
    int scale = 100000, digits = 0;

    for (; **at >= '0' && **at <= '9'; (*at)++, digits++, scale /= 10)
        *usec += (**at - '0') * scale;
    return digits >= 1 && digits <= 9;
}

static bool take_offset(const char **at, usec_t *offset)
{
    int sign = **at == '-' ? -1 : 1, hours, minutes;

    if (take_char(at, "Zz"))
        return true;
    if (!take_char(at, "+-") || !take_number(at, 2, &hours) || !take_char(at, ":") ||
        !take_number(at, 2, &minutes))
        return false;
    *offset = sign * (hours * INT64_C(60) + minutes) * USEC_PER_MIN;
    return hours < 24 && minutes < 60;
}

static bool take_instant(const char **at, struct civil *c, usec_t *offset)
{
    if (!take_number(at, 4, &c->year) || !take_char(at, "-") || !take_number(at, 2, &c->month) ||
        !take_char(at, "-") || !take_number(at, 2, &c->day) || !take_char(at, "Tt ") ||
        !take_number(at, 2, &c->hour) || !take_char(at, ":") || !take_number(at, 2, &c->minute) ||
        !take_char(at, ":") || !take_number(at, 2, &c->second))
        return false;
    if (take_char(at, ".") && !take_fraction(at, &c->usec))
        return false;
    return take_offset(at, offset) && **at == '\0';
}

static bool is_real(const struct civil *c)
{
    return c->year >= 1 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= civil_month_days(c->year, c->month) && c->hour < 24 && c->minute < 60 &&
           c->second < 60;
}

enum rc rfc3339_parse(const char *text, usec_t *ret, struct error *err)
{
    const char *at = text;
    struct civil c = {0};
    usec_t offset = 0;

    if (!take_instant(&at, &c, &offset) || !is_real(&c))
        return error_set(
            err, RC_INVALID,
            "'%.60s' is not an RFC 3339 time such as 2026-03-29T02:30:00Z or 2026-03-29T02:30:00+01:00",
            text);
    *ret = civil_to_usec(c) - offset;
    return RC_OK;
}
