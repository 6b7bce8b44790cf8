/*
 * session.h - what whoever asks may do here: one table of actions, by the names that the page knows its buttons by.
 *
 * An action is a route; one that this API does not have is not named, and its button does not show.
 */
#ifndef API_RESOURCES_SESSION_H
#define API_RESOURCES_SESSION_H

#include "http/head.h"

struct session_action {
    const char *name; /* NULL ends the table */
    enum http_method method;
    const char *pattern; /* of its route */
};

extern const struct session_action session_actions[];

#endif
