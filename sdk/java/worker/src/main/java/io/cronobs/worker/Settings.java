package io.cronobs.worker;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a worker is told, checked. Durations are milliseconds; {@code kafka} may hold a password, so it is not shown.
 *
 * @param group the consumer group
 * @param name who the worker is, in the history
 * @param instance a static member's name; null: none
 */
record Settings(
    String queue, String brokers, String topicPrefix, int concurrency, String group, String name, String instance, long drain,
    long backlog, long sessionTimeout, String url, Map<String, String> kafka) {

    private static final int QUEUE_MAX = 100;
    private static final int NAME_MAX = 200; // bytes
    private static final String KAFKA_PREFIX = "CRONOBS_KAFKA_";
    private static final Pattern QUEUE = Pattern.compile("[a-z0-9][a-z0-9._-]*");

    /** Properties of the client that say what a setting says, or ("") what all workers of a queue depend on. */
    private static final Map<String, String> FIXED = fixed();

    private static Map<String, String> fixed() {
        Map<String, String> found = new HashMap<>(Map.of("bootstrap.servers", "brokers", "group.id", "group", "group.instance.id", "instance",
            "client.id", "name", "session.timeout.ms", "sessionTimeout"));
        for (String name : List.of("isolation.level", "enable.auto.commit", "auto.commit.interval.ms", "auto.offset.reset", "allow.auto.create.topics",
                "group.protocol", "group.remote.assignor", "partition.assignment.strategy", "heartbeat.interval.ms",
                "enable.idempotence", "acks", "transactional.id", "partitioner.class", "delivery.timeout.ms", "key.serializer",
                "value.serializer", "key.deserializer", "value.deserializer", "internal.leave.group.on.close")) {
            found.put(name, "");
        }
        return found;
    }

    /**
     * An argument counts before the environment, and that before the default; an empty variable is none.
     *
     * @param arguments by the names of {@link Setting#ALL}; null is none
     * @throws SettingException one of them is wrong
     */
    static Settings resolve(Map<String, ?> arguments, Map<String, String> environment) {
        Map<String, Object> values = new HashMap<>();
        for (Setting setting : Setting.ALL) {
            values.put(setting.name(), setting.value(arguments.get(setting.name()), environment));
        }
        String queue = checkQueue((String) values.get("queue"));
        String prefix = (String) values.get("topicPrefix");
        String group = (String) values.get("group");
        String name = (String) values.get("name");
        return new Settings(queue, checkBrokers((String) values.get("brokers")), prefix, ((Long) values.get("concurrency")).intValue(),
            group != null ? group : withoutDot(prefix) + "-work-" + queue, checkName(name != null ? name : host() + "/" + ProcessHandle.current().pid()),
            (String) values.get("instance"), (Long) values.get("drain"), (Long) values.get("backlog"), (Long) values.get("sessionTimeout"),
            (String) values.get("url"), Security.properties(kafka(arguments.get("kafka"), environment)));
    }

    private static String withoutDot(String prefix) {
        return prefix.endsWith(".") ? prefix.substring(0, prefix.length() - 1) : prefix;
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private static Map<String, String> kafka(Object argument, Map<String, String> environment) {
        Map<String, String> found = new TreeMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith(KAFKA_PREFIX) && !value.isEmpty() && Setting.ALL.stream().noneMatch(setting -> setting.variable().equals(name))) {
                found.put(name.substring(KAFKA_PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.'), value);
            }
        });
        if (argument instanceof Map<?, ?> given) {
            given.forEach((name, value) -> found.put(name.toString(), value.toString()));
        }
        found.keySet().forEach(Settings::checkProperty);
        return found;
    }

    private static void checkProperty(String name) {
        String instead = FIXED.get(name);
        if (instead != null) {
            throw new SettingException("kafka: the property '" + name + "' may not be set; "
                + (instead.isEmpty() ? "leave it out: all workers of a queue depend on it" : "give the setting " + instead));
        }
    }

    private static String checkQueue(String queue) {
        if (queue == null) {
            throw new SettingException("queue: none given; set CRONOBS_QUEUE, or Worker.builder().queue(\"reports\")");
        }
        if (queue.length() > QUEUE_MAX) {
            throw new SettingException("queue: '" + queue.substring(0, 40) + "...' has " + queue.length() + " characters, the limit is " + QUEUE_MAX);
        }
        if (!QUEUE.matcher(queue).matches()) {
            throw new SettingException("queue: '" + queue + "' must be of a-z 0-9 . _ - and begin with a-z or 0-9");
        }
        return queue;
    }

    private static String checkBrokers(String brokers) {
        if (brokers.contains("@") || brokers.contains("=")) {
            throw new SettingException("brokers: names and passwords do not belong there; give sasl.username and sasl.password in kafka");
        }
        return brokers;
    }

    private static String checkName(String name) {
        int size = Utf8.length(name);
        if (size > NAME_MAX) {
            throw new SettingException("name: has " + size + " bytes, the limit is " + NAME_MAX);
        }
        return name;
    }

    @Override
    public String toString() {
        return "Settings[queue=" + queue + ", brokers=" + brokers + ", topicPrefix=" + topicPrefix + ", group=" + group + ", name=" + name + "]";
    }
}
