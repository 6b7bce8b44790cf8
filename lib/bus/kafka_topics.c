/*
 * Topics: what exists, making one, mending its settings. Each call waits for its answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "bus/kafka.h"

enum { ANSWER_MS = 10000, STATES_MS = 3000, SETTING_COUNT = 7, SETTING_TEXT = 24 };

static rd_kafka_t *client_of(struct bus_admin *base)
{
    return ((struct kafka_admin *)base)->handle.rk;
}

/* --- asking and waiting --- */

struct answer { /* of one admin call, on a queue of its own */
    rd_kafka_queue_t *queue;
    rd_kafka_event_t *event;
};

static void answer_clear(struct answer *a)
{
    if (a->event != NULL)
        rd_kafka_event_destroy(a->event);
    if (a->queue != NULL)
        rd_kafka_queue_destroy(a->queue);
}

static enum rc answer_wait_for(struct answer *a, int timeout_ms, const char *what,
                               struct error *err)
{
    a->event = rd_kafka_queue_poll(a->queue, timeout_ms);
    if (a->event == NULL)
        return error_set(err, RC_RETRY, "could not %s: no answer within %d ms", what, timeout_ms);
    return kafka_code(rd_kafka_event_error(a->event), what, rd_kafka_event_error_string(a->event),
                      err);
}

static enum rc answer_wait(struct answer *a, const char *what, struct error *err)
{
    return answer_wait_for(a, ANSWER_MS, what, err);
}

#define SCOPED_ANSWER __attribute__((cleanup(answer_clear))) struct answer

DEFINE_SCOPED(kafka_resource, rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy)
DEFINE_SCOPED(kafka_new_topic, rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy)

/* --- reading --- */

static enum rc read_shape(rd_kafka_t *rk, const char *name, int timeout_ms, struct bus_topic *ret,
                          struct error *err)
{
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, name, NULL);
    const struct rd_kafka_metadata *metadata;
    const struct rd_kafka_metadata_topic *found;
    enum rc rc = kafka_code(rd_kafka_metadata(rk, 0, topic, &metadata, timeout_ms),
                            "ask for a topic", NULL, err);

    rd_kafka_topic_destroy(topic);
    TRY(rc);
    found = &metadata->topics[0];
    rc = kafka_code(found->err, "find the topic", NULL, err);
    if (rc == RC_OK) {
        ret->partitions = found->partition_cnt;
        ret->replication = found->partition_cnt > 0 ? found->partitions[0].replica_cnt : 0;
    }
    rd_kafka_metadata_destroy(metadata);
    return rc;
}

static enum rc describe(rd_kafka_t *rk, const char *name, struct answer *answer,
                        const rd_kafka_ConfigEntry_t ***ret, size_t *ret_count, struct error *err)
{
    SCOPED(kafka_resource)
    rd_kafka_ConfigResource_t *resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name);
    const rd_kafka_ConfigResource_t **described;
    size_t count;

    answer->queue = rd_kafka_queue_new(rk);
    rd_kafka_DescribeConfigs(rk, &resource, 1, NULL, answer->queue);
    TRY(answer_wait(answer, "ask for a topic's settings", err));
    described = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(answer->event), &count);
    TRY(kafka_code(rd_kafka_ConfigResource_error(described[0]), "ask for a topic's settings",
                   rd_kafka_ConfigResource_error_string(described[0]), err));
    *ret = rd_kafka_ConfigResource_configs(described[0], ret_count);
    return RC_OK;
}

