package io.cronobs.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes that a reader has yet to wait for, so that a client reads its own: the tables follow the log by some milliseconds. The last command
 * of each task that was written to and not been read since; any thread.
 */
final class Unseen {
    static final int MOST = 256; // tasks; what was written longer ago has been seen by then

    private final Map<String, String> commands = new LinkedHashMap<>(); // by task id, the latest at the end

    /** Commands of one task are carried out in their order: the last one stands for all. */
    synchronized void wrote(String task, String command) {
        commands.remove(task);
        commands.put(task, command);
        if (commands.size() > MOST) {
            commands.remove(commands.keySet().iterator().next());
        }
    }

    /** The latest last; task null: of all. */
    synchronized List<String> of(String task) {
        if (task == null) {
            return new ArrayList<>(commands.values());
        }
        String command = commands.get(task);
        return command == null ? List.of() : List.of(command);
    }

    synchronized void saw(String command) {
        commands.values().removeIf(command::equals);
    }
}
