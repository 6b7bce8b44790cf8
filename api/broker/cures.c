#include "api/broker/cures.h"

const char *cure_of_stalled(const struct broker_place *p, const char *prefix, struct arena *memory)
{
    return arena_printf(
        memory, "kafka-transactions.sh abort --topic %s%s --partition %d --start-offset %lld",
        prefix, p->topic, p->partition, (long long)p->end);
}

const char *cure_of_standing(const struct progress_row *row, struct arena *memory)
{
    return arena_printf(memory, "cronobs topics skip %s %d OFFSET --reason TEXT", row->topic,
                        row->part);
}