static void take_setting(const char *name, const char *value, struct arena *memory,
                         struct bus_topic *ret)
{
    if (value == NULL)
        return;
    if (strcmp(name, "cleanup.policy") == 0)
        ret->cleanup_policy = arena_strdup(memory, value);
    else if (strcmp(name, "message.timestamp.type") == 0)
        ret->timestamp_type = arena_strdup(memory, value);
    else if (strcmp(name, "retention.ms") == 0)
        ret->retention_ms = strtoll(value, NULL, 10);
    else if (strcmp(name, "min.insync.replicas") == 0)
        ret->min_insync = (int)strtol(value, NULL, 10);
    else if (strcmp(name, "max.message.bytes") == 0)
        ret->max_message_bytes = (int)strtol(value, NULL, 10);
    else if (strcmp(name, "segment.ms") == 0)
        ret->segment_ms = strtoll(value, NULL, 10);
}

enum rc kafka_topic_read(struct bus_admin *base, const char *name, struct arena *memory,
                         struct bus_topic *ret, struct error *err)
{
    SCOPED_ANSWER answer = {0};
    struct bus_topic topic = {.cleanup_policy = "", .timestamp_type = ""};
    const rd_kafka_ConfigEntry_t **entries;
    size_t count;

    TRY(read_shape(client_of(base), name, ANSWER_MS, &topic, err));
    TRY(describe(client_of(base), name, &answer, &entries, &count, err));
    topic.name = arena_strdup(memory, name);
    for (size_t i = 0; i < count; i++)
        take_setting(rd_kafka_ConfigEntry_name(entries[i]), rd_kafka_ConfigEntry_value(entries[i]),
                     memory, &topic);
    *ret = topic;
    return RC_OK;
}

enum rc kafka_topic_partitions(struct bus_admin *base, const char *name, int timeout_ms, int *ret,
                               struct error *err)
{
    struct bus_topic topic = {0};

    TRY(read_shape(client_of(base), name, timeout_ms, &topic, err));
    *ret = topic.partitions;
    return RC_OK;
}

/* --- making and mending --- */

struct setting_text {
    const char *name;
    char value[SETTING_TEXT];
};

/* A topic's settings as Kafka's texts; answers how many. */
static size_t settings_of(const struct bus_topic *topic, struct setting_text ret[SETTING_COUNT])
{
    size_t count = 0;

#define ADD(setting, format, number)                                               \
    do {                                                                           \
        ret[count].name = (setting);                                               \
        (void)snprintf(ret[count].value, sizeof ret[count].value, format, number); \
        count++;                                                                   \
    } while (0)
    ADD("cleanup.policy", "%s", topic->cleanup_policy);
    ADD("message.timestamp.type", "%s", topic->timestamp_type);
    ADD("retention.ms", "%lld", (long long)topic->retention_ms);
    if (topic->min_insync > 0)
        ADD("min.insync.replicas", "%d", topic->min_insync);
    if (topic->max_message_bytes > 0)
        ADD("max.message.bytes", "%d", topic->max_message_bytes);
    if (topic->segment_ms > 0) {
        ADD("segment.ms", "%lld", (long long)topic->segment_ms);
        ADD("min.cleanable.dirty.ratio", "%s", "0.01");
    }
#undef ADD
    return count;
}

enum rc kafka_topic_create(struct bus_admin *base, const struct bus_topic *topic, struct error *err)
{
    rd_kafka_t *rk = client_of(base);
    SCOPED_ANSWER answer = {.queue = rd_kafka_queue_new(rk)};
    SCOPED(kafka_new_topic) rd_kafka_NewTopic_t *wanted = NULL;
    struct setting_text settings[SETTING_COUNT];
    size_t count = settings_of(topic, settings);
    const rd_kafka_topic_result_t **results;
    char why[256] = "";

    wanted =
        rd_kafka_NewTopic_new(topic->name, topic->partitions,
                              topic->replication > 0 ? topic->replication : -1, why, sizeof why);
    if (wanted == NULL)
        return error_set(err, RC_INVALID, "could not make topic %s: %s", topic->name, why);
    for (size_t i = 0; i < count; i++)
        (void)rd_kafka_NewTopic_set_config(wanted, settings[i].name, settings[i].value);
    rd_kafka_CreateTopics(rk, &wanted, 1, NULL, answer.queue);
    TRY(answer_wait(&answer, "make a topic", err));
    results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.event),
                                                  &count);
    return kafka_code(rd_kafka_topic_result_error(results[0]), "make a topic",
                      rd_kafka_topic_result_error_string(results[0]), err);
}

