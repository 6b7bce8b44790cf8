/*
 * policy.h - the choices of schedules and calendars, as plain enumerations shared with the wire (model/enums.h).
 */
#ifndef CRON_POLICY_H
#define CRON_POLICY_H

enum dialect { DIALECT_AUTO, DIALECT_QUARTZ, DIALECT_VIXIE, DIALECT_OCPS, DIALECT_COUNT };
enum dst_gap { DST_GAP_RUN_AFTER, DST_GAP_SKIP, DST_GAP_COUNT };
enum dst_overlap { DST_OVERLAP_FIRST, DST_OVERLAP_BOTH, DST_OVERLAP_COUNT };
/* what a clock change did to one occurrence */
enum dst { DST_NONE, DST_MOVED, DST_REPEATED, DST_COUNT };
enum calendar_mode { CALENDAR_EXCLUDE, CALENDAR_ONLY, CALENDAR_MODE_COUNT };

#endif
