/*
 * value.c - the value interface of avro-c over the structs of model/records.h.
 *
 * `self` is always the address of the member that a node's field names (of the record where there is no
 * field). Getters serve the encoder, setters the decoder. What they refuse they name in scratch.culprit.
 */
#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "codec/node.h"

static const struct node *node_of(const avro_value_iface_t *iface)
{
    return (const struct node *)(const void *)iface;
}

static int refuse(const struct node *n)
{
    scratch.culprit = n->field->name;
    return EINVAL;
}

/* The record that `self`, a member of it, lies in. */
static const void *record_around(const struct node *n, const void *self)
{
    return (const char *)self - n->field->offset;
}

/* size_t or int beside the member: the length of an array or text, the kind of a union. */
static void *beside(const struct node *n, void *self)
{
    return (char *)self - n->field->offset + n->field->count_offset;
}

static size_t count_beside(const struct node *n, const void *self)
{
    return *(const size_t *)(const void *)((const char *)record_around(n, self) +
                                           n->field->count_offset);
}

/* Pointers to whatever type: read and written as bytes. */
static void *load_pointer(const void *at)
{
    void *p;

    memcpy(&p, at, sizeof p);
    return p;
}

static void store_pointer(void *at, const void *p)
{
    memcpy(at, &p, sizeof p);
}

static int value_reset(const avro_value_iface_t *iface UNUSED, void *self UNUSED)
{
    return 0; /* records are zeroed before they are filled */
}

static avro_type_t value_type(const avro_value_iface_t *iface, const void *self UNUSED)
{
    return avro_typeof(node_of(iface)->schema);
}

static avro_schema_t value_schema(const avro_value_iface_t *iface, const void *self UNUSED)
{
    return node_of(iface)->schema;
}

/* --- plain values --- */

static int get_boolean(const avro_value_iface_t *iface UNUSED, const void *self, int *out)
{
    *out = *(const bool *)self;
    return 0;
}

static int set_boolean(const avro_value_iface_t *iface, void *self, int value)
{
    if (value != 0 && value != 1)
        return refuse(node_of(iface));
    *(bool *)self = value == 1;
    return 0;
}

static int get_int(const avro_value_iface_t *iface, const void *self, int32_t *out)
{
    if (node_of(iface)->field->type == FIELD_OPT_INT)
        *out = ((const struct opt_int *)self)->value;
    else
        *out = *(const int32_t *)self;
    return 0;
}

static int set_int(const avro_value_iface_t *iface, void *self, int32_t value)
{
    if (node_of(iface)->field->type == FIELD_OPT_INT)
        *(struct opt_int *)self = (struct opt_int){.is_set = true, .value = value};
    else
        *(int32_t *)self = value;
    return 0;
}

static int get_long(const avro_value_iface_t *iface UNUSED, const void *self, int64_t *out)
{
    *out = *(const int64_t *)self;
    return 0;
}

static int set_long(const avro_value_iface_t *iface UNUSED, void *self, int64_t value)
{
    *(int64_t *)self = value;
    return 0;
}

static int get_double(const avro_value_iface_t *iface UNUSED, const void *self, double *out)
{
    *out = *(const double *)self;
    return 0;
}

static int set_double(const avro_value_iface_t *iface UNUSED, void *self, double value)
{
    *(double *)self = value;
    return 0;
}

static int get_null(const avro_value_iface_t *iface UNUSED, const void *self UNUSED)
{
    return 0;
}

static int set_null(const avro_value_iface_t *iface UNUSED, void *self UNUSED)
{
    return 0;
}

static int get_enum(const avro_value_iface_t *iface, const void *self, int *out)
{
    const struct node *n = node_of(iface);
    int code = *(const int *)self;

    for (size_t i = 0; i < n->child_count; i++) {
        size_t symbol = (i + (size_t)(unsigned)code) % n->child_count; /* as a rule the first one */

        if (n->codes[symbol] == code) {
            *out = (int)symbol;
            return 0;
        }
    }
    return refuse(n);
}

static int set_enum(const avro_value_iface_t *iface, void *self, int symbol)
{
    const struct node *n = node_of(iface);

    bool is_known = symbol >= 0 && (size_t)symbol < n->child_count;

    if (!is_known && (symbol < 0 || !scratch.is_newer))
        return refuse(n);
    *(int *)self = is_known ? n->codes[symbol] : ((const struct enum_type *)n->field->of)->fallback;
    return 0;
}

