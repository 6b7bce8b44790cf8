/*
 * report.h - what an import has found and done, for people. For scripts: import_report_json.
 */
#ifndef CLI_IMPORT_REPORT_H
#define CLI_IMPORT_REPORT_H

#include "crontab/import.h"

/* width: columns of the terminal, 0 = no end. */
void import_report(const struct import *i, size_t width, struct buf *out);

#endif
