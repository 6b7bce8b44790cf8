/*
 * registry.c - the read-only part of the Confluent Schema Registry's interface that libserdes,
 * confluent-kafka-python and the Java deserializers call, over the embedded schemas. Errors have
 * that interface's form, not ours.
 */
#include <stdlib.h>
#include <string.h>

#include "api/exchange/answer.h"
#include "api/resources/resources.h"
#include "api/resources/subjects.h"
#include "codec/codec.h"

static const char media_type[] = "application/vnd.schemaregistry.v1+json";

static void answer(struct http_exchange *x, int status, struct buf *body)
{
    buf_add_char(body, '\n');
    http_answer(x, status, media_type, body);
}

static void answer_text(struct http_exchange *x, const char *text)
{
    struct buf body = {0};

    buf_add_text(&body, text);
    answer(x, 200, &body);
}

/* The first three digits of the code are the status. */
static void refuse(struct http_exchange *x, int code, const char *format, ...) PRINTF_LIKE(3, 4);

static void refuse(struct http_exchange *x, int code, const char *format, ...)
{
    struct buf body = {0};
    SCOPED_BUF message = {0};
    struct json j = json_into(&body);
    va_list args;

    va_start(args, format);
    buf_vprintf(&message, format, args);
    va_end(args);
    json_open_object(&j);
    json_add_int(&j, "error_code", code);
    json_add_text(&j, "message", message.data);
    json_close_object(&j);
    answer(x, code / 100, &body);
}

static void list_subjects(struct api *api, struct http_exchange *x, struct subjects *ret)
{
    const struct broker_view *view = broker_look(api->broker);

    subjects_list(api->config->topic_prefix, view != NULL ? view->queues : NULL,
                  view != NULL ? view->queue_count : 0, http_memory(x), ret);
}

/* The subject in the path; NULL: x is answered. */
static const struct subject *find_subject(struct http_exchange *x, void *ctx)
{
    struct subjects all;
    const struct subject *s;

    list_subjects(api_of(ctx), x, &all);
    s = subjects_find(&all, http_param(x, "subject"));
    if (s == NULL)
        refuse(x, 40401, "Subject '%s' not found.", http_param(x, "subject"));
    return s;
}

/* The id in the path; 0: x is answered. */
static int find_id(struct http_exchange *x)
{
    int64_t id = 0;

    if (param_number("id", http_param(x, "id"), 1, codec_schema_count(), &id, NULL) != RC_OK)
        refuse(x, 40403, "Schema %s not found", http_param(x, "id"));
    return (int)id;
}

/* --- what it is --- */

void registry_root(struct http_exchange *x, void *ctx UNUSED)
{
    answer_text(x, "{}");
}

void registry_types(struct http_exchange *x, void *ctx UNUSED)
{
    answer_text(x, "[\"AVRO\"]");
}

void registry_config(struct http_exchange *x, void *ctx UNUSED)
{
    answer_text(x, "{\"compatibilityLevel\":\"FULL\"}");
}

void registry_mode(struct http_exchange *x, void *ctx UNUSED)
{
    answer_text(x, "{\"mode\":\"READONLY\"}");
}

/* --- schemas --- */

void registry_schema(struct http_exchange *x, void *ctx UNUSED)
{
    struct buf body = {0};
    struct json j = json_into(&body);
    int id = find_id(x);

    if (id == 0)
        return;
    json_open_object(&j);
    json_add_text(&j, "schema", codec_schema_text(id));
    json_close_object(&j);
    answer(x, 200, &body);
}

void registry_schema_text(struct http_exchange *x, void *ctx UNUSED)
{
    int id = find_id(x);

    if (id != 0)
        answer_text(x, codec_schema_text(id));
}

void registry_schema_places(struct http_exchange *x, void *ctx)
{
    struct buf body = {0};
    struct json j = json_into(&body);
    struct subjects all;
    int id = find_id(x);

    if (id == 0)
        return;
    list_subjects(api_of(ctx), x, &all);
    json_open_array(&j);
    for (size_t i = 0; i < all.count; i++) {
        if (all.items[i].kind != codec_schema_kind(id))
            continue;
        json_open_object(&j);
        json_add_text(&j, "subject", all.items[i].name);
        json_add_int(&j, "version", codec_schema_version(id));
        json_close_object(&j);
    }
    json_close_array(&j);
    answer(x, 200, &body);
}

/* --- subjects --- */

void registry_subjects(struct http_exchange *x, void *ctx)
{
    struct buf body = {0};
    struct json j = json_into(&body);
    struct subjects all;

    list_subjects(api_of(ctx), x, &all);
    json_open_array(&j);
    for (size_t i = 0; i < all.count; i++)
        json_text(&j, all.items[i].name);
    json_close_array(&j);
    answer(x, 200, &body);
}

