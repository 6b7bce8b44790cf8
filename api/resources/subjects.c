#include "api/resources/subjects.h"

#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"

#define NAMESPACE "io.cronobs."

static const struct topic_records {
    const char *topic;           /* "executions." is followed by a queue's name */
    enum record_kind records[5]; /* 0 ends */
} topics[] = {
    {"commands", {RECORD_COMMAND}},
    {"control", {RECORD_EXECUTION_SIGNAL}},
    {"executions.", {RECORD_EXECUTION_CREATED}},
    {"heartbeats", {RECORD_HEARTBEAT}},
    {"logs", {RECORD_LOG_BATCH}},
    {"state", {RECORD_TASK_STATE, RECORD_RUN_STATE, RECORD_OPEN_EXECUTION, RECORD_WATERMARK}},
    {"status", {RECORD_EXECUTION_STATUS}},
    {"tasks", {RECORD_TASK_REVISION, RECORD_COMMAND_OUTCOME, RECORD_SCHEDULE_GAP}},
};

static void add_topic(const struct topic_records *t, const char *topic, struct arena *memory,
                      struct subjects *ret)
{
    bool has_several = t->records[1] != 0;

    for (size_t i = 0; t->records[i] != 0; i++)
        ret->items[ret->count++] = (struct subject){
            arena_printf(memory, "%s-%s", topic,
                         has_several ? record_type_of(t->records[i])->name : "value"),
            t->records[i]};
}

static int subject_order(const void *a, const void *b)
{
    return strcmp(((const struct subject *)a)->name, ((const struct subject *)b)->name);
}

void subjects_list(const char *prefix, const char *const *queues, size_t queue_count,
                   struct arena *memory, struct subjects *ret)
{
    *ret = (struct subjects){
        .items = arena_alloc(memory, (RECORD_KIND_END + queue_count) * sizeof *ret->items)};
    for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
        bool is_queue = topics[i].records[0] == RECORD_EXECUTION_CREATED;

        for (size_t q = 0; is_queue && q < queue_count; q++)
            add_topic(&topics[i],
                      arena_printf(memory, "%s%s%s", prefix, topics[i].topic, queues[q]), memory,
                      ret);
        if (!is_queue)
            add_topic(&topics[i], arena_printf(memory, "%s%s", prefix, topics[i].topic), memory,
                      ret);
    }
    qsort(ret->items, ret->count, sizeof *ret->items, subject_order);
}

/* "t-io.cronobs.Record" names "t-Record". */
static bool is_same_subject(const char *ours, const char *asked)
{
    const char *dash = strrchr(ours, '-');
    size_t len = (size_t)(dash - ours) + 1;

    if (strcmp(ours, asked) == 0)
        return true;
    return strncmp(ours, asked, len) == 0 && text_starts(asked + len, NAMESPACE) &&
           strcmp(asked + len + strlen(NAMESPACE), dash + 1) == 0;
}

const struct subject *subjects_find(const struct subjects *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (is_same_subject(s->items[i].name, name))
            return &s->items[i];
    return NULL;
}

int schema_find(const struct json_node *schema)
{
    for (int id = 1; id <= codec_schema_count(); id++) {
        SCOPED(json_doc) struct json_doc *doc = NULL;
        struct json_node root;

        if (json_doc_parse(bytes_of(codec_schema_text(id)), &doc, NULL) != RC_OK)
            continue; /* not covered: our own texts are JSON */
        root = json_doc_root(doc);
        if (json_node_equal(schema, &root))
            return id;
    }
    return 0;
}
