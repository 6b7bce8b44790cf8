/*
 * example_console.h - the console blocks of a page of examples: commands, and what they print. See examples.h.
 */
#ifndef CLI_PROGRAM_EXAMPLE_CONSOLE_H
#define CLI_PROGRAM_EXAMPLE_CONSOLE_H

#include "base/buf.h"
#include "cron/zoneset.h"

struct example_console { /* zero-initialise for each block */
    bool is_input;       /* lines up to END are standard input */
    struct buf input;
};

void example_console_clear(struct example_console *c);

/* One line of a block: a command is kept, and what it prints appended; what it printed before is left out. */
MUST_CHECK enum rc example_console_line(struct example_console *c, const char *line,
                                        struct zoneset *zones, struct buf *out, struct error *err);

#endif
