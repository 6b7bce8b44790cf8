#include "cli/worker/level.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    NONE = -1,
    D = CRONOBS_LEVEL_DEBUG,
    I = CRONOBS_LEVEL_INFO,
    W = CRONOBS_LEVEL_WARN,
    E = CRONOBS_LEVEL_ERROR
};

static int level_in(const char *text, size_t len)
{
    enum cronobs_level level;

    return level_read((struct bytes){.data = text, .len = len}, &level) ? (int)level : NONE;
}

struct level_case {
    int level;
    const char *line;
};

static void check(const struct level_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (level_in(cases[i].line, strlen(cases[i].line)) != cases[i].level)
            fail_msg("%d, not %d: %s", level_in(cases[i].line, strlen(cases[i].line)),
                     cases[i].level, cases[i].line);
}

/* clang-format off */
static const struct level_case object_cases[] = {
    {I,    "{\"level\":30,\"time\":1764410400000,\"pid\":1,\"hostname\":\"h\",\"msg\":\"pino\"}"},
    {E,    "{\"name\":\"a\",\"hostname\":\"h\",\"pid\":1,\"level\":50,\"msg\":\"bunyan\",\"time\":\"2026-11-29T10:00:00Z\",\"v\":0}"},
    {D,    "{\"level\":10}"}, {D, "{\"level\":20}"}, {W, "{\"level\":40}"}, {E, "{\"level\":60}"},
    {E,    "{\"level\": \"error\", \"msg\": \"x\"}"},
    {W,    "{\"timestamp\":\"t\",\"severity\":\"WARNING\",\"message\":\"google\"}"},
    {E,    "{\"@timestamp\":\"t\",\"log.level\":\"ERROR\",\"message\":\"ecs\"}"},
    {E,    "{\"@t\":\"t\",\"@l\":\"Fatal\"}"},
    {W,    "{\"lvl\":\"warn\",\"t\":1}"},
    {W,    "{\"asctime\":\"t\",\"levelname\":\"WARNING\"}"},
    {E,    "{\"version\":\"1.1\",\"host\":\"h\",\"short_message\":\"gelf\",\"level\":3}"},
    {D,    "{\"level\":7}"}, {W, "{\"level\":4}"}, {I, "{\"level\":6}"},
    {E,    "{\"message\":\"monolog\",\"context\":{\"level\":100},\"level\":400,\"level_name\":\"ERROR\"}"},
    {W,    "{\"level\":300}"}, {I, "{\"level\":250}"},
    {E,    "{\"Level\":\"ERROR\"}"}, {E, "{\"level\":\"50\"}"}, {E, "{\"severity\":\"E\"}"},
    {E,    "{\"a\":[{\"level\":\"info\"},\"}\"],\"b\":{\"level\":\"info\"},\"level\":\"error\"}"},
    {E,    "{\"msg\":\"\\\"level\\\":\\\"info\\\"\",\"level\":\"error\"}"},
    {E,    "  {\"level\":\"error\"}"},
    {E,    "{\"level\":\"error\",\"msg\":\"cut off in the mid"},
    {E,    "2026-11-29T10:00:00Z {\"level\":\"error\"}"},
    {W,    "web-1  | {\"level\":\"warn\"}"},
    {NONE, "{\"level\":\"gold\"}"}, {NONE, "{\"level\":8}"}, {NONE, "{\"level\":61}"}, {NONE, "{\"level\":20000}"}, {NONE, "{\"level\":-1}"},
    {NONE, "{\"level\":{\"name\":\"error\"}}"}, {NONE, "{\"level\":null}"}, {NONE, "{\"level\":\"\"}"},
    {NONE, "{\"msg\":\"level: error\"}"}, {NONE, "{}"}, {NONE, "{"}, {NONE, "{\"level\""}, {NONE, "{\"level\":"}, {NONE, "{\"level\":\"err"},
    {NONE, "{\"a\":{\"level\":\"error\"}}"}, {NONE, "{\"a\":[\"level\",\"error\"]"},
};

