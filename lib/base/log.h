/*
 * log.h - one line a happening, on standard error: time, level, program, constant phrase, key=value.
 *
 *     log_warn("could not store batch, retrying", "rc=%s why=\"%s\"", rc_name(rc), err.text);
 *
 * The phrase is a constant to search for. lib/ never logs: whoever handles an error logs it, once.
 * Secrets are never logged. Thread safe (one write(2) a line).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/util.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* program: shown in each line, borrowed */
void log_setup(const char *program, enum log_level level);
void log_line(enum log_level level, const char *phrase, const char *format, ...) PRINTF_LIKE(3, 4);

#define log_debug(phrase, ...) log_line(LOG_DEBUG, phrase, __VA_ARGS__)
#define log_info(phrase, ...)  log_line(LOG_INFO, phrase, __VA_ARGS__)
#define log_warn(phrase, ...)  log_line(LOG_WARN, phrase, __VA_ARGS__)
#define log_error(phrase, ...) log_line(LOG_ERROR, phrase, __VA_ARGS__)

#endif
