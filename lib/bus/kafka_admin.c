/*
 * Asynchronous questions about a group.
 *
 * rd_kafka_committed would be simpler, but under require-stable it is all or nothing and blocks.
 * The client is of the consumer kind, since a producer's metadata requests may create topics.
 */
#include <stdlib.h>

#include "bus/kafka.h"

enum { REQUEST_MS = 5000 };

static struct kafka_admin *admin_of(struct bus_admin *base)
{
    return (struct kafka_admin *)base;
}

static void release_current(struct kafka_admin *a)
{
    if (a->current != NULL)
        rd_kafka_event_destroy(a->current);
    a->current = NULL;
}

enum rc kafka_admin_new(struct bus *bus, struct bus_admin **ret, struct error *err)
{
    static const struct kafka_setting settings[] = {{NULL, NULL}};
    struct kafka_admin *a = xcalloc(1, sizeof *a);
    SCOPED(bus_admin) struct bus_admin *base = &a->base;
    rd_kafka_conf_t *conf;

    a->base.driver = &kafka_driver;
    a->handle = (struct kafka_handle){.kafka = kafka_of(bus), .role = "admin", .owner = a};
    TRY(kafka_conf_new(&a->handle, settings, &conf, err));
    TRY(kafka_start(&a->handle, RD_KAFKA_CONSUMER, conf, err));
    a->answers = rd_kafka_queue_new(a->handle.rk);
    *ret = TAKE(base);
    return RC_OK;
}

void kafka_admin_free(struct bus_admin *base)
{
    struct kafka_admin *a = admin_of(base);

    kafka_lookout_free(a->lookout);
    release_current(a);
    if (a->answers != NULL)
        rd_kafka_queue_destroy(a->answers);
    if (a->handle.rk != NULL)
        rd_kafka_destroy_flags(a->handle.rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    free(a->stable);
    free(a->members);
    free(a->owned);
    free(a);
}

static rd_kafka_AdminOptions_t *options_of(struct kafka_admin *a, rd_kafka_admin_op_t kind,
                                           void *token)
{
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(a->handle.rk, kind);

    (void)rd_kafka_AdminOptions_set_request_timeout(options, REQUEST_MS, NULL, 0);
    rd_kafka_AdminOptions_set_opaque(options, token);
    return options;
}

void kafka_ask_stable_offsets(struct bus_admin *base, const char *group, const char *topic,
                              const int *partitions, size_t count, void *token)
{
    struct kafka_admin *a = admin_of(base);
    rd_kafka_AdminOptions_t *options =
        options_of(a, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, token);
    SCOPED(kafka_list)
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count + 1);
    rd_kafka_ListConsumerGroupOffsets_t *question;

    for (size_t i = 0; i < count; i++)
        rd_kafka_topic_partition_list_add(list, topic, partitions[i]);
    rd_kafka_error_destroy(rd_kafka_AdminOptions_set_require_stable_offsets(options, 1));
    question = rd_kafka_ListConsumerGroupOffsets_new(group, list);
    rd_kafka_ListConsumerGroupOffsets(a->handle.rk, &question, 1, options, a->answers);
    rd_kafka_ListConsumerGroupOffsets_destroy(question);
    rd_kafka_AdminOptions_destroy(options);
}

void kafka_ask_members(struct bus_admin *base, const char *group, void *token)
{
    struct kafka_admin *a = admin_of(base);
    rd_kafka_AdminOptions_t *options =
        options_of(a, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, token);

    rd_kafka_DescribeConsumerGroups(a->handle.rk, &group, 1, options, a->answers);
    rd_kafka_AdminOptions_destroy(options);
}

void kafka_ask_topics(struct bus_admin *base, const char *prefix, void *token)
{
    struct kafka_admin *a = admin_of(base);

    if (a->lookout == NULL)
        a->lookout = kafka_lookout_new(base);
    kafka_lookout_ask(a->lookout, prefix, token);
}