static const struct level_case pair_cases[] = {
    {W,    "time=\"2026-11-29T10:00:00Z\" level=warning msg=\"logrus\""},
    {I,    "ts=2026-11-29T10:00:00Z caller=x.go:1 level=info msg=gokit"},
    {E,    "level=error"}, {D, "lvl=dbug t=1"}, {E, "lvl=eror"}, {E, "time=t level=ERROR msg=\"slog text\" k=v"},
    {W,    "logger=a t=2026 level=warn msg=\"grafana\""},
    {E,    "msg=\"level=info\" level=\"error\""},
    {E,    "severity=E"}, {W, "2026/11/29 10:00:00 level=warn msg=x"},
    {NONE, "msg=\"level=error\""}, {NONE, "level=gold"}, {NONE, "a=1 then level=error"}, {NONE, "set level=debug"}, {NONE, "level="},
    {NONE, "level =error"}, {NONE, "level=\"error"}, {NONE, "DEBUG=1 make"}, {NONE, "ERROR_COUNT=0"},
};

static const struct level_case syslog_cases[] = {
    {E,    "<3>sd-daemon"}, {E, "<0>x"}, {W, "<4>x"}, {I, "<5>x"}, {I, "<6>x"}, {D, "<7>x"},
    {E,    "<34>1 2026-11-29T10:00:00Z host su - ID47 - text"}, {I, "<165>Nov 29 10:00:00 host text"},
    {I,    "<6>ERROR the number decides"},
    {NONE, "<192>x"}, {NONE, "<1000>x"}, {NONE, "<>x"}, {NONE, "<a>x"}, {NONE, "<3"}, {NONE, "x <3>"},
};

static const struct level_case glog_cases[] = {
    {E,    "E0102 15:04:05.000000    1234 file.go:1] text"}, {I, "I1129 10:00:00.123456       1 main.go:1] klog"}, {W, "W20261129 10:00:00.1 1 a.cc:1] x"},
    {E,    "F0102 15:04:05.0 1 f.cc:9] x"},
    {NONE, "E0102"}, {NONE, "E0102 text"}, {NONE, "E01 15:04:05"}, {NONE, "B0102 15:04:05"},
    {E,    "E, [2026-11-29T10:00:00.123456 #1234] ERROR -- : ruby"}, {D, "D, [2026-11-29T10:00:00.1 #1] DEBUG -- : x"},
    {E,    "E: Unable to locate package x"}, {W, "W: apt"}, {D, "D/Tag(  12): logcat brief"}, {E, "11-29 10:00:00.123  1234  1234 E Tag: logcat"},
    {E,    "2026-11-29T10:00:00.000+0000 E COMMAND  [conn1] mongod"},
    {NONE, "I am here"}, {NONE, "E"}, {NONE, "E:x"}, {NONE, "W, and so on"},
};

