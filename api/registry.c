/*
 * registry.c - the read-only part of the Confluent Schema Registry's interface that libserdes,
 * confluent-kafka-python and the Java deserializers call, over the embedded schemas. Errors have
 * that interface's form, not ours.
 */
#include <stdlib.h>
#include <string.h>

#include "api/answer.h"
#include "api/resources.h"
#include "api/subjects.h"
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
        if (all.items[i].id != id)
            continue;
        json_open_object(&j);
        json_add_text(&j, "subject", all.items[i].name);
        json_add_int(&j, "version", 1);
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
    if (find_subject(x, ctx) != NULL)
        answer_text(x, "[1]");
}

static void answer_version(struct http_exchange *x, const struct subject *s)
{
    struct buf body = {0};
    struct json j = json_into(&body);

    json_open_object(&j);
    json_add_text(&j, "subject", s->name);
    json_add_int(&j, "version", 1);
    json_add_int(&j, "id", s->id);
    json_add_text(&j, "schema", codec_schema_text(s->id));
    json_close_object(&j);
    answer(x, 200, &body);
}

/* The subject of the path in the version of the path; NULL: x is answered. */
static const struct subject *find_version(struct http_exchange *x, void *ctx)
{
    const struct subject *s = find_subject(x, ctx);
    const char *version;

    if (s == NULL)
        return NULL;
    version = http_param(x, "version");
    if (strcmp(version, "1") == 0 || strcmp(version, "latest") == 0 || strcmp(version, "-1") == 0)
        return s;
    if (version[0] != '\0' && version[strspn(version, "0123456789")] == '\0')
        refuse(x, 40402, "Version %s not found.", version);
    else
        refuse(x, 42202, "The specified version '%s' is not a valid version id.", version);
    return NULL;
}

void registry_version(struct http_exchange *x, void *ctx)
{
    const struct subject *s = find_version(x, ctx);

    if (s != NULL)
        answer_version(x, s);
}

void registry_version_schema(struct http_exchange *x, void *ctx)
{
    const struct subject *s = find_version(x, ctx);

    if (s != NULL)
        answer_text(x, codec_schema_text(s->id));
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

/* The subject of the path, if the body's schema is its schema; else `code` says that it is not. */
static const struct subject *find_by_schema(struct http_exchange *x, void *ctx, int code,
                                            const char *what)
{
    const struct subject *s = find_subject(x, ctx);
    struct error err = {0};
    int id = 0;

    if (s == NULL)
        return NULL;
    if (read_schema(x, &id, &err) != RC_OK) {
        refuse(x, 42201, "Invalid schema: %s", err.text);
        return NULL;
    }
    if (id == s->id)
        return s;
    refuse(x, code, "%s", what);
    return NULL;
}

void registry_lookup(struct http_exchange *x, void *ctx)
{
    const struct subject *s = find_by_schema(x, ctx, 40403, "Schema not found");

    if (s != NULL)
        answer_version(x, s);
}

/* Serializers register what they write with: fine while it is there already. */
void registry_register(struct http_exchange *x, void *ctx)
{
    const struct subject *s =
        find_by_schema(x, ctx, 42205, "This registry is read-only: schemas come with the program");
    struct buf body = {0};
    struct json j = json_into(&body);

    if (s == NULL)
        return;
    json_open_object(&j);
    json_add_int(&j, "id", s->id);
    json_close_object(&j);
    answer(x, 200, &body);
}
