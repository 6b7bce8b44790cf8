#include "cli/client/task_patch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "payload/shell_command.h"

static const char current_text[] =
    "{\"title\": \"A name\", \"payload\": \"p\", \"content_type\": \"text/plain\","
    " \"schedules\": [{\"expression\": \"0 7 * * *\", \"zone\": \"Europe/Paris\", \"dst_gap\": \"SKIP\"},"
    "                 {\"expression\": \"0 8 * * *\", \"zone\": \"Asia/Tokyo\"}],"
    " \"calendars\": [{\"name\": \"off\", \"mode\": \"EXCLUDE\", \"rules\": [{\"kind\": \"weekday\", \"value\": \"SAT\"}]},"
    "                 {\"name\": \"\", \"mode\": \"ONLY\", \"rules\": [{\"kind\": \"hours\", \"value\": \"08:00-12:00\"}]}]}";

static struct calendar_rule sunday[] = {{"weekday", "SUN"}};
static struct calendar_spec excluded[] = {
    {.name = "", .mode = CALENDAR_EXCLUDE, .rules = sunday, .rule_count = 1}};
static struct window_spec window = {
    .until = 1830297600000000, .daily_from = "08:00", .daily_to = "18:00"};
static struct pair labels[] = {{"team", "web"}};
static const char *schedules[] = {"15 3 * * *", "30 4 * * *", "45 5 * * *", NULL};

/* clang-format off */
static const struct patch_case {
    const char *given[4]; /* options */
    struct put_options options;
    struct task_spec spec;
    const char *patch; /* NULL: refused */
} patch_cases[] = {
    {{"title"}, {0}, {.title = "Another"}, "{\"title\":\"Another\"}"},
    {{"title"}, {0}, {.title = ""}, "{\"title\":\"\"}"},
    {{"jitter"}, {0}, {.jitter_ms = 0}, "{\"jitter_ms\":0}"},
    {{"queue", "overlap", "run.timeout"}, {0}, {.queue = "q", .overlap = OVERLAP_SKIP, .run_timeout_ms = 5},
     "{\"queue\":\"q\",\"overlap\":\"SKIP\",\"run_timeout_ms\":5}"},
    {{"misfire"}, {0}, {.misfire = {.policy = MISFIRE_ALL}}, "{\"misfire\":{\"policy\":\"ALL\"}}"},
    {{"misfire.limit", "misfire.window"}, {0}, {.misfire = {.policy = MISFIRE_ALL, .limit = 7, .window_ms = 9}}, "{\"misfire\":{\"limit\":7,\"window_ms\":9}}"},
    {{"max.concurrency", "finish.by", "pause.after.failures"}, {0}, {.max_concurrency = 2, .finish_by_ms = 3, .pause_after_failures = 0},
     "{\"finish_by_ms\":3,\"max_concurrency\":2,\"pause_after_failures\":0}"},
    {{"retry.attempts"}, {0}, {.retry = {.max_attempts = 3}}, "{\"retry\":{\"max_attempts\":3}}"},
    {{"retry.attempts"}, {0}, {.retry = {.max_attempts = 1}}, "{\"retry\":null}"}, /* what is said of waits goes, too */
    {{"retry.attempts", "retry.on"}, {0}, {.retry = {.max_attempts = 1, .on = "LOST"}}, "{\"retry\":{\"max_attempts\":1,\"on\":\"LOST\"}}"}, /* the API refuses it */
    {{"retry.delay", "retry.jitter", "retry.max.delay"}, {0}, {.retry = {.first_delay_ms = 1, .jitter_ms = 0, .max_delay_ms = 2}},
     "{\"retry\":{\"first_delay_ms\":1,\"jitter_ms\":0,\"max_delay_ms\":2}}"},
    {{"retry.multiplier"}, {0}, {.retry = {.multiplier = 1.5}}, "{\"retry\":{\"multiplier\":1.5}}"},
    {{"label"}, {0}, {.labels = {labels, 1}}, "{\"labels\":{\"team\":\"web\"}}"},
    {{"payload"}, {0}, {.payload = {"x", 1}}, "{\"payload\":\"x\"}"},
    {{"payload"}, {0}, {.payload = {"\xff", 1}}, "{\"payload_base64\":\"/w==\"}"},
    {{"content.type"}, {0}, {.content_type = "text/html"}, "{\"content_type\":\"text/html\"}"},
    {{"content.type"}, {0}, {.content_type = SHELL_CONTENT_TYPE},
     "{\"content_type\":\"" SHELL_CONTENT_TYPE "\"}"}, /* that "p" is no command the API says */
    /* what a schedule is not told it has from the one before it in that place, further ones from the last */
    {{"schedule"}, {.schedules = {schedules, 3}}, {0},
     "{\"schedules\":[{\"expression\":\"15 3 * * *\",\"zone\":\"Europe/Paris\",\"dst_gap\":\"SKIP\"},"
     "{\"expression\":\"30 4 * * *\",\"zone\":\"Asia/Tokyo\"},{\"expression\":\"45 5 * * *\",\"zone\":\"Asia/Tokyo\"}]}"},
    {{"zone"}, {.zone = "UTC"}, {0},
     "{\"schedules\":[{\"expression\":\"0 7 * * *\",\"zone\":\"UTC\",\"dst_gap\":\"SKIP\"},{\"expression\":\"0 8 * * *\",\"zone\":\"UTC\"}]}"},
    {{"exclude"}, {0}, {.calendars = excluded, .calendar_count = 1},
     "{\"calendars\":[{\"name\":\"\",\"mode\":\"EXCLUDE\",\"rules\":[{\"kind\":\"weekday\",\"value\":\"SUN\"}]},"
     "{\"name\":\"\",\"mode\":\"ONLY\",\"rules\":[{\"kind\":\"hours\",\"value\":\"08:00-12:00\"}]}]}"},
    {{"only"}, {0}, {0},
     "{\"calendars\":[{\"name\":\"off\",\"mode\":\"EXCLUDE\",\"rules\":[{\"kind\":\"weekday\",\"value\":\"SAT\"}]}]}"},
    {{"active.until"}, {0}, {.window = &window}, "{\"window\":{\"until\":\"2028-01-01T00:00:00Z\"}}"},
    {{"daily"}, {0}, {.window = &window}, "{\"window\":{\"daily_from\":\"08:00\",\"daily_to\":\"18:00\",\"zone\":\"Europe/Paris\"}}"},
    {{"json"}, {0}, {0}, NULL},
};
/* clang-format on */