static const struct level_case word_cases[] = {
    {E,    "ERROR"}, {E, "ERROR text"}, {E, "ERROR: text"}, {E, "ERROR - text"}, {E, "ERROR\ttext"}, {E, "ERROR:root:python"}, {E, "  ERROR text"},
    {W,    "WARN text"}, {W, "WARNING: text"}, {I, "INFO:     uvicorn"}, {D, "DEBUG text"}, {D, "TRACE text"}, {E, "FATAL: text"}, {E, "CRITICAL text"},
    {E,    "SEVERE: jul"}, {D, "FINE: jul"}, {E, "FAIL: TestX"}, {E, "error: text"}, {E, "Error: text"}, {W, "Warning: text"}, {W, "warn: dotnet"},
    {E,    "fail: dotnet[0]"}, {E, "crit: x"}, {D, "dbug: x"}, {D, "trce: x"}, {E, "fatal: not a git repository"}, {E, "panic: go"},
    {E,    "fatal error: go"}, {E, "error[E0308]: rustc"}, {I, "info: x"}, {I, "notice: x"},
    {I,    "[INFO] maven"}, {W, "[WARNING] maven"}, {E, "[ERROR] maven"}, {E, "[error] text"}, {I, "[info] x"}, {W, "[WARNING]: ansible"},
    {W,    "[DEPRECATION WARNING]: ansible"}, {I, "[ INFO ] x"}, {W, "[WARN ][o.e.x] elastic"}, {W, "(WARN) x"}, {E, "*** ERROR ***"}, {E, "!! ERROR"},
    {E,    "2026-11-29 10:00:00,123 ERROR text"}, {W, "2026-11-29 10:00:00,123 - root - WARNING - python"}, {E, "2026-11-29 10:00:00,123 - a.b.c - ERROR - x"},
    {I,    "2026-11-29T10:00:00.123Z  INFO 12345 --- [main] c.e.App : spring"}, {E, "10:00:00.123 [main] ERROR com.foo.Bar - logback"},
    {E,    "2026-11-29 10:00:00.123 UTC [1234] ERROR:  relation does not exist"}, {I, "2026-11-29 10:00:00.123 UTC [1] LOG:  postgres"},
    {E,    "2026-11-29T10:00:00.123456Z 0 [ERROR] [MY-010] [Server] mysql"}, {W, "2026-11-29T10:00:00.1Z 0 [Warning] [MY-1] x"},
    {E,    "2026/11/29 10:00:00 [error] 1234#0: *1 nginx"}, {E, "[Sun Nov 29 10:00:00.123456 2026] [core:error] [pid 12] apache"},
    {E,    "[Sun Nov 29 10:00:00 2026] [error] [client 192.0.2.1] apache"}, {E, "[2026-11-29 10:00:00] production.ERROR: laravel"},
    {W,    "[2026-11-29 10:00:00,123: WARNING/MainProcess] celery"}, {E, "[2026-11-29T10:00:00,123][ERROR][o.e.b.Boot] [node] elastic"},
    {E,    "[2026-11-29, 10:00:00 UTC] {taskinstance.py:1} ERROR - airflow"}, {I, "[2026-11-29 10:00:00 +0000] [1] [INFO] gunicorn"},
    {E,    "[2026-11-29T10:00:00Z ERROR app::x] env_logger"}, {E, "2026-11-29T10:00:00.123456Z ERROR app: tracing"}, {E, "[10:00:00.123] ERROR (1234): pino-pretty"},
    {I,    "10:00AM INF zerolog"}, {E, "10:00AM ERR zerolog"}, {E, "2026-11-29 10:00:00.123 | ERROR    | __main__:<module>:1 - loguru"},
    {E,    "2026-11-29T10:00:00.000Z\terror\tfile.go:1\tzap"}, {W, "1.7644104e+09\tWARN\tzap"}, {E, "2026/11/29 10:00:00 ERROR slog k=v"},
    {W,    "2026-11-29T10:00:00.000Z [WARN]  agent: hclog"}, {W, "2026-11-29T10:00:00.000000Z warn cronobs consumer: ours rc=RETRY"},
    {E,    "Nov 29 10:00:00 host sshd[123]: error: syslog"}, {W, "1764410400 WARN x"}, {E, "Nov 29, 2026 10:00:00 AM ERROR x"},
    {E,    "\x1b[31mERROR\x1b[0m text"}, {E, "\x1b[31merror\x1b[39m: winston"}, {W, "\x1b[33mWARN\x1b[0m[0000] logrus"}, {E, "\x1b[31mERRO\x1b[0m[0000] logrus"},
    {W,    "main.c:3:5: warning: gcc"}, {E, "a/b.c:3: error: gcc"}, {W, "/usr/bin/ld: warning: x"}, {E, "ld: error: x"}, {W, "(node:1234) Warning: node"},
    {E,    "npm ERR! code E404"}, {W, "npm WARN deprecated"}, {E, "npm error code E404"}, {W, "PHP Warning:  x in y"}, {E, "PHP Fatal error:  x"},
    {E,    "web-1  | ERROR: compose"}, {E, "\xe2\x9d\x8c Error: x"}, {E, "[HTTP] ERROR x"}, {E, "[12] ERROR x"},
};

