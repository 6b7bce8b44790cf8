#include "base/uuid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <endian.h>
#include <uuid/uuid.h>

const struct uuid UUID_NIL = {{0}};

/* 4b5a1f0e-8f5c-5d1b-9a43-c20b0b5e7a11 */
const struct uuid CRONOBS_NAMESPACE = {{0x4b, 0x5a, 0x1f, 0x0e, 0x8f, 0x5c, 0x5d, 0x1b, 0x9a, 0x43,
                                        0xc2, 0x0b, 0x0b, 0x5e, 0x7a, 0x11}};

bool uuid_equal(struct uuid a, struct uuid b)
{
    return memcmp(a.b, b.b, sizeof a.b) == 0;
}

bool uuid_is_nil(struct uuid id)
{
    return uuid_equal(id, UUID_NIL);
}

/* As two numbers: a heap of what is due at one instant does little else. */
int uuid_order(struct uuid a, struct uuid b)
{
    uint64_t x, y;

    for (size_t i = 0; i < sizeof a.b; i += sizeof x) {
        memcpy(&x, a.b + i, sizeof x);
        memcpy(&y, b.b + i, sizeof y);
        if (x != y)
            return be64toh(x) < be64toh(y) ? -1 : 1;
    }
    return 0;
}

int uuid_version(struct uuid id)
{
    return id.b[6] >> 4;
}

struct uuid uuid_random(void)
{
    struct uuid id;

    uuid_generate_random(id.b);
    return id;
}

struct uuid uuid_named(struct uuid ns, const char *name)
{
    struct uuid id;

    uuid_generate_sha1(id.b, ns.b, name, strlen(name));
    return id;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
        return (c | 0x20) - 'a' + 10;
    return -1;
}

/* By hand: each record that is decoded holds several, and uuid_parse() takes ten times as long. */
static bool parse_digits(const char *text, struct uuid *ret)
{
    static const uint8_t places[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
    int wrong = 0;

    for (size_t i = 0; i < sizeof places; i++) {
        int high = digit_of(text[places[i]]), low = digit_of(text[places[i] + 1]);

        wrong |= high | low;
        ret->b[i] = (uint8_t)(high * 16 + low);
    }
    return wrong >= 0 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-';
}

enum rc uuid_from_text(const char *text, struct uuid *ret, struct error *err)
{
    struct uuid id;

    if (text == NULL || strlen(text) != UUID_TEXT - 1 || !parse_digits(text, &id))
        return error_set(err, RC_INVALID, "'%.60s' is not a UUID (8-4-4-4-12 hexadecimal digits)",
                         text == NULL ? "" : text);
    *ret = id;
    return RC_OK;
}

const char *uuid_to_text(struct uuid id, char text[UUID_TEXT])
{
    uuid_unparse_lower(id.b, text);
    return text;
}

struct uuid project_id_of(const char *project_key)
{
    SCOPED(text) char *name = xasprintf("project/%s", project_key);

    return uuid_named(CRONOBS_NAMESPACE, name);
}

struct uuid task_id_of(const char *project_key, const char *key)
{
    SCOPED(text) char *name = xasprintf("task/%s", key);

    return uuid_named(project_id_of(project_key), name);
}

static int64_t floor_ms(usec_t t)
{
    return t / USEC_PER_MS - (t % USEC_PER_MS < 0 ? 1 : 0);
}

struct uuid execution_id_of(struct uuid task, usec_t scheduled_at, const char *kind,
                            const char *nonce)
{
    char name[160];
    struct uuid id;
    int64_t ms = floor_ms(scheduled_at);

    (void)snprintf(name, sizeof name, "%" PRId64 "/%s/%s", scheduled_at, kind, nonce);
    id = uuid_named(task, name);
    for (int i = 5; i >= 0; i--, ms >>= 8)
        id.b[i] = (uint8_t)(ms & 0xff);
    id.b[6] = (uint8_t)((id.b[6] & 0x0f) | 0x80);
    return id;
}

struct uuid commanded_execution_id_of(struct uuid task, usec_t scheduled_at, struct uuid command)
{
    char nonce[UUID_TEXT];

    return execution_id_of(task, scheduled_at, "command", uuid_to_text(command, nonce));
}

struct uuid event_id_of(struct uuid execution, int attempt, const char *status)
{
    char name[64];

    (void)snprintf(name, sizeof name, "%d/%s", attempt, status);
    return uuid_named(execution, name);
}

struct uuid chain_command_id_of(struct uuid task, struct uuid parent_execution)
{
    char name[6 + UUID_TEXT] = "chain/";

    (void)uuid_to_text(parent_execution, name + 6);
    return uuid_named(task, name);
}

struct uuid idempotent_command_id_of(struct uuid task, const char *actor, const char *key)
{
    SCOPED(text) char *name = xasprintf("idem/%s/%s", actor, key);

    return uuid_named(task, name);
}

struct uuid keyed_command_id_of(struct uuid key_id, const uint8_t digest[8])
{
    struct uuid id = key_id;

    memcpy(id.b + 8, digest, 8);
    id.b[6] = (uint8_t)((id.b[6] & 0x0f) | 0x80);
    id.b[8] = (uint8_t)((id.b[8] & 0x3f) | 0x80);
    return id;
}

bool commands_share_key(struct uuid a, struct uuid b)
{
    bool has_digest = uuid_version(a) == 8 || uuid_version(b) == 8;

    return has_digest && memcmp(a.b, b.b, 6) == 0 && ((a.b[6] ^ b.b[6]) & 0x0f) == 0 &&
           a.b[7] == b.b[7];
}

int64_t execution_id_ms(struct uuid execution)
{
    int64_t ms = 0;

    for (int i = 0; i < 6; i++)
        ms = ms << 8 | execution.b[i];
    return ms;
}
