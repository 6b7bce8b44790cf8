#include <unistd.h>

#include "base/arena.h"
#include "base/settings.h"
#include "cli/shared/subcommand.h"

int main(int argc, char **argv)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    const char **arguments = arena_alloc(memory, ((size_t)argc + 1) * sizeof *arguments);

    for (int i = 1; i < argc; i++)
        arguments[i - 1] = arena_strdup(memory, argv[i]);
    settings_hide(argv, common_settings);
    return cli_main(arguments, (const char *const *)environ);
}
