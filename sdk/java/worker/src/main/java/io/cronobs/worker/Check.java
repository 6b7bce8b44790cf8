package io.cronobs.worker;

/** What a record must keep to be run: of anything else nobody would take in what is said about it. Pure. */
final class Check {
    static final int TEXT_MAX = 200; // bytes
    static final int PAYLOAD_MAX = 65_536;
    static final int LABELS_MAX = 32;
    static final int LABEL_MAX = 128; // bytes, name and value together
    static final int ATTEMPT_MAX = 32_767;

    private Check() {}

    /** statusPartitions: how many {@code status} has. */
    static void check(Execution execution, int statusPartitions) throws Malformed {
        int partition = execution.statusPartition;
        if (partition < 0 || partition >= statusPartitions) {
            throw new Malformed("its status_partition " + partition + " does not exist");
        }
        bounds("attempt", execution.attempt, 1, ATTEMPT_MAX);
        bounds("max_attempts", execution.maxAttempts, 0, ATTEMPT_MAX);
        bounds("payload bytes", execution.payload == null ? 0 : execution.payload.length, 0, PAYLOAD_MAX);
        text("task_key", execution.taskKey);
        text("project", execution.project);
        text("zone", execution.zone);
        text("tzdata", execution.tzdata);
        text("content_type", execution.contentType);
        bounds("labels", execution.labels.size(), 0, LABELS_MAX);
        for (var label : execution.labels.entrySet()) {
            int size = Utf8.length(label.getKey()) + Utf8.length(label.getValue());
            bounds("bytes of label '" + label.getKey() + "'", size, 0, LABEL_MAX);
        }
    }

    private static void text(String name, String text) throws Malformed {
        if (text != null) {
            bounds(name + " bytes", Utf8.length(text), 0, TEXT_MAX);
        }
    }

    private static void bounds(String what, int value, int low, int high) throws Malformed {
        if (value < low || value > high) {
            throw new Malformed(what + ": " + value + " is outside " + low + "-" + high);
        }
    }
}
