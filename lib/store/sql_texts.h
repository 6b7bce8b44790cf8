/*
 * sql_texts.h - the migrations, as schemas/embed.py made them of schemas/sql at build time.
 */
#ifndef STORE_SQL_TEXTS_H
#define STORE_SQL_TEXTS_H

struct sql_text {
    int number;       /* NNNN of NNNN_name.sql */
    const char *name; /* "name" */
    const char *text;
};

extern const struct sql_text sql_texts[]; /* in the order of their numbers */
extern const int sql_text_count;

#endif
