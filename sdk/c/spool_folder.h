/*
 * spool_folder.h - the folder in which runs wait for the brokers: one file a run, which one process at a time has.
 *
 * A file is locked (flock) by whoever writes or sends it, for as long as that lives; so what is not locked was left behind. It is written under
 * another name, synced and renamed, and removed when the brokers have all of it: a crash at any place leaves the file of before, or the new one.
 * What cannot be read is set aside as <name>.broken. Folder 0700, files 0600.
 */
#ifndef SDK_SPOOL_FOLDER_H
#define SDK_SPOOL_FOLDER_H

#include "c/spool.h"

struct spool_folder;

/* Makes it where it is missing. RC_INVALID: it cannot be used. */
MUST_CHECK enum rc spool_folder_open(const char *path, struct spool_folder **ret,
                                     struct error *err);
void spool_folder_free(struct spool_folder *f); /* gives up what it has locked; NULL is fine */

/* How much waits there, whoever has it. */
void spool_folder_count(const struct spool_folder *f, size_t *ret_runs, size_t *ret_bytes);

/* The file of our own run, from now on: put in the place of the one before, if there was one. */
MUST_CHECK enum rc spool_folder_keep(struct spool_folder *f, struct uuid run, struct bytes file,
                                     struct error *err);
void spool_folder_drop(struct spool_folder *f); /* it is not needed any more */

/* The next one that was left behind, whole, in the order of their ids; false: no further one. It is ours until one of the two below. */
bool spool_folder_next(struct spool_folder *f, struct buf *ret, const char **ret_name);
void spool_folder_sent(struct spool_folder *f);  /* removes it */
void spool_folder_leave(struct spool_folder *f); /* for whoever comes next */
MUST_CHECK enum rc spool_folder_set_aside(struct spool_folder *f, struct error *err);

DEFINE_SCOPED(spool_folder, struct spool_folder, spool_folder_free)

#endif