static bool is_ours(const char *name, const struct setting_text *settings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(settings[i].name, name) == 0)
            return true;
    return false;
}

/* AlterConfigs replaces all: what else somebody has set on the topic is handed back as it is. */
static enum rc keep_others(rd_kafka_t *rk, const struct setting_text *settings, size_t count,
                           rd_kafka_ConfigResource_t *resource, struct error *err)
{
    SCOPED_ANSWER answer = {0};
    const rd_kafka_ConfigEntry_t **entries;
    size_t entry_count;

    TRY(describe(rk, rd_kafka_ConfigResource_name(resource), &answer, &entries, &entry_count, err));
    for (size_t i = 0; i < entry_count; i++) {
        const char *name = rd_kafka_ConfigEntry_name(entries[i]);

        if (rd_kafka_ConfigEntry_source(entries[i]) ==
                RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG &&
            !is_ours(name, settings, count))
            (void)rd_kafka_ConfigResource_set_config(resource, name,
                                                     rd_kafka_ConfigEntry_value(entries[i]));
    }
    return RC_OK;
}

enum rc kafka_topic_alter(struct bus_admin *base, const struct bus_topic *topic, struct error *err)
{
    rd_kafka_t *rk = client_of(base);
    SCOPED_ANSWER answer = {.queue = rd_kafka_queue_new(rk)};
    SCOPED(kafka_resource)
    rd_kafka_ConfigResource_t *resource =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic->name);
    struct setting_text settings[SETTING_COUNT];
    size_t count = settings_of(topic, settings);
    const rd_kafka_ConfigResource_t **altered;

    TRY(keep_others(rk, settings, count, resource, err));
    for (size_t i = 0; i < count; i++)
        (void)rd_kafka_ConfigResource_set_config(resource, settings[i].name, settings[i].value);
    rd_kafka_AlterConfigs(rk, &resource, 1, NULL, answer.queue);
    TRY(answer_wait(&answer, "change a topic", err));
    altered = rd_kafka_AlterConfigs_result_resources(
        rd_kafka_event_AlterConfigs_result(answer.event), &count);
    return kafka_code(rd_kafka_ConfigResource_error(altered[0]), "change a topic",
                      rd_kafka_ConfigResource_error_string(altered[0]), err);
}

/* --- listing --- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

enum rc kafka_topic_list(struct bus_admin *base, const char *prefix, struct arena *memory,
                         const char ***ret, size_t *ret_count, struct error *err)
{
    const struct rd_kafka_metadata *metadata;
    const char **names;
    size_t count = 0;

    TRY(kafka_code(rd_kafka_metadata(client_of(base), 1, NULL, &metadata, ANSWER_MS), "list topics",
                   NULL, err));
    names = arena_alloc(memory, ((size_t)metadata->topic_cnt + 1) * sizeof *names);
    for (int i = 0; i < metadata->topic_cnt; i++)
        if (text_starts(metadata->topics[i].topic, prefix))
            names[count++] = arena_strdup(memory, metadata->topics[i].topic);
    rd_kafka_metadata_destroy(metadata);
    qsort(names, count, sizeof *names, by_name);
    *ret = names;
    *ret_count = count;
    return RC_OK;
}

/* --- what can be written to --- */

struct states {
    const struct rd_kafka_metadata *metadata;
    struct bus_topic_state *items;
    int *min_insync; /* of each item; 1 where it is not known */
    const struct rd_kafka_metadata_topic **found;
    size_t count;
};

static int state_by_name(const void *a, const void *b)
{
    const struct rd_kafka_metadata_topic *const *left = a, *const *right = b;

    return strcmp((*left)->topic, (*right)->topic);
}