static const struct level_case text_cases[] = {
    {NONE, ""}, {NONE, " "}, {NONE, "text"}, {NONE, "no ERROR found"}, {NONE, "An ERROR occurred"}, {NONE, "Error opening file"}, {NONE, "error opening file"},
    {NONE, "errors: 0"}, {NONE, "ERRORS: 0"}, {NONE, "ERROR_LOG"}, {NONE, "ERROR-5 x"}, {NONE, "ERROR.log"}, {NONE, "ERROR=1"}, {NONE, "TypeError: x"},
    {NONE, "fine: thanks"}, {NONE, "note: x"}, {NONE, "warning"}, {NONE, "3 ERROR"}, {NONE, "0 errors, 1 warning"}, {NONE, "[error handler] started"},
    {NONE, "[error-handler] started"}, {NONE, "[ERROR-HANDLER] started"}, {NONE, "x = [ERROR]"}, {NONE, "Last error: none"}, {NONE, "No error: ok"},
    {NONE, "10:00 error rate"}, {NONE, "2026-11-29 10:00:00 text with ERROR"}, {NONE, "Result: ERROR rate 0"}, {NONE, "May the ERROR be with you"},
    {NONE, "Traceback (most recent call last):"}, {NONE, "100% ERROR"}, {NONE, "Continue? [y/N] "}, {NONE, "progress: 1 \r"}, {NONE, "\x1b[31m"}, {NONE, "\x1b"},
    {NONE, "["}, {NONE, "]"}, {NONE, "<"}, {NONE, "E"}, {NONE, "\xff\xfe"}, {NONE, "[2026-11-29"},
};

