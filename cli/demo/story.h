/*
 * story.h - the demonstration's tale: tasks of four projects, what people did with them, and what went wrong.
 *
 * Data, and the few rules that make a run of them. Pure: a run is drawn from its execution's id, so the past and a job that
 * runs now tell the same tale. Instants of the past are told by how long before its end they were ("ago").
 */
#ifndef CLI_DEMO_STORY_H
#define CLI_DEMO_STORY_H

#include "base/arena.h"
#include "model/records.h"

enum { STORY_DAYS = 60 };

enum story_voice { /* how a program dresses what it prints */
                   VOICE_LOGGER,
                   VOICE_JSON,
                   VOICE_COLOUR,
                   VOICE_PLAIN,
};

struct story_step { /* lines that a run prints */
    char level;     /* D I W E; T: one of a stack trace; P: a progress bar */
    int times;
    /* "{3-9}" a number drawn, "{i}" the how manieth, "{n}" of how many */
    const char *text;
};

struct story_task {
    const char *project, *key, *title, *description, *team;
    const char *queue, *expression, *zone, *payload;
    int run_timeout_s, start_deadline_s; /* 0: none */
    bool skips_overlap;
    enum story_voice voice;
    int usual_s;
    int slow, fails, hangs;         /* of 1,000 runs: four times as long, failed, without an end */
    const struct story_step *steps; /* text NULL ends */
};

struct story_change { /* somebody has saved a task anew; before that it was ... */
    const char *key;
    int64_t ago_s;
    const char *actor, *reason;
    const char *expression; /* NULL: the same */
    int run_timeout_s;      /* 0: the same */
};

struct story_deed {         /* somebody has done something with a task */
    enum command_kind kind; /* PAUSE_TASK, RESUME_TASK, TRIGGER_TASK, DELETE_TASK */
    const char *key;
    int64_t ago_s;
    const char *actor, *reason;
};

struct story_trouble { /* runs of a task, scheduled in a time, that end alike */
    const char *key;
    int64_t from_ago_s, to_ago_s; /* to 0: it goes on */
    bool hangs;
    enum rc rc;                     /* what its program ends with */
    const struct story_step *steps; /* what is printed last */
};

struct story_absence { /* nobody works on a queue; queue NULL: nobody decides */
    const char *queue;
    int64_t from_ago_s, to_ago_s;
};

/* key NULL ends each, from_ago_s 0 the absences */
extern const struct story_task story_tasks[];
extern const struct story_change story_changes[];
extern const struct story_deed story_deeds[];
extern const struct story_trouble story_troubles[];
extern const struct story_absence story_absences[];
extern const char *const story_queues[]; /* NULL ends */

const struct story_task *story_find(const char *key); /* NULL: none of ours */

/* The task as it was then; in memory. */
void story_spec(const struct story_task *t, int64_t ago_s, struct arena *memory,
                struct task_spec *ret);

struct story_run {
    const struct story_task *task;
    uint64_t seed;
    int64_t run_ms; /* how long it works, unless it is stopped before */
    bool fails, hangs;
    enum rc rc;
    const struct story_step *last_words; /* NULL: none */
};

/* ago_s: when it was scheduled; 0 or less: now. */
struct story_run story_run_of(const struct story_task *t, struct uuid execution, int64_t ago_s);

/* The next number of a seed's row, below `below`. */
uint64_t story_draw(uint64_t *seed, uint64_t below);

#endif
