/*
 * pictures.h - a page whose time lines the scheduler itself has decided: docs/policies.md.
 *
 * The page is Markdown; all of it stays as it is but for its fences ```timeline. Such a fence holds a script (script.h), an empty line, and the
 * picture (picture.h), which is made anew. Pure but for the files of zones.
 */
#ifndef CLI_PICTURES_PICTURES_H
#define CLI_PICTURES_PICTURES_H

#include "base/buf.h"
#include "cron/zoneset.h"

/* Appends the page. RC_INVALID names the line that cannot be understood, or what was refused. */
MUST_CHECK enum rc pictures_make(struct bytes page, struct zoneset *zones, struct buf *out,
                                 struct error *err);

#endif
