package io.cronobs.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The names that other languages' clients have for properties of Kafka, turned into those of Java's: one environment suits all. */
final class Security {
    private static final String MECHANISM = "sasl.mechanism";
    private static final String PASSWORD = "sasl.password";
    private static final String USER = "sasl.username";
    private static final String AUTHORITIES = "ssl.ca.location";
    private static final String CERTIFICATE = "ssl.certificate.location";
    private static final String KEY = "ssl.key.location";

    private Security() {}

    /** Reads certificates where they are given as files. Names that Java's client has stay, and count before. */
    static Map<String, String> properties(Map<String, String> given) {
        Map<String, String> found = new TreeMap<>(given);
        String mechanisms = found.remove("sasl.mechanisms");
        if (mechanisms != null) {
            found.putIfAbsent(MECHANISM, mechanisms);
        }
        login(found);
        String authorities = found.remove(AUTHORITIES);
        if (authorities != null) {
            found.putIfAbsent("ssl.truststore.type", "PEM");
            found.putIfAbsent("ssl.truststore.location", authorities);
        }
        certificate(found);
        return found;
    }

    private static void login(Map<String, String> found) {
        String user = found.remove(USER);
        String password = found.remove(PASSWORD);
        if (user == null && password == null) {
            return;
        }
        if (user == null || password == null) {
            throw new SettingException("kafka: " + USER + " and " + PASSWORD + " go together");
        }
        found.putIfAbsent(MECHANISM, "PLAIN");
        found.putIfAbsent("sasl.jaas.config", moduleOf(found.get(MECHANISM)) + " required username=" + quoted(user) + " password=" + quoted(password) + ";");
    }

    private static String moduleOf(String mechanism) {
        return switch (mechanism) {
            case "PLAIN" -> "org.apache.kafka.common.security.plain.PlainLoginModule";
            case "SCRAM-SHA-256", "SCRAM-SHA-512" -> "org.apache.kafka.common.security.scram.ScramLoginModule";
            default -> throw new SettingException("kafka: " + MECHANISM + ": '" + mechanism + "' takes no " + USER
                + "; PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 do, for others give sasl.jaas.config");
        };
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static void certificate(Map<String, String> found) {
        String certificate = found.remove(CERTIFICATE);
        String key = found.remove(KEY);
        if (certificate == null && key == null) {
            return;
        }
        if (certificate == null || key == null) {
            throw new SettingException("kafka: " + CERTIFICATE + " and " + KEY + " go together");
        }
        found.putIfAbsent("ssl.keystore.type", "PEM");
        found.putIfAbsent("ssl.keystore.certificate.chain", read(CERTIFICATE, certificate));
        found.putIfAbsent("ssl.keystore.key", read(KEY, key));
    }

    private static String read(String name, String path) {
        try {
            return Files.readString(Path.of(path));
        } catch (IOException | RuntimeException e) {
            throw new SettingException("kafka: " + name + ": could not read '" + path + "': " + e);
        }
    }
}
