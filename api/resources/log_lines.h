/*
 * log_lines.h - the log of one writer by its lines' numbers: GET .../logs with line, tail, before, attempt or writer.
 */
#ifndef API_RESOURCES_LOG_LINES_H
#define API_RESOURCES_LOG_LINES_H

#include "api/resources/log_view.h"

/* Whether the request asks for it. */
bool wants_log_lines(const struct http_exchange *x);

/* Answers, whether the request is right or not. */
void answer_log_lines(struct api *api, struct http_exchange *x, struct uuid execution);

#endif
