#include <unistd.h>

#include "cli/subcommand.h"

int main(int argc, char **argv)
{
    (void)argc;
    return cli_main((const char *const *)(argv + 1), (const char *const *)environ);
}
