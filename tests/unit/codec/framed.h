/*
 * framed.h - a record into a frame and out of it again, for the tests of the codec: what goes wrong fails the test.
 */
#ifndef TESTS_FRAMED_H
#define TESTS_FRAMED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "codec/codec.h"

static inline void encode(enum record_kind kind, const void *record, struct buf *out)
{
    struct error err = {0};

    if (codec_encode(kind, record, out, &err) != RC_OK)
        fail_msg("%s", err.text);
}

static inline const void *decode(struct bytes frame, struct arena *memory, enum record_kind kind)
{
    struct error err = {0};
    enum record_kind found;
    const void *record;

    if (codec_decode(frame, memory, &found, &record, &err) != RC_OK)
        fail_msg("%s", err.text);
    assert_int_equal(found, kind);
    return record;
}

static inline int newest_id(enum record_kind kind)
{
    return codec_schema_id(kind, codec_version_count(kind));
}

#endif
