/*
 * import.h - `cronobs import crontab`: the tasks of a crontab put over HTTP (docs/importing.md).
 *
 * A source is one crontab, by name; its tasks carry it as a label. Importing it again changes what has changed, and
 * tells which of its tasks the file no longer has. Tasks of other sources are never touched.
 */
#ifndef CLI_IMPORT_IMPORT_H
#define CLI_IMPORT_IMPORT_H

#include <stdio.h>

#include "base/settings.h"

struct import_config {
    const char *url;  /* from common_settings */
    const char *path; /* operand; "-": standard input */
    /* import_settings */
    const char *zone, *queue, *project,
        *source; /* zone, source NULL: told by the machine, by the path */
    bool is_dry, is_json, prunes, is_system;
    struct texts ignored, users; /* lines; names */
};

extern const struct setting import_settings[]; /* over struct import_config */

/*
 * RC_OK: all went in. RC_CONFLICT: some lines were refused, the others went in. RC_INVALID: nothing was done.
 * RC_RETRY: the server is away; what went in before is reported.
 */
MUST_CHECK enum rc import_run(const struct import_config *config, FILE *out, struct error *err);

#endif
