/*
 * crash.h - two instances that fire, and an order that meets one of them at a point of its turn: what the tests with crash
 * points (preset "faults") share.
 */
#ifndef CRASH_H
#define CRASH_H

#include "fleet.h"

enum { CRASH_POINTS = 5, CRASH_INSTANCES = 2 };

extern const char *const crash_points[CRASH_POINTS];

int crash_begin(void **state); /* of the group: both run, all tasks fire */
int crash_end(void **state);

/* Orders `action` at `point` and answers which instance it met. */
int crash_strike(const char *action, const char *point);
void crash_start(int n); /* one that has ended */
void crash_wake(int n);  /* one that was stopped */
/* A fenced one ends by itself, be it at once or at its next turn, and is started anew. */
bool crash_is_back(int n);

size_t crash_members(void); /* of the group */
bool crash_all_fired_since(usec_t from);
void crash_settle(void); /* waits until both are members and all tasks fire */
/* No task fired twice or not at all; says how late the latest was since `from`. */
void crash_judge(const char *what, const char *point, usec_t from);

#endif
