package io.cronobs.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cronobs.client.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Computed ids, against the cases that all implementations share. */
class IdsTest {
    @Test
    void theIdOfATaskIsComputedAsEverywhere() throws IOException {
        Map<?, ?> vectors = (Map<?, ?>) Json.parse(Files.readString(Path.of(System.getProperty("basedir", "."), "../../../schemas/vectors.json")));
        for (Object each : (List<?>) vectors.get("tasks")) {
            Map<?, ?> of = (Map<?, ?>) each;
            assertEquals(of.get("task_id"), Ids.taskId((String) of.get("project"), (String) of.get("key")));
        }
    }

    @Test
    void theIdOfAnObservedRunSaysWhenItBegan() {
        String made = Ids.externalId("00000000-0000-0000-0000-000000000007", 1_800_000_000_123_456L, "nonce");
        assertEquals(1_800_000_000_123L, Long.parseLong(made.replace("-", "").substring(0, 12), 16));
        assertEquals('8', made.charAt(14));
        assertEquals(made, Ids.externalId("00000000-0000-0000-0000-000000000007", 1_800_000_000_123_456L, "nonce"));
    }
}