static void fill_stable(struct kafka_admin *a, struct bus_answer *ret)
{
    const rd_kafka_topic_partition_list_t *list;
    const rd_kafka_group_result_t **groups;
    const rd_kafka_error_t *failure;
    size_t count;

    ret->kind = BUS_ANSWER_STABLE_OFFSETS;
    groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(a->current), &count);
    failure = rd_kafka_group_result_error(groups[0]);
    if (failure != NULL) {
        ret->rc = error_set(&ret->err, RC_RETRY, "could not ask for offsets: %s",
                            rd_kafka_error_string(failure));
        return;
    }
    list = rd_kafka_group_result_partitions(groups[0]);
    ret->stable_count = (size_t)list->cnt;
    a->stable = xrealloc(a->stable, ret->stable_count + 1, sizeof *a->stable);
    for (int i = 0; i < list->cnt; i++)
        a->stable[i] = (struct bus_stable){.partition = list->elems[i].partition,
                                           .is_stable = list->elems[i].err == 0,
                                           .offset = list->elems[i].offset};
    ret->stable = a->stable;
}

static void add_owned(struct kafka_admin *a, size_t index,
                      const rd_kafka_MemberDescription_t *member, struct bus_answer *ret)
{
    const rd_kafka_MemberAssignment_t *given = rd_kafka_MemberDescription_assignment(member);
    const rd_kafka_topic_partition_list_t *list =
        given != NULL ? rd_kafka_MemberAssignment_partitions(given) : NULL;

    for (int i = 0; list != NULL && i < list->cnt; i++) {
        a->owned = array_grow(a->owned, ret->owned_count, &a->owned_capacity, sizeof *a->owned);
        a->owned[ret->owned_count++] = (struct bus_position){.topic = list->elems[i].topic,
                                                             .partition = list->elems[i].partition,
                                                             .offset = (int64_t)index};
    }
    ret->owned = a->owned;
}

static void fill_members(struct kafka_admin *a, struct bus_answer *ret)
{
    const rd_kafka_ConsumerGroupDescription_t **groups;
    const rd_kafka_error_t *failure;
    size_t count;

    ret->kind = BUS_ANSWER_MEMBERS;
    groups = rd_kafka_DescribeConsumerGroups_result_groups(
        rd_kafka_event_DescribeConsumerGroups_result(a->current), &count);
    failure = rd_kafka_ConsumerGroupDescription_error(groups[0]);
    if (failure != NULL) {
        ret->rc = error_set(&ret->err, RC_RETRY, "could not ask for members: %s",
                            rd_kafka_error_string(failure));
        return;
    }
    ret->member_count = rd_kafka_ConsumerGroupDescription_member_count(groups[0]);
    a->members = xrealloc(a->members, ret->member_count + 1, sizeof *a->members);
    for (size_t i = 0; i < ret->member_count; i++) {
        const rd_kafka_MemberDescription_t *member =
            rd_kafka_ConsumerGroupDescription_member(groups[0], i);

        a->members[i] = rd_kafka_MemberDescription_group_instance_id(member);
        add_owned(a, i, member, ret);
    }
    ret->members = a->members;
}

bool kafka_admin_poll(struct bus_admin *base, int timeout_ms, struct bus_answer *ret)
{
    struct kafka_admin *a = admin_of(base);
    rd_kafka_event_type_t type;

    *ret = (struct bus_answer){.kind = BUS_ANSWER_NONE};
    release_current(a);
    if (a->lookout != NULL && kafka_lookout_take(a->lookout, ret))
        return true;
    a->current = rd_kafka_queue_poll(a->answers, timeout_ms);
    if (a->current == NULL)
        return false;
    type = rd_kafka_event_type(a->current);
    ret->token = rd_kafka_event_opaque(a->current);
    if (rd_kafka_event_error(a->current) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        ret->kind = type == RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT
                        ? BUS_ANSWER_MEMBERS
                        : BUS_ANSWER_STABLE_OFFSETS;
        ret->rc = error_set(&ret->err, RC_RETRY, "could not ask about the group: %s",
                            rd_kafka_event_error_string(a->current));
        return true;
    }
    if (type == RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT)
        fill_stable(a, ret);
    else
        fill_members(a, ret);
    return true;
}
