/* What observed runs leave for the brokers: the bytes of a file, what is wrong with one, how much there may be; and the folder. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <dirent.h>

#include "base/hash.h"
#include "c/spool_folder.h"
#include "codec/codec.h"

static const struct spool_head head = {{{1, 2, 3}}, {{4, 5, 6}}, "cronobs."};
static const struct worker_ref worker = {"w", {{9}}};

static void add_status(struct buf *body, enum status says)
{
    const struct execution_status status = {.event_id = {{7}},
                                            .execution_id = head.execution_id,
                                            .task_id = head.task_id,
                                            .attempt = 1,
                                            .status = says,
                                            .trigger = TRIGGER_EXTERNAL,
                                            .scheduled_at = 5000000,
                                            .worker = &worker};
    SCOPED_BUF frame = {0};

    assert_int_equal(codec_encode(RECORD_EXECUTION_STATUS, &status, &frame, NULL), RC_OK);
    spool_add(body, RECORD_EXECUTION_STATUS, buf_bytes(&frame));
}

/* RUNNING, a batch that nobody reads here, and that status if it is one. */
static void make_file(struct buf *file, enum status end)
{
    SCOPED_BUF body = {0};

    add_status(&body, STATUS_RUNNING);
    spool_add(&body, RECORD_LOG_BATCH, bytes_of("lines"));
    if (end != STATUS_RUNNING)
        add_status(&body, end);
    spool_finish(file, &head, buf_bytes(&body));
}

struct read {
    struct arena *memory;
    struct spool_head head;
    struct spool_record *records;
    size_t count;
    struct error err;
};

static enum rc read_file(struct read *r, struct bytes file)
{
    arena_reset(r->memory);
    return spool_parse(file, r->memory, &r->head, &r->records, &r->count, &r->err);
}

static void a_file_says_what_was_put_into_it(void **state UNUSED)
{
    struct read r = {.memory = arena_new(0)};
    SCOPED_BUF file = {0};

    make_file(&file, STATUS_SUCCEEDED);
    assert_int_equal(read_file(&r, buf_bytes(&file)), RC_OK);
    assert_true(uuid_equal(r.head.execution_id, head.execution_id));
    assert_true(uuid_equal(r.head.task_id, head.task_id));
    assert_string_equal(r.head.prefix, "cronobs.");
    assert_int_equal(r.count, 3);
    assert_int_equal(r.records[0].kind, RECORD_EXECUTION_STATUS);
    assert_int_equal(r.records[1].kind, RECORD_LOG_BATCH);
    assert_true(bytes_equal(r.records[1].frame, bytes_of("lines")));
    arena_free(r.memory);
}

/* Whatever byte of it is another one, and wherever it ends, that is seen. (A prefix may be anything.) */
static void a_file_that_is_broken_anywhere_is_refused(void **state UNUSED)
{
    struct read r = {.memory = arena_new(0)};
    SCOPED_BUF file = {0};
    const char *line_end;

    make_file(&file, STATUS_SUCCEEDED);
    line_end = memchr(file.data, '\n', file.len);
    for (size_t len = 0; len < file.len; len++)
        assert_int_equal(read_file(&r, (struct bytes){file.data, len}), RC_INVALID);
    for (const char *at = line_end; at < file.data + file.len; at++) {
        char *place = file.data + (at - file.data);

        *place ^= 1;
        assert_int_equal(read_file(&r, buf_bytes(&file)), RC_INVALID);
        *place ^= 1;
    }
    buf_add_char(&file, 'S');
    assert_int_equal(read_file(&r, buf_bytes(&file)), RC_INVALID);
    assert_int_equal(read_file(&r, bytes_of("hello\n")), RC_INVALID);
    assert_int_equal(read_file(&r, bytes_of("cronobs-spool 1 \n")), RC_INVALID);
    assert_int_equal(read_file(&r, (struct bytes){NULL, 0}), RC_INVALID);
    arena_free(r.memory);
}

