/*
 * terminal.h - how wide it is.
 */
#ifndef CLI_SHARED_TERMINAL_H
#define CLI_SHARED_TERMINAL_H

#include <stdio.h>

#include "base/util.h"

size_t terminal_width(FILE *out); /* columns; 0 when it is no terminal */

#endif
