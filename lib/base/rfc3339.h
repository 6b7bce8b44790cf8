/*
 * rfc3339.h - instants as text, and the civil calendar behind it (proleptic Gregorian, no leap seconds).
 */
#ifndef BASE_RFC3339_H
#define BASE_RFC3339_H

#include "base/error.h"

enum { RFC3339_TEXT = 40 };

struct civil {
    int year, month, day; /* month 1-12, day 1-31 */
    int hour, minute, second, usec;
};

int64_t civil_to_days(int year, int month, int day); /* days since 1970-01-01 */
void civil_from_days(int64_t days, int *year, int *month, int *day);
int civil_month_days(int year, int month);
struct civil civil_of(usec_t t);      /* UTC */
usec_t civil_to_usec(struct civil c); /* as if UTC */

/* "2026-11-24T13:36:46.123456Z"; the fraction is left out when it is 0. Returns text. */
const char *rfc3339_format(usec_t t, char text[RFC3339_TEXT]);

/*
 * The same on a clock that is ahead of UTC by `offset` seconds: "2026-11-24T14:36:46+01:00". An offset that is no whole
 * minute (Monrovia until 1972) shows its seconds too, which RFC 3339 has no form for. Returns text.
 */
const char *rfc3339_format_local(usec_t t, int offset, char text[RFC3339_TEXT]);

/* Date, 'T' or blank, time to the second or finer (9 digits are cut to 6), 'Z' or ±HH:MM. Years 0001-9999. */
MUST_CHECK enum rc rfc3339_parse(const char *text, usec_t *ret, struct error *err);

#endif
