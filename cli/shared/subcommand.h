/*
 * subcommand.h - what a command of the program is, and what it is called with.
 *
 * One table (program/commands.c) holds all commands: the dispatcher, help, shell completion and docs/cli.md read it.
 * A command's options and settings are tables of base/settings.h over plain structs, made and filled before
 * it runs.
 */
#ifndef CLI_SHARED_SUBCOMMAND_H
#define CLI_SHARED_SUBCOMMAND_H

#include <signal.h>
#include <stdio.h>

#include "base/settings.h"

enum { SUBCOMMAND_PARTS = 3, OPERANDS_ANY = 1000000 };

enum signal_use {
    SIGNALS_END,  /* as for any tool: the first ends it */
    SIGNALS_STOP, /* SIGTERM and SIGINT set *call->stop */
    SIGNALS_OWN,  /* the command looks after them itself */
};

struct call {
    const struct subcommand *command;
    struct common_settings common;
    void *values[SUBCOMMAND_PARTS]; /* one struct per part of the command */
    struct texts operands;
    struct texts options; /* names of the settings that were given as flags */
    const char *const *environment;
    struct arena *memory;
    volatile sig_atomic_t *stop; /* set by signals; a part that ends may set it for the others */
    FILE *out;                   /* standard output */
    int exit_code;               /* what RC_OK ends with; 0 unless the command sets it */
};

/* Was the setting of that name given as an option? */
static inline bool call_has(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->options.count; i++)
        if (text_equal(call->options.items[i], name))
            return true;
    return false;
}

typedef enum rc (*subcommand_fn)(struct call *call, struct error *err);

struct subcommand_part { /* a table and the size of the struct that it fills; table NULL: none */
    const struct setting *table;
    size_t size;
};

struct subcommand {
    const char *name;     /* "scheduler", "task list"; NULL ends the table */
    const char *operands; /* as help shows them; "" for none */
    size_t operands_min, operands_max;
    const char *common; /* names of the common settings it heeds, with blanks between */
    struct subcommand_part parts[SUBCOMMAND_PARTS];
    enum signal_use signals;
    subcommand_fn run;
    const char *summary; /* one sentence */
    const char *more;    /* further lines of help; NULL: none */
};

extern const struct subcommand subcommands[];

/* The command that the first words name; *ret_words says how many they are. NULL when there is none. */
const struct subcommand *subcommand_find(const char *const *words, size_t *ret_words);

/* Reads and checks all that the call is told behind the command's words: whatever is given is used, or refused. */
MUST_CHECK enum rc subcommand_read(struct call *call, const char *const *arguments,
                                   struct error *err);

/* All settings that there are, for a file that serves several programs; NULL ends. In `memory`. */
const struct setting *const *subcommand_tables(struct arena *memory);

/* The whole program but for the process around it: returns the exit code. */
int cli_main(const char *const *arguments, const char *const *environment);

/* --- the functions of the table, by room and file --- */

enum rc run_scheduler(struct call *call, struct error *err); /* services/services.c */
enum rc run_consumer(struct call *call, struct error *err);
enum rc run_api(struct call *call, struct error *err);

enum rc run_topics_plan(struct call *call, struct error *err); /* services/admin.c */
enum rc run_topics_apply(struct call *call, struct error *err);
enum rc run_topics_skip(struct call *call, struct error *err);
enum rc run_db_migrate(struct call *call, struct error *err);
enum rc run_db_verify(struct call *call, struct error *err);
enum rc run_db_rebuild(struct call *call, struct error *err);
enum rc run_db_drop(struct call *call, struct error *err);

enum rc run_work(struct call *call, struct error *err); /* worker/work.c */
enum rc run_run(struct call *call, struct error *err);  /* worker/run.c */

enum rc run_next(struct call *call, struct error *err);    /* schedule/next.c */
enum rc run_explain(struct call *call, struct error *err); /* schedule/explain.c */

enum rc run_import_crontab(struct call *call, struct error *err); /* import/import.c */

enum rc run_task_list(struct call *call, struct error *err); /* client/tasks.c */
enum rc run_task_show(struct call *call, struct error *err);
enum rc run_task_gaps(struct call *call, struct error *err); /* client/gaps.c */
enum rc run_task_put(struct call *call, struct error *err);  /* client/task_put.c */
enum rc run_task_delete(struct call *call, struct error *err);
enum rc run_task_pause(struct call *call, struct error *err);
enum rc run_task_resume(struct call *call, struct error *err);
enum rc run_task_trigger(struct call *call, struct error *err);
enum rc run_task_skip_next(struct call *call, struct error *err);
enum rc run_task_backfill(struct call *call, struct error *err); /* client/backfill.c */

enum rc run_execution_list(struct call *call, struct error *err); /* client/executions.c */
enum rc run_execution_show(struct call *call, struct error *err);
enum rc run_execution_logs(struct call *call, struct error *err);   /* client/logs.c */
enum rc run_execution_cancel(struct call *call, struct error *err); /* client/execution_orders.c */
enum rc run_execution_retry(struct call *call, struct error *err);
enum rc run_queue_workers(struct call *call, struct error *err);    /* client/queue_workers.c */
enum rc run_dead_letter_list(struct call *call, struct error *err); /* client/dead_letters.c */
enum rc run_dead_letter_show(struct call *call, struct error *err);
enum rc run_upcoming(struct call *call, struct error *err);
enum rc run_command_show(struct call *call, struct error *err);
enum rc run_forecast(struct call *call, struct error *err); /* client/forecast.c */
enum rc run_why(struct call *call, struct error *err);      /* client/why.c */

enum rc run_demo_history(struct call *call, struct error *err); /* demo/history.c */
enum rc run_demo_job(struct call *call, struct error *err);     /* demo/job.c */

enum rc run_help(struct call *call, struct error *err); /* program/help.c */
enum rc run_completion(struct call *call, struct error *err);
enum rc run_docs(struct call *call, struct error *err);

#endif
