/*
 * difference.h - where two texts begin to differ.
 */
#ifndef SUPPORT_DIFFERENCE_H
#define SUPPORT_DIFFERENCE_H

#include <stddef.h>

/* The line, from 1. */
static inline size_t line_of_difference(const char *a, const char *b)
{
    size_t line = 1;

    for (; *a == *b && *a != '\0'; a++, b++)
        line += *a == '\n';
    return line;
}

#endif
