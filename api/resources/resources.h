/*
 * resources.h - the handlers that routes.c names; one file per resource.
 */
#ifndef API_RESOURCES_RESOURCES_H
#define API_RESOURCES_RESOURCES_H

#include "http/server.h"

struct api;

/* task_list.c */
void list_tasks(struct http_exchange *x, void *ctx);

/* tasks.c */
void get_task(struct http_exchange *x, void *ctx);
void list_revisions(struct http_exchange *x, void *ctx);
void list_gaps(struct http_exchange *x, void *ctx);

/* task_commands.c */
void put_task(struct http_exchange *x, void *ctx);
void patch_task(struct http_exchange *x, void *ctx);
void delete_task(struct http_exchange *x, void *ctx);
void pause_task(struct http_exchange *x, void *ctx);
void resume_task(struct http_exchange *x, void *ctx);
void trigger_task(struct http_exchange *x, void *ctx);
void skip_next(struct http_exchange *x, void *ctx);

/* backfills.c */
void backfill_task(struct http_exchange *x, void *ctx);

/* upcoming.c */
void task_upcoming(struct http_exchange *x, void *ctx);
void all_upcoming(struct http_exchange *x, void *ctx);

/* day_counts.c */
void task_days(struct http_exchange *x, void *ctx);
void all_days(struct http_exchange *x, void *ctx);

/* forecast.c */
void get_forecast(struct http_exchange *x, void *ctx);

/* why.c */
void why_task(struct http_exchange *x, void *ctx);

/* summary.c */
void get_summary(struct http_exchange *x, void *ctx);

/* failing.c */
void list_failing(struct http_exchange *x, void *ctx);

/* history.c */
void list_executions(struct http_exchange *x, void *ctx);

/* executions.c */
void get_execution(struct http_exchange *x, void *ctx);
void list_events(struct http_exchange *x, void *ctx);

/* execution_commands.c */
void cancel_execution(struct http_exchange *x, void *ctx);
void retry_execution(struct http_exchange *x, void *ctx);
void execution_commands_end(struct api *api); /* answers those that wait for a moment */

/* logs.c */
void list_logs(struct http_exchange *x, void *ctx);

/* log_lines.c */
void list_log_writers(struct http_exchange *x, void *ctx);
void search_log(struct http_exchange *x, void *ctx);

/* log_download.c */
void get_log_text(struct http_exchange *x, void *ctx);

/* dead_letters.c */
void list_dead_letters(struct http_exchange *x, void *ctx);
void get_dead_letter(struct http_exchange *x, void *ctx);

/* commands.c */
void get_command(struct http_exchange *x, void *ctx);

/* schedules.c */
void explain_schedule(struct http_exchange *x, void *ctx);

/* queues.c */
void list_queues(struct http_exchange *x, void *ctx);

/* queue_workers.c */
void list_queue_workers(struct http_exchange *x, void *ctx);

/* zones.c */
void list_zones(struct http_exchange *x, void *ctx);

/* system.c */
void get_system(struct http_exchange *x, void *ctx);

/* imports.c */
void import_crontab(struct http_exchange *x, void *ctx);

/* session.c */
void get_session(struct http_exchange *x, void *ctx);

/* registry.c */
void registry_root(struct http_exchange *x, void *ctx);
void registry_subjects(struct http_exchange *x, void *ctx);
void registry_versions(struct http_exchange *x, void *ctx);
void registry_version(struct http_exchange *x, void *ctx);
void registry_version_schema(struct http_exchange *x, void *ctx);
void registry_lookup(struct http_exchange *x, void *ctx);
void registry_register(struct http_exchange *x, void *ctx);
void registry_schema(struct http_exchange *x, void *ctx);
void registry_schema_text(struct http_exchange *x, void *ctx);
void registry_schema_places(struct http_exchange *x, void *ctx);
void registry_types(struct http_exchange *x, void *ctx);
void registry_config(struct http_exchange *x, void *ctx);
void registry_mode(struct http_exchange *x, void *ctx);

/* stream.c */
void get_stream(struct http_exchange *x, void *ctx);

/* page.c */
void page_root(struct http_exchange *x, void *ctx);
void page_index(struct http_exchange *x, void *ctx);
void page_asset(struct http_exchange *x, void *ctx);

/* health.c */
void get_healthz(struct http_exchange *x, void *ctx);
void get_readyz(struct http_exchange *x, void *ctx);

/* metrics.c */
void get_metrics(struct http_exchange *x, void *ctx);

#endif
