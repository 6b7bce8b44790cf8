// Made by schemas/embed.py.
package io.cronobs.worker;

import java.util.List;

/** The records that a worker reads and writes. */
final class Schemas {
    /** Of any record, when this was made. */
    static final int NEWEST_ID = 26;

    record Schema(int id, String record, String text) {}

    static final List<Schema> ALL = List.of(
        new Schema(5, "ExecutionCreated",
            "{\"type\":\"record\",\"name\":\"ExecutionCreated\",\"fields\":[{\"name\":\"execution_id\","
                + "\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}},{\"name\":\"task_id\",\"type\":{\"type\":\"string\","
                + "\"logicalType\":\"uuid\"}},{\"name\":\"task_key\",\"type\":\"string\"},{\"name\":\"project\",\"type\":\"string\"},"
                + "{\"name\":\"revision\",\"type\":\"int\"},{\"name\":\"attempt\",\"type\":\"int\"},{\"name\":\"max_attempts\","
                + "\"type\":\"int\"},{\"name\":\"trigger\",\"type\":{\"type\":\"enum\",\"name\":\"Trigger\",\"symbols\":[\"UNKNOWN\","
                + "\"SCHEDULED\",\"CATCH_UP\",\"BACKFILL\",\"MANUAL\",\"RETRY\",\"CHAIN\",\"EXTERNAL\"],\"default\":\"UNKNOWN\"}},"
                + "{\"name\":\"scheduled_at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},{\"name\":\"due_at\","
                + "\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},{\"name\":\"nominal_local\",\"type\":[\"null\","
                + "{\"type\":\"long\",\"logicalType\":\"local-timestamp-micros\"}],\"default\":null},{\"name\":\"zone\","
                + "\"type\":[\"null\",\"string\"],\"default\":null},{\"name\":\"tzdata\",\"type\":[\"null\",\"string\"],"
                + "\"default\":null},{\"name\":\"dst\",\"type\":{\"type\":\"enum\",\"name\":\"Dst\",\"symbols\":[\"NONE\",\"MOVED\","
                + "\"REPEATED\"],\"default\":\"NONE\"},\"default\":\"NONE\"},{\"name\":\"start_by\",\"type\":[\"null\",{\"type\":\"long\","
                + "\"logicalType\":\"timestamp-micros\"}],\"default\":null},{\"name\":\"finish_by\",\"type\":[\"null\","
                + "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}],\"default\":null},{\"name\":\"run_timeout_ms\","
                + "\"type\":[\"null\",\"long\"],\"default\":null},{\"name\":\"heartbeat_ms\",\"type\":[\"null\",\"long\"],"
                + "\"default\":null},{\"name\":\"parent_execution_id\",\"type\":[\"null\",{\"type\":\"string\","
                + "\"logicalType\":\"uuid\"}],\"default\":null},{\"name\":\"status_partition\",\"type\":\"int\"},"
                + "{\"name\":\"payload\",\"type\":[\"null\",\"bytes\"],\"default\":null},{\"name\":\"content_type\",\"type\":[\"null\","
                + "\"string\"],\"default\":null},{\"name\":\"labels\",\"type\":{\"type\":\"map\",\"values\":\"string\"},"
                + "\"default\":{}}]}"),
        new Schema(6, "ExecutionStatus",
            "{\"type\":\"record\",\"name\":\"ExecutionStatus\",\"fields\":[{\"name\":\"event_id\",\"type\":{\"type\":\"string\","
                + "\"logicalType\":\"uuid\"}},{\"name\":\"execution_id\",\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}},"
                + "{\"name\":\"task_id\",\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}},{\"name\":\"attempt\",\"type\":\"int\"},"
                + "{\"name\":\"status\",\"type\":{\"type\":\"enum\",\"name\":\"Status\",\"symbols\":[\"PENDING\",\"WAITING\",\"RUNNING\","
                + "\"CANCELLING\",\"RETRYING\",\"SUCCEEDED\",\"FAILED\",\"TIMED_OUT\",\"LOST\",\"CANCELLED\",\"MISSED\",\"SKIPPED\","
                + "\"UNKNOWN\"],\"default\":\"UNKNOWN\"}},{\"name\":\"if_unclaimed\",\"type\":\"boolean\",\"default\":false},"
                + "{\"name\":\"reason\",\"type\":{\"type\":\"enum\",\"name\":\"Reason\",\"symbols\":[\"NONE\",\"CALENDAR\",\"WINDOW\","
                + "\"DELETED\",\"PAUSED\",\"SKIP_NEXT\",\"MISFIRE\",\"START_DEADLINE\",\"NO_QUEUE\",\"OVERLAP\",\"QUEUE_FULL\","
                + "\"RUN_TIMEOUT\",\"FINISH_BY\",\"HEARTBEAT\",\"CANCEL_REQUESTED\",\"EXIT_CODE\",\"SIGNAL\",\"WORKER_SHUTDOWN\","
                + "\"WORKER_ERROR\",\"RETRY\",\"RELEASED\",\"TZDATA\",\"EDITED\",\"UNKNOWN\"],\"default\":\"UNKNOWN\"},"
                + "\"default\":\"NONE\"},{\"name\":\"occurred_at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},"
                + "{\"name\":\"worker\",\"type\":[\"null\",{\"type\":\"record\",\"name\":\"Worker\",\"fields\":[{\"name\":\"name\","
                + "\"type\":\"string\"},{\"name\":\"incarnation\",\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}}]}],"
                + "\"default\":null},{\"name\":\"message\",\"type\":[\"null\",\"string\"],\"default\":null},{\"name\":\"exit_code\","
                + "\"type\":[\"null\",\"int\"],\"default\":null},{\"name\":\"result\",\"type\":[\"null\",\"bytes\"],\"default\":null},"
                + "{\"name\":\"next_attempt_at\",\"type\":[\"null\",{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}],"
                + "\"default\":null},{\"name\":\"blocked_by\",\"type\":[\"null\",{\"type\":\"string\",\"logicalType\":\"uuid\"}],"
                + "\"default\":null},{\"name\":\"scheduled_at\",\"type\":[\"null\",{\"type\":\"long\","
                + "\"logicalType\":\"timestamp-micros\"}],\"default\":null},{\"name\":\"trigger\",\"type\":[\"null\","
                + "{\"type\":\"enum\",\"name\":\"Trigger\",\"symbols\":[\"UNKNOWN\",\"SCHEDULED\",\"CATCH_UP\",\"BACKFILL\",\"MANUAL\","
                + "\"RETRY\",\"CHAIN\",\"EXTERNAL\"],\"default\":\"UNKNOWN\"}],\"default\":null},{\"name\":\"revision\","
                + "\"type\":[\"null\",\"int\"],\"default\":null},{\"name\":\"queue\",\"type\":[\"null\",\"string\"],\"default\":null}]}"),
        new Schema(7, "Heartbeat",
            "{\"type\":\"record\",\"name\":\"Heartbeat\",\"fields\":[{\"name\":\"execution_id\",\"type\":{\"type\":\"string\","
                + "\"logicalType\":\"uuid\"}},{\"name\":\"task_id\",\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}},"
                + "{\"name\":\"attempt\",\"type\":\"int\"},{\"name\":\"worker\",\"type\":{\"type\":\"record\",\"name\":\"Worker\","
                + "\"fields\":[{\"name\":\"name\",\"type\":\"string\"},{\"name\":\"incarnation\",\"type\":{\"type\":\"string\","
                + "\"logicalType\":\"uuid\"}}]}},{\"name\":\"occurred_at\",\"type\":{\"type\":\"long\","
                + "\"logicalType\":\"timestamp-micros\"}},{\"name\":\"progress\",\"type\":[\"null\",\"int\"],\"default\":null},"
                + "{\"name\":\"message\",\"type\":[\"null\",\"string\"],\"default\":null}]}"),
        new Schema(9, "ExecutionSignal",
            "{\"type\":\"record\",\"name\":\"ExecutionSignal\",\"fields\":[{\"name\":\"execution_id\","
                + "\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}},{\"name\":\"task_id\",\"type\":{\"type\":\"string\","
                + "\"logicalType\":\"uuid\"}},{\"name\":\"attempt\",\"type\":\"int\"},{\"name\":\"signal\",\"type\":{\"type\":\"enum\","
                + "\"name\":\"Signal\",\"symbols\":[\"CANCEL\",\"UNKNOWN\"],\"default\":\"UNKNOWN\"}},{\"name\":\"requested_at\","
                + "\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},{\"name\":\"actor\",\"type\":[\"null\","
                + "\"string\"],\"default\":null},{\"name\":\"reason\",\"type\":[\"null\",\"string\"],\"default\":null}]}"),
        new Schema(14, "ExecutionCreated",
            "{\"type\":\"record\",\"name\":\"ExecutionCreated\",\"fields\":[{\"name\":\"execution_id\","
                + "\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}},{\"name\":\"task_id\",\"type\":{\"type\":\"string\","
                + "\"logicalType\":\"uuid\"}},{\"name\":\"task_key\",\"type\":\"string\"},{\"name\":\"project\",\"type\":\"string\"},"
                + "{\"name\":\"revision\",\"type\":\"int\"},{\"name\":\"attempt\",\"type\":\"int\"},{\"name\":\"max_attempts\","
                + "\"type\":\"int\"},{\"name\":\"trigger\",\"type\":{\"type\":\"enum\",\"name\":\"Trigger\",\"symbols\":[\"UNKNOWN\","
                + "\"SCHEDULED\",\"CATCH_UP\",\"BACKFILL\",\"MANUAL\",\"RETRY\",\"CHAIN\",\"EXTERNAL\"],\"default\":\"UNKNOWN\"}},"
                + "{\"name\":\"scheduled_at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},{\"name\":\"due_at\","
                + "\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},{\"name\":\"nominal_local\",\"type\":[\"null\","
                + "{\"type\":\"long\",\"logicalType\":\"local-timestamp-micros\"}],\"default\":null},{\"name\":\"zone\","
                + "\"type\":[\"null\",\"string\"],\"default\":null},{\"name\":\"tzdata\",\"type\":[\"null\",\"string\"],"
                + "\"default\":null},{\"name\":\"dst\",\"type\":{\"type\":\"enum\",\"name\":\"Dst\",\"symbols\":[\"NONE\",\"MOVED\","
                + "\"REPEATED\"],\"default\":\"NONE\"},\"default\":\"NONE\"},{\"name\":\"start_by\",\"type\":[\"null\",{\"type\":\"long\","
                + "\"logicalType\":\"timestamp-micros\"}],\"default\":null},{\"name\":\"finish_by\",\"type\":[\"null\","
                + "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}],\"default\":null},{\"name\":\"run_timeout_ms\","
                + "\"type\":[\"null\",\"long\"],\"default\":null},{\"name\":\"heartbeat_ms\",\"type\":[\"null\",\"long\"],"
                + "\"default\":null},{\"name\":\"parent_execution_id\",\"type\":[\"null\",{\"type\":\"string\","
                + "\"logicalType\":\"uuid\"}],\"default\":null},{\"name\":\"status_partition\",\"type\":\"int\"},"
                + "{\"name\":\"payload\",\"type\":[\"null\",\"bytes\"],\"default\":null},{\"name\":\"content_type\",\"type\":[\"null\","
                + "\"string\"],\"default\":null},{\"name\":\"labels\",\"type\":{\"type\":\"map\",\"values\":\"string\"},\"default\":{}},"
                + "{\"name\":\"status_from\",\"type\":\"long\",\"default\":0}]}"),
        new Schema(16, "LogBatch",
            "{\"type\":\"record\",\"name\":\"LogBatch\",\"fields\":[{\"name\":\"execution_id\",\"type\":{\"type\":\"string\","
                + "\"logicalType\":\"uuid\"}},{\"name\":\"task_id\",\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}},"
                + "{\"name\":\"attempt\",\"type\":\"int\"},{\"name\":\"writer\",\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}},"
                + "{\"name\":\"first_seq\",\"type\":\"long\"},{\"name\":\"lines\",\"type\":{\"type\":\"array\","
                + "\"items\":{\"type\":\"record\",\"name\":\"LogLine\",\"fields\":[{\"name\":\"at\",\"type\":{\"type\":\"long\","
                + "\"logicalType\":\"timestamp-micros\"}},{\"name\":\"level\",\"type\":{\"type\":\"enum\",\"name\":\"LogLevel\","
                + "\"symbols\":[\"INFO\",\"DEBUG\",\"WARN\",\"ERROR\"],\"default\":\"INFO\"},\"default\":\"INFO\"},{\"name\":\"stream\","
                + "\"type\":{\"type\":\"enum\",\"name\":\"LogStream\",\"symbols\":[\"LOG\",\"STDOUT\",\"STDERR\"],\"default\":\"LOG\"},"
                + "\"default\":\"LOG\"},{\"name\":\"message\",\"type\":\"string\"}]}},\"default\":[]},{\"name\":\"marks\","
                + "\"type\":{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":\"LogMark\",\"fields\":[{\"name\":\"line\","
                + "\"type\":\"int\"},{\"name\":\"unfinished\",\"type\":\"boolean\",\"default\":false},{\"name\":\"escaped\","
                + "\"type\":\"boolean\",\"default\":false}]}},\"default\":[]}]}"),
        new Schema(17, "ExecutionCreated",
            "{\"type\":\"record\",\"name\":\"ExecutionCreated\",\"fields\":[{\"name\":\"execution_id\","
                + "\"type\":{\"type\":\"string\",\"logicalType\":\"uuid\"}},{\"name\":\"task_id\",\"type\":{\"type\":\"string\","
                + "\"logicalType\":\"uuid\"}},{\"name\":\"task_key\",\"type\":\"string\"},{\"name\":\"project\",\"type\":\"string\"},"
                + "{\"name\":\"revision\",\"type\":\"int\"},{\"name\":\"attempt\",\"type\":\"int\"},{\"name\":\"max_attempts\","
                + "\"type\":\"int\"},{\"name\":\"trigger\",\"type\":{\"type\":\"enum\",\"name\":\"Trigger\",\"symbols\":[\"UNKNOWN\","
                + "\"SCHEDULED\",\"CATCH_UP\",\"BACKFILL\",\"MANUAL\",\"RETRY\",\"CHAIN\",\"EXTERNAL\"],\"default\":\"UNKNOWN\"}},"
                + "{\"name\":\"scheduled_at\",\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},{\"name\":\"due_at\","
                + "\"type\":{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}},{\"name\":\"nominal_local\",\"type\":[\"null\","
                + "{\"type\":\"long\",\"logicalType\":\"local-timestamp-micros\"}],\"default\":null},{\"name\":\"zone\","
                + "\"type\":[\"null\",\"string\"],\"default\":null},{\"name\":\"tzdata\",\"type\":[\"null\",\"string\"],"
                + "\"default\":null},{\"name\":\"dst\",\"type\":{\"type\":\"enum\",\"name\":\"Dst\",\"symbols\":[\"NONE\",\"MOVED\","
                + "\"REPEATED\"],\"default\":\"NONE\"},\"default\":\"NONE\"},{\"name\":\"start_by\",\"type\":[\"null\",{\"type\":\"long\","
                + "\"logicalType\":\"timestamp-micros\"}],\"default\":null},{\"name\":\"finish_by\",\"type\":[\"null\","
                + "{\"type\":\"long\",\"logicalType\":\"timestamp-micros\"}],\"default\":null},{\"name\":\"run_timeout_ms\","
                + "\"type\":[\"null\",\"long\"],\"default\":null},{\"name\":\"heartbeat_ms\",\"type\":[\"null\",\"long\"],"
                + "\"default\":null},{\"name\":\"parent_execution_id\",\"type\":[\"null\",{\"type\":\"string\","
                + "\"logicalType\":\"uuid\"}],\"default\":null},{\"name\":\"status_partition\",\"type\":\"int\"},"
                + "{\"name\":\"payload\",\"type\":[\"null\",\"bytes\"],\"default\":null},{\"name\":\"content_type\",\"type\":[\"null\","
                + "\"string\"],\"default\":null},{\"name\":\"labels\",\"type\":{\"type\":\"map\",\"values\":\"string\"},\"default\":{}},"
                + "{\"name\":\"status_from\",\"type\":\"long\",\"default\":0},{\"name\":\"retry\",\"type\":[\"null\",{\"type\":\"record\","
                + "\"name\":\"Retry\",\"fields\":[{\"name\":\"max_attempts\",\"type\":\"int\"},{\"name\":\"first_delay_ms\","
                + "\"type\":\"long\"},{\"name\":\"max_delay_ms\",\"type\":\"long\"},{\"name\":\"jitter_ms\",\"type\":\"long\"},"
                + "{\"name\":\"multiplier\",\"type\":\"double\"},{\"name\":\"on\",\"type\":[\"null\",\"string\"],\"default\":null}]}],"
                + "\"default\":null},{\"name\":\"waited\",\"type\":\"boolean\",\"default\":false}]}")
    );

    private Schemas() {}
}
