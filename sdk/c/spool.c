#include "c/spool.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "codec/codec.h"
#include "model/lifecycle.h"

enum { RECORD_HEAD = 1 + 4 + 8, LINE_MAX_BYTES = 400 };

static const char magic[] = "cronobs-spool 1 ";

/* --- writing --- */

static void put_number(char *at, uint64_t number, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--, number >>= 8)
        at[i] = (char)(number & 0xFF);
}

static uint64_t get_number(const char *at, int bytes)
{
    uint64_t number = 0;

    for (int i = 0; i < bytes; i++)
        number = number << 8 | (uint8_t)at[i];
    return number;
}

static uint64_t sum_of(const char *head, struct bytes frame)
{
    return fnv1a(frame.data, frame.len, fnv1a(head, 5, 0));
}

void spool_add(struct buf *body, enum record_kind kind, struct bytes frame)
{
    char head[RECORD_HEAD];

    head[0] = kind == RECORD_LOG_BATCH ? 'L' : 'S';
    put_number(head + 1, frame.len, 4);
    put_number(head + 5, sum_of(head, frame), 8);
    buf_add(body, head, sizeof head);
    buf_add(body, frame.data, frame.len);
}

void spool_finish(struct buf *file, const struct spool_head *head, struct bytes body)
{
    char execution[UUID_TEXT], task[UUID_TEXT];

    buf_printf(file, "%s%s %s %zu %s\n", magic, uuid_to_text(head->execution_id, execution),
               uuid_to_text(head->task_id, task), body.len, head->prefix);
    buf_add(file, body.data, body.len);
}

/* --- reading --- */

struct reader {
    const char *at, *end;
};

static enum rc take_id(struct reader *r, struct uuid *ret, struct error *err)
{
    char text[UUID_TEXT] = "";

    if (r->end - r->at < UUID_TEXT || r->at[UUID_TEXT - 1] != ' ')
        return error_set(err, RC_INVALID, "an id is missing in its first line");
    memcpy(text, r->at, UUID_TEXT - 1);
    r->at += UUID_TEXT;
    return uuid_from_text(text, ret, err);
}

/* The first line, without its end, is what `r` has. */
static enum rc parse_head(struct reader *r, struct arena *memory, struct spool_head *ret,
                          size_t body_len, struct error *err)
{
    size_t told = 0, digits = 0;

    if (r->end - r->at < (ptrdiff_t)strlen(magic) || memcmp(r->at, magic, strlen(magic)) != 0)
        return error_set(err, RC_INVALID, "it does not begin with \"%s\"", magic);
    r->at += strlen(magic);
    TRY(take_id(r, &ret->execution_id, err));
    TRY(take_id(r, &ret->task_id, err));
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9' && digits < 10; r->at++, digits++)
        told = told * 10 + (size_t)(*r->at - '0');
    if (digits == 0 || r->at == r->end || *r->at != ' ' || told != body_len)
        return error_set(err, RC_INVALID, "%zu bytes follow its first line, which says %zu",
                         body_len, told);
    ret->prefix = arena_strndup(memory, r->at + 1, (size_t)(r->end - r->at - 1));
    return RC_OK;
}

static enum rc parse_record(struct reader *r, struct spool_record *ret, struct error *err)
{
    size_t left = (size_t)(r->end - r->at);
    const char *head = r->at;

    if (left < RECORD_HEAD || (*head != 'S' && *head != 'L') ||
        get_number(head + 1, 4) > left - RECORD_HEAD)
        return error_set(err, RC_INVALID, "%zu bytes at its end are no record", left);
    ret->kind = *head == 'L' ? RECORD_LOG_BATCH : RECORD_EXECUTION_STATUS;
    ret->frame = (struct bytes){head + RECORD_HEAD, (size_t)get_number(head + 1, 4)};
    if (get_number(head + 5, 8) != sum_of(head, ret->frame))
        return error_set(err, RC_INVALID, "a record has another sum than it says");
    r->at += RECORD_HEAD + ret->frame.len;
    return RC_OK;
}

enum rc spool_parse(struct bytes file, struct arena *memory, struct spool_head *ret_head,
                    struct spool_record **ret, size_t *ret_count, struct error *err)
{
    const char *text = file.data,
               *newline =
                   file.len == 0 ? NULL : memchr(text, '\n', MIN(file.len, (size_t)LINE_MAX_BYTES));
    struct reader r = {text, newline};
    struct spool_record *records;
    size_t count = 0, body_len;

    if (newline == NULL)
        return error_set(err, RC_INVALID, "it has no first line");
    body_len = file.len - (size_t)(newline + 1 - text);
    TRY(parse_head(&r, memory, ret_head, body_len, err));
    records = arena_alloc(memory, (body_len / RECORD_HEAD + 1) * sizeof *records);
    for (r = (struct reader){newline + 1, text + file.len}; r.at < r.end; count++)
        TRY(parse_record(&r, &records[count], err));
    if (count == 0)
        return error_set(err, RC_INVALID, "it holds no record");
    *ret = records;
    *ret_count = count;
    return RC_OK;
}

/* --- what a killed run comes to --- */

/* NULL: it is none. */
static const struct execution_status *status_of(const struct spool_record *r, struct arena *memory)
{
    const void *record = NULL;

    if (r->kind != RECORD_EXECUTION_STATUS ||
        codec_decode_one(r->kind, r->frame, memory, &record, NULL) != RC_OK)
        return NULL;
    return record;
}

bool spool_end(const struct spool_record *records, size_t count, struct arena *memory,
               struct buf *out)
{
    const struct execution_status *first = status_of(&records[0], memory);
    const struct execution_status *last = status_of(&records[count - 1], memory);
    struct execution_status end;

    if (first == NULL || (last != NULL && status_is_final(last->status)))
        return false;
    end = *first;
    end.event_id = event_id_of(end.execution_id, end.attempt, "KILLED");
    end.status = STATUS_FAILED;
    end.reason = REASON_WORKER_ERROR;
    end.message = "whoever watched it was killed before it ended: how it ended is not known";
    return codec_encode(RECORD_EXECUTION_STATUS, &end, out, NULL) == RC_OK;
}

/* --- how much there may be --- */

enum spool_room spool_room(size_t runs, size_t bytes, size_t more)
{
    if (runs >= SPOOL_RUNS_MAX)
        return SPOOL_NOTHING;
    return more <= SPOOL_FILE_BYTES_MAX && bytes + more <= SPOOL_BYTES_MAX ? SPOOL_ALL
                                                                           : SPOOL_REPORTS;
}
