/*
 * secrets.h - passwords of letters, and of all that means something else elsewhere; and whether a message tells of one.
 */
#ifndef TESTS_SECRETS_H
#define TESTS_SECRETS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

enum { SECRET_PIECE = 4, SECRET_TEXT = 21 };

/* The password of a seed, 6 to 20 characters; never without a piece that could be recognised. */
static inline const char *secret_of(unsigned seed, char text[SECRET_TEXT])
{
    static const char characters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ@:/%#? @:/%#? &=+[];,!";
    size_t len = 6 + seed % (SECRET_TEXT - 6);
    unsigned state = seed * 2654435761U + 12345;

    for (size_t i = 0; i < len; i++) {
        state = state * 1103515245U + 12345;
        text[i] = characters[(state >> 16) % (sizeof characters - 1)];
    }
    memcpy(text, "QXZ9", SECRET_PIECE);
    memcpy(text + len - 2, "J7", 2);
    text[len] = '\0';
    return text;
}

static inline void assert_nothing_of(const char *password, const struct error *err)
{
    for (const char *at = password; strlen(at) >= SECRET_PIECE; at++) {
        char piece[SECRET_PIECE + 1] = {0};

        memcpy(piece, at, SECRET_PIECE);
        if (strstr(err->text, piece) != NULL || strstr(err->hint, piece) != NULL)
            fail_msg("\"%s\" of the password %s is in: %s (%s)", piece, password, err->text,
                     err->hint);
    }
}

#endif
