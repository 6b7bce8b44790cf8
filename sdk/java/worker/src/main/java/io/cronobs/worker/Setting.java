package io.cronobs.worker;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A line of the table of settings, from which the checks, their errors and the page's table come.
 *
 * @param name of the argument
 * @param variable of the environment
 * @param fallback as it would stand in the environment; null: there is none
 * @param low of durations in milliseconds
 */
record Setting(String name, String variable, Kind kind, String fallback, String help, long low, long high) {
    enum Kind { TEXT, NUMBER, DURATION, MAP }

    private static final long DAY = 86_400_000;

    static final List<Setting> ALL = List.of(
        text("queue", "CRONOBS_QUEUE", null, "The queue to work on. Required."),
        text("brokers", "CRONOBS_BROKERS", "127.0.0.1:9092", "Addresses of Kafka, HOST:PORT,..."),
        text("topicPrefix", "CRONOBS_TOPIC_PREFIX", "cronobs.", "What the names of all topics begin with."),
        new Setting("concurrency", "CRONOBS_WORKER_CONCURRENCY", Kind.NUMBER, "16", "How many executions run at a time.", 1, 1000),
        text("group", "CRONOBS_WORKER_GROUP", null,
            "Consumer group; `<prefix less its dot>-work-<queue>` where none is given. All workers of a queue share it."),
        text("name", "CRONOBS_WORKER_NAME", null, "Who the worker is, shown in the history; `<host>/<process id>` where none is given."),
        text("instance", "CRONOBS_WORKER_INSTANCE", null,
            "A name that stays the same over restarts: a static member of the group, which no second process may be."),
        new Setting("drain", "CRONOBS_WORKER_DRAIN", Kind.DURATION, "25s", "How long running handlers may go on after the first signal.", 0, DAY),
        new Setting("backlog", "CRONOBS_WORKER_BACKLOG", Kind.DURATION, "1d",
            "Where the group has no position, executions older than this are left alone.", 0, 36_600 * DAY),
        new Setting("sessionTimeout", "CRONOBS_KAFKA_SESSION_TIMEOUT", Kind.DURATION, "10s", "How long a silent worker keeps its partitions.", 1_000,
            1_800_000),
        new Setting("kafka", "CRONOBS_KAFKA_...", Kind.MAP, null,
            "Further properties of the client: `security.protocol`, `sasl.*`, `ssl.*`; `CRONOBS_KAFKA_SASL_USERNAME` is `sasl.username`.", 0, 0),
        text("url", "CRONOBS_URL", "http://127.0.0.1:8080", "The API, for `ensure` of `Observe`."));

    private static Setting text(String name, String variable, String fallback, String help) {
        return new Setting(name, variable, Kind.TEXT, fallback, help, 0, 0);
    }

    /** The argument, else what the environment has, else the default, as String or Long; null: nothing, or a map. */
    Object value(Object argument, Map<String, String> environment) {
        if (kind == Kind.MAP) {
            return null;
        }
        String variableValue = environment.get(variable);
        boolean isInEnvironment = argument == null && variableValue != null && !variableValue.isEmpty();
        Object given = argument != null ? argument : isInEnvironment ? variableValue : fallback;
        String where = isInEnvironment ? variable : name;
        return given == null ? null : switch (kind) {
            case NUMBER -> number(given, where);
            case DURATION -> duration(given, where);
            default -> given.toString();
        };
    }

    private Long number(Object given, String where) {
        Long number = given instanceof Number ? Long.valueOf(((Number) given).longValue()) : wholeNumber(given.toString());
        if (number == null) {
            throw new SettingException(where + ": '" + given + "' is not a whole number; give one from " + low + " to " + high);
        }
        if (number < low || number > high) {
            throw new SettingException(where + ": " + number + " is outside " + low + "-" + high);
        }
        return number;
    }

    private static Long wholeNumber(String text) {
        return text.matches("-?[0-9]{1,18}") ? Long.valueOf(text) : null;
    }

    private Long duration(Object given, String where) {
        Long found = given instanceof Duration duration ? milliseconds(duration) : Durations.parse(given.toString());
        if (found == null) {
            throw new SettingException(where + ": '" + given + "' is not a duration like 250ms, 90s, 1h30m or 1d");
        }
        if (found < low || found > high) {
            throw new SettingException(where + ": " + (found < 0 ? given : Durations.text(found)) + " is outside " + Durations.text(low) + "-"
                + Durations.text(high));
        }
        return found;
    }

    private static Long milliseconds(Duration duration) {
        return duration.getSeconds() > Long.MAX_VALUE / 1000 - 1 ? Long.MAX_VALUE : duration.toMillis();
    }
}
