#include <fcntl.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/settings.h"
#include "cli/shared/subcommand.h"

/* No connection, lock or file of ours may take the place of a stream that we were started without: what is printed would go into it.
   Opened the wrong way round, so that reading and writing still fail, as on a closed one: nothing is taken for empty, or for printed. */
static bool fill_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
            return false;
    return true;
}

int main(int argc, char **argv)
{
    SCOPED(arena) struct arena *memory = NULL;
    const char **arguments;

    if (!fill_standard_streams())
        return rc_exit_code(RC_FATAL);
    memory = arena_new(0);
    arguments = arena_alloc(memory, ((size_t)argc + 1) * sizeof *arguments);
    for (int i = 1; i < argc; i++)
        arguments[i - 1] = arena_strdup(memory, argv[i]);
    settings_hide(argv, common_settings);
    return cli_main(arguments, (const char *const *)environ);
}