/* --- texts and bytes --- */

static bool is_utf8(const char *text, size_t len)
{
    const char *end = text + len;

    for (const char *at = text; at < end;) { /* a NUL is valid, but utf8_is_clean refuses it */
        const char *nul = memchr(at, '\0', (size_t)(end - at));
        const char *stop = nul == NULL ? end : nul;

        if (!utf8_is_clean(at, (size_t)(stop - at)))
            return false;
        at = stop + 1;
    }
    return true;
}

/* The size includes a NUL at the end that the library never reads. */
static int get_string(const avro_value_iface_t *iface, const void *self, const char **out,
                      size_t *size)
{
    const struct node *n = node_of(iface);
    const char *text;
    size_t len;

    if (n->field->type == FIELD_ID) {
        *out = uuid_to_text(*(const struct uuid *)self, scratch.id);
        *size = UUID_TEXT;
        return 0;
    }
    text = *(const char *const *)self;
    if (text == NULL)
        text = "";
    len = n->field->type == FIELD_TEXT_COUNTED ? count_beside(n, self) : strlen(text);
    if (!is_utf8(text, len))
        return refuse(n);
    *out = text;
    *size = len + 1;
    return 0;
}

static const char *clean_text(const char *text, size_t len)
{
    SCOPED_BUF escaped = {0};
    char *copy;

    if (utf8_is_clean(text, len))
        return text;
    utf8_escape(&escaped, text, len);
    copy = scratch_alloc(escaped.len + 1);
    if (copy != NULL)
        memcpy(copy, buf_text(&escaped), escaped.len);
    return copy;
}

static int set_id(const struct node *n, void *self, const char *text, size_t len)
{
    struct uuid id;

    if (len != UUID_TEXT - 1 || uuid_from_text(text, &id, NULL) != RC_OK)
        return refuse(n);
    *(struct uuid *)self = id;
    return 0;
}

/* The text lies in the message's memory already: it is taken over. */
static int give_string(const avro_value_iface_t *iface, void *self, avro_wrapped_buffer_t *given)
{
    const struct node *n = node_of(iface);
    const char *text = given->buf;
    size_t len = given->size - 1;

    if (n->field->type == FIELD_ID)
        return set_id(n, self, text, len);
    if (n->field->type == FIELD_TEXT_COUNTED)
        *(size_t *)beside(n, self) = len;
    else if ((text = clean_text(text, len)) == NULL)
        return refuse(n);
    *(const char **)self = text;
    return 0;
}

static int get_bytes(const avro_value_iface_t *iface UNUSED, const void *self, const void **out,
                     size_t *size)
{
    const struct bytes *b = self;

    *out = b->data == NULL ? "" : b->data; /* the library refuses NULL, of whatever length */
    *size = b->len;
    return 0;
}

static int give_bytes(const avro_value_iface_t *iface UNUSED, void *self,
                      avro_wrapped_buffer_t *given)
{
    *(struct bytes *)self = (struct bytes){given->buf, given->size};
    return 0;
}

/* --- records, arrays, labels --- */

static int get_size(const avro_value_iface_t *iface, const void *self, size_t *size)
{
    const struct node *n = node_of(iface);

    if (n->record != NULL)
        *size = n->child_count;
    else if (n->field->type == FIELD_PAIRS)
        *size = ((const struct pairs *)self)->count;
    else
        *size = count_beside(n, self);
    return 0;
}

static void set_child(avro_value_t *child, struct node *n, const void *self)
{
    child->iface = n == NULL ? NULL : &n->iface;
    memcpy(&child->self, &self, sizeof self); /* readers get it too: the interface has no const */
}

static int get_label(const struct node *n, const struct pair *label, avro_value_t *child,
                     const char **name)
{
    if (!utf8_is_clean(label->name, strlen(label->name)))
        return refuse(n);
    *name = label->name;
    set_child(child, n->children[0], &label->value);
    return 0;
}

static int get_by_index(const avro_value_iface_t *iface, const void *self, size_t index,
                        avro_value_t *child, const char **name)
{
    const struct node *n = node_of(iface);
    struct node *c;

    if (n->record != NULL) {
        c = n->children[index];
        set_child(child, c, (const char *)self + (c == NULL ? 0 : c->field->offset));
        return 0;
    }
    if (n->field->type == FIELD_PAIRS)
        return get_label(n, &((const struct pairs *)self)->items[index], child, name);
    c = n->children[0];
    set_child(child, c, (const char *)load_pointer(self) + index * c->record->size);
    return 0;
}

