package io.cronobs.worker;

import io.cronobs.client.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The cases that every SDK replays: {@code sdk/conformance/cases.md}. */
final class Cases {
    private Cases() {}

    /** Without those that another language alone can pass. */
    static List<Map<?, ?>> load(String file, String family) throws IOException {
        Path path = Path.of(System.getProperty("basedir", ".")).resolve("../../conformance").resolve(file);
        Map<?, ?> all = (Map<?, ?>) Json.parse(Files.readString(path));
        List<Map<?, ?>> found = ((List<?>) all.get(family)).stream().<Map<?, ?>>map(each -> (Map<?, ?>) each)
            .filter(each -> !(each.get("not") instanceof Map<?, ?> not) || !not.containsKey("java")).toList();
        if (found.size() < 3) {
            throw new IllegalStateException(path + " has no cases of " + family);
        }
        return found;
    }

    /** Hexadecimal words, each maybe with a count behind it. */
    static byte[] bytes(String words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String word : words.split(" ")) {
            String[] parts = word.split("\\*");
            byte[] unit = HexFormat.of().parseHex(parts[0]);
            for (int i = parts.length > 1 ? Integer.parseInt(parts[1]) : 1; i > 0; i--) {
                out.writeBytes(unit);
            }
        }
        return out.toByteArray();
    }
}
