package io.cronobs.worker;

import java.util.List;

/** The names of the topics that a worker knows. */
record Topics(String queue, String status, String logs, String heartbeats, String control) {
    static Topics of(Settings settings) {
        String prefix = settings.topicPrefix();
        return new Topics(prefix + "executions." + settings.queue(), prefix + "status", prefix + "logs", prefix + "heartbeats", prefix + "control");
    }

    List<String> all() {
        return List.of(queue, status, logs, heartbeats, control);
    }

    String of(Topic topic) {
        return switch (topic) {
            case STATUS -> status;
            case LOGS -> logs;
            case HEARTBEATS -> heartbeats;
        };
    }
}
