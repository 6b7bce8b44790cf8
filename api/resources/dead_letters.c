#include "api/exchange/page.h"
#include "api/exchange/view.h"
#include "api/resources/resources.h"
#include "bus/topics.h"
#include "model/record_json.h"
#include "store/read_dead_letters.h"

struct letter_request {
    struct http_exchange *x;
    const char *topic;
    int64_t part, offset; /* of the one that is asked for */
};

static struct letter_request *request_new(struct http_exchange *x)
{
    struct letter_request *r = arena_alloc(http_memory(x), sizeof *r);

    r->x = x;
    return r;
}

/* --- as JSON --- */

static void put_sha256(struct json *j, struct bytes sum)
{
    SCOPED_BUF hex = {0};

    for (size_t i = 0; i < sum.len; i++)
        buf_printf(&hex, "%02x", ((const unsigned char *)sum.data)[i]);
    json_add_text(j, "sha256", buf_text(&hex));
}

/* What is not known is left out: of a batch that nobody can unpack, all but its place. */
static void put_letter(struct json *j, const struct dead_letter_row *row)
{
    json_open_object(j);
    json_add_text(j, "topic", row->topic);
    json_add_int(j, "partition", row->part);
    json_add_int(j, "offset", row->kafka_offset);
    if (row->last_offset != 0)
        json_add_int(j, "last_offset", row->last_offset);
    if (row->received_at != 0)
        json_add_instant(j, "at", row->received_at);
    json_add_text(j, "reason", row->reason);
    if (row->detail != NULL)
        json_add_text(j, "detail", row->detail);
    if (row->key.data != NULL)
        bytes_to_json(j, "key", row->key);
    if (row->value_sha256.data != NULL) {
        json_add_int(j, "bytes", row->value_len);
        put_sha256(j, row->value_sha256);
    }
    if (row->value.data != NULL)
        bytes_to_json(j, "value", row->value);
    json_close_object(j);
}

/* --- GET /v1/dead-letters --- */

static void write_position(const struct dead_letter_row *row, struct buf *out)
{
    SCOPED_CURSOR cursor = {0};

    cursor_begin(&cursor, CURSOR_DEAD_LETTERS);
    cursor_put_int(&cursor, row->received_at);
    cursor_put_text(&cursor, row->topic);
    cursor_put_int(&cursor, row->part);
    cursor_put_int(&cursor, row->kafka_offset);
    cursor_text(&cursor, out);
}

static enum rc read_position(struct http_exchange *x, struct dead_letter_filter *ret,
                             struct error *err)
{
    SCOPED_CURSOR cursor = {0};
    const char *text = http_query(x, "cursor");

    if (text == NULL)
        return RC_OK;
    TRY(cursor_open(&cursor, CURSOR_DEAD_LETTERS, text, err));
    ret->to = cursor_int(&cursor);
    ret->at_topic = cursor_take_text(&cursor, http_memory(x));
    ret->at_part = (int32_t)cursor_int(&cursor);
    ret->at_offset = cursor_int(&cursor);
    return cursor_end(&cursor, err);
}

static enum rc read_partition(struct http_exchange *x, struct opt_int *ret, struct error *err)
{
    const char *text = http_query(x, "partition");
    int64_t value;

    if (text == NULL)
        return RC_OK;
    TRY(param_number("partition", text, 0, INT32_MAX, &value, err));
    *ret = (struct opt_int){true, (int32_t)value};
    return RC_OK;
}

static enum rc read_reason(struct http_exchange *x, const char **ret, struct error *err)
{
    const char *text = http_query(x, "reason");
    int value;

    if (text == NULL)
        return RC_OK;
    if (enum_find(&dead_reason_enum, text, true, &value, err) != RC_OK)
        return error_prefix(err, "reason");
    *ret = enum_name(&dead_reason_enum, value);
    return RC_OK;
}

static enum rc read_filter(struct http_exchange *x, struct dead_letter_filter *ret, size_t *limit,
                           struct error *err)
{
    *ret = (struct dead_letter_filter){
        .topic = http_query(x, "topic"), .to = USEC_MAX, .at_topic = ""};
    if (ret->topic != NULL && topic_check_name(ret->topic, err) != RC_OK)
        return error_prefix(err, "topic");
    TRY(read_partition(x, &ret->part, err));
    TRY(read_reason(x, &ret->reason, err));
    TRY(param_instant(x, "from", &ret->from, err));
    TRY(param_instant(x, "to", &ret->to, err));
    if (ret->from > ret->to)
        return error_set(err, RC_INVALID, "from, to: the range ends before it begins");
    TRY(read_position(x, ret, err)); /* behind `to` already */
    return param_limit(x, limit, err);
}

static void on_letters(void *ctx, const struct read_page *page)
{
    struct letter_request *r = ctx;
    const struct dead_letter_row *rows = page->rows;
    SCOPED_BUF next = {0};
    struct buf body = {0};
    struct json j;

    if (answer_read_failed(r->x, page))
        return;
    j = answer_open_list(&body);
    for (size_t i = 0; i < page->count; i++)
        put_letter(&j, &rows[i]);
    if (page->more)
        write_position(&rows[page->count - 1], &next);
    answer_close_list(&j, next.data);
    answer_json(r->x, 200, &body);
}

void list_dead_letters(struct http_exchange *x, void *ctx)
{
    struct letter_request *r = request_new(x);
    struct dead_letter_filter filter;
    struct error err = {0};
    size_t limit;

    if (read_filter(x, &filter, &limit, &err) != RC_OK)
        answer_list_error(x, &err);
    else
        read_dead_letters(api_of(ctx)->reads, &filter, limit,
                          (struct read_reply){http_memory(x), on_letters, r});
}

/* --- GET /v1/dead-letters/:topic/:partition/:offset --- */

static void on_letter(void *ctx, const struct read_page *page)
{
    struct letter_request *r = ctx;
    struct buf body = {0};
    struct json j = json_into(&body);

    if (answer_read_failed(r->x, page))
        return;
    if (page->count == 0) {
        answer_not_found(r->x, "dead letter",
                         arena_printf(http_memory(r->x), "%s %lld %lld", r->topic,
                                      (long long)r->part, (long long)r->offset));
        return;
    }
    put_letter(&j, page->rows);
    answer_json(r->x, 200, &body);
}

void get_dead_letter(struct http_exchange *x, void *ctx)
{
    struct letter_request *r = request_new(x);
    struct error err = {0};

    r->topic = http_param(x, "topic");
    if (param_number("partition", http_param(x, "partition"), 0, INT32_MAX, &r->part, &err) !=
            RC_OK ||
        param_number("offset", http_param(x, "offset"), 0, INT64_MAX, &r->offset, &err) != RC_OK)
        answer_error(x, &err);
    else
        read_dead_letter(api_of(ctx)->reads, r->topic, (int32_t)r->part, r->offset,
                         (struct read_reply){http_memory(x), on_letter, r});
}