/* As loggers, compilers and servers print them; and what looks alike. */
static const struct level_case program_cases[] = {
    {E,    "{\"@timestamp\":\"2026\",\"log\":{\"level\":\"error\",\"logger\":\"x\"},\"message\":\"x\"}"},
    {E,    "{\"message\":\"x\",\"log\":{\"logger\":\"a\",\"level\":\"ERROR\"}}"},
    {E,    "{\"time\":\"t\",\"level\":\"ERROR+2\",\"msg\":\"x\"}"},
    {D,    "{\"time\":\"t\",\"level\":\"DEBUG-4\",\"msg\":\"x\"}"},
    {I,    "{\"time\":\"t\",\"level\":\"INFO+1\",\"msg\":\"x\"}"},
    {D,    "time=2026-11-29T10:00:00.000Z level=DEBUG-4 msg=x"},
    {W,    "time=2026-11-29T10:00:00.000Z level=WARN+1 msg=\"level=error\""},
    {D,    "{\"level\":\"silly\",\"message\":\"x\"}"},
    {D,    "silly: x"},
    {E,    "nginx: [emerg] bind() to 0.0.0.0:80 failed"},
    {NONE, "192.0.2.1 - - [29/Nov/2026:10:00:00 +0000] \"GET /error HTTP/1.1\" 500 12 \"-\" \"ERROR: x\""},
    {W,    "[Sun Nov 29 10:00:00.123456 2026] [ssl:warn] [pid 1:tid 2] AH: x"},
    {E,    "2026-11-29 10:00:00.123 UTC [1] app@db ERROR:  x"},
    {NONE, "2026-11-29 10:00:00.123 UTC [1] STATEMENT:  SELECT 'ERROR: x'"},
    {E,    "psql:a.sql:3: ERROR:  x"},
    {D,    "2026-11-29 10:00:00.123 UTC [1] DEBUG1:  x"},
    {W,    "1:M 29 Nov 2026 10:00:00.123 # Server can't set maximum open files"},
    {I,    "1:M 29 Nov 2026 10:00:00.123 * Ready to accept connections"},
    {D,    "1:M 29 Nov 2026 10:00:00.123 - Accepted"},
    {D,    "1234:S 29 Nov 2026 10:00:00.123 . x"},
    {E,    "3,1234,5678,-;text"},
    {W,    "4,1234,5678,c;text"},
    {E,    "kern  :err   : [    1.234567] x"},
    {W,    "kern  :warn  : [    1.234567] x"},
    {I,    "daemon:info  : x"},
    {E,    "E1129 10:00:00.000000       1 controller.go:114] \"Failed\" err=\"x\""},
    {E,    "[ERROR app::x] y"},
    {E,    "\x1b" "[41m\x1b" "[30mfail\x1b" "[39m\x1b" "[22m\x1b" "[49m: MyApp[0]"},
    {E,    "[10:00:00 ERR] x"},
    {D,    "[10:00:00 VRB] x"},
    {E,    "2026-11-29 10:00:00.000 +00:00 [ERR] x"},
    {E,    "2026-11-29 10:00:00.1234|ERROR|App.Program|msg"},
    {E,    "2026/11/29 10:00:00.123456 [E] x"},
    {W,    "2026/11/29 10:00:00.123 [W] [a.go:3]  x"},
    {E,    "[2026-11-29 10:00:00,123] ERROR in app: x"},
    {E,    "\x1b" "[2m2026-11-29 10:00:00\x1b" "[0m [\x1b" "[31m\x1b" "[1merror    \x1b" "[0m] \x1b" "[1mmsg"},
    {I,    "\x1b" "[32mINFO\x1b" "[0m:     127.0.0.1:1 - \"GET /error\""},
    {E,    "29-Nov-2026 10:00:00.123 SEVERE [main] org.apache.catalina"},
    {E,    "29.11.2026 10:00:00 *ERROR* [x] y"},
    {E,    "0    [main] ERROR x - y"},
    {E,    "123 [main] ERROR x - y"},
    {E,    "[\x1b" "[31merror\x1b" "[0m] x"},
    {E,    "[\x1b" "[1;31mERROR\x1b" "[m] x"},
    {I,    "[\x1b" "[1;34mINFO\x1b" "[m] BUILD ERROR"},
    {W,    "\x1b" "[01m\x1b" "[Kx.c:1:2:\x1b" "[m\x1b" "[K \x1b" "[01;35m\x1b" "[Kwarning: \x1b" "[m\x1b" "[Ky"},
    {E,    "x.c(1): error C2065: y"},
    {W,    "x.cs(1,2): warning CS0168: y"},
    {E,    "a.ts(1,2): error TS2304: x"},
    {E,    "a.ts:1:2 - error TS2304: x"},
    {E,    "CMake Error at CMakeLists.txt:1 (x):"},
    {W,    "CMake Warning at CMakeLists.txt:1 (x):"},
    {E,    "CMake Error: x"},
    {E,    "\xe2\x9e\xa4" " YN0001: \xe2\x94\x82" " Error: x"},
    {E,    "Err:1 http://x"},
    {E,    "fatal: [host]: FAILED! => {}"},
    {E,    "ERROR! x"},
    {E,    "\xe2\x94\x82" " Error: x"},
    {E,    "Sun 29 Nov 2026 10:00:00 AM CET ERROR x"},
    {E,    "Sun 29 Nov 10:00:00 UTC 2026 - ERROR - x"},
    {E,    "**ERROR** x"},
    {E,    "ERROR\r"},
    {E,    "level=error\r"},
    {E,    "{\"level\":\"error\"}\r"},
    {NONE, "Nov 29 10:00:00 host CRON[123]: (root) CMD (echo ERROR)"},
    {E,    "2026-11-29T10:00:00.123456+00:00 host app[1]: ERROR x"},
    {E,    "Nov 29 10:00:00 host app[1]: ERROR x"},
    {E,    "2026-11-29T10:00:00.123456+00:00 app[web.1]: ERROR x"},
    {E,    "2026-11-29T10:00:00Z E! [inputs.x] Error"},
    {W,    "2026-11-29T10:00:00Z W! [inputs.x] x"},
    {I,    "2026-11-29T10:00:00Z I! Starting"},
    {E,    "2026-11-29 10:00:00 +0000 [error]: #0 x"},
    {E,    "1764410400: Error: x"},
    {E,    "[1764410400] unbound[1:0] error: x"},
    {E,    "Nov 29 10:00:00 imap(user): Error: x"},
    {W,    "(process:1234): GLib-WARNING **: 10:00:00.123: x"},
    {W,    "** (app:12): WARNING **: x"},
    {E,    "[Nest] 1234  - 11/29/2026, 10:00:00 AM   ERROR [X] y"},
    {E,    "\x1b" "[31m[Nest] 1  - \x1b" "[39m11/29/2026, 10:00:00 AM \x1b" "[31m  ERROR\x1b" "[39m \x1b" "[38;5;3m[X] \x1b" "[39m\x1b" "[31my"},
    {E,    "2026-11-29T10:00:00.000Z\tc7a1ffff-1111-2222-3333-444455556666\tERROR\tmsg"},
    {NONE, "{\"id\":5,\"priority\":0}"},
    {NONE, "{\"job\":\"x\",\"priority\":1,\"error\":null}"},
    {NONE, "priority=1 queue=x"},
    {NONE, "no errors"},
    {NONE, "errors=0"},
    {NONE, "error=0"},
    {NONE, "errors: 0"},
    {NONE, "error: 0"},
    {NONE, "ERROR: 0"},
    {NONE, "# FAIL:  0"},
    {NONE, "# ERROR: 0"},
    {NONE, "Warning: 0"},
    {NONE, "0 errors found"},
    {E,    "error - ./page.js"},
    {W,    "warn  - x"},
    {I,    "info  - x"},
    {NONE, "http://host/error: x"},
    {NONE, "Success: no ERROR"},
    {NONE, "--level=error"},
    {NONE, "+ level=error"},
    {NONE, "++ level=error cmd"},
    {NONE, "$ level=error cmd"},
    {NONE, "alert(1)"},
    {NONE, "fatal flaw"},
    {NONE, "12:00 alert sent"},
    {NONE, "2026-11-29 error budget 99%"},
    {NONE, "2026-11-29 10:00:00 errors: 0"},
    {NONE, "2026-11-29 10:00:00 no error"},
    {NONE, "2026-11-29 10:00:00 processed 5, error: 0"},
    {NONE, "Error code: 0"},
    {NONE, "Test error: passed"},
    {NONE, "| ERROR | 0 |"},
    {NONE, "ERROR   0"},
    {E,    "2026-11-29,10:00:00,ERROR,x"}, {E, "2026-11-29T10:00:00Z,ERROR,x"}, {E, "2026-11-29T10:00:00Z;ERROR;x"}, {NONE, "1,2,ERROR"},
};
/* clang-format on */

