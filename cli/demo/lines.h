/*
 * lines.h - what a run of the tale prints, and when. Pure.
 */
#ifndef CLI_DEMO_LINES_H
#define CLI_DEMO_LINES_H

#include "cli/demo/story.h"

struct story_line {
    int64_t after_ms; /* since its beginning, ascending */
    enum log_line_level level;
    enum log_stream stream;
    const char *text;   /* without the line end */
    bool is_unfinished; /* there is none: the next one goes on with it */
};

/* Those of a run that is stopped after so long, in memory; a run that is not stopped has its run_ms. */
struct story_line *story_lines(const struct story_run *run, int64_t stopped_ms,
                               struct arena *memory, size_t *ret_count);

#endif
