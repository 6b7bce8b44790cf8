/*
 * search_index.h - the index by which a part of a task's name is found: trigrams of task.search.
 *
 * It needs the extension pg_trgm, which comes with PostgreSQL but is installed separately in some places, and which somebody else
 * may have to create. So it is no migration: `cronobs db migrate` makes it whenever it can, and reads go without it until then
 * (read_task_list.h).
 */
#ifndef STORE_SEARCH_INDEX_H
#define STORE_SEARCH_INDEX_H

#include "store/store.h"

#define SEARCH_INDEX "task_search"

/* Makes it in the store's schema unless it is there; under the lock of migrations. NULL: it is there; else why it is not, owned. */
MUST_CHECK char *store_search_index(struct store *s);

#endif
