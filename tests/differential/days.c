#include "differential/days.h"

#include <stddef.h>

enum { DAYS_MAX = 84100 };

static struct day days[DAYS_MAX]; /* filled at the first use */
static int64_t day_count;

int days_in_month(int year, int month)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : length[month - 1];
}

static void fill(void)
{
    int weekday = 4;

    days[day_count++] = (struct day){FIRST_YEAR - 1, 12, 31, weekday - 1, 31};
    for (int year = FIRST_YEAR; year <= LAST_YEAR; year++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= days_in_month(year, month); day++) {
                days[day_count++] =
                    (struct day){year, month, day, weekday, days_in_month(year, month)};
                weekday = (weekday + 1) % 7;
            }
    days[day_count++] = (struct day){LAST_YEAR + 1, 1, 1, weekday, 31};
}

const struct day *day_at(int64_t number)
{
    if (day_count == 0)
        fill();
    return number < -1 || number + 1 >= day_count ? NULL : &days[number + 1];
}

bool day_counts(int64_t number)
{
    return number >= 0 && day_at(number + 1) != NULL;
}

int64_t day_number(int year, int month, int day)
{
    if (year < FIRST_YEAR || year > LAST_YEAR + 1 || month < 1 || month > 12)
        return -1;
    /* The 1st of January is never later than 366 days a year, so the search starts just before it. */
    for (int64_t n = (int64_t)(year - FIRST_YEAR) * 365; day_at(n) != NULL; n++) {
        const struct day *d = day_at(n);
        if (d->year == year && d->month == month && d->day == day)
            return n;
        if (d->year > year)
            break;
    }
    return -1;
}

int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;

    return a % b < 0 ? q - 1 : q;
}

int64_t floor_mod(int64_t a, int64_t b)
{
    return a - floor_div(a, b) * b;
}
