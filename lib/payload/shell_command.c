#include "payload/shell_command.h"

#include <string.h>
#include <strings.h>

#include "http/json_read.h"

static bool is_shell_type(const char *content_type)
{
    size_t len = strcspn(content_type, " \t;");

    return len == strlen(SHELL_CONTENT_TYPE) &&
           strncasecmp(content_type, SHELL_CONTENT_TYPE, len) == 0;
}

static enum rc take_text(const struct json_node *n, struct arena *memory, const char **ret,
                         struct error *err)
{
    const char *text;

    TRY(json_node_text(n, &text, err));
    *ret = arena_strdup(memory, text);
    return RC_OK;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static enum rc take_filled_text(const struct json_node *n, struct arena *memory, const char **ret,
                                struct error *err)
{
    TRY(take_text(n, memory, ret, err));
    if (is_blank(*ret))
        return json_node_fail(n, err, "is empty");
    return RC_OK;
}

static enum rc take_env(const struct json_node *env, struct arena *memory, struct pairs *ret,
                        struct error *err)
{
    struct json_node member;
    struct pair *pairs;
    void *iter = NULL;
    size_t count = 0;

    TRY(json_node_expect(env, JSON_KIND_OBJECT, err));
    pairs = arena_alloc(memory, json_node_count(env) * sizeof *pairs);
    while (json_node_next(env, &iter, &member)) {
        if (*member.name == '\0' || strchr(member.name, '=') != NULL)
            return json_node_fail(&member, err, "'%s' cannot name a variable", member.name);
        pairs[count].name = arena_strdup(memory, member.name);
        TRY(take_text(&member, memory, &pairs[count].value, err));
        count++;
    }
    *ret = (struct pairs){.items = pairs, .count = count};
    return RC_OK;
}

static enum rc take_member(const struct json_node *n, struct arena *memory,
                           struct shell_command *ret, struct error *err)
{
    const char *text;

    if (strcmp(n->name, "command") == 0)
        return take_filled_text(n, memory, &ret->command, err);
    if (strcmp(n->name, "shell") == 0)
        return take_filled_text(n, memory, &ret->shell, err);
    if (strcmp(n->name, "env") == 0)
        return take_env(n, memory, &ret->env, err);
    if (strcmp(n->name, "stdin") != 0)
        return json_node_fail(n, err,
                              "there is no such member; known are command, stdin, env, "
                              "shell");
    TRY(take_text(n, memory, &text, err));
    ret->input = bytes_of(text);
    return RC_OK;
}

static enum rc take_members(const struct json_node *root, struct arena *memory,
                            struct shell_command *ret, struct error *err)
{
    struct shell_command command = {.shell = "/bin/sh"};
    struct json_node member;
    void *iter = NULL;

    TRY(json_node_expect(root, JSON_KIND_OBJECT, err));
    while (json_node_next(root, &iter, &member))
        TRY(take_member(&member, memory, &command, err));
    if (command.command == NULL)
        return json_node_fail(root, err, "there is no member 'command'");
    *ret = command;
    return RC_OK;
}

static enum rc read_command(struct bytes payload, struct arena *memory, struct shell_command *ret,
                            struct error *err)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct json_node root;

    TRY(json_doc_parse(payload, &doc, err));
    root = json_doc_root(doc);
    return take_members(&root, memory, ret, err);
}

enum rc shell_command_parse(const char *content_type, struct bytes payload, struct arena *memory,
                            struct shell_command *ret, struct error *err)
{
    if (!is_shell_type(content_type))
        return error_set(
            err, RC_INVALID,
            "could not run the payload: this worker (--shell) runs payloads of content "
            "type " SHELL_CONTENT_TYPE ", not of '%s'",
            content_type);
    return read_command(payload, memory, ret, err) == RC_OK
               ? RC_OK
               : error_prefix(err, "could not read the payload");
}

enum rc shell_command_check(const char *content_type, struct bytes payload, struct error *err)
{
    SCOPED(arena) struct arena *memory = arena_new(0);
    struct shell_command command;
    struct error why = {0};

    if (content_type == NULL || !is_shell_type(content_type) ||
        read_command(payload, memory, &command, &why) == RC_OK)
        return RC_OK;
    (void)error_set(err, RC_INVALID, "payload: no command that could be run: %s", why.text);
    if (err != NULL)
        memcpy(err->pointer, "/payload", sizeof "/payload");
    return RC_INVALID;
}
