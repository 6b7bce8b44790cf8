/*
 * interrupt.h - what is said when somebody stops waiting for what goes on without him.
 */
#ifndef CLI_CLIENT_INTERRUPT_H
#define CLI_CLIENT_INTERRUPT_H

#include "base/util.h"

/* From now on SIGINT and SIGTERM print this to standard error before they end the program, as they would without. Who
   has them ignored (nohup) keeps that. */
void interrupt_say(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
