#include "api/routes.h"

#include "api/resources/resources.h"

/* clang-format off */
const struct http_route api_routes[] = {
    /* method    pattern                                        handler                access
       query parameters                                     summary */
    {HTTP_GET,    "/v1/tasks",                                  list_tasks,            ACCESS_READ,  "project queue state label cursor limit",            "Tasks by project and key, deleted ones only when asked for."},
    {HTTP_GET,    "/v1/tasks/:task",                            get_task,              ACCESS_READ,  NULL,                                                "One task; ETag is its revision."},
    {HTTP_PUT,    "/v1/tasks/:task",                            put_task,              ACCESS_WRITE, NULL,                                                "Create a task or replace its whole specification."},
    {HTTP_PATCH,  "/v1/tasks/:task",                            patch_task,            ACCESS_WRITE, "after_command",                                     "Change some of it: a merge patch (RFC 7396), null resets a member."},
    {HTTP_DELETE, "/v1/tasks/:task",                            delete_task,           ACCESS_WRITE, "reason",                                            "Delete a task; its history stays."},
    {HTTP_POST,   "/v1/tasks/:task:pause",                      pause_task,            ACCESS_WRITE, NULL,                                                "Fire nothing more until it is resumed."},
    {HTTP_POST,   "/v1/tasks/:task:resume",                     resume_task,           ACCESS_WRITE, NULL,                                                "End a pause, and make up for instants that passed, if asked to."},
    {HTTP_POST,   "/v1/tasks/:task:trigger",                    trigger_task,          ACCESS_WRITE, NULL,                                                "One execution now."},
    {HTTP_GET,    "/v1/tasks/:task/revisions",                  list_revisions,        ACCESS_READ,  "cursor limit",                                      "What the task was, newest first."},
    {HTTP_GET,    "/v1/tasks/:task/gaps",                       list_gaps,             ACCESS_READ,  "cursor limit",                                      "Instants that were not fired, and why, newest first."},
    {HTTP_GET,    "/v1/tasks/:task/upcoming",                   task_upcoming,         ACCESS_READ,  "from to limit",                                     "When the task is due next."},
    {HTTP_GET,    "/v1/tasks/:task/days",                       task_days,             ACCESS_READ,  "from to tz",                                        "Counts per local day and status of one task."},
    {HTTP_GET,    "/v1/upcoming",                               all_upcoming,          ACCESS_READ,  "from to limit project",                             "When tasks are due next, all of them in one list."},
    {HTTP_GET,    "/v1/days",                                   all_days,              ACCESS_READ,  "from to tz",                                        "Counts per local day and status of all tasks."},
    {HTTP_GET,    "/v1/executions",                             list_executions,       ACCESS_READ,  "task queue status day tz from to cursor limit",     "History, newest first."},
    {HTTP_GET,    "/v1/executions/:execution",                  get_execution,         ACCESS_READ,  NULL,                                                "One execution with its payload and last sign of life."},
    {HTTP_GET,    "/v1/executions/:execution/events",           list_events,           ACCESS_READ,  "cursor limit",                                      "All that was reported about it, in the order of the log."},
    {HTTP_GET,    "/v1/executions/:execution/logs",             list_logs,             ACCESS_READ,  "level after limit",                                 "Its log lines; `next` is always where to go on."},
    {HTTP_GET,    "/v1/dead-letters",                           list_dead_letters,     ACCESS_READ,  "topic partition reason from to cursor limit",       "Records that could not be used and were put aside, newest first."},
    {HTTP_GET,    "/v1/dead-letters/:topic/:partition/:offset", get_dead_letter,       ACCESS_READ,  NULL,                                                "One of them, with the beginning of its bytes."},
    {HTTP_GET,    "/v1/commands/:command",                      get_command,           ACCESS_READ,  NULL,                                                "A command and its outcome; `Prefer: wait=N` waits for it."},
    {HTTP_POST,   "/v1/schedules:explain",                      explain_schedule,      ACCESS_READ,  NULL,                                                "What an expression means and when it fires, without saving anything."},
    {HTTP_GET,    "/v1/queues",                                 list_queues,           ACCESS_READ,  NULL,                                                "Queues and their topics."},
    {HTTP_GET,    "/registry",                                  registry_root,         ACCESS_READ,  "*",                                                 "Schema registry: it is there."},
    {HTTP_GET,    "/registry/subjects",                         registry_subjects,     ACCESS_READ,  "*",                                                 "Schema registry: names of all subjects."},
    {HTTP_POST,   "/registry/subjects/:subject",                registry_lookup,         ACCESS_READ,  "*",                                                 "Schema registry: the id and version of a schema text."},
    {HTTP_GET,    "/registry/subjects/:subject/versions",       registry_versions,     ACCESS_READ,  "*",                                                 "Schema registry: versions of a subject."},
    {HTTP_POST,   "/registry/subjects/:subject/versions",       registry_register,     ACCESS_READ,  "*",                                                 "Schema registry: the id of a schema that is already there; nothing is added."},
    {HTTP_GET,    "/registry/subjects/:subject/versions/:version", registry_version,   ACCESS_READ,  "*",                                                 "Schema registry: one version, a number or `latest`."},
    {HTTP_GET,    "/registry/subjects/:subject/versions/:version/schema", registry_version_schema, ACCESS_READ, "*",                                      "Schema registry: the text of one version."},
    {HTTP_GET,    "/registry/schemas/ids/:id",                  registry_schema,       ACCESS_READ,  "*",                                                 "Schema registry: a schema by the id in a message."},
    {HTTP_GET,    "/registry/schemas/ids/:id/schema",           registry_schema_text,  ACCESS_READ,  "*",                                                 "Schema registry: its text alone."},
    {HTTP_GET,    "/registry/schemas/ids/:id/versions",         registry_schema_places, ACCESS_READ, "*",                                                 "Schema registry: subjects and versions that have it."},
    {HTTP_GET,    "/registry/schemas/types",                    registry_types,        ACCESS_READ,  "*",                                                 "Schema registry: AVRO."},
    {HTTP_GET,    "/registry/config",                           registry_config,       ACCESS_READ,  "*",                                                 "Schema registry: how schemas may change."},
    {HTTP_GET,    "/registry/config/:subject",                  registry_config,       ACCESS_READ,  "*",                                                 "Schema registry: the same for one subject."},
    {HTTP_GET,    "/registry/mode",                             registry_mode,         ACCESS_READ,  "*",                                                 "Schema registry: READONLY."},
    {HTTP_GET,    "/metrics",                                   get_metrics,           ACCESS_OPEN,  NULL,                                                "Figures for Prometheus."},
    {HTTP_GET,    "/healthz",                                   get_healthz,           ACCESS_OPEN,  NULL,                                                "200 while the process serves."},
    {HTTP_GET,    "/readyz",                                    get_readyz,            ACCESS_OPEN,  NULL,                                                "200 when database and broker can be asked and nothing stands still, else 503; both say what is known."},
    {.pattern = NULL},
};
/* clang-format on */
