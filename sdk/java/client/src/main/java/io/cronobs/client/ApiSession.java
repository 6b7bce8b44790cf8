package io.cronobs.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What all calls share: JSON, parameters, pages, and reading what oneself has written. Any thread. */
final class ApiSession {
    private final Transport transport;
    private final Unseen unseen = new Unseen();

    ApiSession(Transport transport) {
        this.transport = transport;
    }

    // --- what is sent ---

    /** As the API takes it: lists between commas, instants in RFC 3339; a wall time where it knows the zone. Pure. */
    static Object parameter(Object value) {
        if (value instanceof ZonedDateTime zoned) {
            return parameter(zoned.toOffsetDateTime());
        }
        if (value instanceof OffsetDateTime instant) {
            return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(instant);
        }
        if (value instanceof LocalDateTime wall) {
            return DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(wall);
        }
        if (value instanceof Collection<?> items) {
            return items.stream().map(item -> parameter(item).toString()).collect(Collectors.joining(","));
        }
        return value instanceof Number || value instanceof Boolean ? value : value.toString();
    }

    /** What is null is left out. Pure. */
    static String target(String path, Map<String, ?> query) {
        String parameters = new TreeMap<String, Object>(query).entrySet().stream().filter(each -> each.getValue() != null)
            .map(each -> each.getKey() + "=" + segment(parameter(each.getValue()).toString())).collect(Collectors.joining("&"));
        return parameters.isEmpty() ? path : path + "?" + parameters;
    }

    /** A name as a part of a path, or a value of the query. Pure. */
    static String segment(String text) {
        return URLEncoder.encode(text, UTF_8).replace("+", "%20").replace("%7E", "~");
    }

    /** A query or members of a body, and one more; null is left out. Pure. */
    static Map<String, Object> with(Map<String, ?> others, String name, Object value) {
        Map<String, Object> found = new TreeMap<>(others);
        if (value != null) {
            found.put(name, parameter(value));
        }
        return found;
    }

    /** Bytes and texts as they are, anything else as JSON; null: none. Pure. */
    static Map<String, Object> payload(Object payload) {
        if (payload instanceof byte[] bytes) {
            return Map.of("payload_base64", Base64.getEncoder().encodeToString(bytes));
        }
        return payload == null ? Map.of() : Map.of("payload", payload instanceof CharSequence ? payload.toString() : Json.write(payload));
    }

    // --- reading ---

    /** As things are: whatever has been written may not be seen yet. */
    Object get(String path, Map<String, ?> query) {
        return call(new Transport.Request("GET", target(path, query), null, Map.of(), Duration.ZERO));
    }

    /** Behind what was written here to the task with this id; null: to whatever task. */
    Object read(String path, Map<String, ?> query, String task) {
        String command = unseen(task);
        Object found = get(path, with(query, "after_command", command));
        if (command != null) {
            unseen.saw(command);
        }
        return found;
    }

    <T> T read(Class<T> type, String path, Map<String, ?> query, String task) {
        return typed(type, read(path, query, task));
    }

    /** What has a body and changes nothing. */
    <T> T ask(Class<T> type, String method, String target, Object body) {
        return typed(type, call(request(method, target, body, Map.of(), Duration.ZERO)));
    }

    /** All of a list, {@code limit} at a time. */
    <T> Pages<T> pages(Class<T> type, String path, Map<String, ?> query, String task) {
        return new Pages<>(() -> new Pages.Source<>() {
            private Map<String, Object> asked = query.containsKey("limit") ? new TreeMap<>(query) : with(query, "limit", 100);

            @Override
            public List<T> next() {
                if (asked == null) {
                    return null;
                }
                Map<?, ?> page = (Map<?, ?>) read(path, asked, task);
                asked = page.get("next") == null ? null : with(asked, "cursor", page.get("next"));
                return items(type, page);
            }
        });
    }

    static <T> List<T> items(Class<T> type, Object page) {
        List<?> items = (List<?>) ((Map<?, ?>) page).get("items");
        return items.stream().<T>map(item -> typed(type, item)).toList();
    }

    private static <T> T typed(Class<T> type, Object json) {
        try {
            return Typed.read(type, json);
        } catch (ClassCastException e) {
            throw ApiException.unreachable("not an answer of the API: " + e.getMessage(), "is it newer than this client?", e);
        }
    }

    // --- writing ---

    /** What its answer says: carried out, or PENDING. ApiException: it was refused, or is not known to be in the log. */
    Answers.Outcome write(String method, String target, Object body, Terms terms) {
        Answers.Outcome outcome = typed(Answers.Outcome.class, call(request(method, target, body, terms.headers(), terms.wait)));
        unseen.wrote(outcome.taskId(), outcome.commandId());
        return outcome;
    }

    /** Where to send what looks at a task, or (null) at whatever there is, before it answers or writes. */
    String behindWrites(String path, Map<String, ?> query, String task) {
        return target(path, with(query, "after_command", unseen(task)));
    }

    /** The command to wait for; null: none. A request waits for one, so all but the latest are waited for here. */
    private String unseen(String task) {
        List<String> commands = unseen.of(task);
        for (String command : commands.subList(0, Math.max(commands.size() - 1, 0))) {
            get("/v1/commands/" + command, Map.of("after_command", command));
            unseen.saw(command);
        }
        return commands.isEmpty() ? null : commands.get(commands.size() - 1);
    }

    private static Transport.Request request(String method, String target, Object body, Map<String, String> headers, Duration wait) {
        if (body == null) {
            return new Transport.Request(method, target, null, headers, wait);
        }
        Map<String, String> all = new HashMap<>(headers);
        all.put("Content-Type", method.equals("PATCH") ? "application/merge-patch+json" : "application/json");
        return new Transport.Request(method, target, Json.write(body).getBytes(UTF_8), all, wait);
    }

    private Object call(Transport.Request request) {
        String body = transport.call(request);
        try {
            return Json.parse(body);
        } catch (IllegalArgumentException e) {
            throw ApiException.of(200, body);
        }
    }
}
