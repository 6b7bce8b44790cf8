/*
 * schema_texts.h - the Avro schemas, as schemas/embed.py made them of schemas/avro at build time.
 */
#ifndef CODEC_SCHEMA_TEXTS_H
#define CODEC_SCHEMA_TEXTS_H

struct schema_text {
    int id;           /* on the wire: 1, 2, ... */
    const char *name; /* of the record */
    const char *text; /* self-contained JSON */
};

extern const struct schema_text schema_texts[]; /* schema_texts[i].id == i + 1 */
extern const int schema_text_count;

#endif
