#include "cli/shared/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

size_t terminal_width(FILE *out)
{
    struct winsize size;

    if (isatty(fileno(out)) == 0 || ioctl(fileno(out), TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}