static void a_run_that_was_killed_gets_the_same_end_from_everybody(void **state UNUSED)
{
    struct read r = {.memory = arena_new(0)};
    const struct execution_status *said;
    SCOPED_BUF file = {0}, first = {0}, second = {0}, bare = {0}, body = {0};
    const void *record;

    add_status(&body, STATUS_RUNNING);
    spool_finish(&bare, &head, buf_bytes(&body));
    assert_int_equal(read_file(&r, buf_bytes(&bare)), RC_OK);
    assert_true(spool_end(r.records, r.count, r.memory, &first));
    assert_true(spool_end(r.records, r.count, r.memory, &second));
    assert_true(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
    assert_int_equal(
        codec_decode_one(RECORD_EXECUTION_STATUS, buf_bytes(&first), r.memory, &record, NULL),
        RC_OK);
    said = record;
    assert_int_equal(said->status, STATUS_FAILED);
    assert_int_equal(said->reason, REASON_WORKER_ERROR);
    assert_true(uuid_equal(said->worker->incarnation, worker.incarnation));
    make_file(&file, STATUS_RUNNING); /* its lines came after RUNNING */
    assert_int_equal(read_file(&r, buf_bytes(&file)), RC_OK);
    assert_true(spool_end(r.records, r.count, r.memory, &first));
    arena_free(r.memory);
}

static void a_run_that_has_an_end_gets_no_other(void **state UNUSED)
{
    static const enum status ends[] = {STATUS_SUCCEEDED, STATUS_FAILED};
    struct read r = {.memory = arena_new(0)};

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        SCOPED_BUF file = {0}, end = {0};

        make_file(&file, ends[i]);
        assert_int_equal(read_file(&r, buf_bytes(&file)), RC_OK);
        assert_false(spool_end(r.records, r.count, r.memory, &end));
    }
    arena_free(r.memory);
}

static void what_there_is_no_room_for_is_left_out_lines_first(void **state UNUSED)
{
    assert_int_equal(spool_room(0, 0, 1), SPOOL_ALL);
    assert_int_equal(spool_room(SPOOL_RUNS_MAX - 1, SPOOL_BYTES_MAX - 10, 10), SPOOL_ALL);
    assert_int_equal(spool_room(0, SPOOL_BYTES_MAX - 10, 11), SPOOL_REPORTS);
    assert_int_equal(spool_room(0, 0, SPOOL_FILE_BYTES_MAX + 1), SPOOL_REPORTS);
    assert_int_equal(spool_room(SPOOL_RUNS_MAX, 0, 1), SPOOL_NOTHING);
}

/* --- the folder --- */

static char path[40];

static int begin(void **state UNUSED)
{
    (void)snprintf(path, sizeof path, "/tmp/spool_test.XXXXXX");
    return mkdtemp(path) == NULL;
}

static int end(void **state UNUSED)
{
    DIR *d = opendir(path);
    struct dirent *entry;

    while (d != NULL && (entry = readdir(d)) != NULL)
        (void)unlinkat(dirfd(d), entry->d_name, 0);
    if (d != NULL)
        (void)closedir(d);
    return rmdir(path);
}

static struct spool_folder *opened(void)
{
    struct spool_folder *f = NULL;

    assert_int_equal(spool_folder_open(path, &f, NULL), RC_OK);
    return f;
}

static void keep(struct spool_folder *f, uint8_t n, const char *text)
{
    assert_int_equal(spool_folder_keep(f, (struct uuid){{n}}, bytes_of(text), NULL), RC_OK);
}

static size_t runs(const struct spool_folder *f)
{
    size_t count, bytes;

    spool_folder_count(f, &count, &bytes);
    return count;
}

static void a_file_is_its_owners_until_that_is_gone(void **state UNUSED)
{
    SCOPED(spool_folder) struct spool_folder *other = opened();
    struct spool_folder *owner = opened();
    SCOPED_BUF file = {0};
    struct stat s;
    const char *name;

    keep(owner, 1, "first");
    keep(owner, 1, "second"); /* in the place of the first */
    assert_int_equal(runs(other), 1);
    assert_false(spool_folder_next(other, &file, &name));
    spool_folder_free(owner); /* as by kill -9: what it had stays */
    assert_true(spool_folder_next(other, &file, &name));
    assert_string_equal(buf_text(&file), "second");
    assert_string_equal(name, "01000000-0000-0000-0000-000000000000.run");
    assert_int_equal(stat(path, &s), 0);
    spool_folder_sent(other);
    assert_int_equal(runs(other), 0);
    assert_false(spool_folder_next(other, &file, &name));
}

