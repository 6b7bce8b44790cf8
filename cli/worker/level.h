/*
 * level.h - the level that a printed line states about itself. Pure.
 *
 * A statement is, at the front of the line: "<3>" (syslog, sd-daemon); an object of JSON with a member `level` or the
 * like; key=value pairs (logfmt) with such a key; the "E0102 15:04:05" of glog; a sign of Redis; or a word for a level. Before words,
 * pairs and objects there may be what logs have there: instants, zones, process ids, names, brackets, colours. A word counts where it is
 * written as a label is: in capitals, in brackets, with a colon or a dash behind it, or behind a time of day, and not where it
 * counts to nothing ("error: 0"). What stands further back is text: "no ERROR found" states nothing.
 */
#ifndef CLI_WORKER_LEVEL_H
#define CLI_WORKER_LEVEL_H

#include "base/buf.h"
#include "sdk/c/cronobs.h"

/* False, and *ret means nothing: the line states none. */
bool level_read(struct bytes line, enum cronobs_level *ret);

#endif