/* Room for one more item of `size` bytes: the capacity is the next power of two, at least 4. */
static char *grow(void *items, size_t count, size_t size)
{
    char *larger;

    if (count != 0 && (count < 4 || (count & (count - 1)) != 0))
        return items;
    larger = scratch_alloc(MAX(2 * count, 4) * size);
    if (larger != NULL && count > 0)
        memcpy(larger, items, count * size);
    return larger;
}

static int append(const avro_value_iface_t *iface, void *self, avro_value_t *child,
                  size_t *new_index UNUSED)
{
    const struct node *n = node_of(iface);
    struct node *item = n->children[0];
    size_t *count = beside(n, self);
    char *items = grow(load_pointer(self), *count, item->record->size);

    if (items == NULL)
        return refuse(n);
    store_pointer(self, items);
    set_child(child, item, items + *count * item->record->size);
    ++*count;
    return 0;
}

/* The key lies in the message's memory: the library's free() of it does nothing. Doubles are kept. */
static int add(const avro_value_iface_t *iface, void *self, const char *key, avro_value_t *child,
               size_t *index UNUSED, int *is_new UNUSED)
{
    const struct node *n = node_of(iface);
    struct pairs *pairs = self;
    struct pair *items = (void *)grow(pairs->items, pairs->count, sizeof *items);
    const char *name = clean_text(key, strlen(key));

    if (items == NULL || name == NULL)
        return refuse(n);
    items[pairs->count].name = name;
    pairs->items = items;
    set_child(child, n->children[0], &items[pairs->count].value);
    pairs->count++;
    return 0;
}

/* --- optional fields, and the body of a command --- */

static int branch_with(const struct node *n, int code)
{
    for (size_t i = 0; i < n->child_count; i++)
        if (n->codes[i] == code)
            return (int)i;
    return -1;
}

static int get_discriminant(const avro_value_iface_t *iface, const void *self, int *out)
{
    const struct node *n = node_of(iface);
    const char *record = record_around(n, self);

    if (n->field->type == FIELD_UNION)
        *out = branch_with(n, *(const int *)(const void *)(record + n->field->count_offset));
    else
        *out = branch_with(n, field_is_set(n->field, record) ? 0 : -1);
    return *out < 0 ? refuse(n) : 0;
}

static int get_current_branch(const avro_value_iface_t *iface, const void *self,
                              avro_value_t *branch)
{
    const struct node *n = node_of(iface);
    int index, rc = get_discriminant(iface, self, &index);

    if (rc != 0)
        return rc;
    if (n->codes[index] >= 0 && n->field->type == FIELD_RECORD_PTR)
        self = load_pointer(self);
    set_child(branch, n->children[index], self);
    return 0;
}

static int set_branch(const avro_value_iface_t *iface, void *self, int index, avro_value_t *branch)
{
    const struct node *n = node_of(iface);

    if (index < 0 || (size_t)index >= n->child_count)
        return refuse(n);
    if (n->field->type == FIELD_UNION) {
        *(int *)beside(n, self) = n->codes[index];
    } else if (n->field->type == FIELD_RECORD_PTR && n->codes[index] >= 0) {
        void *record = scratch_alloc(n->children[index]->record->size);

        if (record == NULL)
            return refuse(n);
        store_pointer(self, record);
        self = record;
    }
    set_child(branch, n->children[index], self);
    return 0;
}

const avro_value_iface_t node_interface = {
    .reset = value_reset,
    .get_type = value_type,
    .get_schema = value_schema,
    .get_boolean = get_boolean,
    .set_boolean = set_boolean,
    .get_int = get_int,
    .set_int = set_int,
    .get_long = get_long,
    .set_long = set_long,
    .get_double = get_double,
    .set_double = set_double,
    .get_null = get_null,
    .set_null = set_null,
    .get_enum = get_enum,
    .set_enum = set_enum,
    .get_string = get_string,
    .give_string_len = give_string,
    .get_bytes = get_bytes,
    .give_bytes = give_bytes,
    .get_size = get_size,
    .get_by_index = get_by_index,
    .append = append,
    .add = add,
    .get_discriminant = get_discriminant,
    .get_current_branch = get_current_branch,
    .set_branch = set_branch,
};
