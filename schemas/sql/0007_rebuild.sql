-- Rebuilding beside the live tables: nothing about it is kept in them any more. Any topic may have lost its beginning.
SET LOCAL ROLE cronobs_owner;
SET LOCAL search_path = cronobs;

DROP TABLE rebuild_target;
DROP TABLE rebuild_digest;
ALTER TABLE lost_log_range RENAME TO lost_range; -- offsets [from_offset, to_offset) that were gone from the topic before these tables read them
ALTER INDEX lost_log_range_pkey RENAME TO lost_range_pkey;
