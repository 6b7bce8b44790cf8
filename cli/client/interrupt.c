#include "cli/client/interrupt.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char words[256];

/* The handler is gone when this runs: the signal that is raised has its own effect, once we return. */
static void on_interrupt(int number)
{
    ssize_t ignored = write(STDERR_FILENO, words, strlen(words));

    (void)ignored;
    (void)raise(number);
}

void interrupt_say(const char *format, ...)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    const struct sigaction on_it = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    struct sigaction old;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(words, sizeof words, format, args);
    va_end(args);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            (void)sigaction(numbers[i], &on_it, NULL);
}