static void reads_the_member_of_an_object(void **state UNUSED)
{
    check(object_cases, ARRAY_LEN(object_cases));
}

static void reads_a_pair_of_logfmt(void **state UNUSED)
{
    check(pair_cases, ARRAY_LEN(pair_cases));
}

static void reads_the_priority_of_syslog(void **state UNUSED)
{
    check(syslog_cases, ARRAY_LEN(syslog_cases));
}

static void reads_an_initial(void **state UNUSED)
{
    check(glog_cases, ARRAY_LEN(glog_cases));
}

static void reads_a_word_at_the_front(void **state UNUSED)
{
    check(word_cases, ARRAY_LEN(word_cases));
}

static void reads_what_programs_print(void **state UNUSED)
{
    check(program_cases, ARRAY_LEN(program_cases));
}

static void text_states_nothing(void **state UNUSED)
{
    check(text_cases, ARRAY_LEN(text_cases));
}

/* Each line cut off anywhere, and with a byte changed, in memory that ends where it ends. */
static void nothing_behind_the_end_is_read(void **state UNUSED)
{
    uint32_t seed = 7;

    for (size_t i = 0; i < ARRAY_LEN(program_cases) + ARRAY_LEN(object_cases); i++) {
        const char *line = i < ARRAY_LEN(program_cases)
                               ? program_cases[i].line
                               : object_cases[i - ARRAY_LEN(program_cases)].line;

        for (size_t len = 0; len <= strlen(line); len++) {
            char *copy = malloc(len + 1);

            memcpy(copy, line, len);
            copy = realloc(copy, MAX(len, (size_t)1));
            (void)level_in(copy, len);
            seed = seed * 1664525 + 1013904223;
            if (len > 0)
                copy[seed % len] = (char)(seed >> 24);
            (void)level_in(copy, len);
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_member_of_an_object),
        cmocka_unit_test(reads_a_pair_of_logfmt),
        cmocka_unit_test(reads_the_priority_of_syslog),
        cmocka_unit_test(reads_an_initial),
        cmocka_unit_test(reads_a_word_at_the_front),
        cmocka_unit_test(reads_what_programs_print),
        cmocka_unit_test(text_states_nothing),
        cmocka_unit_test(nothing_behind_the_end_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
