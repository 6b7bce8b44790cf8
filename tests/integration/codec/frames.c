/*
 * frames.c - the codec by lines of text, for scripts that judge it with another implementation.
 *
 *   codec_frames schemas        prints "ID <tab> SCHEMA" for each schema
 *   codec_frames samples COUNT  prints "FRAME <tab> JSON" for COUNT filled records of each kind
 *   codec_frames decode         reads FRAMEs; prints "JSON <tab> the frame encoded anew" or "error TEXT"
 *
 * Frames are hexadecimal.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/codec.h"
#include "model/record_json.h"
#include "support/sample.h"

static void print_hex(struct bytes frame)
{
    const uint8_t *at = frame.data;

    for (size_t i = 0; i < frame.len; i++)
        (void)printf("%02x", at[i]);
}

static void print_json(enum record_kind kind, const void *record)
{
    SCOPED_BUF out = {0};
    struct json j = json_into(&out);

    record_to_json(&j, record_type_of(kind), record);
    (void)fputs(buf_text(&out), stdout);
}

static int print_schemas(void)
{
    for (int id = 1; id <= codec_schema_count(); id++)
        (void)printf("%d\t%s\n", id, codec_schema_text(id));
    return 0;
}

static int print_samples(int count)
{
    for (int i = 0; i < count * (RECORD_KIND_END - 1); i++) {
        enum record_kind kind = RECORD_COMMAND + i % (RECORD_KIND_END - 1);
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct sample sample = {memory, i};
        const void *record = sample_of(&sample, record_type_of(kind));
        SCOPED_BUF frame = {0};

        if (codec_encode(kind, record, &frame, NULL) != RC_OK)
            return 1;
        print_hex(buf_bytes(&frame));
        (void)putchar('\t');
        print_json(kind, record);
        (void)putchar('\n');
    }
    return 0;
}

static void read_hex(const char *line, struct buf *frame)
{
    unsigned byte;

    for (const char *at = line; sscanf(at, "%2x", &byte) == 1; at += 2)
        buf_add_char(frame, (char)byte);
}

static void print_decoded(const char *line)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    SCOPED_BUF frame = {0};
    SCOPED_BUF again = {0};
    struct error err = {0};
    enum record_kind kind;
    const void *record;

    read_hex(line, &frame);
    if (codec_decode(buf_bytes(&frame), memory, &kind, &record, &err) != RC_OK ||
        codec_encode(kind, record, &again, &err) != RC_OK) {
        (void)printf("error %s\n", err.text);
        return;
    }
    print_json(kind, record);
    (void)putchar('\t');
    print_hex(buf_bytes(&again));
    (void)putchar('\n');
}

static int decode_lines(void)
{
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0)
        print_decoded(line);
    free(line);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && text_equal(argv[1], "schemas"))
        return print_schemas();
    if (argc == 3 && text_equal(argv[1], "samples"))
        return print_samples((int)strtol(argv[2], NULL, 10));
    if (argc == 2 && text_equal(argv[1], "decode"))
        return decode_lines();
    return 64;
}
