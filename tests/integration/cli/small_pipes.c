/*
 * Loaded before the C library (LD_PRELOAD): whoever asks for a pipe gets one that holds a page.
 */
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096 };

int pipe2(int fds[2], int flags)
{
    int code = (int)syscall(SYS_pipe2, fds, flags);

    if (code == 0)
        (void)fcntl(fds[0], F_SETPIPE_SZ, PAGE);
    return code;
}
