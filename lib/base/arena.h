/*
 * arena.h - memory that is released all at once: one message, one batch, one turn.
 *
 * With a budget, an allocation past it answers NULL (foreign bytes must not ask for more than they
 * are worth); without one (0) it aborts when memory runs out. Pointers are aligned to 16 bytes and
 * live until arena_reset or arena_free. Not thread safe.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/util.h"

struct arena;

struct arena *arena_new(size_t budget); /* bytes; 0 = no limit */
/* no limit; its blocks are counted there while they live */
struct arena *arena_new_counted(size_t *counter);
struct arena *arena_new_sized(size_t budget, size_t first); /* for `first` bytes, more on demand */
void arena_free(struct arena *a);                           /* NULL is fine */
void arena_reset(struct arena *a); /* forgets everything, keeps the first block */
/* For checked builds: overwrites everything, so that whoever still reads it gets pointers to nowhere. */
void arena_poison(struct arena *a);
bool arena_is_poisoned(const struct arena *a); /* false: somebody wrote into it since */
size_t arena_used(const struct arena *a);
/* From now on at most `more` bytes on top of what is used; 0 lifts the budget. */
void arena_limit(struct arena *a, size_t more);

void *arena_alloc(struct arena *a, size_t size); /* zeroed; NULL only when a budget is spent */
char *arena_strdup(struct arena *a, const char *text);
char *arena_strndup(struct arena *a, const char *text, size_t len); /* adds the NUL */
void *arena_memdup(struct arena *a, const void *data, size_t len);
char *arena_printf(struct arena *a, const char *format, ...) PRINTF_LIKE(2, 3);

DEFINE_SCOPED(arena, struct arena, arena_free)

#endif