static void only_what_is_given_is_sent(void **state UNUSED)
{
    SCOPED(json_doc) struct json_doc *doc = NULL;
    struct json_node current;

    assert_int_equal(json_doc_parse(bytes_of(current_text), &doc, NULL), RC_OK);
    current = json_doc_root(doc);
    for (size_t i = 0; i < ARRAY_LEN(patch_cases); i++) {
        const struct patch_case *c = &patch_cases[i];
        const char *given[ARRAY_LEN(c->given) + 1] = {c->given[0], c->given[1], c->given[2]};
        SCOPED(arena) struct arena *memory = arena_new(0);
        struct call call = {.options = {given, 0}, .memory = memory};
        const struct task_patch patch = {&call, &c->options, &c->spec, &current};
        struct error err = {0};
        SCOPED_BUF out = {0};

        while (given[call.options.count] != NULL)
            call.options.count++;
        assert_int_equal(task_patch_write(&patch, &out, &err),
                         c->patch == NULL ? RC_INVALID : RC_OK);
        if (c->patch != NULL)
            assert_string_equal(buf_text(&out), c->patch);
    }
}

/* clang-format off */
static const struct {
    const char *type, *before, *given, *after;
} commands[] = {
    {SHELL_CONTENT_TYPE, "{'command':'a','env':{'PATH':'/bin'},'shell':'/bin/bash','stdin':'x'}", "{'command':'b'}",
     "{'command':'b','env':{'PATH':'/bin'},'shell':'/bin/bash','stdin':'x'}"},
    {SHELL_CONTENT_TYPE, "{'command':'a','env':{'A':'1'},'shell':'/bin/bash'}", "{'command':'b','shell':'/bin/sh'}",
     "{'command':'b','env':{'A':'1'},'shell':'/bin/sh'}"},
    {"application/json", "{'command':'a','env':{'A':'1'}}", "{'command':'b'}", "{'command':'b'}"},
    {SHELL_CONTENT_TYPE, "{'command':", "{'command':'b'}", "{'command':'b'}"},
    {SHELL_CONTENT_TYPE, "", "{'command':'b'}", "{'command':'b'}"},
};
/* clang-format on */

static char *with_quotes(const char *text, char quote)
{
    char *made = xstrdup(text);

    for (char *at = made; *at != '\0'; at++)
        *at = *at == '\'' ? quote : *at;
    return made;
}

static void another_command_keeps_its_surroundings(void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        SCOPED(text) char *before = with_quotes(commands[i].before, '"');
        SCOPED(text) char *given = with_quotes(commands[i].given, '"');
        SCOPED(text) char *after = with_quotes(commands[i].after, '"');
        SCOPED(json_doc) struct json_doc *current = NULL;
        SCOPED(json_doc) struct json_doc *made = NULL;
        const char *option = "command", *text;
        struct call call = {.options = {&option, 1}};
        struct put_options options = {0};
        struct task_spec spec = {.payload = bytes_of(given), .content_type = SHELL_CONTENT_TYPE};
        struct json_node root, payload;
        const struct task_patch patch = {&call, &options, &spec, &root};
        SCOPED_BUF text_before = {0};
        SCOPED_BUF out = {0};
        struct json j = json_into(&text_before);

        json_open_object(&j);
        json_add_text(&j, "content_type", commands[i].type);
        json_add_text(&j, "payload", before);
        json_close_object(&j);
        assert_int_equal(json_doc_parse(buf_bytes(&text_before), &current, NULL), RC_OK);
        root = json_doc_root(current);
        assert_int_equal(task_patch_write(&patch, &out, NULL), RC_OK);
        assert_int_equal(json_doc_parse(buf_bytes(&out), &made, NULL), RC_OK);
        root = json_doc_root(made);
        assert_true(json_node_member(&root, "payload", &payload));
        assert_int_equal(json_node_text(&payload, &text, NULL), RC_OK);
        assert_string_equal(text, after);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_given_is_sent),
        cmocka_unit_test(another_command_keeps_its_surroundings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
