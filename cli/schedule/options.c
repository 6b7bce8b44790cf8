/*
 * The options of the commands that ask about one schedule.
 */
#include "cli/schedule/ask.h"
#include "cli/schedule/next.h"

#define AT(type, member) offsetof(struct type, member)

const struct setting ask_options[] = {
    {
        .name = "count",
        .type = SETTING_INT,
        .offset = AT(ask_options, count),
        .min = 1,
        .max = 10000,
        .only_flag = true,
        .help = "Show so many instants; without it 5.",
    },
    {
        .name = "dialect",
        .type = SETTING_TEXT,
        .offset = AT(ask_options, dialect),
        .min = 1,
        .max = 40,
        .only_flag = true,
        .argument = "WORD",
        .help = "How the expression is read: auto, quartz, vixie or ocps; without it auto.",
    },
    {
        .name = "dst_gap",
        .type = SETTING_TEXT,
        .offset = AT(ask_options, dst_gap),
        .min = 1,
        .max = 40,
        .only_flag = true,
        .argument = "WORD",
        .help = "A wall time that a clock change leaves out: run-after or skip; without it "
                "run-after.",
    },
    {
        .name = "dst_overlap",
        .type = SETTING_TEXT,
        .offset = AT(ask_options, dst_overlap),
        .min = 1,
        .max = 40,
        .only_flag = true,
        .argument = "WORD",
        .help = "A wall time that a clock change shows twice: first or both; without it first.",
    },
    {
        .name = "from",
        .type = SETTING_TEXT,
        .offset = AT(ask_options, from),
        .min = 1,
        .max = 40,
        .only_flag = true,
        .argument = "INSTANT",
        .help = "Later than this instant, 2026-03-29T02:30 on the schedule's clock or RFC 3339; "
                "without it now.",
    },
    {
        .name = "json",
        .type = SETTING_BOOL,
        .offset = AT(ask_options, is_json),
        .only_flag = true,
        .help = "Print JSON.",
    },
    {
        .name = "task",
        .type = SETTING_TEXT,
        .offset = AT(ask_options, task),
        .min = 1,
        .max = 500,
        .only_flag = true,
        .argument = "TASK",
        .help = "Whose schedule it is: what H and ~ stand for. A key, project~key, or an id.",
    },
    {
        .name = "zone",
        .type = SETTING_TEXT,
        .offset = AT(ask_options, zone),
        .min = 1,
        .max = 64,
        .only_flag = true,
        .argument = "ZONE",
        .help = "The time zone of the schedule; without it that of a TZ= prefix, or UTC.",
    },
    {.name = NULL},
};

const struct setting next_options[] = {
    {
        .name = "batch",
        .type = SETTING_BOOL,
        .offset = AT(next_options, is_batch),
        .only_flag = true,
        .help = "Answer the lines of standard input, see above.",
    },
    {.name = NULL},
};