void registry_versions(struct http_exchange *x, void *ctx)
{
    const struct subject *s = find_subject(x, ctx);
    struct buf body = {0};
    struct json j = json_into(&body);

    if (s == NULL)
        return;
    json_open_array(&j);
    for (int version = 1; version <= codec_version_count(s->kind); version++)
        json_int(&j, version);
    json_close_array(&j);
    answer(x, 200, &body);
}

static void answer_version(struct http_exchange *x, const struct subject *s, int id)
{
    struct buf body = {0};
    struct json j = json_into(&body);

    json_open_object(&j);
    json_add_text(&j, "subject", s->name);
    json_add_int(&j, "version", codec_schema_version(id));
    json_add_int(&j, "id", id);
    json_add_text(&j, "schema", codec_schema_text(id));
    json_close_object(&j);
    answer(x, 200, &body);
}

/* The id of the version that the text names; 0 when the subject has none such. */
static int version_id(const struct subject *s, const char *text)
{
    int newest = codec_version_count(s->kind);
    int64_t version = newest;

    if (strcmp(text, "latest") != 0 && strcmp(text, "-1") != 0 &&
        param_number("version", text, 1, newest, &version, NULL) != RC_OK)
        return 0;
    return codec_schema_id(s->kind, (int)version);
}

/* The subject of the path, and the id of the version of the path; 0: x is answered. */
static int find_version(struct http_exchange *x, void *ctx, const struct subject **ret)
{
    const struct subject *s = find_subject(x, ctx);
    const char *version;
    int id;

    if (s == NULL)
        return 0;
    version = http_param(x, "version");
    id = version_id(s, version);
    *ret = s;
    if (id != 0)
        return id;
    if (version[0] != '\0' && version[strspn(version, "0123456789")] == '\0')
        refuse(x, 40402, "Version %s not found.", version);
    else
        refuse(x, 42202, "The specified version '%s' is not a valid version id.", version);
    return 0;
}

void registry_version(struct http_exchange *x, void *ctx)
{
    const struct subject *s;
    int id = find_version(x, ctx, &s);

    if (id != 0)
        answer_version(x, s, id);
}

void registry_version_schema(struct http_exchange *x, void *ctx)
{
    const struct subject *s;
    int id = find_version(x, ctx, &s);

    if (id != 0)
        answer_text(x, codec_schema_text(id));
}

/* --- a schema's text to its id --- */

/* {"schema": "<text>"}: the id that the text has; 0 when it is none of ours. */
static enum rc read_schema(struct http_exchange *x, int *ret, struct error *err)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    SCOPED(json_doc) struct json_doc *schema = NULL;
    struct json_node root, text, value;
    const char *inner;

    TRY(json_doc_parse_request(http_body(x), &doc, err));
    root = json_doc_root(doc);
    TRY(json_node_expect(&root, JSON_KIND_OBJECT, err));
    if (!json_node_member(&root, "schema", &text))
        return error_set(err, RC_INVALID, "/schema: it is missing");
    TRY(json_node_text(&text, &inner, err));
    TRY(json_doc_parse_request(bytes_of(inner), &schema, err));
    value = json_doc_root(schema);
    *ret = schema_find(&value);
    return RC_OK;
}

/* The subject of the path, and the id of its version that is the body's schema; 0: x is answered, with `code` if there is none. */
static int find_by_schema(struct http_exchange *x, void *ctx, int code, const char *what,
                          const struct subject **ret)
{
    const struct subject *s = find_subject(x, ctx);
    struct error err = {0};
    int id = 0;

    if (s == NULL)
        return 0;
    if (read_schema(x, &id, &err) != RC_OK) {
        refuse(x, 42201, "Invalid schema: %s", err.text);
        return 0;
    }
    *ret = s;
    if (codec_schema_kind(id) == s->kind)
        return id;
    refuse(x, code, "%s", what);
    return 0;
}

void registry_lookup(struct http_exchange *x, void *ctx)
{
    const struct subject *s;
    int id = find_by_schema(x, ctx, 40403, "Schema not found", &s);

    if (id != 0)
        answer_version(x, s, id);
}

/* Serializers register what they write with: fine while it is there already. */
void registry_register(struct http_exchange *x, void *ctx)
{
    const struct subject *s;
    int id = find_by_schema(x, ctx, 42205,
                            "This registry is read-only: schemas come with the program", &s);
    struct buf body = {0};
    struct json j = json_into(&body);

    if (id == 0)
        return;
    json_open_object(&j);
    json_add_int(&j, "id", id);
    json_close_object(&j);
    answer(x, 200, &body);
}
