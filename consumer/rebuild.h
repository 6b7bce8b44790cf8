/*
 * rebuild.h - `cronobs db rebuild`: reads the topics again into tables of their own, which then take the place of the live ones.
 *
 * 1. remembers what the live tables hold and where they stand, at one instant; looks at what the topics hold;
 * 2. reads them into REBUILD_SCHEMA up to those positions, and compares the digests. Consumers and readers go on with the live
 *    tables meanwhile;
 * 3. reads what was written meanwhile; at last with the writers of the live tables waiting;
 * 4. swaps the names in one transaction, and drops the tables that were live.
 *
 * Whatever fails before the end of 4 leaves the live tables as they are; the next rebuild begins anew.
 *
 * Where a topic has lost its beginning, reading begins at what is there. Log lines are then carried over from the live tables
 * (retention of `logs` is normal). If anything else of the live tables would be missing, or what is there comes out otherwise beside
 * such a loss, nothing is swapped unless the loss is accepted.
 */
#ifndef CONSUMER_REBUILD_H
#define CONSUMER_REBUILD_H

#include "consumer/db.h"

/* Says "digest equal" (RC_OK). RC_CONFLICT: the tables came out different, and are live now; or, as the
   text says, would hold less or not the expected total, and nothing was changed. In an empty database it reads to the ends of the
   topics and has nothing to compare with but `expect`. */
MUST_CHECK enum rc db_rebuild(const struct db_config *config, FILE *out, struct error *err);

#endif
