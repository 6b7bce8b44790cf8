/*
 * read_task_list.h - tasks page by page, by every filter there is, a search among them.
 *
 * A search with three letters or digits in a row that few tasks match is found by its index (search_index.h), where there is one. Everything
 * else walks the tasks by project and key and looks at READ_TASK_SCAN_MAX of them a page at most: a page may then hold fewer rows
 * than `limit`, or none, and still say `more`.
 */
#ifndef STORE_READ_TASK_LIST_H
#define STORE_READ_TASK_LIST_H

#include "store/read_tasks.h"

enum { READ_TASK_SCAN_MAX = 20000, SEARCH_FEW = 2000, SEARCH_BYTES_MAX = 200 };

struct task_page {
    struct read_page page;     /* rows: struct task_row without labels (the spec has them) */
    const char *project, *key; /* where the next page goes on, when page.more: */
    struct uuid task;          /* behind this one of that key */
};

typedef void (*task_page_fn)(void *ctx, const struct task_page *page);

/* By project, key and id. q: part of key, title or a label, in any case; at most SEARCH_BYTES_MAX; NULL: any. */
void read_task_list(struct read_pool *p, const struct task_filter *filter, const char *q,
                    size_t limit, struct arena *memory, task_page_fn done, void *ctx);

#endif
