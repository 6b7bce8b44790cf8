/*
 * settings.h - what a program can be told, as tables: flags, environment, file, help and documents from the same lines.
 *
 * A setting "kafka.session_timeout" is the flag --kafka-session-timeout, the environment variable
 * CRONOBS_KAFKA_SESSION_TIMEOUT and the line `kafka.session_timeout = 10s` of a file; a flag beats the
 * environment, that the file, that the fallback. A command's own options (`only_flag`) are settings that
 * have neither variable nor file line. Pure: the caller hands in arguments, environment and the file's text.
 */
#ifndef BASE_SETTINGS_H
#define BASE_SETTINGS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

enum setting_type {
    SETTING_TEXT, /* const char * (NULL when there is neither value nor fallback); min, max: bytes */
    SETTING_INT,  /* int */
    SETTING_BOOL,     /* bool; --x, --no-x, --x=yes|no */
    SETTING_DURATION, /* int64_t, milliseconds; "1h30m" */
    SETTING_ENUM,     /* int: the index in `choices` */
    SETTING_TEXTS,    /* struct texts: a flag that may be repeated */
};

struct texts {
    const char **items; /* a NULL follows the last one; NULL when there are none */
    size_t count;
};

struct setting {
    const char *name; /* "topic.prefix"; NULL ends a table */
    enum setting_type type;
    size_t offset;              /* into the program's struct of values */
    const char *fallback;       /* NULL: zero */
    int64_t min, max;           /* both 0: no limit */
    const char *const *choices; /* SETTING_ENUM; NULL ends */
    bool only_flag;             /* no environment variable, no file line */
    bool not_in_file;           /* no file line */
    bool takes_bytes;           /* of texts: any, as in a path or a payload; others are UTF-8 */
    bool is_secret;             /* may hold a password: no message shows it */
    const char *argument;       /* how help names the value; NULL: by type */
    const char *help;           /* a sentence or two, for people */
};

struct setting_set { /* a table and the struct it fills; table == NULL ends a list of sets */
    const struct setting *table;
    void *values;
    const char *flags; /* names, with blanks between, that may be given as flags; NULL: all */
};

struct setting_words { /* what the arguments were, beside the values */
    /* those that are no options, in order, all that follow "--" among them */
    struct texts operands;
    /* names of the settings that were given as flags; of a switch that is off also "no-x" */
    struct texts options;
};

struct setting_input {
    const char *const *arguments;      /* NULL ends; options may stand anywhere before "--" */
    const char *const *environment;    /* "NAME=value", NULL ends */
    const char *file_name, *file_text; /* NULL: no file */
    bool file_is_public; /* others than its owner and group can read it: no place for a password */
    const struct setting *const
        *known; /* all tables there are: a file may serve several programs; NULL ends */
};

/* Fills every struct of `sets` (NULL-ended list). Texts live in `memory` or are borrowed from the input.
   A flag that may not be repeated is given once. RC_INVALID names setting, where the value came from, value, limit and
   the way out: the nearest name of one that is not known. */
MUST_CHECK enum rc settings_load(const struct setting_set *sets, const struct setting_input *in,
                                 struct arena *memory, struct setting_words *ret,
                                 struct error *err);

/* The flag among `sets` that an argument is, whatever follows its '='; NULL: none. */
const struct setting *setting_of_flag(const struct setting_set *sets, const char *argument);

/* The value that settings_load would take for one TEXT setting, flag or environment only, without looking at others
   ("config" has to be known before the file can be read); NULL when not given. */
const char *settings_peek(const char *name, const struct setting_input *in);

/* Names in their other forms, for help and documents: "--topic-prefix", "CRONOBS_TOPIC_PREFIX". */
void setting_flag(struct buf *out, const struct setting *s);
void setting_variable(struct buf *out, const struct setting *s);
/* "1s to 1h", "one of a, b"; "" when there are none */
void setting_limits(struct buf *out, const struct setting *s);
void settings_help(struct buf *out, const struct setting *table); /* one option per line, aligned */

/* Does it look as if a password stood in it? URLs and key=value lists, mistyped ones too: rather once too often. */
bool settings_has_password(const char *text);
/* What a message may show of a word that is not understood: the word, or "***" when a password may be in it. */
const char *settings_shown(const char *word);
/* Overwrites passwords among arguments (NULL ends), where `ps` would show them. The values have to be copied before. */
void settings_hide(char *const *arguments, const struct setting *table);

/* --- what every part of the program shares --- */

struct common_settings {
    const char *config; /* only to be found in the table: read before the others */
    const char *brokers, *database, *database_schema, *url, *topic_prefix, *state_dir;
    int partitions, replication;
    int log_level; /* enum log_level */
    int64_t session_timeout_ms, transaction_timeout_ms;
};

extern const struct setting common_settings[];

#endif
