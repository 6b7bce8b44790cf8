/*
 * Replays inputs through a fuzz target without libFuzzer: replay [--time] FILE|FOLDER...
 *
 * A file *.txt holds one input a line, bytes that are not printable and the backslash as \xNN; any other file is one
 * input. --time tells the slowest input, and fails when it takes more than a millisecond of processor time
 * at its best of five runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <dirent.h>

#include "fuzz/harness.h"

enum { RUNS = 5, LIMIT_NS = 1000000, FILE_MAX = 1 << 20 };

struct replay {
    bool timed;
    size_t inputs;
    int64_t slowest; /* ns */
    char name[512];  /* of the slowest */
};

static void replay_input(struct replay *r, const char *data, size_t len, const char *name, int line)
{
    /* A copy of just its size: reading past it is seen by the sanitizer. */
    void *bytes = xmemdup(data, len);
    int64_t best = INT64_MAX;

    for (int i = 0; i < (r->timed ? RUNS : 1); i++) {
        int64_t began = thread_time_ns();

        (void)LLVMFuzzerTestOneInput(bytes, len);
        best = MIN(best, thread_time_ns() - began);
    }
    free(bytes);
    r->inputs++;
    if (best <= r->slowest)
        return;
    r->slowest = best;
    (void)snprintf(r->name, sizeof r->name, "%s:%d", name, line);
}

/* In place; answers the length. */
static size_t unescape(char *line)
{
    char *to = line, *from = line;

    while (*from != '\0') {
        unsigned byte;

        if (from[0] == '\\' && from[1] == 'x' && sscanf(from + 2, "%2x", &byte) == 1) {
            *to++ = (char)byte;
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    return (size_t)(to - line);
}

static void replay_lines(struct replay *r, char *content, const char *name)
{
    char *line = content;

    for (int number = 1; line != NULL && *line != '\0'; number++) {
        char *end = strchr(line, '\n');

        if (end != NULL)
            *end++ = '\0';
        replay_input(r, line, unescape(line), name, number);
        line = end;
    }
}

static bool replay_file(struct replay *r, const char *path)
{
    FILE *file = fopen(path, "re");
    SCOPED_BUF content = {0};
    const char *dot = strrchr(path, '.');

    if (file == NULL)
        return false;
    content.len = fread(buf_reserve(&content, FILE_MAX), 1, FILE_MAX, file);
    content.data[content.len] = '\0';
    (void)fclose(file);
    if (dot != NULL && text_equal(dot, ".txt"))
        replay_lines(r, content.data, path);
    else
        replay_input(r, content.data, content.len, path, 1);
    return true;
}

static bool replay_path(struct replay *r, const char *path)
{
    DIR *entries = opendir(path);
    const struct dirent *entry;

    if (entries == NULL)
        return replay_file(r, path);
    while ((entry = readdir(entries)) != NULL) {
        SCOPED(text) char *inside = xasprintf("%s/%s", path, entry->d_name);

        if (entry->d_name[0] != '.')
            (void)replay_file(r, inside);
    }
    (void)closedir(entries);
    return true;
}

int main(int argc, char **argv)
{
    struct replay r = {0};

    for (int i = 1; i < argc; i++) {
        if (text_equal(argv[i], "--time"))
            r.timed = true;
        else if (!replay_path(&r, argv[i]))
            (void)fprintf(stderr, "%s: no such file or folder\n", argv[i]);
    }
    printf("%zu inputs; the slowest took %lld us: %s\n", r.inputs, (long long)(r.slowest / 1000),
           r.name);
    return r.inputs == 0 || (r.timed && r.slowest > LIMIT_NS) ? 1 : 0;
}
