#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rfc3339.h"

static const char *log_program = "cronobs";
static enum log_level log_least = LOG_INFO;

void log_setup(const char *program, enum log_level level)
{
    log_program = program;
    log_least = level;
}

void log_line(enum log_level level, const char *phrase, const char *format, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char line[2048], at[RFC3339_TEXT];
    va_list args;
    size_t len;

    if (level < log_least)
        return;
    (void)snprintf(line, sizeof line, "%s %s %s: %s ", rfc3339_format(clock_realtime(), at),
                   names[level], log_program, phrase);
    len = strlen(line);
    va_start(args, format);
    (void)vsnprintf(line + len, sizeof line - len, format, args);
    va_end(args);
    len = MIN(strlen(line), sizeof line - 2);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)line[i] < ' ')
            line[i] = ' ';
    line[len] = '\n';
    if (write(STDERR_FILENO, line, len + 1) < 0)
        return; /* nowhere left to say it */
}
