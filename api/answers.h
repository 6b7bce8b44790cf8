/*
 * answers.h - what each resource of /v1 answers, as data: the page's types are made of it (api/ui/src/answers.ts), and a test holds
 * real answers to it.
 *
 * A type has the columns of a row (store/rows.h), as the view writes them, and members of its own:
 *
 *     "next_at?:instant counts:{Status} items:Task[] result:OutcomeResult|'PENDING'"
 *
 * What has a `?` may be left out. A type is a word (text int number bool instant offset local id any labels pair), a quoted symbol, the name of an
 * enumeration (model/enums.h), of a record (model/tables.h) or of a type of this table; {X} counts by the symbols of X; [] lists; | stands between
 * what it may be.
 */
#ifndef API_ANSWERS_H
#define API_ANSWERS_H

#include "http/head.h"
#include "store/rows.h"

struct answer_type {
    const char *name;           /* NULL ends the table */
    const struct row_type *row; /* NULL: none */
    const char *except;         /* columns that are left out, blank-separated; NULL: none */
    const char *members;        /* NULL: none */
};

struct answer_route {
    enum http_method method; /* of GET also HEAD */
    const char *pattern;     /* of the route; NULL ends the table */
    const char *type;        /* of what it answers with 200, 201, 202; NULL: no JSON */
};

extern const struct answer_type api_answers[];
extern const struct answer_route api_answer_routes[];

#endif