static void nobody_else_may_read_it(void **state UNUSED)
{
    SCOPED(spool_folder) struct spool_folder *f = NULL;
    SCOPED(text) char *below = xasprintf("%s/a/b", path);
    struct stat s;

    assert_int_equal(spool_folder_open(below, &f, NULL), RC_OK);
    assert_int_equal(stat(below, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0700);
    keep(f, 1, "x");
    assert_int_equal(chdir(below), 0);
    assert_int_equal(stat("01000000-0000-0000-0000-000000000000.run", &s), 0);
    assert_int_equal(s.st_mode & 0777, 0600);
    spool_folder_drop(f);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(below), 0);
    *strrchr(below, '/') = '\0';
    assert_int_equal(rmdir(below), 0);
}

static void files_come_in_the_order_of_their_ids_and_one_at_a_time(void **state UNUSED)
{
    static const uint8_t ids[] = {3, 1, 2};
    SCOPED(spool_folder) struct spool_folder *f = opened();
    SCOPED_BUF file = {0};
    const char *name;

    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        struct spool_folder *owner = opened();
        char text[2] = {(char)('0' + ids[i]), '\0'};

        keep(owner, ids[i], text);
        spool_folder_free(owner);
    }
    for (char n = '1'; n <= '3'; n++) {
        SCOPED(spool_folder) struct spool_folder *other = opened();

        assert_true(spool_folder_next(f, &file, &name));
        assert_int_equal(*buf_text(&file), n);
        if (n == '3') /* whoever has it has it alone */
            assert_true(spool_folder_next(other, &file, &name) && *buf_text(&file) == '1');
    }
    assert_false(spool_folder_next(f, &file, &name));
}

/* Links, folders, strange names, and what somebody else has set aside: left alone. */
static void what_is_no_file_of_a_run_is_left_alone(void **state UNUSED)
{
    SCOPED(spool_folder) struct spool_folder *f = opened();
    SCOPED_BUF file = {0};
    const char *name;

    assert_int_equal(chdir(path), 0);
    assert_int_equal(close(open("hello.run", O_CREAT | O_WRONLY, 0600)), 0);
    assert_int_equal(symlink("/etc/passwd", "01000000-0000-0000-0000-000000000000.run"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_false(spool_folder_next(f, &file, &name));
}

static void a_broken_file_is_set_aside_and_stops_nothing(void **state UNUSED)
{
    SCOPED(spool_folder) struct spool_folder *f = opened();
    struct spool_folder *owner = opened();
    SCOPED_BUF file = {0};
    const char *name;

    keep(owner, 1, "broken");
    spool_folder_free(owner);
    owner = opened();
    keep(owner, 2, "sound");
    spool_folder_free(owner);
    assert_true(spool_folder_next(f, &file, &name));
    assert_int_equal(spool_folder_set_aside(f, NULL), RC_OK);
    assert_true(spool_folder_next(f, &file, &name));
    assert_string_equal(buf_text(&file), "sound");
    spool_folder_sent(f);
    assert_int_equal(runs(f), 1); /* it is there to be looked at */
    assert_false(spool_folder_next(f, &file, &name));
}

static void a_folder_that_cannot_be_used_is_told(void **state UNUSED)
{
    struct spool_folder *f = NULL;
    struct error err = {0};

    assert_int_equal(spool_folder_open("/proc/nowhere", &f, &err), RC_INVALID);
    assert_non_null(strstr(err.text, "/proc/nowhere"));
    assert_int_equal(spool_folder_open("/etc/passwd", &f, &err), RC_INVALID);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_says_what_was_put_into_it),
        cmocka_unit_test(a_file_that_is_broken_anywhere_is_refused),
        cmocka_unit_test(a_run_that_was_killed_gets_the_same_end_from_everybody),
        cmocka_unit_test(a_run_that_has_an_end_gets_no_other),
        cmocka_unit_test(what_there_is_no_room_for_is_left_out_lines_first),
        IN_A_FOLDER(a_file_is_its_owners_until_that_is_gone),
        IN_A_FOLDER(nobody_else_may_read_it),
        IN_A_FOLDER(files_come_in_the_order_of_their_ids_and_one_at_a_time),
        IN_A_FOLDER(what_is_no_file_of_a_run_is_left_alone),
        IN_A_FOLDER(a_broken_file_is_set_aside_and_stops_nothing),
        cmocka_unit_test(a_folder_that_cannot_be_used_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
