package io.cronobs.conformance;

import io.cronobs.client.Answers;
import io.cronobs.client.ApiException;
import io.cronobs.client.Client;
import io.cronobs.client.Json;
import io.cronobs.client.Pages;
import io.cronobs.client.TaskHandle;
import io.cronobs.client.WriteOption;
import io.cronobs.testing.JobRunner;
import io.cronobs.testing.Ran;
import io.cronobs.worker.Observe;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** All modes but the worker: each prints objects of JSON, a line each, and answers the exit code. */
final class Modes {
    private static final PrintStream OUT = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private Modes() {}

    private static void print(Map<String, ?> object) {
        OUT.println(Json.write(object));
    }

    static int observe(String key, String script, Map<String, String> kafka) {
        try {
            Observe.task(key).kafka(kafka).run(job -> {
                print(Map.of("execution_id", job.executionId()));
                return Script.of(job).run(Json.parse(script));
            });
            return 0;
        } catch (Exception failed) { // it goes on to whoever observes
            return 1;
        }
    }

    static int testing(String script) {
        Ran ran = JobRunner.run(job -> Script.of(job).run(job.json()), script);
        Map<String, Object> shown = new HashMap<>();
        shown.put("status", ran.status());
        shown.put("reason", ran.reason());
        shown.put("message", ran.message());
        shown.put("exit_code", ran.exitCode());
        shown.put("result", ran.result() == null ? null : Base64.getEncoder().encodeToString(ran.result()));
        shown.put("lines", ran.lines().stream().map(line -> List.of(line.level(), line.text())).toList());
        shown.put("progress", ran.progress().stream().map(said -> Arrays.asList(said.percent(), said.note())).toList());
        print(shown);
        return 0;
    }

    // --- the client ---

    static int client(String script) {
        Client client = new Client();
        for (Object each : (List<?>) Json.parse(script)) {
            List<?> call = (List<?>) each;
            try {
                print(Collections.singletonMap("ok", valueOf(client, (String) call.get(0), call.subList(1, call.size()))));
            } catch (ApiException refused) {
                Map<String, Object> error = new HashMap<>();
                error.put("status", refused.status());
                error.put("code", refused.code());
                error.put("pointer", refused.pointer());
                error.put("hint", refused.hint());
                print(Map.of("error", error));
            }
        }
        return 0;
    }

    private static Object valueOf(Client client, String name, List<?> arguments) {
        String first = arguments.get(0).toString();
        return switch (name) {
            case "put" -> put(client.task(first), arguments.get(1), (Number) arguments.get(2));
            case "get" -> client.task(first).get();
            case "delete" -> client.task(first).delete();
            case "pause" -> client.task(first).pause();
            case "resume" -> client.task(first).resume();
            case "trigger" -> client.execution(client.task(first).trigger(arguments.get(1)).executionId()).get();
            case "upcoming" -> client.task(first).upcoming();
            case "tasks" -> summary(client.tasks(Map.of("limit", arguments.get(0))), Answers.Task::key);
            case "executions" -> summary(client.executions(Map.of("task", first, "limit", arguments.get(1))), Answers.Execution::executionId);
            case "logs" -> summary(client.execution(first).logs(Map.of("limit", arguments.get(1))), Answers.LogLine::message);
            case "explain" -> client.explain(first, Map.of("zone", arguments.get(1)));
            default -> throw new IllegalArgumentException("no call '" + name + "'");
        };
    }

    private static Answers.Task put(TaskHandle task, Object spec, Number revision) {
        task.put(spec, revision == null ? new WriteOption[0] : new WriteOption[] {WriteOption.ifMatch(revision.longValue())});
        return task.get();
    }

    private static <T> Map<String, Object> summary(Pages<T> pages, Function<T, String> name) {
        List<String> names = new ArrayList<>(pages.stream().map(name).toList());
        Map<String, Object> found = new HashMap<>();
        found.put("count", names.size());
        found.put("first", names.isEmpty() ? null : names.get(0));
        found.put("last", names.isEmpty() ? null : names.get(names.size() - 1));
        return found;
    }
}
