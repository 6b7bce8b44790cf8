/*
 * level_fields.h - the words and numbers that stand for levels, and the fields of a line that hold one. Pure.
 */
#ifndef CLI_WORKER_LEVEL_FIELDS_H
#define CLI_WORKER_LEVEL_FIELDS_H

#include "cli/worker/level.h"

/* A word for a level, in capitals or not. strict: no word that is used for other things as well ("fine", "note"). */
bool level_of_word(struct bytes word, bool strict, enum cronobs_level *ret);
bool level_of_letter(char letter, enum cronobs_level *ret); /* its first one */
enum cronobs_level level_of_syslog(int severity);           /* its lowest three bits */

/* Of a line that begins with an object, or with a pair key=value; what is cut off is read as far as it goes. */
bool level_of_json(struct bytes text, enum cronobs_level *ret);
bool level_of_pairs(struct bytes text, enum cronobs_level *ret);

#endif
