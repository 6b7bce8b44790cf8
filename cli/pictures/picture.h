/*
 * picture.h - a play (stage.h) as lines of text: time runs to the right, an execution is a line. Pure.
 *
 *     . waits for others    - is in the queue    = runs    ~ waits for its next attempt    ! is told to stop
 *     S succeeded    F failed    f failed, and is tried again    T timed out    L lost    C cancelled    M missed    x skipped
 */
#ifndef CLI_PICTURES_PICTURE_H
#define CLI_PICTURES_PICTURE_H

#include "base/buf.h"
#include "cli/pictures/stage.h"

void picture_draw(const struct stage_script *script, const struct stage_show *show,
                  struct buf *out);

#endif
