#include "api/exchange/answer.h"
#include "api/resources/resources.h"
#include "base/clock.h"
#include "base/rfc3339.h"

/*
 * When clocks stand where, by the tables that the scheduler computes with: who asks here cannot disagree with it about a local
 * time, however old the zone rules of his own machine are.
 */

#define AHEAD (10 * 366 * USEC_PER_DAY) /* that most people will ever look at */

static int64_t second_of(usec_t t)
{
    return t / USEC_PER_SEC - (t % USEC_PER_SEC < 0);
}

static void put_span(struct json *j, const struct zone_span *span, bool is_first)
{
    char text[RFC3339_TEXT];

    json_open_object(j);
    if (!is_first)
        json_add_text(j, "from", rfc3339_format(span->start * USEC_PER_SEC, text));
    json_add_int(j, "offset_s", span->offset);
    json_close_object(j);
}

/* Those that hold something of [from, to). */
static void put_spans(struct json *j, const struct zone *zone, usec_t from, usec_t to)
{
    size_t count;
    const struct zone_span *spans = zone_spans(zone, &count);

    json_key(j, "spans");
    json_open_array(j);
    for (size_t i = zone_span_of(zone, second_of(from));
         i < count && (spans[i].start < second_of(from) || spans[i].start * USEC_PER_SEC < to); i++)
        put_span(j, &spans[i], i == 0);
    json_close_array(j);
}

static void answer_names(struct http_exchange *x, struct api *api)
{
    struct buf body = {0};
    struct json j = json_into(&body);
    size_t count;
    const char *const *names = zoneset_names(api->zones, &count);

    json_open_object(&j);
    json_add_text(&j, "tzdata", zoneset_version(api->zones));
    json_key(&j, "items");
    json_open_array(&j);
    for (size_t i = 0; i < count; i++)
        json_text(&j, names[i]);
    json_close_array(&j);
    json_close_object(&j);
    answer_json(x, 200, &body);
}

static enum rc read_span(const struct http_exchange *x, usec_t *from, usec_t *to, struct error *err)
{
    char text[RFC3339_TEXT];

    *to = clock_realtime() + AHEAD;
    TRY(param_instant(x, "from", from, err));
    TRY(param_instant(x, "to", to, err));
    if (*from < *to)
        return RC_OK;
    return error_set(err, RC_INVALID, "from: it is not before %s", rfc3339_format(*to, text));
}

static enum rc answer_zone(struct http_exchange *x, struct api *api, struct error *err)
{
    struct buf body = {0};
    struct json j = json_into(&body);
    struct zone *zone;
    usec_t from = 0, to;

    TRY(read_span(x, &from, &to, err));
    if (zoneset_get(api->zones, http_query(x, "name"), &zone, err) != RC_OK)
        return error_prefix(err, "name");
    json_open_object(&j);
    json_add_text(&j, "name", zone_name(zone));
    json_add_text(&j, "tzdata", zoneset_version(api->zones));
    put_spans(&j, zone, from, to);
    json_close_object(&j);
    answer_json(x, 200, &body);
    return RC_OK;
}

void list_zones(struct http_exchange *x, void *ctx)
{
    struct error err = {0};

    if (http_query(x, "name") != NULL) {
        if (answer_zone(x, api_of(ctx), &err) != RC_OK)
            answer_error(x, &err);
    } else if (http_query(x, "from") != NULL || http_query(x, "to") != NULL) {
        error_set(&err, RC_INVALID, "from, to: they need the name of a zone");
        answer_error(x, &err);
    } else {
        answer_names(x, api_of(ctx));
    }
}