static void find_topics(struct states *s, const char *prefix, struct arena *memory)
{
    size_t room = (size_t)s->metadata->topic_cnt + 1;

    s->items = arena_alloc(memory, room * sizeof *s->items);
    s->found = arena_alloc(memory, room * sizeof(void *));
    s->min_insync = arena_alloc(memory, room * sizeof *s->min_insync);
    for (int i = 0; i < s->metadata->topic_cnt; i++)
        if (text_starts(s->metadata->topics[i].topic, prefix))
            s->found[s->count++] = &s->metadata->topics[i];
    qsort(s->found, s->count, sizeof(void *), state_by_name);
}

static void take_min_insync(struct states *s, const rd_kafka_ConfigResource_t *resource)
{
    size_t count;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    const char *name = rd_kafka_ConfigResource_name(resource), *value = NULL;

    for (size_t i = 0; i < count; i++)
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), "min.insync.replicas") == 0)
            value = rd_kafka_ConfigEntry_value(entries[i]);
    for (size_t i = 0; i < s->count && value != NULL; i++)
        if (strcmp(s->found[i]->topic, name) == 0)
            s->min_insync[i] = (int)strtol(value, NULL, 10);
}

/* Who may not ask for settings still knows whether there is a leader. */
static void ask_min_insync(rd_kafka_t *rk, struct states *s)
{
    SCOPED_ANSWER answer = {.queue = rd_kafka_queue_new(rk)};
    rd_kafka_ConfigResource_t **resources = xcalloc(s->count + 1, sizeof *resources);
    const rd_kafka_ConfigResource_t **described;
    size_t count;

    for (size_t i = 0; i < s->count; i++) {
        s->min_insync[i] = 1;
        resources[i] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, s->found[i]->topic);
    }
    if (s->count > 0) {
        rd_kafka_DescribeConfigs(rk, resources, s->count, NULL, answer.queue);
        if (answer_wait_for(&answer, STATES_MS, "ask for settings", NULL) == RC_OK) {
            described = rd_kafka_DescribeConfigs_result_resources(
                rd_kafka_event_DescribeConfigs_result(answer.event), &count);
            for (size_t i = 0; i < count; i++)
                take_min_insync(s, described[i]);
        }
    }
    rd_kafka_ConfigResource_destroy_array(resources, s->count);
    free(resources);
}

static void fill_state(const struct rd_kafka_metadata_topic *found, int min_insync,
                       struct arena *memory, struct bus_topic_state *ret)
{
    bool *is_writable = arena_alloc(memory, (size_t)found->partition_cnt + 1);

    for (int i = 0; i < found->partition_cnt; i++) {
        const struct rd_kafka_metadata_partition *p = &found->partitions[i];

        if (p->id >= 0 && p->id < found->partition_cnt)
            is_writable[p->id] = p->leader >= 0 && p->isr_cnt >= min_insync;
    }
    *ret = (struct bus_topic_state){.name = arena_strdup(memory, found->topic),
                                    .partitions = found->partition_cnt,
                                    .is_writable = is_writable};
}

enum rc kafka_topic_states(struct bus_admin *base, const char *prefix, struct arena *memory,
                           const struct bus_topic_state **ret, size_t *ret_count, struct error *err)
{
    struct states s = {0};

    TRY(kafka_code(rd_kafka_metadata(client_of(base), 1, NULL, &s.metadata, STATES_MS),
                   "list topics", NULL, err));
    find_topics(&s, prefix, memory);
    ask_min_insync(client_of(base), &s);
    for (size_t i = 0; i < s.count; i++)
        fill_state(s.found[i], s.min_insync[i], memory, &s.items[i]);
    rd_kafka_metadata_destroy(s.metadata);
    *ret = s.items;
    *ret_count = s.count;
    return RC_OK;
}
