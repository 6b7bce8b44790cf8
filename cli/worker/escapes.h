/*
 * escapes.h - escape sequences of terminals (ECMA-48) in what programs print. Pure.
 */
#ifndef CLI_WORKER_ESCAPES_H
#define CLI_WORKER_ESCAPES_H

#include "base/buf.h"

/* Length of the text without a sequence at its end of which only the beginning is there; only its last 256 bytes are
   looked at. */
size_t escapes_whole(const char *text, size_t len);

/* Copies the text without its sequences, as far as `room` reaches; returns the length. */
size_t escapes_strip(const char *text, size_t len, char *out, size_t room);

#endif
